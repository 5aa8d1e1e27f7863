"""Which resource types of the AWS provider take tags, derived from the provider's SDK and kept as data.

`python -m policies.taggable` writes taggable.json anew after an upgrade of pulumi-aws; a test holds the two together.
"""

import importlib.util
import json
import re
from pathlib import Path
from typing import Final, cast

_DATA: Final = Path(__file__).parent / "taggable.json"
_CLASS: Final = re.compile(r'^@pulumi\.type_token\("(aws:[^"]+)"\)$', re.MULTILINE)
_TAGS: Final = "def tags(self) -> pulumi.Output[Optional[Mapping[str, _builtins.str]]]:"


def derive() -> list[str]:
    """The type tokens of all resources with a map of tags, read from the SDK's source without importing it."""
    spec = importlib.util.find_spec("pulumi_aws")
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError("pulumi_aws is not installed")
    tokens: set[str] = set()
    for file in Path(spec.submodule_search_locations[0]).rglob("*.py"):
        _, *parts = _CLASS.split(file.read_text(encoding="utf-8"))
        tokens |= {token for token, body in zip(parts[::2], parts[1::2], strict=True) if _TAGS in body}
    return sorted(tokens)


TAGGABLE: Final = frozenset(cast("list[str]", json.loads(_DATA.read_text(encoding="utf-8"))))
"""The types that rules ask for tags."""


if __name__ == "__main__":
    _DATA.write_text(json.dumps(derive(), indent=1) + "\n", encoding="utf-8")

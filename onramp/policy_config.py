"""Reading what `--policy-config` names: the file that `pulumi preview --policy-pack-config` takes."""

from pathlib import Path

from onramp.exits import BadInputError
from policies.config import PolicyConfig, parse_config


def read_policy_config(path: Path | None) -> PolicyConfig:
    """The configuration at `path`; without one, nothing is other than the rules say.

    Raises:
        BadInputError: when there is no such file.
        PolicyConfigError: with everything that is wrong with it.
    """
    if path is None:
        return PolicyConfig(levels={})
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        fix = 'write one, such as {"onramp-rules": {"levels": {"log-retention": "advisory"}}}'
        raise BadInputError(f"{path} cannot be read: {error.strerror}.\n    fix: {fix}") from None
    except UnicodeDecodeError:
        raise BadInputError(f"{path} is not text in UTF-8.\n    fix: write it as JSON") from None
    return parse_config(text, str(path))

"""Which files reports go to, checked before a preview is made for them."""

from collections.abc import Mapping
from pathlib import Path

from onramp.exits import BadInputError


def wanted(**named: Path | None) -> Mapping[str, Path]:
    """The files that were named, by their formats.

    Raises:
        BadInputError: with everything about them that cannot be.
    """
    paths = {name: path for name, path in named.items() if path is not None}
    problems: list[str] = []
    taken: dict[Path, str] = {}
    for name, path in paths.items():
        if not path.parent.is_dir():
            problems.append(f"--{name}: there is no folder {path.parent}.\n    fix: make it first")
        elif path.is_dir():
            problems.append(f"--{name}: {path} is a folder.\n    fix: name a file in it")
        other = taken.setdefault(path.resolve(), name)
        if other != name:
            problems.append(f"--{name}: {path} is the file of --{other} already.\n    fix: give each its own")
    if problems:
        raise BadInputError("\n".join(problems))
    return paths

"""Which stacks a pull request touches, by the files that it changes."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import Final

STACK_FILE: Final = "Pulumi.{}.yaml"
_NO_PART: Final = frozenset({"benchmarks", "docs", "examples", "tests", "tools"})
"""Folders of which no preview reads anything."""


def touched(changed: Iterable[str], stacks: Sequence[str]) -> tuple[str, ...]:
    """The stacks that may look different now, in the order given.

    A stack's own file concerns that stack. Everything else may concern all of them, unless it is known not to: what is
    forgotten here costs a preview, and what was forgotten in a list of what counts would let a change through unseen.

    Args:
        changed: paths from the folder of Pulumi.yaml, with slashes.
        stacks: the names of all stacks there are.
    """
    files = set(changed)
    own = {STACK_FILE.format(name): name for name in stacks}
    if any(path not in own and _is_part(path) for path in files):
        return tuple(stacks)
    return tuple(name for path, name in own.items() if path in files)


def _is_part(path: str) -> bool:
    first, *inner = PurePosixPath(path).parts
    if inner:
        return first not in _NO_PART and not first.startswith(".")
    return not first.startswith(".") and not first.endswith(".md") and not _is_gone(first)


def _is_gone(name: str) -> bool:
    """The file of a stack that is not there any more: there is nothing to preview."""
    return name.startswith("Pulumi.") and name.endswith(".yaml") and name != "Pulumi.yaml"

"""The judgement as a file: how `onramp` gets the verdicts of a pack that the engine runs in a process of its own.

The analyzer protocol carries violations as text, and verdicts not at all.
"""

import os
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter

from policies.verdicts import Judgement

PATH_VARIABLE: Final = "ONRAMP_JUDGEMENT"
"""Environment variable with the path of the file to write; unset, nothing is written."""

_JUDGEMENT: Final = TypeAdapter(Judgement)


def export(judgement: Judgement) -> None:
    """Write `judgement` to the file that the environment names, whole or not at all."""
    named = os.environ.get(PATH_VARIABLE)
    if named:
        path = Path(named)
        draft = path.with_suffix(".draft")
        draft.write_bytes(_JUDGEMENT.dump_json(judgement))
        draft.replace(path)


def imported(path: Path) -> Judgement | None:
    """The judgement in the file at `path`; None when no pack has written one."""
    return _JUDGEMENT.validate_json(path.read_bytes()) if path.exists() else None

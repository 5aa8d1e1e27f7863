"""What GitHub shows of a rollout that a workflow runs: a summary of the step, and annotations."""

import os
import sys
from pathlib import Path
from typing import Final

from onramp.formats.annotations import command
from rollouts.notices import Hear, Notice
from rollouts.record import Rollout

SUMMARY_VARIABLE: Final = "GITHUB_STEP_SUMMARY"
_IN_ACTIONS: Final = "GITHUB_ACTIONS"


def hearers() -> tuple[Hear, ...]:
    """Those that this machine has."""
    found: list[Hear] = []
    if path := os.environ.get(SUMMARY_VARIABLE):
        found.append(_summary(Path(path)))
    if os.environ.get(_IN_ACTIONS):
        found.append(_annotation)
    return tuple(found)


def _summary(path: Path) -> Hear:
    def append(rollout: Rollout, notice: Notice) -> None:
        del rollout
        title, *lines = notice.lines
        mark = "❌" if notice.is_bad else "✅" if notice.kind == "ended" else "▶"
        text = "".join(f"- {_plain(line)}\n" for line in lines)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"#### {mark} {_plain(title)}\n\n{text}\n")

    return append


def _annotation(rollout: Rollout, notice: Notice) -> None:
    """On stderr, because stdout may be one JSON document; GitHub reads both."""
    del rollout
    title, *lines = notice.lines
    sys.stderr.write(command("error" if notice.is_bad else "notice", title, "\n".join(lines)))


def _plain(text: str) -> str:
    """Text in which Markdown finds nothing of its own; reasons have names that people and AWS chose."""
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, f"\\{sign}")
    return text.replace("\n", " ")

"""One comment for a pull request: every stack that it touches, within what GitHub takes as one comment."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from onramp.exits import Exit
from onramp.formats.markdown import COMMENT_CHARS_MAX, escape, fitting, stack_text, summary
from onramp.report import Report
from onramp.screens.words import plural
from stacks.problems import Problem

MARK: Final = "<!-- onramp -->\n"
"""The first line, by which the comment is found again."""
NOTHING: Final = "This pull request touches no stack.\n"
_CUT_CHARS_MAX: Final = 300
"""Kept free for the sentence that says what was left out."""
_OVERVIEW_SHARE_MAX: Final = 0.5
_OVERVIEW_HEAD: Final = "| stack | |\n| --- | --- |\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One stack: its report, or without one what was `said` instead, and the `problems` of its file that made it so."""

    stack: str
    report: Report | None
    exit: Exit = Exit.FINE
    said: str = ""
    problems: tuple[Problem, ...] = ()


def comment_text(parts: Sequence[Part], link: str = "") -> str:
    """The comment: an overview where there are several stacks, then one after the other.

    Every stack has the room that it needs, as long as no other one needs it more; what is left out is said.

    Args:
        parts: the stacks, in the order wanted.
        link: where all of the reports are, if anywhere.
    """
    if not parts:
        return MARK + NOTHING
    end = f"[All reports]({quote(link, safe=':/?#&=%')})\n" if link else ""
    room = COMMENT_CHARS_MAX - len(MARK) - len(end) - _CUT_CHARS_MAX
    overview = ""
    if len(parts) > 1:
        rows = [f"| {escape(part.stack)} | {_result(part)} |\n" for part in parts]
        overview = _OVERVIEW_HEAD + "".join(fitting(rows, int(room * _OVERVIEW_SHARE_MAX))) + "\n"
        room -= len(overview)
    needs = [len(_text(part, None)) for part in parts]
    texts = [_text(part, share) for part, share in zip(parts, _shares(needs, room), strict=True)]
    left_out = sum(1 for text in texts if not text)
    cut = f"**Left out, because a comment has its limit:** {plural(left_out, 'stack')}.\n" if left_out else ""
    return MARK + overview + "".join(texts) + cut + end


def _result(part: Part) -> str:
    return "**✗ It cannot be previewed.**" if part.report is None else summary(part.report)


def _text(part: Part, share: int | None) -> str:
    """The part in `share` characters, or however many it takes; nothing where not even its head fits."""
    if part.report is None:
        start = f"## Onramp: {escape(part.stack)}\n\n{_result(part)}\n\n<pre>"
        end = "</pre>\n\n"
        lines = [html.escape(f"{line}\n", quote=False) for line in part.said.splitlines()]
        text = start + "".join(lines if share is None else fitting(lines, share - len(start) - len(end))) + end
    else:
        text = stack_text(part.report, share)
    return text if share is None or len(text) <= share else ""


def _shares(needs: Sequence[int], room: int) -> list[int]:
    """How much of the room each gets: those who need little, all of it; the others the same."""
    shares = [0] * len(needs)
    by_need = sorted(range(len(needs)), key=needs.__getitem__)
    for done, place in enumerate(by_need):
        shares[place] = min(needs[place], room // (len(needs) - done))
        room -= shares[place]
    return shares

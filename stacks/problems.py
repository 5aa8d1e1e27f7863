"""Errors of a stack file: collected all at once, each with where, what was given, what is allowed and the fix."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from rapidfuzz import process

_SIMILAR_PERCENT: Final = 70
_SHOWN_MAX: Final = 50
_GOT_CHARS_MAX: Final = 80


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing wrong with a stack file.

    `path` is dotted (`services.news-api.cpu`); `line` is 1-based, 0 when the problem is that something is not there.
    """

    file: str
    path: str
    line: int
    message: str
    got: str = ""
    allowed: str = ""
    fix: str

    def render(self) -> str:
        """The problem as a person reads it, one to four lines."""
        where = f"{self.file}:{self.line}" if self.line else self.file
        lines = [f"{where}  {self.path}: {self.message}" if self.path else f"{where}  {self.message}"]
        lines += [f"    {label}: {text}" for label, text in (("got", self.got), ("allowed", self.allowed)) if text]
        return "\n".join([*lines, f"    fix: {self.fix}"])


class StackFileError(Exception):
    """Bad input. Carries every problem found, in the order of the file."""

    file: ClassVar[str] = "the stack file"

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Keep `problems` sorted by file, line and path."""
        self.problems: tuple[Problem, ...] = tuple(
            sorted(set(problems), key=lambda p: (p.file, p.line, p.path, p.message))
        )
        super().__init__(self.render())

    def render(self) -> str:
        """All problems as one readable list."""
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in {self.file}; nothing was built."
        shown = [problem.render() for problem in self.problems[:_SHOWN_MAX]]
        if count > _SHOWN_MAX:
            shown.append(f"... and {count - _SHOWN_MAX} more (all of them with --json)")
        return "\n\n".join([head, *shown])


def did_you_mean(word: str, choices: Sequence[str]) -> str | None:
    """The choice that `word` was probably meant to be, if one is close."""
    found = process.extractOne(word, choices, score_cutoff=_SIMILAR_PERCENT)
    return found[0] if found else None


def show(value: object) -> str:
    """A value as the file would write it, cut to one short line."""
    text = repr(value) if isinstance(value, str) else str(value)
    if isinstance(value, bool) or value is None:
        text = {True: "true", False: "false", None: "null"}[value]
    return text if len(text) <= _GOT_CHARS_MAX else f"{text[:_GOT_CHARS_MAX]}..."

"""A rollout while it goes on: on a terminal a picture that is redrawn, elsewhere lines for the log of a job."""

from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Final, Protocol, Self

from pydantic import JsonValue
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from onramp.screens.rollout_words import VERDICT_STYLE, VERDICT_WORDS, clock, line_of, numbers, sample, style_of
from rollouts.advice import headline
from rollouts.gates import GateVerdict, StepVerdict
from rollouts.record import ALL, Rollout

BAR_CHARS: Final = 40
_SAMPLE_CHARS: Final = 10


class Screen(Protocol):
    """Who is told of everything while a command works."""

    def __enter__(self) -> Self:
        """From here on it may draw."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        """It leaves nothing half drawn."""
        ...

    def doing(self, text: str) -> None:
        """Something takes time, or could not be done, and nothing depends on it."""
        ...

    def happened(self, now: datetime, rollout: Rollout, kind: str, data: Mapping[str, JsonValue]) -> None:
        """The ledger has a new event."""
        ...

    def looked(self, now: datetime, rollout: Rollout, verdict: StepVerdict) -> None:
        """The gates were asked."""
        ...

    def ticked(self, rollout: Rollout) -> None:
        """A tick is over."""
        ...


class Lines:
    """For what is no terminal: a line for each event, and one for each new minute that was judged."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._last = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        del kind, error, trace

    def doing(self, text: str) -> None:
        """One line, where it was not said before."""
        if not text.startswith(("resource ", "creating ", "updating ", "looking at ")):
            self._print(text)

    def happened(self, now: datetime, rollout: Rollout, kind: str, data: Mapping[str, JsonValue]) -> None:
        """One line, for what says something."""
        if line := line_of(rollout, kind, data):
            self._print(f"{clock(now)}  {rollout.service}: {line}")

    def looked(self, now: datetime, rollout: Rollout, verdict: StepVerdict) -> None:
        """One line, when the numbers are new."""
        found = numbers(verdict)
        if found != self._last:
            self._last = found
            self._print(f"{clock(now)}  {rollout.service}: {found}")

    def ticked(self, rollout: Rollout) -> None:
        """Nothing: what has changed was said."""
        del rollout

    def _print(self, text: str) -> None:
        self._console.print(text, markup=False, soft_wrap=True)


class Picture:
    """For a terminal: the share as a bar and the gates in a table, redrawn in place; events scroll by above."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = Live(console=console, transient=True, refresh_per_second=4)
        self._rollout: Rollout | None = None
        self._verdict: StepVerdict | None = None
        self._doing = ""

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        del kind, error, trace
        self._live.stop()

    def doing(self, text: str) -> None:
        """Below the picture."""
        self._doing = text
        self._draw()

    def happened(self, now: datetime, rollout: Rollout, kind: str, data: Mapping[str, JsonValue]) -> None:
        """A line that stays, above the picture."""
        if line := line_of(rollout, kind, data):
            self._console.print(Text.assemble((f"{clock(now)}  ", "dim"), (line, style_of(kind))), soft_wrap=True)
        if kind in {"shifted", "abort", "rolled-back"}:
            self._verdict = None
        self._rollout, self._doing = rollout, ""
        self._draw()

    def looked(self, now: datetime, rollout: Rollout, verdict: StepVerdict) -> None:
        """New numbers in the table."""
        del now
        self._rollout, self._verdict, self._doing = rollout, verdict, ""
        self._draw()

    def ticked(self, rollout: Rollout) -> None:
        """The record as it is now."""
        self._rollout = rollout
        self._draw()

    def _draw(self) -> None:
        if self._live.is_started:
            self._live.update(picture(self._rollout, self._verdict, self._doing))


def picture(rollout: Rollout | None, verdict: StepVerdict | None, doing: str) -> RenderableType:
    """The share as a bar, the gates in a table, and what takes time."""
    parts: list[RenderableType] = []
    if rollout is not None:
        parts += [Text(), bar(rollout), Text.from_markup(f"[dim]{escape(headline(rollout))}[/]")]
    if verdict is not None:
        parts.append(gates_table(verdict))
    if doing:
        parts.append(Text.from_markup(f"[dim]{escape(doing)}[/]"))
    return Group(*parts)


def bar(rollout: Rollout) -> Text:
    """How much of the traffic the candidate has; a mark stands at each step to come."""
    full = round(rollout.weight / ALL * BAR_CHARS)
    marks = {min(round(step.weight / ALL * BAR_CHARS), BAR_CHARS) - 1 for step in rollout.steps}
    text = Text(f"{rollout.service}  ", style="bold")
    for place in range(BAR_CHARS):
        if place < full:
            text.append("█", style="green")
        else:
            text.append("┊" if place in marks else "░", style="dim")
    steps = f"step {rollout.step} of {len(rollout.steps)}" if rollout.steps else "all at once"
    return text.append(f"  {rollout.weight:g} %", style="bold").append(f"  {steps}", style="dim")


def gates_table(verdict: StepVerdict) -> Table:
    """Each gate with its numbers."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("gate", "says", "new version", "beside it", "sample", "p (worse at or below)"):
        table.add_column(title, no_wrap=True)
    for gate in verdict.gates:
        style = VERDICT_STYLE[gate.verdict]
        table.add_row(
            gate.gate,
            f"[{style}]{VERDICT_WORDS[gate.verdict]}[/]",
            str(gate.canary or ""),
            str(gate.baseline or ""),
            f"{_filled(gate)}{sample(gate)}" if gate.canary is not None else escape(gate.reason),
            f"{gate.p_value:.2g} ({gate.budget:.2g})" if gate.p_value is not None else "",
        )
    return table


def _filled(gate: GateVerdict) -> str:
    if gate.needed is None or gate.canary is None:
        return ""
    full = min(_SAMPLE_CHARS, gate.canary.total * _SAMPLE_CHARS // max(gate.needed, 1))
    return "█" * full + "░" * (_SAMPLE_CHARS - full) + " "


def screen_of(console: Console) -> Screen:
    """Which of the two the console takes."""
    return Picture(console) if console.is_terminal else Lines(console)

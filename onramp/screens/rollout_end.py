"""Where a command has left a rollout: what happened, why, and what to do next."""

from datetime import datetime
from typing import Final

from rich.console import Console
from rich.markup import escape

from onramp.rolling.doing import Outcome
from onramp.screens.rollout_live import bar
from rollouts.advice import advice, headline
from rollouts.record import Rollout

_TITLES: Final = {
    "promoted": "[bold green]PROMOTED[/]",
    "aborted": "[bold red]ABORTED[/]",
    "rolled-back": "[bold red]ROLLED BACK[/]",
    None: "[bold]NOTHING TO DO[/]",
}


def show_outcome(console: Console, done: Outcome, now: datetime) -> None:
    """The last word of a command."""
    rollout = done.rollout
    minutes = ((rollout.ended_at or now) - rollout.started_at).total_seconds() / 60
    console.print(
        f"{_title(done)}  [bold]{rollout.stack} {rollout.service}[/]  "
        f"[dim]{rollout.id}, begun by {escape(rollout.actor)} {minutes:.0f} min ago[/]",
        soft_wrap=True,
    )
    console.print(f"  {escape(headline(rollout))}", soft_wrap=True)
    for title, text in _because(rollout):
        console.print(f"  [dim]{title}[/] {escape(text)}", soft_wrap=True)
    if rollout.is_open and rollout.steps:
        console.print(bar(rollout))
    _next(console, done)


def _title(done: Outcome) -> str:
    rollout = done.rollout
    if not rollout.is_open:
        return _TITLES[rollout.ending]
    if rollout.hold is not None:
        return "[bold yellow]HELD[/]"
    if rollout.stuck_since is not None:
        return "[bold red]STUCK[/]"
    return "[bold yellow]STOPPED[/]" if done.stopped else "[bold yellow]NOT FINISHED[/]"


def _because(rollout: Rollout) -> list[tuple[str, str]]:
    found = [("why", rollout.reason)]
    if rollout.hold is not None:
        found = [("why", rollout.hold.reason)]
    elif rollout.stuck_since is not None:
        found += [("waits for", rollout.waits)]
    elif rollout.is_open and rollout.verdict:
        found = [("gates", rollout.verdict)]
    found.append(("left to do", rollout.note))
    return [(title, text) for title, text in found if text]


def _next(console: Console, done: Outcome) -> None:
    rollout = done.rollout
    if rollout.is_open and rollout.hold is not None:
        at = f"{rollout.stack} {rollout.service}"
        console.print(
            "  Nobody is at work on it now. A version that turns out bad is taken back only while somebody is: "
            f"onramp rollout resume {at} --keep-hold",
            soft_wrap=True,
        )
    elif rollout.is_open:
        at = f"{rollout.stack} {rollout.service}"
        console.print(
            f"  Its lease is given back and nobody is at work on it. Next: [bold]onramp rollout resume {at}[/]",
            soft_wrap=True,
        )
    if not rollout.is_open or rollout.hold is not None:
        first, *others = advice(rollout)
        console.print(f"  Next: [bold]{escape(first)}[/]", soft_wrap=True)
        for other in others:
            console.print(f"        {escape(other)}", soft_wrap=True)

"""What the ledger has, on a screen: open rollouts, past ones with the DORA figures, and a replay."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from onramp.screens.rollout_live import bar
from onramp.screens.rollout_words import VERDICT_STYLE, VERDICT_WORDS, numbers
from onramp.screens.words import plural
from rollouts.advice import advice, headline, short
from rollouts.dora import Figures
from rollouts.gates import GatePlan, Look
from rollouts.ledger import Lease
from rollouts.past import Past, person
from rollouts.record import Rollout

_ENDINGS: Final = {
    "promoted": "[green]promoted[/]",
    "aborted": "[red]aborted[/]",
    "rolled-back": "[bold red]rolled back[/]",
}
_SECONDS: Final = 60


def show_status(console: Console, found: Sequence[tuple[Rollout, Lease | None]], stack: str, now: datetime) -> None:
    """Each rollout: where it is, since when, what the gates said last, and who is at work on it."""
    opened = [rollout for rollout, _ in found if rollout.is_open]
    if not found:
        console.print(f"The ledger has no rollout of {stack} yet. Next: onramp rollout plan {stack}")
    for rollout, lease in sorted(found, key=lambda each: not each[0].is_open):
        if rollout.is_open:
            _show_open(console, rollout, lease, now)
        else:
            ended = f"{rollout.ended_at:%Y-%m-%d %H:%M} UTC" if rollout.ended_at else ""
            word = _ENDINGS.get(rollout.ending or "", "nothing to do")
            console.print(
                f"[bold]{rollout.service}[/]  {word} {ended}: {escape(headline(rollout))}  [dim]{rollout.id}[/]",
                soft_wrap=True,
            )
    if found and not opened:
        console.print(f"Nothing is open. Next: onramp rollout plan {stack}, or onramp rollout history {stack}")


def _show_open(console: Console, rollout: Rollout, lease: Lease | None, now: datetime) -> None:
    console.print(bar(rollout))
    console.print(f"  {escape(headline(rollout))}", soft_wrap=True)
    who = f"{person(lease.owner)}, until {lease.until:%H:%M:%S} UTC" if lease is not None else "nobody"
    rows = [
        ("phase", f"{rollout.phase}, for {_ago(now, rollout.phase_at)}"),
        ("begun", f"{rollout.started_at:%Y-%m-%d %H:%M} UTC by {rollout.actor}, {_ago(now, rollout.started_at)} ago"),
        ("gates", rollout.verdict),
        ("waits", rollout.waits),
        (
            "held",
            f"by {rollout.hold.by} for {_ago(now, rollout.hold.at)}: {rollout.hold.reason}" if rollout.hold else "",
        ),
        ("at work", who),
        ("id", rollout.id),
    ]
    for title, text in rows:
        if text:
            console.print(f"  [dim]{title:<8}[/]{escape(text)}", soft_wrap=True)
    usual = (
        ()
        if rollout.hold or rollout.stuck_since or lease
        else (f"onramp rollout resume {rollout.stack} {rollout.service}  (go on)",)
    )
    commands = [each for each in advice(rollout) if "rollout status" not in each]
    for number, each in enumerate((*usual, *commands)):
        console.print(f"  {'Next: ' if not number else '      '}{escape(each)}", soft_wrap=True)


def show_history(console: Console, rollouts: Sequence[Past], figures: Figures) -> None:
    """Past rollouts, the newest last, and what they say together."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("begun (UTC)", "service", "by", "ending", "took"):
        table.add_column(title, no_wrap=True)
    table.add_column("version, and why", overflow="fold")
    for each in rollouts:
        took = _ago(each.ended_at, each.started_at) if each.ended_at else "open"
        ending = _ENDINGS.get(each.ending or "", "nothing to do" if each.ended_at else "[yellow]open[/]")
        why = ": ".join(filter(None, (short(each.candidate), each.reason)))
        table.add_row(
            f"{each.started_at:%Y-%m-%d %H:%M}", f"[bold]{each.service}[/]", each.actor, ending, took, escape(why)
        )
    console.print(table)
    console.print(f"[dim]{plural(len(rollouts), 'rollout')}. The id of each: --json[/]")
    console.print()
    console.print(_dora(figures))


def _dora(figures: Figures) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in (f"DORA, {plural(figures.days, 'day')}", "", "what it is"):
        table.add_column(title, overflow="fold")
    rate = (
        f"{figures.failure_rate:.0%} ({figures.failed} of {figures.reached})"
        if figures.failure_rate is not None
        else "-"
    )
    table.add_row(
        "deployment frequency",
        f"{figures.per_day:.2g} a day",
        f"{plural(figures.deployments, 'rollout')} that went live",
    )
    table.add_row(
        "lead time",
        _minutes(figures.lead_minutes),
        "median from the start of the rollout until live; the time from commit to start is not in it",
    )
    table.add_row(
        "change-failure rate", rate, "of those that reached users; what was found bad after its rollout is not in it"
    )
    table.add_row(
        "time to restore",
        _minutes(figures.restore_minutes),
        "median from a bad version's first traffic until it had none",
    )
    return table


def show_replay(console: Console, looks: Sequence[Look], plan: GatePlan) -> None:
    """What the gates would have said at each look, and what would have come of it."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("minute (UTC)", "step", "share", "verdict"):
        table.add_column(title, no_wrap=True)
    table.add_column("numbers", overflow="fold")
    for look in looks:
        style = VERDICT_STYLE[look.verdict.verdict]
        table.add_row(
            f"{look.at:%Y-%m-%d %H:%M}",
            str(look.step + 1),
            f"{plan.steps[look.step].weight:g} %",
            f"[{style}]{VERDICT_WORDS[look.verdict.verdict]}[/]",
            escape(numbers(look.verdict)),
        )
    console.print(table)
    bad = next((look for look in looks if look.verdict.verdict == "unhealthy"), None)
    if bad is not None:
        console.print(
            f"[bold red]Would have been taken back[/] in step {bad.step + 1}, after the minute {bad.at:%H:%M}:"
        )
        console.print(f"  {escape(bad.verdict.reason)}", soft_wrap=True)
    elif looks[-1].verdict.verdict == "healthy":
        console.print("[bold green]Would have gone on[/] after the last minute.")
    else:
        console.print("[yellow]Would still be waiting[/] after the last minute:")
        console.print(f"  {escape(looks[-1].verdict.reason)}", soft_wrap=True)


def _ago(now: datetime, then: datetime) -> str:
    minutes, seconds = divmod(round((now - then).total_seconds()), _SECONDS)
    return f"{minutes} min" if minutes else f"{seconds} s"


def _minutes(value: float | None) -> str:
    return f"{value:.0f} min" if value is not None else "-"

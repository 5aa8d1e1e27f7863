"""Rules on a screen: what each wants, what it looks like when it is broken, and how to mend it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from onramp.rulebook import BEYOND, Entry
from onramp.screens.words import SEVERITY_STYLE, plural
from policies.config import remedy_policy
from policies.rule import Level
from stacks.standards import TIERS

_LEVEL_SIGNS: Final[Mapping[Level, str]] = {
    "mandatory": "[bold]M[/]",
    "advisory": "a",
    "disabled": "[dim]·[/]",
}
_CHANGE_STYLE: Final = {"-": "red", "+": "green"}


def show_rules(console: Console, entries: Sequence[Entry]) -> None:
    """Rules in a table, by group of the checklist."""
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for title in ("item", "rule", "severity", "d s p"):
        table.add_column(title, no_wrap=True)
    table.add_column("wants that", no_wrap=True, overflow="ellipsis", ratio=1)
    for group, found in groupby(entries, key=lambda entry: entry.group):
        table.add_row("", f"[bold cyan]{group} the checklist[/]" if group == BEYOND else f"[bold cyan]{group}[/]")
        for entry in found:
            meta = entry.meta
            levels = " ".join(_LEVEL_SIGNS[meta.levels.of(tier)] for tier in TIERS)
            table.add_row(meta.item or "", meta.id, _severity(entry), levels, escape(meta.title))
    console.print(table)
    console.print(f"[dim]{plural(len(entries), 'rule')}. Dev, staging, prod: M mandatory, a advisory, · not asked.[/]")
    console.print("Next: onramp rule ID for one; an item, a group or a control (ECS.5) for fewer")


def show_rule(console: Console, entry: Entry, today: date) -> None:
    """One rule, complete."""
    meta = entry.meta
    console.print(f"[bold]{meta.id}[/]  {meta.item or 'beyond the checklist'}  {_severity(entry)}")
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for title, text in _rows(entry):
        table.add_row(title, escape(text))
    console.print(table)
    console.print(f"[dim]more[/]      {meta.url}", soft_wrap=True)
    _show_block(console, f"broken, it says: {entry.example.says}", entry.example.change)
    if entry.waivable:
        _show_block(
            console,
            "to waive it, fill this in under the service, or under onramp:environment for what all share",
            entry.waiver(today),
        )
    else:
        console.print("[dim]nobody can waive it[/]")


def _rows(entry: Entry) -> Iterator[tuple[str, str]]:
    meta = entry.meta
    yield "wants", meta.title
    yield "why", meta.why
    yield "fix", meta.fix
    if entry.remedies:
        places = ", ".join(dict.fromkeys(each.path for each in entry.remedies))
        yield "remedy", f'"{remedy_policy(meta.id)}": "remediate" in the config of the pack sets {places}'
    yield "asked of", ", ".join(meta.applies) or "any compute type"
    yield "levels", ", ".join(f"{tier} {meta.levels.of(tier)}" for tier in TIERS)
    yield "matches", "\n".join(f"{each.id}  {each.title}" for each in entry.controls) or "nothing that is published"


def _severity(entry: Entry) -> str:
    return f"[{SEVERITY_STYLE[entry.meta.severity]}]{entry.meta.severity}[/]"


def _show_block(console: Console, title: str, block: str) -> None:
    console.print(f"[dim]{escape(title)}[/]")
    for line in block.rstrip("\n").split("\n"):
        console.print(Text(f"    {line}", style=_CHANGE_STYLE.get(line[:1], "")), soft_wrap=True)

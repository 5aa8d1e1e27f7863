"""The checklist on a screen: services across and items down, or one service with the cause of each verdict."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from onramp.screens.words import LEGEND, SIGNS
from policies.checklist import CHECKLIST
from policies.verdicts import Judgement, Verdict

ITEM_WIDTH: Final = 8
TITLE_WIDTH_MIN: Final = 24
GAP: Final = 2


def show_matrix(console: Console, judgement: Judgement) -> None:
    """Every item against every service; where the names do not fit across, columns have numbers and a key."""
    names = list(judgement.verdicts)
    fits = ITEM_WIDTH + 2 * TITLE_WIDTH_MIN + sum(len(name) + GAP for name in names) <= console.width
    titles = {name: name if fits else str(number) for number, name in enumerate(names, start=1)}
    across = max(1, (console.width - ITEM_WIDTH - TITLE_WIDTH_MIN) // (GAP + len(str(len(names)))))
    for shown in (names if fits else names[first : first + across] for first in range(0, len(names), across)):
        console.print(_matrix(judgement, {name: titles[name] for name in shown}))
    if not fits:
        console.print("  ".join(f"[bold]{number}[/] {name}" for name, number in titles.items()))
    console.print(LEGEND)


def show_service(console: Console, service: str, verdicts: Mapping[str, Verdict]) -> None:
    """Every item of one service, with why."""
    table = Table(title=f"Checklist of {service}", title_justify="left", box=None, pad_edge=False, header_style="dim")
    table.add_column("item", no_wrap=True)
    table.add_column("")
    table.add_column("verdict", no_wrap=True)
    table.add_column("because")
    for item, found in verdicts.items():
        table.add_row(item, SIGNS[found.verdict], found.verdict, escape(found.because))
    console.print(table)
    console.print(counts(verdicts))


def counts(verdicts: Mapping[str, Verdict]) -> str:
    """How often each verdict was given, as one short text."""
    counted = Counter(found.verdict for found in verdicts.values())
    return "  ".join(f"{SIGNS[name]} {counted[name]}" for name in SIGNS if counted[name])


def _matrix(judgement: Judgement, titles: Mapping[str, str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    table.add_column("item", no_wrap=True)
    table.add_column("asks that", style="dim", no_wrap=True, overflow="ellipsis", ratio=1)
    for title in titles.values():
        table.add_column(title, justify="center", no_wrap=True)
    group = ""
    for item in CHECKLIST.values():
        if item.group != group:
            group = item.group
            table.add_section()
        table.add_row(item.id, item.title, *(SIGNS[judgement.verdicts[name][item.id].verdict] for name in titles))
    return table

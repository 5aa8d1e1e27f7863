"""The checklist on a screen: services across and items down, or one service with the cause of each verdict."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from rich.console import Console
from rich.table import Table

from onramp.screens.words import LEGEND, SIGNS
from policies.checklist import CHECKLIST
from policies.verdicts import Judgement, Verdict

SERVICES_ACROSS: Final = 8
"""More columns than these, and a terminal of 120 characters cuts the names."""


def show_matrix(console: Console, judgement: Judgement) -> None:
    """Every item against every service."""
    names = list(judgement.verdicts)
    for first in range(0, len(names), SERVICES_ACROSS):
        console.print(_matrix(judgement, names[first : first + SERVICES_ACROSS]))
    console.print(LEGEND)


def show_service(console: Console, service: str, verdicts: Mapping[str, Verdict]) -> None:
    """Every item of one service, with why."""
    table = Table(title=f"Checklist of {service}", title_justify="left", box=None, pad_edge=False, header_style="dim")
    table.add_column("item", no_wrap=True)
    table.add_column("")
    table.add_column("verdict", no_wrap=True)
    table.add_column("because")
    for item, found in verdicts.items():
        table.add_row(item, SIGNS[found.verdict], found.verdict, f"{found.because}")
    console.print(table)
    console.print(counts(verdicts))


def counts(verdicts: Mapping[str, Verdict]) -> str:
    """How often each verdict was given, as one short text."""
    counted = Counter(found.verdict for found in verdicts.values())
    return "  ".join(f"{SIGNS[name]} {counted[name]}" for name in SIGNS if counted[name])


def _matrix(judgement: Judgement, services: list[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("item", no_wrap=True)
    table.add_column("asks that", style="dim", max_width=52, no_wrap=True, overflow="ellipsis")
    for service in services:
        table.add_column(service, justify="center", overflow="fold")
    group = ""
    for item in CHECKLIST.values():
        if item.group != group:
            group = item.group
            table.add_section()
        table.add_row(item.id, item.title, *(SIGNS[judgement.verdicts[name][item.id].verdict] for name in services))
    return table

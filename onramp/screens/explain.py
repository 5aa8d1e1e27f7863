"""One service on a screen: its values and where each comes from, its resources, its cost."""

import json

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from onramp.explanation import Explanation
from onramp.screens.words import plural

ORIGIN_STYLE = {"file": "bold", "tier": "cyan", "derived": "magenta", "default": "dim"}


def show_explanation(console: Console, explanation: Explanation) -> None:
    """Everything about one service."""
    values = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("key", "value", "from"):
        values.add_column(title)
    for value in explanation.values:
        style = ORIGIN_STYLE[value.kind]
        shown = json.dumps(value.value) if not isinstance(value.value, str) else value.value
        values.add_row(f"[{style}]{value.path}[/]", escape(shown), f"[{style}]{escape(value.where)}[/]")
    console.print(f"[bold]{explanation.service}[/] in {explanation.stack}")
    console.print(values)
    console.print()
    resources = Table(box=None, pad_edge=False, header_style="dim")
    resources.add_column("resource")
    resources.add_column("type")
    for found in explanation.resources:
        resources.add_row(found.name, f"[dim]{found.type}[/]")
    console.print(resources)
    console.print()
    cost = explanation.cost
    for line in cost.lines:
        amount = f"{line.usd:8.2f} USD" if line.usd is not None else "  no price  "
        console.print(f"{amount}  {line.count} {line.what}")
    console.print(
        f"[bold]{cost.total:8.2f} USD[/] a month at least, for {plural(len(explanation.resources), 'resource')}; "
        f"use comes on top (list prices of us-east-1, {cost.as_of})"
    )

"""Rules on a screen: what each wants, why, and how to fix what breaks it."""

from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from onramp.exits import BadInputError
from onramp.screens.words import SEVERITY_STYLE
from policies.catalog import CATALOG
from policies.rule import Meta
from simulator.graph import Json
from stacks.problems import did_you_mean


def find_rules(wanted: str | None) -> Sequence[Meta]:
    """All rules, the rule with an id, or the rules of a checklist item.

    Raises:
        BadInputError: when nothing is called so.
    """
    if wanted is None:
        return CATALOG
    found = [meta for meta in CATALOG if wanted in {meta.id, meta.item}]
    if not found:
        names = [meta.id for meta in CATALOG] + sorted({meta.item for meta in CATALOG if meta.item})
        guess = did_you_mean(wanted, names)
        fix = f"did you mean `{guess}`?" if guess else "`onramp rule` lists them all"
        raise BadInputError(f"There is no rule and no checklist item called {wanted!r}.\n    fix: {fix}")
    return found


def show_rules(console: Console, rules: Sequence[Meta]) -> None:
    """All rules in a table."""
    table = Table(box=None, pad_edge=False, header_style="dim", expand=True)
    for title in ("item", "rule", "severity"):
        table.add_column(title, no_wrap=True)
    table.add_column("wants that", no_wrap=True, overflow="ellipsis", ratio=1)
    for meta in rules:
        severity = f"[{SEVERITY_STYLE[meta.severity]}]{meta.severity}[/]"
        table.add_row(meta.item or "", meta.id, severity, escape(meta.title))
    console.print(table)
    console.print("Next: onramp rule ID says why, and how to fix what breaks it")


def show_rule(console: Console, meta: Meta) -> None:
    """One rule, complete."""
    severity = f"[{SEVERITY_STYLE[meta.severity]}]{meta.severity}[/]"
    console.print(f"[bold]{meta.id}[/]  {meta.item or 'not on the checklist'}  {severity}")
    rows = {
        "wants": meta.title,
        "why": meta.why,
        "fix": meta.fix,
        "asked of": ", ".join(meta.applies),
        "levels": f"dev {meta.levels.dev}, staging {meta.levels.staging}, prod {meta.levels.prod}",
        "frameworks": ", ".join(meta.frameworks),
        "more": meta.url,
    }
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for title, text in rows.items():
        if text:
            table.add_row(title, escape(text))
    console.print(table)


def rule_document(meta: Meta) -> dict[str, Json]:
    """A rule for a program."""
    return {
        "id": meta.id,
        "item": meta.item,
        "title": meta.title,
        "why": meta.why,
        "fix": meta.fix,
        "severity": meta.severity,
        "levels": {"dev": meta.levels.dev, "staging": meta.levels.staging, "prod": meta.levels.prod},
        "frameworks": [*meta.frameworks],
        "applies": [*meta.applies],
        "url": meta.url,
    }

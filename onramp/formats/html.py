"""One HTML page that needs nothing but itself: the matrix of services and items, every verdict, every violation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import jinja2

from onramp.formats.findings import SIGNS, age, owner, place
from onramp.report import Report
from policies.catalog import CATALOG
from policies.checklist import CHECKLIST
from policies.rule import Meta
from policies.verdicts import Violation, Waived

_ITEMS: Final = tuple(CHECKLIST.values())
_GROUPS: Final = tuple((group, len(list(items))) for group, items in groupby(_ITEMS, key=lambda item: item.group))


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A violation, waived or not, with the words that the page needs; `age` is empty when nobody has asked for it."""

    found: Violation
    waived: Waived | None
    age: str
    owner: str
    place: str
    source: str


def html_text(report: Report) -> str:
    """The report as a page; every value in it is escaped by the template."""
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("onramp"),
        autoescape=True,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return templates.get_template("report.html.j2").render(
        stack=report.stack.name,
        tier=report.stack.environment.tier,
        engine=report.engine,
        ok=report.ok,
        resources=len(report.graph.resources),
        items=_ITEMS,
        groups=_GROUPS,
        rules=_rules(),
        signs=SIGNS,
        services=report.judgement.verdicts,
        ratchet=report.ratchet,
        broken=[_card(report, found, None) for found in _new_first(report)],
        waived=[_card(report, each.violation, each) for each in report.judgement.waived],
    )


def _rules() -> Mapping[str, Sequence[Meta]]:
    """By checklist item, the rules that decide it."""
    return {item.id: [meta for meta in CATALOG if meta.item == item.id] for item in _ITEMS}


def _new_first(report: Report) -> Sequence[Violation]:
    violations = report.judgement.violations
    return violations if report.ratchet is None else report.ratchet.new_first(violations)


def _card(report: Report, found: Violation, waived: Waived | None) -> Card:
    file, line = report.source_of(found)
    return Card(
        found=found,
        waived=waived,
        age=age(report, found),
        owner=owner(found.service),
        place=place(found),
        source=f"{file}:{line}",
    )

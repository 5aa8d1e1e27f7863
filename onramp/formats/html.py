"""One HTML page that needs nothing but itself: the matrix of services and items, every verdict, every violation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import jinja2

from onramp.formats.findings import SIGNS, owner, place
from onramp.report import Report
from policies.catalog import CATALOG
from policies.checklist import CHECKLIST
from policies.rule import Meta
from policies.verdicts import Violation

_ITEMS: Final = tuple(CHECKLIST.values())
_GROUPS: Final = tuple((group, len(list(items))) for group, items in groupby(_ITEMS, key=lambda item: item.group))


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """A violation with the words that the page needs."""

    found: Violation
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
        broken=_broken(report),
    )


def _rules() -> Mapping[str, Sequence[Meta]]:
    """By checklist item, the rules that decide it."""
    return {item.id: [meta for meta in CATALOG if meta.item == item.id] for item in _ITEMS}


def _broken(report: Report) -> Sequence[Broken]:
    found: list[Broken] = []
    for violation in report.judgement.violations:
        file, line = report.source_of(violation)
        found.append(
            Broken(found=violation, owner=owner(violation.service), place=place(violation), source=f"{file}:{line}")
        )
    return found

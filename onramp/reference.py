"""Writes docs/compute/, a page for each compute type from the models and previews, and docs/rules.md from the catalog.

Run it after a change of any of them: `make docs`.
"""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

import jinja2
import yaml

from onramp.cost import Cost, monthly_cost
from onramp.evaluate import evaluate_stack, find_project
from onramp.report import COMPONENT_PREFIX, Report
from onramp.rulebook import rulebook
from policies.rule import ADVICE, ALWAYS, FROM_STAGING, ONLY_PROD, PROD_FORBIDS, Levels, Meta
from simulator.graph import Resource
from stacks.grid import NOT_APPLICABLE
from stacks.load import ENVIRONMENT_KEY, IMAGES_KEY, REGION_KEY, SERVICES_KEY, resolve
from stacks.models import SERVICES
from stacks.reference import Key, keys_of
from stacks.source import Json, Source
from stacks.standards import TIERS, Tier
from stacks.stanzas import FIRST_RELEASE, STANZAS

FOLDER: Final = "docs/compute"
RULES_PAGE: Final = "docs/rules.md"
STACK: Final = "reference"
"""A stack that has no file, so that nothing is added to what is previewed."""
NAME: Final = "news-api"
DIGEST: Final = f"sha256:{'0' * 64}"
CONCERN_PREFIX: Final = "onramp:concern:"
LEVELS: Final[Sequence[tuple[Levels, str]]] = (
    (ALWAYS, "critical risks, what AWS refuses in any tier, and waivers"),
    (FROM_STAGING, "the checklist, and high risks beyond it"),
    (PROD_FORBIDS, "what a stack file may have outside of prod"),
    (ADVICE, "medium risks beyond the checklist"),
    (ONLY_PROD, "what the defaults of dev and staging leave out on purpose"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What a page says about one compute type."""

    compute: str
    about: str
    stanza: str
    becomes: Sequence[tuple[str, str]]
    empty: Mapping[str, str]
    costs: Sequence[tuple[str, Sequence[str]]]
    as_of: str
    keys: Sequence[Key]


def main() -> None:
    """Write all pages into the project that this runs in."""
    root = find_project(Path())
    folder = root / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for compute in SERVICES:
        (folder / f"{compute}.md").write_text(page_text(root, compute), encoding="utf-8")
        sys.stderr.write(f"{FOLDER}/{compute}.md\n")
    (root / RULES_PAGE).write_text(rules_text(), encoding="utf-8")
    sys.stderr.write(f"{RULES_PAGE}\n")


def page_text(root: Path, compute: str) -> str:
    """The page of one compute type."""
    return _template("compute.md.j2").render(page=_page(root, compute))


def rules_text() -> str:
    """The page of all rules, with the one table of their levels."""
    groups = [(group, list(found)) for group, found in groupby(rulebook(), key=lambda entry: entry.group)]
    return _template("rules.md.j2").render(entries=rulebook(), groups=groups, kinds=LEVELS, asked_of=_asked_of)


def _asked_of(meta: Meta) -> str:
    return "all" if set(meta.applies) in (set(), set(SERVICES)) else ", ".join(meta.applies)


def _template(name: str) -> jinja2.Template:
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader("onramp"),
        autoescape=False,  # noqa: S701 - Markdown, from our own words
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    return templates.get_template(name)


def _page(root: Path, compute: str) -> Page:
    stanza = STANZAS[compute](NAME)
    reports: dict[Tier, Report] = {tier: _report(root, stanza, tier) for tier in TIERS}
    costs: dict[Tier, Cost] = {tier: monthly_cost(report.resources_of(NAME)) for tier, report in reports.items()}
    return Page(
        compute=compute,
        about=str(SERVICES[compute].__doc__).strip().replace("\n", " "),
        stanza=yaml.safe_dump({NAME: stanza}, sort_keys=False, allow_unicode=True),
        becomes=_becomes(reports["prod"]),
        empty=NOT_APPLICABLE[compute],
        costs=_costs(costs),
        as_of=costs["prod"].as_of,
        keys=keys_of(compute),
    )


def _report(root: Path, stanza: dict[str, Json], tier: Tier) -> Report:
    environment: dict[str, Json] = {
        "tier": tier,
        "name": tier,
        "owner": "platform",
        "costCenter": "1001",
        "domain": "example.com",
        "paging": {"pagerduty": "prod/pagerduty-integration"},
    }
    config: dict[str, Json] = {
        REGION_KEY: "us-east-1",
        ENVIRONMENT_KEY: environment,
        SERVICES_KEY: {NAME: stanza},
    }
    source = Source(file=f"Pulumi.{STACK}.yaml", values={"config": config}, lines={})
    if resolve(STACK, source).services[NAME].has_image:
        config[IMAGES_KEY] = {NAME: FIRST_RELEASE.get(str(stanza["compute"]), DIGEST)}
    return evaluate_stack(root, resolve(STACK, source), lambda _: None, {})


def _becomes(report: Report) -> list[tuple[str, str]]:
    """The resources of the service by concern, those of no concern first."""
    by_urn = {found.urn: found for found in report.graph.resources}
    counts: dict[str, Counter[str]] = {}
    for resource in report.resources_of(NAME):
        counts.setdefault(_concern(resource, by_urn), Counter())[_kind(resource)] += 1
    return [
        (concern, ", ".join(f"{kind} x{count}" if count > 1 else kind for kind, count in sorted(kinds.items())))
        for concern, kinds in sorted(counts.items(), key=lambda each: (each[0] != "compute", each[0]))
    ]


def _concern(resource: Resource, by_urn: dict[str, Resource]) -> str:
    parent = by_urn.get(resource.parent)
    if parent is None or parent.type.startswith(COMPONENT_PREFIX):
        return "compute"
    if parent.type.startswith(CONCERN_PREFIX):
        return parent.type.removeprefix(CONCERN_PREFIX).lower()
    return _concern(parent, by_urn)


def _kind(resource: Resource) -> str:
    """`lb.TargetGroup` of `aws:lb/targetGroup:TargetGroup`."""
    _, module, name = resource.type.split(":")
    return f"{module.partition('/')[0]}.{name}"


def _costs(costs: dict[Tier, Cost]) -> list[tuple[str, list[str]]]:
    kinds = dict.fromkeys(line.what for cost in reversed(costs.values()) for line in cost.lines)
    rows: list[tuple[str, list[str]]] = []
    for kind in kinds:
        lines = [next((line for line in costs[tier].lines if line.what == kind), None) for tier in TIERS]
        rows.append((kind, ["" if line is None else _usd(line.usd) for line in lines]))
    return [*rows, ("**total**", [f"**{_usd(costs[tier].total)}**" for tier in TIERS])]


def _usd(amount: float | None) -> str:
    return "no price" if amount is None else f"{amount:.2f}"


if __name__ == "__main__":
    main()

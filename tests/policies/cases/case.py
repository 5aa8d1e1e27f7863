"""What every kind of case starts from: each rule with each of its breakages, and small questions to the judge.

A new rule with a breakage is in every kind of case by itself.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Final, NamedTuple

import pytest
from pydantic import TypeAdapter

from policies.catalog import RULES
from policies.checklist import CHECKLIST
from policies.graph import Graph
from policies.judge import judge
from policies.rule import Meta, Rule, WaiverRule
from policies.verdicts import Judgement, Verdict
from stacks.standards import Tier
from tests.policies.breaks import Break
from tests.policies.draft import Draft
from tests.policies.test_breakages import ALL_BREAKS, TODAY

RULE: Final[Mapping[str, Rule]] = {rule.meta.id: rule for rule in RULES}
WAIVER_RULES: Final = tuple(rule for rule in RULES if isinstance(rule, WaiverRule))
TIERS: Final[tuple[Tier, ...]] = ("dev", "staging", "prod")
_ANY_ITEM: Final = next(iter(CHECKLIST))
_JUDGEMENT: Final = TypeAdapter(Judgement)


Place = tuple[str, str]
"""A resource by its name, and the path of an input."""


class Case(NamedTuple):
    """A rule and one way to break it; `name` is the rule's id and which of its breakages it is, from 1.

    `changes` are the inputs that it changes; `touched` the types of all resources that it changes, adds or removes.
    """

    name: str
    rule: Rule
    broken: Break
    changes: tuple[Place, ...]
    touched: Mapping[str, str]

    @property
    def meta(self) -> Meta:
        return self.rule.meta

    @property
    def service(self) -> str | None:
        return self.broken.service

    def good(self, tier: Tier | None = None) -> Draft:
        """The environment before the breakage, in the breakage's own tier unless another one is named."""
        return self.broken.start(tier or self.broken.tier)

    def bad(self, tier: Tier | None = None) -> Draft:
        """The environment after it."""
        draft = self.good(tier)
        self.broken.change(draft)
        return draft

    def judged_good(self) -> Judgement:
        """What all rules say before the breakage."""
        return _judged(self.broken.start, self.broken.tier)


def _cases() -> Iterable[Case]:
    seen: Counter[str] = Counter()
    for broken in ALL_BREAKS:
        seen[broken.rule] += 1
        good, bad = broken.start(broken.tier), broken.start(broken.tier)
        broken.change(bad)
        both = {**good.nodes, **bad.nodes}
        yield Case(
            name=f"{broken.rule}-{seen[broken.rule]}",
            rule=RULE[broken.rule],
            broken=broken,
            changes=tuple(good.changes(bad)),
            touched={name: both[name].type for name in both if good.nodes.get(name) != bad.nodes.get(name)},
        )


CASES: Final = tuple(_cases())
"""Every breakage of every rule."""
VERDICT_CASES: Final = tuple(case for case in CASES if case.rule not in WAIVER_RULES)
"""Those of rules that give a verdict: rules about waivers only report violations."""
FIRST: Final = tuple(case for case in CASES if case.name == f"{case.meta.id}-1")
"""One breakage of each rule."""


def each(cases: Iterable[Case]) -> pytest.MarkDecorator:
    """A test for each of `cases`, called by its name."""
    return pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in cases])


@cache
def _judged(start: Callable[[Tier], Draft], tier: Tier) -> Judgement:
    return judge(start(tier).graph(), TODAY)


def ask(draft: Draft, *rules: Rule) -> Judgement:
    """What `rules` alone say."""
    return judge(draft.graph(), TODAY, rules)


def verdicts(draft: Draft, rule: Rule, *others: Rule) -> Mapping[str, Verdict]:
    """What one rule (with `others` beside it) says of each service that it is asked of.

    A rule beyond the checklist is asked under some item, because the judge tells verdicts by item.
    """
    return verdicts_of(draft.graph(), TODAY, rule, *others)


def verdicts_of(graph: Graph, today: date, rule: Rule, *others: Rule) -> Mapping[str, Verdict]:
    """The same of a graph, on a day."""
    item = rule.meta.item or _ANY_ITEM
    rule = replace(rule, meta=replace(rule.meta, item=item))
    unasked = judge(graph, today, []).verdicts
    found = judge(graph, today, [rule, *others]).verdicts
    return {service: items[item] for service, items in found.items() if items[item] != unasked[service][item]}


def concerned(case: Case) -> set[str]:
    """The services that the breakage counts for: its own, or all that its rule is asked of and has something to ask."""
    return {case.service} if case.service else _all_concerned(case.name)


@cache
def _all_concerned(name: str) -> set[str]:
    case = next(each for each in CASES if each.name == name)
    return {name for name, verdict in verdicts(case.bad(), case.rule).items() if verdict.verdict != "not-applicable"}


def as_json(graph: Graph) -> bytes:
    """The judgement of a graph as it is exported."""
    return _JUDGEMENT.dump_json(judge(graph, TODAY))

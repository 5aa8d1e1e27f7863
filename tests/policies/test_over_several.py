"""How many rules look over several resources: counted by what they say of one that stands alone, not by a label."""

from collections.abc import Iterator
from typing import Final

from policies.graph import Graph, Resource
from policies.judge import judge
from policies.rule import Rule
from tests.policies.cases.case import RULE
from tests.policies.draft import Draft
from tests.policies.golden_pipelines import delivered
from tests.policies.golden_web import with_web
from tests.policies.test_breakages import ALL_BREAKS, TODAY

SEVERAL_MIN: Final = 40
"""What the pack promises."""
COUNTED: Final = 62
"""How many there are; fewer means that a rule has lost sight of something."""
GOOD: Final = (with_web, delivered)
"""Together they have every kind of service and a pipeline; nothing is wrong with them."""


def faults(resources: list[Resource], *rules: Rule) -> set[tuple[str, str]]:
    """Which rules find fault with which resources of AWS; what is said of a whole service or stack is left out."""
    violations = judge(Graph(resources), TODAY, rules or RULE.values()).violations
    return {(each.rule, each.urn) for each in violations if "::aws:" in each.urn}


def alone(draft: Draft) -> Iterator[tuple[str, list[Resource]]]:
    """Each resource of AWS with the components of services and foundation, and no other resource."""
    resources = draft.resources()
    components = [each for each in resources if not each.type.startswith("aws:")]
    return ((each.urn, [*components, each]) for each in resources if each.type.startswith("aws:"))


def missing_the_others() -> set[str]:
    """Rules that find fault with a good resource when it stands alone: elsewhere they looked at the others, too."""
    return {
        rule
        for start in GOOD
        for urn, resources in alone(start("prod"))
        for rule, place in faults(resources)
        if place == urn
    }


def needing_the_others() -> set[str]:
    """Rules whose fault of a resource is gone when it stands alone: they found it by looking at others."""
    found: set[str] = set()
    for broken in ALL_BREAKS:
        draft, rule = broken.start(broken.tier), RULE[broken.rule]
        broken.change(draft)
        places = faults(draft.resources(), rule)
        by_itself = {urn: resources for urn, resources in alone(draft) if (broken.rule, urn) in places}
        if any((broken.rule, urn) not in faults(resources, rule) for urn, resources in by_itself.items()):
            found.add(broken.rule)
    return found


def test_at_least_forty_rules_look_over_several_resources() -> None:
    found = missing_the_others() | needing_the_others()

    assert len(found) >= COUNTED >= SEVERAL_MIN, sorted(found)

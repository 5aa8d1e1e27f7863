"""Where a violation points: a resource of the graph, and an input that is there or that this type of resource has."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from policies.graph import Graph, Resource
from policies.judge import judge
from policies.values import Value, parsed
from tests.policies.cases.case import CASES, TODAY, WAIVER_RULES, Case, each

OPTIONS: Final = {"rollout-owns": "what is to be ignored need not be an input of the program"}
"""Rules that speak of an option of the resource."""


@each([case for case in CASES if case.meta.id not in OPTIONS])
def test_a_violation_points_at_a_resource_and_at_an_input(case: Case) -> None:
    before, after = case.good().graph(), case.bad().graph()

    for violation in judge(after, TODAY, [case.rule, *WAIVER_RULES]).violations:
        assert violation.urn in after.by_urn, f"{case.name}: no resource {violation.urn}"
        alike = list(_alike(after.by_urn[violation.urn], before, after))
        way = violation.path.split(".") if violation.path else []
        assert any(_stands(each.inputs, way) for each in alike), f"{case.name}: no {violation.path} in {violation.urn}"


def _alike(resource: Resource, *graphs: Graph) -> Iterator[Resource]:
    """All resources of the same type, before and after the breakage."""
    for graph in graphs:
        yield from graph.of(resource.type)


def _stands(value: Value, way: Sequence[str]) -> bool:
    """Whether the way leads to an input. Entries of a list are found by place or by name, a single one by itself."""
    if not way:
        return True
    value = parsed(value)
    key, rest = way[0], way[1:]
    if isinstance(value, Mapping):
        return key in value and _stands(value[key], rest)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return any(_stands(one, rest) for one in _found(value, key)) or (len(value) == 1 and _stands(value[0], way))
    return False


def _found(values: Sequence[Value], key: str) -> Iterator[Value]:
    for place, value in enumerate(values):
        if key in (str(place), value) or (isinstance(value, Mapping) and value.get("name") == key):
            yield value

"""What our own components make: for each rule some stack of ours has what it asks about, and passes."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, cast

import pytest

from onramp.evaluate import evaluate_stack
from policies.graph import Graph, Resource
from policies.rule import StackRule
from policies.values import Value, clean
from stacks.load import load_stack_file
from tests.conftest import THE_DAY
from tests.policies.cases.case import FIRST, WAIVER_RULES, Case, verdicts_of
from tests.policies.cases.test_absent import touched

ROOT: Final = Path(__file__).parents[3]
STACKS: Final = (*sorted(ROOT.glob("Pulumi.*.yaml")), *sorted(ROOT.glob("examples/*/Pulumi.*.yaml")))
NOT_EXERCISED: Final[Mapping[str, str]] = {
    "no-app-mesh": "there must be nothing of it",
    "no-default-vpc": "there must be nothing of it",
    "no-access-keys": "there must be nothing of it",
    "endpoint-secrets": "no model of ours reads a secret",
    "codedeploy-rollback-alarm": "ECS itself deploys all services of ours",
    "rollout-owns": "a previewed graph keeps the inputs of resources, and none of their options",
    "pipeline-rolls-out": "no stack of ours both has a pipeline and rolls out in steps",
    "express-tracing": "what an image does is not in the graph",
    "runner-log-retention": "App Runner makes up the names of its log groups",
    **dict.fromkeys((rule.meta.id for rule in WAIVER_RULES), "nothing of ours is waived"),
}
"""Rules that no stack of ours exercises, and why."""


@cache
def previewed(path: Path) -> Graph:
    """The graph that the program makes of a stack file, as the pack sees it."""
    report = evaluate_stack(ROOT, load_stack_file(path), lambda _: None, {})
    return Graph(
        Resource(
            urn=found.urn,
            type=found.type,
            name=found.name,
            parent=found.parent,
            inputs=cast("Mapping[str, Value]", clean(dict(found.inputs))),
            dependencies=found.dependencies,
            property_dependencies=found.property_dependencies,
        )
        for found in report.graph.resources
    )


def exercises(path: Path, case: Case) -> bool:
    """Whether the stack has what the rule is about, and what it says of it is good."""
    graph = previewed(path)
    said = {verdict.verdict for verdict in verdicts_of(graph, THE_DAY, case.rule).values()}
    types = touched(case)
    is_there = any(graph.of(kind) for kind in types) or not types
    # What all share passes without telling a service of it, where no service has anything of it.
    passes = not said.isdisjoint({"pass", "attested"}) or (isinstance(case.rule, StackRule) and not said)
    return is_there and passes


@pytest.mark.parametrize("case", [pytest.param(case, id=case.meta.id) for case in FIRST])
def test_some_stack_of_ours_exercises_the_rule_and_passes(case: Case) -> None:
    by = next((path for path in STACKS if exercises(path, case)), None)

    if case.meta.id in NOT_EXERCISED:
        assert by is None, f"{case.meta.id} is exercised now, by {by}"
    else:
        assert by is not None, f"no stack of ours exercises {case.meta.id}"

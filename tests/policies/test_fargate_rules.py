"""What the pack says of container services in every shape."""

from collections.abc import Callable
from datetime import date

import pytest

from policies.judge import judge
from stacks.standards import Tier
from tests.policies.draft import Draft
from tests.policies.golden import FARGATE
from tests.policies.golden_fargate import SERVICE, TASK, by_codedeploy, by_the_clock, on_spot

TODAY = date(2026, 7, 1)


@pytest.mark.parametrize("tier", ["dev", "staging", "prod"])
@pytest.mark.parametrize("shape", [on_spot, by_the_clock, by_codedeploy])
def test_a_good_service_of_any_shape_has_no_violation(shape: Callable[[Tier], Draft], tier: Tier) -> None:
    assert judge(shape(tier).graph(), TODAY).violations == ()


def test_what_a_task_that_ends_cannot_have_is_not_asked_of_it() -> None:
    verdicts = judge(by_the_clock().graph(), TODAY).verdicts[FARGATE]
    not_asked = {"CICD-4", "HLTH-1", "HLTH-2", "HLTH-3", "HLTH-5", "NET-1", "NET-2", "NET-4", "ALRT-4"}
    assert {item for item in not_asked if verdicts[item].verdict != "not-applicable"} == set()
    shifted = "nothing is shifted: the next run takes the new version; Onramp moves no traffic of it"
    assert verdicts["CICD-4"].because == shifted


def test_codedeploy_is_judged_by_its_deployment_group() -> None:
    verdicts = judge(by_codedeploy().graph(), TODAY).verdicts[FARGATE]
    assert (verdicts["CICD-4"].verdict, verdicts["ALRT-4"].verdict) == ("pass", "pass")
    assert verdicts["NET-1"].verdict == "not-applicable"


def test_spot_without_a_base_is_nobodys_business_outside_prod() -> None:
    draft = on_spot("staging")
    draft.set(SERVICE, "capacityProviderStrategies.0.base", 0)
    assert judge(draft.graph(), TODAY).violations == ()


def test_rules_by_header_are_told_apart_by_the_name_of_the_header() -> None:
    draft = on_spot()
    rule = draft.nodes[f"{FARGATE}-rule"]
    path = {"pathPattern": {"values": ["/news/*"]}}
    draft.set(f"{FARGATE}-rule", "conditions", [path, {"httpHeader": {"httpHeaderName": "X-A", "values": ["1"]}}])
    draft.add(
        "other-rule",
        rule.type,
        FARGATE,
        {key: " ".join(names) for key, names in rule.refers.items()},
        **{**rule.inputs, "priority": 11},
    )
    draft.set("other-rule", "conditions", [path, {"httpHeader": {"httpHeaderName": "X-B", "values": ["1"]}}])
    assert judge(draft.graph(), TODAY).violations == ()
    draft.set("other-rule", "conditions", [path, {"httpHeader": {"httpHeaderName": "x-a", "values": ["1"]}}])
    assert {each.rule for each in judge(draft.graph(), TODAY).violations} == {"listener-pattern-unique"}


def test_logs_that_fluent_bit_takes_to_the_declared_group_are_declared() -> None:
    draft = on_spot()
    routed = {"logDriver": "awsfirelens", "options": {"log_group_name": f"/onramp/prod/{FARGATE}"}}
    draft.set(TASK, "containerDefinitions.0.logConfiguration", routed)
    assert judge(draft.graph(), TODAY).violations == ()
    draft.set(TASK, "containerDefinitions.0.logConfiguration.options", {"log_group_name": "/lost"})
    assert {each.rule for each in judge(draft.graph(), TODAY).violations} == {"log-group"}

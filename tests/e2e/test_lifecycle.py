"""The life of a stack: built, left alone, released, changed behind its back, and gone."""

import json
from dataclasses import dataclass
from typing import Any, Final

import pytest

from tests.components.conftest import DIGEST, FUNCTION, stack_text
from tests.e2e.conftest import Done, MakeProject, Project

SERVICES: Final = f"api: {{compute: fargate, port: 8000, route: /api/*}}\nresize: {{{FUNCTION}}}"
RELEASED: Final = "sha256:" + "1" * 64


@dataclass(frozen=True, kw_only=True, slots=True)
class Life:
    """What each step said, and what was in AWS after it."""

    built: Done
    first: dict[str, Any]
    in_engine: list[Any]
    again: Done
    released: Done
    second: dict[str, Any]
    drift: Done
    refreshed: Done
    repaired: Done
    third: dict[str, Any]
    destroyed: Done
    left: dict[str, Any]
    left_in_engine: list[Any]


@pytest.fixture(scope="module")
def life(make_project: MakeProject) -> Life:
    project = make_project(dev=stack_text(SERVICES, images={"api": DIGEST}))
    built, first = project.onramp("deploy", "dev", "--json").ended(0), project.things()
    in_engine = project.exported("dev")
    again = project.onramp("deploy", "dev", "--json").ended(0)
    project.write("dev", stack_text(SERVICES, images={"api": RELEASED}))
    released, second = project.onramp("deploy", "dev", "--json").ended(0), project.things()
    _meddle(project)
    drift = project.pulumi("refresh", "--stack", "dev", "--preview-only", "--diff")
    refreshed = project.pulumi("refresh", "--stack", "dev", "--yes", "--skip-preview")
    repaired, third = project.onramp("deploy", "dev", "--json").ended(0), project.things()
    destroyed = project.pulumi("destroy", "--stack", "dev", "--yes")
    return Life(
        built=built,
        first=first,
        in_engine=in_engine,
        again=again,
        released=released,
        second=second,
        drift=drift,
        refreshed=refreshed,
        repaired=repaired,
        third=third,
        destroyed=destroyed,
        left=project.things(),
        left_in_engine=project.exported("dev"),
    )


def _meddle(project: Project) -> None:
    """Somebody shortens the retention of a log group, and deletes an alarm, by hand."""
    document = json.loads(project.account.read_text(encoding="utf-8"))
    (logs,) = (each for each in document["resources"] if each["id"] == "/onramp/dev/api")
    logs["properties"]["retentionInDays"] = 1
    (alarm,) = (each for each in document["resources"] if each["urn"].endswith("::api-alerting-cpu"))
    document["resources"].remove(alarm)
    project.account.write_text(json.dumps(document), encoding="utf-8")


def urns(things: dict[str, Any]) -> set[str]:
    return {thing["urn"] for thing in things.values()}


def test_an_update_builds_what_its_report_says(life: Life) -> None:
    document = life.built.document
    resources = document["resources"]
    assert document["succeeded"]
    assert document["errors"] == []
    assert document["changes"] == {"create": len(resources)}
    assert {each["urn"] for each in resources} == {
        each["urn"] for each in life.in_engine if not each["type"].startswith("pulumi:providers:")
    }


def test_everything_in_the_stack_is_in_aws_and_nothing_else(life: Life) -> None:
    managed = {each["urn"] for each in life.in_engine if each["custom"] and not each["type"].startswith("pulumi:")}
    assert urns(life.first) == managed
    assert len(life.first) == len(managed)


def test_the_outputs_are_printed_and_are_known(life: Life) -> None:
    outputs = life.built.document["outputs"]
    assert outputs["services"] == {"api": "fargate", "resize": "lambda"}
    assert outputs["foundation"]["vpc_id"].startswith("vpc-")
    assert outputs["foundation"]["listener_arn"].startswith("arn:aws:elasticloadbalancing:eu-west-1:")


def test_a_second_update_changes_nothing(life: Life) -> None:
    assert life.again.document["changes"] == {"same": len(life.built.document["resources"])}


def test_a_new_image_touches_the_task_definition_and_the_service_alone(life: Life) -> None:
    changes = life.released.document["changes"]
    assert changes == {"same": len(life.built.document["resources"]) - 2, "replace": 1, "update": 1}
    touched = [each for each in life.second.values() if each not in life.first.values()]
    assert sorted(each["kind"] for each in touched) == [
        "aws:ecs/service:Service",
        "aws:ecs/taskDefinition:TaskDefinition",
    ]
    assert all(RELEASED in json.dumps(each) for each in touched if each["kind"].endswith("TaskDefinition"))
    assert life.first.keys() <= life.second.keys()  # ECS may have to go back to the former definition


def test_drift_is_shown_before_it_is_taken_over(life: Life) -> None:
    life.drift.ended(0)
    assert "retentionInDays: 30 => 1" in life.drift.out
    assert "1 to update" in life.drift.out
    assert "1 to delete" in life.drift.out
    assert "::api-alerting-cpu" in life.drift.out
    life.refreshed.ended(0)


def test_drift_is_repaired_by_the_next_update(life: Life) -> None:
    changes = life.repaired.document["changes"]
    assert changes == {"same": len(life.built.document["resources"]) - 2, "create": 1, "update": 1}
    assert urns(life.third) == urns(life.second)
    (logs,) = (each for each in life.third.values() if each["id"] == "/onramp/dev/api")
    assert logs["properties"]["retentionInDays"] == 30


def test_a_destroyed_stack_leaves_nothing_but_task_definitions_which_cost_nothing(life: Life) -> None:
    life.destroyed.ended(0)
    assert {each["kind"] for each in life.left.values()} == {"aws:ecs/taskDefinition:TaskDefinition"}
    assert life.left_in_engine == []


def test_a_new_port_and_another_rollout_get_a_rule_that_sends_to_the_new_target_groups(
    make_project: MakeProject,
) -> None:
    service = "api: {{compute: fargate, port: {port}, route: /api/*, rollout: {{strategy: {strategy}}}}}"
    before = stack_text(service.format(port=8000, strategy="rolling"), images={"api": DIGEST})
    after = stack_text(service.format(port=9000, strategy="blue-green"), images={"api": DIGEST})
    project = make_project(dev=before)
    project.onramp("deploy", "dev").ended(0)
    project.write("dev", after)
    project.onramp("deploy", "dev").ended(0)
    kept = project.onramp("deploy", "dev", "--json").ended(0).document["changes"]
    assert set(kept) == {"same"}
    things = project.things().values()
    groups = {each["properties"]["arn"] for each in things if each["kind"] == "aws:lb/targetGroup:TargetGroup"}
    (rule,) = (each for each in things if each["kind"] == "aws:lb/listenerRule:ListenerRule")
    assert len(groups) == 2
    assert {each["arn"] for each in rule["properties"]["actions"][0]["forward"]["targetGroups"]} == groups

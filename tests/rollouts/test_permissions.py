"""Whoever rolls out may do what the drivers do, and no more."""

import ast
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import pytest
from botocore import xform_name  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType] - botocore has no types
from botocore.session import get_session  # pyright: ignore[reportMissingTypeStubs, reportUnknownVariableType] - as above

from rollouts.ledger.address import Table
from rollouts.permissions import BY_DRIVER, LEDGER, SHARED, Grant, policy
from stacks import limits
from stacks.naming import physical_name
from stacks.targets import AliasTarget, BalancerTarget, EndpointTarget, VariantsTarget
from tests.rollouts.hands import abort, at_phase
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, GOOD, alias_stage, balancer_stage
from tests.rollouts.stages_apprunner import apprunner_stage
from tests.rollouts.stages_codedeploy import function_stage, task_set_stage
from tests.rollouts.stages_ecs import begun_stage, ecs_stage, express_stage, rolling_stage
from tests.rollouts.stages_sagemaker import guardrails_stage, variants_stage
from tests.rollouts.together import finish

ROLLOUTS: Final = Path(__file__).parents[2] / "rollouts"
PREFIXES: Final = {"elbv2": "elasticloadbalancing"}
"""Of actions, where it is not the name of the client."""
CLIENTS: Final = (
    *("apprunner", "application-autoscaling", "cloudwatch", "codedeploy", "dynamodb", "ecr", "ecs", "elbv2"),
    *("lambda", "sagemaker", "sns"),
)
STAGES: Final[dict[str, Callable[[Any], Stage]]] = {
    "alias": alias_stage,
    "balancer": balancer_stage,
    "codedeploy of a function": function_stage,
    "codedeploy of tasks": task_set_stage,
    "ecs": ecs_stage,
    "ecs, begun by us": begun_stage,
    "ecs, rolling": rolling_stage,
    "express": express_stage,
    "variants": variants_stage,
    "guardrails": guardrails_stage,
    "guardrails without a brake": lambda candidate: guardrails_stage(candidate, has_brake=False),
    "apprunner": apprunner_stage,
    "apprunner, begun by us": lambda candidate: apprunner_stage(candidate, by_pulumi=False),
}
BEFORE: Final = {
    "balancer": {"ecs:DescribeTaskDefinition"},
    "codedeploy": {"ecs:DescribeTaskDefinition", "lambda:GetFunctionConfiguration"},
    "variants": {"sagemaker:DescribeModel"},
}
"""What is asked before a rollout begins: whether anything differs (`rollouts.same`)."""
WITH_ANOTHER: Final = {
    "codedeploy": {
        "codedeploy:GetApplicationRevision",
        "codedeploy:GetDeploymentConfig",
        "codedeploy:RegisterApplicationRevision",
    },
    "variants": {"kms:CreateGrant", "kms:DescribeKey"},
    "guardrails": {"kms:CreateGrant", "kms:DescribeKey"},
    "apprunner": {"iam:PassRole"},
}
"""What AWS looks for when it is asked for another action, and the world does not (Service Authorization Reference)."""
TOPIC: Final = "arn:aws:sns:eu-west-1:111122223333:prod-paging"
COMMON: Final[dict[str, Any]] = {
    "compute": "any",
    "region": "eu-west-1",
    "revision": "2",
    "topic": TOPIC,
    "gates": {},
    "steps": (50, 100),
    "stepMinutes": 5,
}


def actions(grants: Iterable[Grant]) -> set[str]:
    return {action for grant in grants for action in grant.actions}


def called(stage: Stage) -> set[str]:
    """The actions that a rollout has taken."""
    calls = (call for call in stage.world.calls if call.service != "ledger")
    return {f"{PREFIXES.get(call.service, call.service)}:{call.operation}" for call in calls}


@pytest.fixture(scope="module")
def rollouts() -> dict[str, tuple[str, set[str]]]:
    """Whole ones of every kind, good, bad, and taken back by hand: the driver of each, and what it called."""
    found: dict[str, tuple[str, set[str]]] = {}
    for name, make in STAGES.items():
        for candidate in (GOOD, BAD):
            stage = make(candidate)
            stage.start()
            found[f"{name}, {stage.record_now().ending}"] = (stage.target.driver, called(stage))
        stage = make(GOOD)
        at_phase(stage, "stepping")
        tools = stage.tools()
        finish(abort(stage, tools), tools)
        found[f"{name}, by hand"] = (stage.target.driver, called(stage))
    return found


def test_every_call_of_a_rollout_is_allowed(rollouts: dict[str, tuple[str, set[str]]]) -> None:
    assert {driver for driver, _ in rollouts.values()} == {*BY_DRIVER}
    assert len(rollouts) == 3 * len(STAGES)
    missing = {name: calls - actions((*SHARED, *BY_DRIVER[driver])) for name, (driver, calls) in rollouts.items()}
    assert not {name: calls for name, calls in missing.items() if calls}


@pytest.mark.parametrize("driver", BY_DRIVER)
def test_nothing_is_allowed_that_no_rollout_of_the_kind_does(
    driver: str, rollouts: dict[str, tuple[str, set[str]]]
) -> None:
    done = {action for its, calls in rollouts.values() if its == driver for action in calls}
    expected = done | BEFORE.get(driver, set()) | WITH_ANOTHER.get(driver, set())
    assert actions(BY_DRIVER[driver]) - expected == set()


def operations() -> dict[str, set[str]]:
    """By the name that boto3 gives it, the actions of the services that rollouts ask."""
    session: Any = get_session()
    found: dict[str, set[str]] = {}
    for client in CLIENTS:
        for operation in session.get_service_model(client).operation_names:
            found.setdefault(str(xform_name(operation)), set()).add(f"{PREFIXES.get(client, client)}:{operation}")
    return found


def test_every_operation_that_the_room_names_is_allowed_to_somebody() -> None:
    texts = {
        node.value
        for path in ROLLOUTS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    allowed = actions((*SHARED, *(grant for grants in BY_DRIVER.values() for grant in grants))) | set(LEDGER)
    parts = {"transact_write_items"}  # allowed by what it consists of
    named = operations()
    assert [text for text in sorted(texts & named.keys() - parts) if not named[text] & allowed] == []


def test_a_policy_names_the_parts_of_each_service_and_joins_what_is_alike() -> None:
    groups = {color: f"arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/{color}/1" for color in "bg"}
    rule = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/a/b/c/d"
    web = BalancerTarget.model_validate(
        {
            **COMMON,
            "driver": "balancer",
            "service": "web",
            "cluster": "prod",
            "services": {"blue": "web-blue", "green": "web-green"},
            "rule": rule,
            "groups": {"blue": groups["b"], "green": groups["g"]},
            "balancer": "app/a/b",
            "tasks": 2,
            "keepMinutes": 5,
            "repository": "web/prod",
        }
    )
    functions = [
        AliasTarget.model_validate({**COMMON, "driver": "alias", "service": name, "function": name, "alias": "live"})
        for name in ("a", "b")
    ]
    found = policy([web, *functions], Table(name="prod-rollouts", region="eu-west-1"))
    by_first = {statement["Action"][0]: statement for statement in found["Statement"]}

    assert len(by_first) == len(found["Statement"])
    assert by_first["elasticloadbalancing:ModifyRule"]["Resource"] == [rule]
    assert by_first["ecs:DescribeServices"]["Resource"] == [
        f"arn:aws:ecs:eu-west-1:111122223333:service/prod/web-{color}" for color in ("blue", "green")
    ]
    function = "arn:aws:lambda:eu-west-1:111122223333:function"
    assert by_first["lambda:GetAlias"]["Resource"] == [f"{function}:{end}" for end in ("a", "a:*", "b", "b:*")]
    assert by_first["ecr:DescribeImages"]["Resource"] == ["arn:aws:ecr:eu-west-1:111122223333:repository/web/prod"]
    assert by_first["dynamodb:GetItem"]["Resource"] == ["arn:aws:dynamodb:eu-west-1:111122223333:table/prod-rollouts"]
    assert by_first["sns:Publish"]["Resource"] == [TOPIC]
    assert by_first["kms:Decrypt"]["Condition"] == {
        "StringEquals": {"kms:ViaService": ["sns.eu-west-1.amazonaws.com", "dynamodb.eu-west-1.amazonaws.com"]}
    }


@pytest.mark.parametrize(
    ("brake", "allowed"),
    [("prod-churn-brake", ["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:prod-churn-brake"]), ("", None)],
)
def test_of_all_alarms_only_the_brake_may_be_set(brake: str, allowed: list[str] | None) -> None:
    churn = EndpointTarget.model_validate(
        {
            **{key: value for key, value in COMMON.items() if not key.startswith("step")},
            "driver": "guardrails",
            "service": "churn",
            "endpoint": "prod-churn",
            "variants": ("main",),
            "strategy": "canary",
            "percent": 50,
            "intervalMinutes": 5,
            "alarms": ("prod-churn-errors",),
            "brake": brake,
        }
    )
    found = {statement["Action"][0]: statement["Resource"] for statement in policy([churn], None)["Statement"]}
    assert found.get("cloudwatch:SetAlarmState") == allowed


@pytest.mark.parametrize("service", ["churn", "s" * limits.SERVICE_NAME_MAX])
def test_all_configurations_of_an_endpoint_are_its_own_also_those_with_names_that_are_cut(service: str) -> None:
    endpoint = physical_name(limits.NAME_SAGEMAKER, "prod", service)
    made = physical_name(limits.NAME_SAGEMAKER - limits.AUTONAME_CHARS, "prod", service, "config")
    of_both = physical_name(limits.NAME_SAGEMAKER, endpoint, "rollout", "0a1b2c3d")
    of_another = physical_name(limits.NAME_SAGEMAKER - limits.AUTONAME_CHARS, "prod", "churning", "config")
    churn = {"driver": "variants", "service": service, "endpoint": endpoint, "variant": "main", "keepMinutes": 5}
    found = policy([VariantsTarget.model_validate({**COMMON, **churn})], None)["Statement"]
    (resources,) = (each["Resource"] for each in found if "sagemaker:CreateEndpointConfig" in each["Action"])
    (pattern,) = (str(each) for each in resources if ":endpoint-config/" in each)

    def may(name: str) -> bool:
        return fnmatchcase(f"arn:aws:sagemaker:eu-west-1:111122223333:endpoint-config/{name}", pattern)

    assert (may(f"{made}-0a1b2c3"), may(of_both), may(f"{of_another}-0a1b2c3")) == (True, True, False)


def test_without_a_table_nothing_of_dynamodb_is_allowed() -> None:
    alias = AliasTarget.model_validate({**COMMON, "driver": "alias", "service": "a", "function": "a", "alias": "live"})
    allowed = [action for statement in policy([alias], None)["Statement"] for action in statement["Action"]]
    assert not [action for action in allowed if action.startswith(("dynamodb:", "ecr:"))]

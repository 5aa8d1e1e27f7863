"""The comparison itself: what it must find, in values that no component makes."""

from collections.abc import Mapping

import pytest

from simulator.graph import UNKNOWN, Json, Resource
from tests.components.acceptance.cloudformation import lint_problems, template_of
from tests.components.acceptance.reshape import member_for, reshape
from tests.components.acceptance.table import TABLE, call_problems

QUEUE = "aws:sqs/queue:Queue"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
ROLE = "aws:iam/role:Role"
GROUP = "aws:lb/targetGroup:TargetGroup"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
LOGS = "aws:cloudwatch/logGroup:LogGroup"
FUNCTION = "aws:lambda/function:Function"


def linted(kind: str, inputs: Mapping[str, Json]) -> str:
    """What cfn-lint says of one resource."""
    resource = Resource(
        urn="u",
        type=kind,
        name="r",
        parent="",
        custom=True,
        inputs=inputs,
        dependencies=(),
        property_dependencies={},
        protect=False,
        source=None,
    )
    return "\n".join(lint_problems(template_of([resource], TABLE, "us-east-1"), "us-east-1"))


@pytest.mark.parametrize(
    ("kind", "inputs", "said"),
    [
        (ROLE, {"name": "r" * 65, "assumeRolePolicy": "{}"}, "RoleName: 65 characters is outside 1..64"),
        (ROLE, {"name": "a role", "assumeRolePolicy": "{}"}, "RoleName: 'a role' does not match"),
        (ROLE, {"name": "r"}, "AssumeRolePolicyDocument: is required and missing"),
        (ROLE, {"name": "r", "assumeRolePolicy": "{}", "color": "red"}, "color: none of iam:CreateRole takes it"),
        (ROLE, {"name": "r", "assumeRolePolicy": "{}", "tags": {"k" * 129: "v"}}, "outside 1..128"),
        (ROLE, {"name": ["r"], "assumeRolePolicy": "{}"}, "is not a string"),
        (GROUP, {"name": "g", "healthCheck": {"interval": 301}}, "301 is outside 5..300"),
        (GROUP, {"name": "g", "healthCheck": {"interval": "soon"}}, "'soon' is not of type integer"),
        (GROUP, {"name": "g", "protocol": "GOPHER"}, "'GOPHER' is not one of"),
        (QUEUE, {"name": "q", "tags": ["a"]}, "is not a mapping"),
        (TASK, {"family": "f", "containerDefinitions": '[{"naem": "x"}]'}, "naem: AWS has no such member"),
        (TASK, {"family": "f", "containerDefinitions": "[]", "runtimePlatform": "ARM"}, "is not a structure"),
        (FUNCTION, {"name": "f", "role": UNKNOWN, "code": "c", "publish": "perhaps"}, "is not a boolean"),
    ],
)
def test_a_call_refuses(kind: str, inputs: dict[str, Json], said: str) -> None:
    assert said in "\n".join(call_problems(kind, inputs))


@pytest.mark.parametrize(
    ("kind", "inputs", "said"),
    [
        (QUEUE, {"name": "q", "visibilityTimeoutSeconds": 43_201}, "43201 is greater than the maximum of 43200"),
        (LOGS, {"name": "g" * 513}, "is longer than 512"),
        (ALARM, {"name": "a", "comparisonOperator": "Above", "evaluationPeriods": 1}, "'Above' is not one of"),
        (FUNCTION, {"name": "f", "role": UNKNOWN, "handler": "h", "runtime": "python2.7"}, "python2.7"),
        (ROLE, {"name": "r", "assumeRolePolicy": '{"Statement": [{"Effect": "Maybe"}]}'}, "'Maybe' is not one of"),
        (
            TASK,
            {
                "family": "f",
                "requiresCompatibilities": ["FARGATE"],
                "networkMode": "awsvpc",
                "cpu": "256",
                "memory": "8192",
                "executionRoleArn": UNKNOWN,
                "containerDefinitions": '[{"name": "x", "image": "y"}]',
            },
            "Cpu '256' is not compatible with memory '8192'",
        ),
    ],
)
def test_cfn_lint_refuses(kind: str, inputs: dict[str, Json], said: str) -> None:
    assert said in linted(kind, inputs)


def test_a_key_that_the_schema_does_not_have_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"r\.color"):
        linted(QUEUE, {"name": "q", "color": "red"})


def test_what_is_only_known_later_is_not_judged() -> None:
    inputs: dict[str, Json] = {"name": UNKNOWN, "assumeRolePolicy": UNKNOWN, "tags": {"k": "[secret]"}}
    assert list(call_problems(ROLE, inputs)) == []
    assert linted(ROLE, inputs) == ""


@pytest.mark.parametrize(
    ("key", "member"),
    [
        ("enableEcsManagedTags", "enableECSManagedTags"),
        ("rule", "Rules"),
        ("clientAlias", "clientAliases"),
        ("x", None),
    ],
)
def test_names_match_but_for_case_and_number(key: str, member: str | None) -> None:
    assert member_for(key, ["enableECSManagedTags", "Rules", "clientAliases"]) == member


def test_keys_move_to_where_the_table_says() -> None:
    inputs: dict[str, Json] = {"a": 1, "b": {"c": 2, "d": 3}, "e": ["x"], "f": None, "g": {"h": None}, "i": 4}
    names = {"a": "A.B", "b.c": "/Top", "e": "List[].Name", "i": ""}
    assert reshape(inputs, names) == {"A": {"B": 1}, "Top": 2, "b": {"d": 3}, "List": [{"Name": "x"}]}

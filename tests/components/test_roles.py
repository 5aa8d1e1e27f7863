"""Every role and every policy document of the services, statement by statement."""

from collections.abc import Sequence

import pytest

from simulator.graph import Graph, Json
from stacks.standards import UNSCOPED_ACTIONS
from tests.components.conftest import ACCOUNT, REGION, named, of, parsed

Statement = dict[str, Json]

TRACE = ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"]
CONSUME = [
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "sqs:ReceiveMessage",
]


def arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"


def allow(sid: str, actions: Sequence[str], *resources: str) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": [*actions], "Resource": [*resources]}


def log(environment: str, service: str) -> Statement:
    group = arn("logs", f"log-group:/onramp/{environment}/{service}")
    return allow("Log", ["logs:CreateLogStream", "logs:PutLogEvents"], group, f"{group}:*")


def key(environment: str, *via: str) -> Statement:
    return {
        **allow("UseKeyData", ["kms:Decrypt", "kms:GenerateDataKey"], arn("kms", "key/*")),
        "Condition": {
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": f"alias/{environment}-data"},
            "StringEquals": {"kms:ViaService": [f"{service}.{REGION}.amazonaws.com" for service in via]},
        },
    }


def pull(environment: str, service: str) -> list[Statement]:
    actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    return [
        allow("RegistryToken", ["ecr:GetAuthorizationToken"], "*"),
        allow("PullImage", actions, arn("ecr", f"repository/{service}/{environment}")),
    ]


def secret(path: str) -> str:
    return arn("secretsmanager", f"secret:example/{path}-??????")


def statements(graph: Graph, name: str) -> Json:
    document = parsed(named(graph, f"{name}-policy", ":RolePolicy"), "policy")
    assert isinstance(document, dict)
    assert document["Version"] == "2012-10-17"
    return document["Statement"]


def trust(graph: Graph, name: str) -> Json:
    document = parsed(named(graph, name, ":Role"), "assumeRolePolicy")
    assert isinstance(document, dict)
    return document["Statement"]


def test_a_task_is_started_with_its_image_its_log_and_exactly_its_secrets(orders: Graph) -> None:
    assert statements(orders, "orders-execution") == [
        *pull("prod", "orders"),
        log("prod", "orders"),
        allow(
            "ReadSecrets",
            ["secretsmanager:GetSecretValue"],
            secret("orders/prod/DATABASE_URL"),
            secret("orders/prod/CACHE_URL"),
            secret("orders/prod/API_TOKEN"),
        ),
        allow(
            "ReadParameters",
            ["ssm:GetParameter", "ssm:GetParameters"],
            arn("ssm", "parameter/example/orders/prod/CURRENCY"),
        ),
        key("prod", "secretsmanager"),
    ]


def test_a_borrowed_secret_is_read_where_its_owner_keeps_it(orders: Graph) -> None:
    assert statements(orders, "caller-execution") == [
        *pull("prod", "caller"),
        log("prod", "caller"),
        allow("ReadSecrets", ["secretsmanager:GetSecretValue"], secret("orders/prod/DATABASE_URL")),
        key("prod", "secretsmanager"),
    ]


def test_a_process_traces_logs_and_publishes_and_reads_no_secret(orders: Graph) -> None:
    assert statements(orders, "orders-task") == [
        allow("Trace", TRACE, "*"),
        log("prod", "orders"),
        allow("Publish", ["sns:Publish"], arn("sns", "prod-orders_placed")),
        key("prod", "sns"),
    ]


def test_a_service_that_has_nothing_may_nothing(web: Graph) -> None:
    assert statements(web, "web-execution") == [*pull("dev", "web"), log("dev", "web")]
    assert statements(web, "web-task") == [allow("Trace", TRACE, "*"), log("dev", "web")]


def test_a_worker_takes_from_its_own_queue(worker: Graph) -> None:
    assert statements(worker, "worker-task") == [
        allow("Trace", TRACE, "*"),
        log("dev", "worker"),
        allow("Consume", CONSUME, arn("sqs", "dev-worker-queue")),
        key("dev", "sqs"),
    ]


def test_ecs_shifts_the_traffic_of_this_service_alone(orders: Graph) -> None:
    balancer = "app/services-prod/*"
    elb = "elasticloadbalancing"
    assert statements(orders, "orders-delivery-traffic") == [
        allow(
            "Shift",
            [f"{elb}:ModifyListener", f"{elb}:ModifyRule"],
            arn(elb, f"listener/{balancer}"),
            arn(elb, f"listener-rule/{balancer}"),
        ),
        allow(
            "Register",
            [f"{elb}:DeregisterTargets", f"{elb}:RegisterTargets"],
            arn(elb, "targetgroup/prod-orders-blue-65fff64d/*"),
            arn(elb, "targetgroup/prod-orders-green-65fff64d/*"),
        ),
        allow(
            "Look",
            [
                f"{elb}:DescribeListeners",
                f"{elb}:DescribeRules",
                f"{elb}:DescribeTargetGroups",
                f"{elb}:DescribeTargetHealth",
            ],
            "*",
        ),
    ]


def test_a_function_lives_in_the_vpc_hands_on_what_failed_and_reads_what_it_names(busy: Graph) -> None:
    network = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:UnassignPrivateIpAddresses",
    ]
    insights = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    assert statements(busy, "busy-role") == [
        allow("Network", network, "*"),
        allow("Insights", insights, *(arn("logs", f"log-group:/aws/lambda-insights{end}") for end in ("", ":*"))),
        allow("Trace", TRACE, "*"),
        log("prod", "busy"),
        allow("Failed", ["sqs:SendMessage"], arn("sqs", "prod-busy-failed")),
        allow("ReadSecrets", ["secretsmanager:GetSecretValue"], secret("busy/prod/DATABASE_URL")),
        allow(
            "ReadParameters", ["ssm:GetParameter", "ssm:GetParameters"], arn("ssm", "parameter/example/busy/prod/MODE")
        ),
        allow("Consume", CONSUME, arn("sqs", "prod-busy-queue")),
        key("prod", "lambda", "secretsmanager", "sqs"),
    ]


def test_codedeploy_moves_the_alias_of_one_function(busy: Graph) -> None:
    function = arn("lambda", "function:prod-busy")
    actions = ["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"]
    assert statements(busy, "busy-delivery-role") == [
        allow("Shift", actions, function, f"{function}:*"),
        allow("Watch", ["cloudwatch:DescribeAlarms"], "*"),
    ]


@pytest.mark.parametrize(
    ("graph", "role", "principal", "is_bound"),
    [
        ("orders", "orders-execution", "ecs-tasks", True),
        ("orders", "orders-task", "ecs-tasks", True),
        ("orders", "orders-delivery-traffic", "ecs", False),
        ("busy", "busy-role", "lambda", False),
        ("busy", "busy-delivery-role", "codedeploy", False),
        ("busy", "prod-network-flow-logs-role", "vpc-flow-logs", True),
    ],
)
def test_one_aws_service_takes_each_role_and_says_for_whom_where_it_can(
    request: pytest.FixtureRequest, graph: str, role: str, principal: str, *, is_bound: bool
) -> None:
    expected: Statement = {
        "Effect": "Allow",
        "Principal": {"Service": f"{principal}.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    if is_bound:
        expected["Condition"] = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}
    assert trust(request.getfixturevalue(graph), role) == [expected]


def test_no_action_is_a_wildcard_and_resource_star_has_its_reason(prod_file: Graph) -> None:
    policies = of(prod_file, ":RolePolicy")
    assert len(policies) == len(of(prod_file, ":Role"))
    for policy in policies:
        document = parsed(policy, "policy")
        assert isinstance(document, dict)
        assert isinstance(document["Statement"], list)
        for statement in document["Statement"]:
            assert isinstance(statement, dict)
            actions, resources = statement["Action"], statement["Resource"]
            assert isinstance(actions, list)
            assert isinstance(resources, list)
            assert not any("*" in str(action) for action in actions)
            if "*" in resources:
                assert set(actions) <= set(UNSCOPED_ACTIONS)


def test_a_role_has_its_one_policy_and_none_of_anybody_else(prod_file: Graph) -> None:
    for role in of(prod_file, ":Role"):
        assert set(role.inputs) == {"name", "assumeRolePolicy", "tags"}

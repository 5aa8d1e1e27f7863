"""The resources of a function that decide what it may do, who invokes it, and how it goes live."""

import pytest

from simulator.graph import UNKNOWN, Graph, Json
from stacks.models import FunctionRollout
from tests.components.conftest import (
    ACCOUNT,
    FUNCTION,
    REGION,
    graph_of,
    inputs,
    named,
    of,
    parsed,
    stack_text,
)
from tests.components.test_fargate import refers


def test_the_function_is_on_arm_in_the_vpc_traced_and_finds_its_secrets_by_reference(busy: Graph) -> None:
    function = named(busy, "busy-function")
    found = inputs(function)
    code = found.pop("code")
    assert isinstance(code, dict)
    assert code["path"] == "./services/thumbnails"
    assert found == {
        "name": "prod-busy",
        "role": UNKNOWN,
        "handler": "app.handler",
        "runtime": "python3.13",
        "architectures": ["arm64"],
        "memorySize": 1024,
        "timeout": 30,
        "ephemeralStorage": {"size": 512},
        "reservedConcurrentExecutions": 50,
        "layers": [
            f"arn:aws:lambda:{REGION}:901920570463:layer:aws-otel-python-arm64-ver-1-32-0:2",
            f"arn:aws:lambda:{REGION}:015030872274:layer:AWS-Parameters-and-Secrets-Lambda-Extension-Arm64:11",
            f"arn:aws:lambda:{REGION}:580247275435:layer:LambdaInsightsExtension-Arm64:5",
        ],
        "environment": {
            "variables": {
                "AWS_LAMBDA_EXEC_WRAPPER": "/opt/otel-instrument",
                "ONRAMP_ENVIRONMENT": "prod",
                "ONRAMP_REF_DATABASE_URL": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:"
                "example/busy/prod/DATABASE_URL",
                "ONRAMP_REF_MODE": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/example/busy/prod/MODE",
                "OTEL_PROPAGATORS": "xray,tracecontext,baggage",
                "OTEL_SERVICE_NAME": "busy",
                "PARAMETERS_SECRETS_EXTENSION_CACHE_ENABLED": "true",
                "SECRETS_MANAGER_TTL": "300",
                "SSM_PARAMETER_STORE_TTL": "300",
            }
        },
        "kmsKeyArn": UNKNOWN,
        "tracingConfig": {"mode": "Active"},
        "loggingConfig": {"logFormat": "JSON", "logGroup": "/onramp/prod/busy"},
        "deadLetterConfig": {"targetArn": UNKNOWN},
        "vpcConfig": {"subnetIds": UNKNOWN, "securityGroupIds": [UNKNOWN]},
        "publish": True,
    }
    assert refers(busy, function, "role") == ["busy-role"]
    assert refers(busy, function, "deadLetterConfig") == ["busy-failed"]
    assert refers(busy, function, "kmsKeyArn") == ["prod-keys-data"]
    assert "busy-sg" in refers(busy, function, "vpcConfig")


def test_an_event_that_fails_is_retried_and_kept(busy: Graph) -> None:
    failures = named(busy, "busy-failures")
    assert inputs(failures) == {
        "functionName": "prod-busy",
        "qualifier": "live",
        "maximumRetryAttempts": 2,
        "maximumEventAgeInSeconds": 3600,
        "destinationConfig": {"onFailure": {"destination": UNKNOWN}},
    }
    assert refers(busy, failures, "destinationConfig") == ["busy-failed"]
    assert inputs(named(busy, "busy-failed")) == {
        "name": "prod-busy-failed",
        "messageRetentionSeconds": 14 * 86_400,
        "kmsMasterKeyId": UNKNOWN,
    }


def test_everything_calls_the_alias_live(busy: Graph, front: Graph) -> None:
    alias = inputs(named(busy, "busy-alias"))
    assert (alias["name"], alias["functionName"], alias["functionVersion"]) == ("live", "prod-busy", UNKNOWN)
    assert refers(busy, named(busy, "busy-alias"), "functionVersion") == ["busy-function"]
    assert refers(busy, named(busy, "busy-ingress-from-queue"), "functionName") == ["busy-alias"]
    for role in ("events", "schedule"):
        target = named(busy, f"busy-ingress-{role}-target")
        assert (target.inputs["rule"], target.inputs["targetId"]) == (f"prod-busy-{role}", "live")
        assert refers(busy, target, "arn") == ["busy-alias"]
    assert refers(front, named(front, "front-ingress-attachment"), "targetId") == ["front-alias"]


@pytest.mark.parametrize(
    ("graph", "name", "principal", "source"),
    [
        ("busy", "busy-ingress-events", "events", "busy-ingress-events"),
        ("busy", "busy-ingress-schedule", "events", "busy-ingress-schedule"),
        ("front", "front-ingress-load-balancer", "elasticloadbalancing", "front-health-blue"),
    ],
)
def test_each_way_in_has_its_permission_and_no_other(
    request: pytest.FixtureRequest, graph: str, name: str, principal: str, source: str
) -> None:
    whole = request.getfixturevalue(graph)
    permission = named(whole, f"{name}-permission")
    assert inputs(permission) == {
        "statementId": name.partition("-ingress-")[2],
        "action": "lambda:InvokeFunction",
        "function": f"{'prod' if graph == 'busy' else 'dev'}-{graph}",
        "qualifier": "live",
        "principal": f"{principal}.amazonaws.com",
        "sourceArn": UNKNOWN,
    }
    assert refers(whole, permission, "sourceArn") == [source]


def test_messages_fail_one_by_one_and_go_to_the_dead_letter_queue_after_three_attempts(busy: Graph) -> None:
    mapping = inputs(named(busy, "busy-ingress-from-queue"))
    assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert (mapping["batchSize"], mapping["maximumBatchingWindowInSeconds"]) == (10, 0)
    queue = named(busy, "busy-ingress-queue")
    assert parsed(queue, "redrivePolicy") == {
        "deadLetterTargetArn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:prod-busy-queue-dead",
        "maxReceiveCount": 3,
    }
    assert {key: value for key, value in inputs(queue).items() if key != "redrivePolicy"} == {
        "name": "prod-busy-queue",
        "visibilityTimeoutSeconds": 300,
        "messageRetentionSeconds": 14 * 86_400,
        "receiveWaitTimeSeconds": 20,
        "kmsMasterKeyId": UNKNOWN,
    }


def test_a_large_batch_waits_as_aws_asks() -> None:
    graph = graph_of(stack_text(f"busy: {{{FUNCTION}, queue: {{}}, batch: 11}}"))
    assert named(graph, "busy-ingress-from-queue").inputs["maximumBatchingWindowInSeconds"] == 5


def test_events_and_schedule_are_rules_of_their_own(busy: Graph) -> None:
    assert parsed(named(busy, "busy-ingress-events"), "eventPattern") == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"bucket": {"name": ["uploads"]}},
    }
    assert named(busy, "busy-ingress-schedule").inputs["scheduleExpression"] == "rate(5 minutes)"


def test_codedeploy_stops_and_goes_back_on_the_alarms_of_the_function(busy: Graph) -> None:
    group = named(busy, "busy-delivery-group")
    assert inputs(group) == {
        "appName": "prod-busy",
        "deploymentGroupName": "live",
        "serviceRoleArn": UNKNOWN,
        "deploymentConfigName": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "alarmConfiguration": {
            "enabled": True,
            "ignorePollAlarmFailure": False,
            "alarms": ["prod-busy-errors", "prod-busy-duration"],
        },
        "autoRollbackConfiguration": {
            "enabled": True,
            "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
    }
    assert refers(busy, group, "serviceRoleArn") == ["busy-delivery-role"]


def test_the_target_group_of_a_function_has_neither_port_nor_network(front: Graph) -> None:
    found = inputs(named(front, "front-health-blue"))
    assert isinstance(name := found.pop("name"), str)
    assert name.startswith("dev-front-blue-")
    assert found == {
        "targetType": "lambda",
        "healthCheck": {"enabled": True, "path": "/health", "interval": 35, "timeout": 5, "matcher": "200"},
    }
    rule = named(front, "front-ingress-rule").inputs
    assert rule["conditions"] == [{"pathPattern": {"values": ["/front", "/front/*"]}}]


def test_nobody_comes_in_through_the_security_group_of_a_function(front: Graph) -> None:
    assert of(front, ":SecurityGroupIngressRule", "front") == []


@pytest.mark.parametrize(
    ("strategy", "percent", "minutes", "config"),
    [
        ("all-at-once", 10, 5, "CodeDeployDefault.LambdaAllAtOnce"),
        ("canary", 10, 5, "CodeDeployDefault.LambdaCanary10Percent5Minutes"),
        ("canary", 10, 30, "CodeDeployDefault.LambdaCanary10Percent30Minutes"),
        ("linear", 10, 1, "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"),
        ("linear", 10, 3, "CodeDeployDefault.LambdaLinear10PercentEvery3Minutes"),
        ("canary", 10, 6, None),
        ("canary", 20, 5, None),
        ("linear", 10, 5, None),
    ],
)
def test_codedeploys_own_configuration_is_used_where_there_is_one(
    strategy: str, percent: int, minutes: int, config: str | None
) -> None:
    from components.concerns.delivery.functions import predefined_config

    rollout = FunctionRollout.model_validate({"strategy": strategy, "percent": percent, "intervalMinutes": minutes})
    assert predefined_config(rollout) == config


@pytest.mark.parametrize(
    ("strategy", "routing"),
    [
        ("canary", {"type": "TimeBasedCanary", "timeBasedCanary": {"percentage": 20, "interval": 7}}),
        ("linear", {"type": "TimeBasedLinear", "timeBasedLinear": {"percentage": 20, "interval": 7}}),
    ],
)
def test_other_steps_become_a_configuration_of_the_service(strategy: str, routing: Json) -> None:
    rollout = f"rollout: {{strategy: {strategy}, percent: 20, intervalMinutes: 7}}"
    graph = graph_of(stack_text(f"busy: {{{FUNCTION}, {rollout}}}"))
    assert inputs(named(graph, "busy-delivery-config")) == {
        "deploymentConfigName": f"dev-busy-{strategy}",
        "computePlatform": "Lambda",
        "trafficRoutingConfig": routing,
    }
    # The name of what exists after the configuration does: known, and a reference.
    assert named(graph, "busy-delivery-group").inputs["deploymentConfigName"] == f"dev-busy-{strategy}"
    assert refers(graph, named(graph, "busy-delivery-group"), "deploymentConfigName") == ["busy-delivery-config"]

"""Services between whose versions Onramp itself moves the traffic: what there is, and what an update leaves alone."""

import pytest

from simulator.graph import UNKNOWN, Graph, Json
from tests.components.conftest import (
    ACCOUNT,
    DIGEST,
    FUNCTION,
    REGION,
    below,
    component,
    inputs,
    named,
    of,
    parsed,
    shared_graph,
    stack_text,
)
from tests.components.test_fargate import refers
from tests.components.updates import updates

STEPPED = "rollout: {strategy: stepped, bakeMinutes: 20}"
SERVICES = f"""\
web: {{compute: fargate, port: 8000, route: /web/*, {STEPPED}}}
busy: {{compute: fargate, port: 80, route: /busy/*, spot: true, rollout: {{strategy: canary}}}}
resize: {{{FUNCTION}, route: /resize/*, rollout: {{strategy: stepped}}}}
image: {{compute: lambda, package: image, rollout: {{strategy: stepped}}}}
churn:
  compute: sagemaker
  model: {{package: churn, data: s3://models/churn/}}
  rollout: {{strategy: stepped, terminationMinutes: 10}}
"""
FIRST = {"web": DIGEST, "busy": DIGEST, "image": DIGEST, "churn": "7"}
COLORS = ("blue", "green")


def graph(services: str = SERVICES, **images: str) -> Graph:
    return shared_graph(stack_text(services, tier="prod", images={**FIRST, **images}))


def ignored(found: Graph, name: str, kind: str = "") -> list[str]:
    return sorted(found.wire[named(found, name, kind).urn].options.ignoreChanges)


@pytest.mark.parametrize(("color", "tasks"), [("blue", 2), ("green", 0)])
def test_each_side_rolls_behind_a_target_group_of_its_own_and_watches_no_alarm(color: str, tasks: int) -> None:
    side = named(graph(), f"web-service-{color}")
    assert inputs(side) == {
        "name": f"web-{color}",
        "cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/prod-services",
        "taskDefinition": UNKNOWN,
        "capacityProviderStrategies": [{"capacityProvider": "FARGATE", "base": 0, "weight": 1}],
        "forceNewDeployment": True,
        "platformVersion": "LATEST",
        "desiredCount": tasks,
        "networkConfiguration": {"assignPublicIp": False, "subnets": UNKNOWN, "securityGroups": [UNKNOWN]},
        "deploymentController": {"type": "ECS"},
        "deploymentConfiguration": {"strategy": "ROLLING"},
        "deploymentMinimumHealthyPercent": 100,
        "deploymentMaximumPercent": 200,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "loadBalancers": [{"targetGroupArn": UNKNOWN, "containerName": "web", "containerPort": 8000}],
        "healthCheckGracePeriodSeconds": 60,
        "serviceConnectConfiguration": {"enabled": False},
        "availabilityZoneRebalancing": "ENABLED",
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
        "waitForSteadyState": True,
    }
    assert refers(graph(), side, "loadBalancers") == [f"web-health-{color}"]
    assert ignored(graph(), f"web-service-{color}") == ["desiredCount", "taskDefinition"]


@pytest.mark.parametrize(("color", "least"), [("blue", 2), ("green", 0)])
def test_each_side_scales_by_its_own_requests_and_a_rollout_says_from_where_on(color: str, least: int) -> None:
    target = named(graph(), f"web-scaling-{color}")
    assert inputs(target) == {
        "serviceNamespace": "ecs",
        "scalableDimension": "ecs:service:DesiredCount",
        "resourceId": f"service/prod-services/web-{color}",
        "minCapacity": least,
        "maxCapacity": 10,
    }
    assert refers(graph(), target, "resourceId") == [f"web-service-{color}"]
    assert ignored(graph(), f"web-scaling-{color}") == ["minCapacity"]
    requests = named(graph(), f"web-scaling-{color}-requests")
    key = "targetTrackingScalingPolicyConfiguration"
    assert [name for name in refers(graph(), requests, key) if "health" in name] == [f"web-health-{color}"]
    policies = [each.name for each in of(graph(), "appautoscaling/policy:Policy", "web")]
    assert sorted(policies) == sorted(
        f"web-scaling-{each}-{by}" for each in COLORS for by in ("cpu", "memory", "requests")
    )


def test_the_rule_sends_all_requests_to_blue_and_a_rollout_moves_them() -> None:
    rule = named(graph(), "web-ingress-rule")
    groups = [{"arn": UNKNOWN, "weight": weight} for weight in (100, 0)]
    assert rule.inputs["actions"] == [{"type": "forward", "forward": {"targetGroups": groups}}]
    assert refers(graph(), rule, "actions") == ["web-health-blue", "web-health-green"]
    assert ignored(graph(), "web-ingress-rule") == ["actions"]


@pytest.mark.parametrize("service", ["web", "busy"])
def test_the_version_that_a_rollout_may_go_back_to_stays(service: str) -> None:
    assert named(graph(), f"{service}-task-definition").inputs["skipDestroy"] is True


def test_nobody_but_onramp_has_the_right_to_move_traffic() -> None:
    roles = {each.name for each in of(graph(), "iam/role:Role")}
    assert not roles & {"web-delivery-traffic", "resize-delivery-role", "image-delivery-role"}
    assert "busy-delivery-traffic" in roles
    assert not of(graph(), "codedeploy/deploymentGroup:DeploymentGroup")


def test_both_sides_are_watched_and_their_failures_are_heard_of() -> None:
    of_sides = {f"web-alerting-{key}-{color}" for key in ("cpu", "memory", "tasks") for color in COLORS}
    alarms = {each.name: each for each in of(graph(), "metricAlarm:MetricAlarm", "web")}
    assert of_sides <= set(alarms)
    for color in COLORS:
        dimensions = {"ClusterName": "prod-services", "ServiceName": f"web-{color}"}
        assert alarms[f"web-alerting-cpu-{color}"].inputs["dimensions"] == dimensions
    assert named(graph(), "web-alerting").inputs["rollback"] == ["prod-web-http-5xx", "prod-web-latency"]
    pattern = parsed(named(graph(), "web-delivery-failed"), "eventPattern")
    assert isinstance(pattern, dict)
    cluster = f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/prod-services"
    assert pattern["resources"] == [f"{cluster}/web-blue", f"{cluster}/web-green"]
    board = str(named(graph(), "web-observability-dashboard").inputs["dashboardBody"])
    assert all(board.count(f'"web-{color}"') == 4 for color in COLORS)


def test_of_a_function_there_are_versions_an_alias_and_no_codedeploy() -> None:
    children = {each.type for each in below(graph(), component(graph(), "resize").urn)}
    assert not {kind for kind in children if "codedeploy" in kind}
    assert named(graph(), "resize-function").inputs["publish"] is True
    assert ignored(graph(), "resize-alias") == ["functionVersion", "routingConfig"]
    assert list(below(graph(), named(graph(), "resize-delivery").urn)) == []


def test_of_an_endpoint_a_rollout_owns_the_configuration_and_there_are_no_guardrails() -> None:
    endpoint = named(graph(), "churn-endpoint")
    config = named(graph(), "prod-churn-config").inputs["name"]
    assert inputs(endpoint) == {"name": "prod-churn", "endpointConfigName": config}
    assert ignored(graph(), "churn-endpoint") == ["deploymentConfig", "endpointConfigName"]


@pytest.mark.parametrize(
    ("service", "newer", "expected"),
    [
        ("web", "sha256:" + "1" * 64, {"web-task-definition": "replace"}),
        ("image", "sha256:" + "1" * 64, {"image-function": "update"}),
        ("churn", "8", {"prod-churn-model": "replace", "prod-churn-config": "replace"}),
    ],
)
def test_a_new_version_is_a_candidate_and_touches_nothing_that_is_live(
    service: str, newer: str, expected: dict[str, str]
) -> None:
    assert updates(graph(), graph(**{service: newer})) == expected


def test_before_the_first_image_both_sides_are_there_and_run_nothing() -> None:
    found = shared_graph(stack_text(SERVICES, tier="prod"))
    for color in COLORS:
        assert named(found, f"web-service-{color}").inputs["desiredCount"] == 0
        assert named(found, f"web-scaling-{color}").inputs["minCapacity"] == 0


def test_ecs_asks_before_each_shift_and_goes_back_when_nobody_answers() -> None:
    asks = "rollout: {strategy: linear, percent: 50, pause: true, gates: {deadlineMinutes: 45}}"
    waits = "rollout: {strategy: canary, pause: true, gates: {onDeadline: hold}}"
    services = f"""\
asks: {{compute: fargate, port: 80, route: /asks/*, {asks}}}
waits: {{compute: fargate, port: 80, route: /waits/*, {waits}}}
"""
    found = shared_graph(stack_text(services, tier="prod", images={"asks": DIGEST, "waits": DIGEST}))

    def hook(minutes: str) -> Json:
        return {
            "targetType": "PAUSE",
            "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
            "timeoutConfiguration": {"action": "ROLLBACK", "timeoutInMinutes": minutes},
        }

    for name, minutes in (("asks", "75"), ("waits", "20160")):
        service = named(found, f"{name}-service")
        configuration = service.inputs["deploymentConfiguration"]
        assert isinstance(configuration, dict)
        assert configuration["lifecycleHooks"] == [hook(minutes)]
        assert service.inputs["waitForSteadyState"] is False

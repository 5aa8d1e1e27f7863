"""How a container service is deployed: by ECS in steps with hooks and on Spot, or by CodeDeploy."""

import pytest

from components.compute.deployment import patience
from simulator.graph import UNKNOWN, Graph, Json
from stacks.models import FargateRollout
from tests.components.conftest import (
    ACCOUNT,
    DIGEST,
    FUNCTION,
    REGION,
    inputs,
    named,
    of,
    parsed,
    shared_graph,
    stack_text,
)
from tests.components.test_fargate import refers


@pytest.fixture(scope="session")
def stepped() -> Graph:
    """In prod, one service that shifts linearly, asks hooks, and is mostly on Spot; and one that has a canary."""
    services = f"""\
shop:
  compute: fargate
  port: 80
  route: /shop/*
  spot: true
  rollout:
    {{strategy: linear, percent: 12.5, intervalMinutes: 4, bakeMinutes: 30,
    hooks: [{{stage: post-test-traffic-shift, function: smoke}}, {{stage: pre-scale-up, function: check}},
            {{stage: pre-production-traffic-shift, function: smoke}}]}}
cart: {{compute: fargate, port: 80, route: /cart/*, rollout: {{strategy: canary, percent: 5}}, spot: {{spotWeight: 9}}}}
smoke: {{{FUNCTION}}}
check: {{{FUNCTION}}}
"""
    return shared_graph(stack_text(services, tier="prod", images={"shop": DIGEST, "cart": DIGEST}))


@pytest.fixture(scope="session")
def handed_over() -> Graph:
    """In prod, services that CodeDeploy deploys: in steps of its own, in steps of ours, and at once."""
    services = """\
own: {compute: fargate, port: 80, route: /own/*, rollout: {controller: codedeploy, strategy: canary, bakeMinutes: 60}}
ours:
  compute: fargate
  port: 80
  route: /ours/*
  rollout: {controller: codedeploy, strategy: linear, percent: 20, intervalMinutes: 7}
once: {compute: fargate, port: 80, route: /once/*, rollout: {controller: codedeploy}}
"""
    images = {"own": DIGEST, "ours": DIGEST, "once": DIGEST}
    return shared_graph(stack_text(services, tier="prod", images=images))


def hook(stage: str, function: str) -> Json:
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:prod-{function}:live"
    return {"lifecycleStages": [stage], "hookTargetArn": arn, "roleArn": UNKNOWN}


def test_a_linear_rollout_has_steps_a_bake_and_hooks(stepped: Graph) -> None:
    assert named(stepped, "shop-service").inputs["deploymentConfiguration"] == {
        "strategy": "LINEAR",
        "bakeTimeInMinutes": "30",
        "linearConfiguration": {"stepPercent": 12.5, "stepBakeTimeInMinutes": "4"},
        "lifecycleHooks": [
            hook("POST_TEST_TRAFFIC_SHIFT", "smoke"),
            hook("PRE_SCALE_UP", "check"),
            hook("PRE_PRODUCTION_TRAFFIC_SHIFT", "smoke"),
        ],
    }


def test_a_canary_has_one_step_and_the_bake_of_the_tier(stepped: Graph) -> None:
    assert named(stepped, "cart-service").inputs["deploymentConfiguration"] == {
        "strategy": "CANARY",
        "bakeTimeInMinutes": "15",
        "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": "5"},
    }


def test_ecs_may_ask_exactly_the_functions_that_are_named(stepped: Graph) -> None:
    role = named(stepped, "shop-delivery-hooks")
    trust, policy = parsed(role, "assumeRolePolicy"), parsed(named(stepped, "shop-delivery-hooks-policy"), "policy")
    assert isinstance(trust, dict)
    assert trust["Statement"] == [
        {"Effect": "Allow", "Principal": {"Service": "ecs.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ]
    assert isinstance(policy, dict)
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:prod"
    assert policy["Statement"] == [
        {
            "Sid": "Ask",
            "Effect": "Allow",
            "Action": ["lambda:InvokeFunction"],
            "Resource": [f"{function}-check:live", f"{function}-smoke:live"],
        }
    ]
    assert not [each for each in stepped.resources if each.name == "cart-delivery-hooks"]


def test_the_functions_that_are_asked_are_there_first(stepped: Graph) -> None:
    waits_for = set(named(stepped, "shop-service").dependencies)
    assert waits_for >= {named(stepped, f"{function}-alias").urn for function in ("smoke", "check")}
    assert named(stepped, "shop-delivery-hooks-policy").urn in waits_for


@pytest.mark.parametrize(
    ("rollout", "minutes"),
    [
        ({"strategy": "rolling", "bakeMinutes": 0}, "30m"),
        ({"strategy": "blue-green", "bakeMinutes": 15}, "45m"),
        ({"strategy": "canary", "percent": 5, "intervalMinutes": 10, "bakeMinutes": 15}, "55m"),
        ({"strategy": "linear", "percent": 12.5, "intervalMinutes": 4, "bakeMinutes": 30}, "88m"),
    ],
)
def test_an_update_waits_as_long_as_the_rollout_takes(rollout: dict[str, Json], minutes: str) -> None:
    found = patience(FargateRollout.model_validate(rollout))
    assert (found.create, found.update) == (minutes, minutes)


def test_spot_takes_what_is_above_two_tasks(stepped: Graph, orders: Graph) -> None:
    assert named(stepped, "shop-service").inputs["capacityProviderStrategies"] == [
        {"capacityProvider": "FARGATE", "base": 2, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 4},
    ]
    assert named(stepped, "cart-service").inputs["capacityProviderStrategies"] == [
        {"capacityProvider": "FARGATE", "base": 2, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 9},
    ]
    for graph, service, seconds in ((stepped, "shop", 120), (orders, "orders", None)):
        (own, *_) = _containers(graph, service)
        assert own.get("stopTimeout") == seconds


def test_the_cluster_offers_both_capacities_before_a_service_asks_for_them(stepped: Graph) -> None:
    assert inputs(named(stepped, "prod-cluster-capacity")) == {
        "clusterName": "prod-services",
        "capacityProviders": ["FARGATE", "FARGATE_SPOT"],
        "defaultCapacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 1}],
    }
    assert "prod-cluster-capacity" in refers(stepped, named(stepped, "shop-service"), "cluster")


def test_codedeploy_owns_the_deployment_and_ecs_watches_nothing(handed_over: Graph) -> None:
    service = named(handed_over, "own-service")
    assert service.inputs["deploymentController"] == {"type": "CODE_DEPLOY"}
    assert service.inputs["launchType"] == "FARGATE"
    left_to_codedeploy = {
        "alarms",
        "availabilityZoneRebalancing",
        "capacityProviderStrategies",
        "deploymentCircuitBreaker",
        "deploymentConfiguration",
        "deploymentMaximumPercent",
        "deploymentMinimumHealthyPercent",
        "forceNewDeployment",
        "serviceConnectConfiguration",
    }
    assert left_to_codedeploy.isdisjoint(service.inputs)
    ignored = list(handed_over.wire[service.urn].options.ignoreChanges)
    assert ignored == ["desiredCount", "taskDefinition", "loadBalancers"]
    assert service.inputs["loadBalancers"] == [{"targetGroupArn": UNKNOWN, "containerName": "own", "containerPort": 80}]


def test_codedeploy_shifts_between_both_target_groups_and_back_on_an_alarm(handed_over: Graph) -> None:
    group = named(handed_over, "own-delivery-group")
    blue, green = (named(handed_over, f"own-health-{color}").inputs["name"] for color in ("blue", "green"))
    assert inputs(group) == {
        "appName": "prod-own",
        "deploymentGroupName": "prod-own",
        "serviceRoleArn": UNKNOWN,
        "deploymentConfigName": "CodeDeployDefault.ECSCanary10Percent5Minutes",
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "blueGreenDeploymentConfig": {
            "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT"},
            "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 60},
        },
        "ecsService": {"clusterName": "prod-services", "serviceName": "own"},
        "loadBalancerInfo": {
            "targetGroupPairInfo": {
                "prodTrafficRoute": {"listenerArns": [UNKNOWN]},
                "targetGroups": [{"name": blue}, {"name": green}],
            }
        },
        "alarmConfiguration": {
            "enabled": True,
            "alarms": ["prod-own-http-5xx", "prod-own-latency"],
            "ignorePollAlarmFailure": False,
        },
        "autoRollbackConfiguration": {
            "enabled": True,
            "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
        },
    }
    assert named(handed_over, "own-delivery-application").inputs["computePlatform"] == "ECS"


def test_steps_that_codedeploy_has_not_ready_are_made(handed_over: Graph) -> None:
    found = {each.name: inputs(each) for each in of(handed_over, ":DeploymentConfig")}
    assert found == {
        "ours-delivery-config": {
            "deploymentConfigName": "prod-ours-linear",
            "computePlatform": "ECS",
            "trafficRoutingConfig": {
                "type": "TimeBasedLinear",
                "timeBasedLinear": {"percentage": 20, "interval": 7},
            },
        }
    }
    at_once = named(handed_over, "once-delivery-group").inputs["deploymentConfigName"]
    assert at_once == "CodeDeployDefault.ECSAllAtOnce"


def test_codedeploy_may_replace_the_tasks_of_this_service_alone(handed_over: Graph) -> None:
    policy = parsed(named(handed_over, "own-delivery-role-policy"), "policy")
    assert isinstance(policy, dict)
    assert isinstance(policy["Statement"], list)
    by_sid = {str(each["Sid"]): each for each in policy["Statement"] if isinstance(each, dict)}
    ecs, role = f"arn:aws:ecs:{REGION}:{ACCOUNT}", f"arn:aws:iam::{ACCOUNT}:role/prod-own"
    assert by_sid["Replace"]["Resource"] == [
        f"{ecs}:service/prod-services/own",
        f"{ecs}:task-set/prod-services/own/*",
    ]
    assert by_sid["HandRoles"]["Resource"] == [f"{role}-start", f"{role}-task"]
    assert by_sid["HandRoles"]["Condition"] == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    assert isinstance(shift := by_sid["Shift"]["Resource"], list)
    assert all("/app/services-prod/" in str(each) for each in shift)


def test_a_failed_deployment_of_codedeploy_is_heard_of(handed_over: Graph) -> None:
    assert parsed(named(handed_over, "own-delivery-failed"), "eventPattern") == {
        "source": ["aws.codedeploy"],
        "detail-type": ["CodeDeploy Deployment State-change Notification"],
        "detail": {"application": ["prod-own"], "state": ["FAILURE", "STOP"]},
    }


def _containers(graph: Graph, service: str) -> list[dict[str, Json]]:
    found = parsed(named(graph, f"{service}-task-definition"), "containerDefinitions")
    assert isinstance(found, list)
    return [each for each in found if isinstance(each, dict)]

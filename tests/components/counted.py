"""What a previewed graph needs of each AWS quota, read from the resources alone."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from simulator.graph import Graph, Json, Resource
from stacks.limits import FARGATE_CPU_UNITS_PER_VCPU, LAMBDA_UNRESERVED_CONCURRENCY
from tests.components.conftest import of

BY_TYPE: Final[Mapping[str, tuple[str, ...]]] = {
    "apprunner-services": ("aws:apprunner/service:Service",),
    "cloudwatch-alarms": ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"),
    "codedeploy-applications": ("aws:codedeploy/application:Application",),
    "dynamodb-tables": ("aws:dynamodb/table:Table",),
    "ecr-repositories": ("aws:ecr/repository:Repository",),
    "ecs-services": ("aws:ecs/service:Service",),
    "eventbridge-rules": ("aws:cloudwatch/eventRule:EventRule",),
    "iam-roles": ("aws:iam/role:Role",),
    "rds-clusters": ("aws:rds/cluster:Cluster",),
    "rds-instances": ("aws:rds/clusterInstance:ClusterInstance", "aws:rds/instance:Instance"),
    "schedule-groups": ("aws:scheduler/scheduleGroup:ScheduleGroup",),
    "security-groups": ("aws:ec2/securityGroup:SecurityGroup",),
    "ssm-parameters": ("aws:ssm/parameter:Parameter",),
    "synthetics-canaries": ("aws:synthetics/canary:Canary",),
    "target-groups": ("aws:lb/targetGroup:TargetGroup",),
    "vpc-links": ("aws:apigatewayv2/vpcLink:VpcLink",),
    "xray-sampling-rules": ("aws:xray/samplingRule:SamplingRule",),
}
"""Quotas that count whole resources."""
OF_AN_EXPRESS_SERVICE: Final[Mapping[str, int]] = {
    "cloudwatch-alarms": 1,
    "ecs-services": 1,
    "security-groups": 1,
    "target-groups": 2,
}
"""What AWS makes for it and no graph shows: where it rolls back, what runs, what lets requests in, what it shifts."""
CONFIGURATIONS: Final = ("AutoScalingConfigurationVersion", "ObservabilityConfiguration", "VpcConnector")
"""What App Runner has few names for, of each."""
ON_DEMAND, SPOT = "FARGATE", "FARGATE_SPOT"


def counted(graph: Graph) -> dict[str, int]:
    """What the graph needs of each quota, by the name that `quotas:` uses."""
    types = Counter(each.type for each in graph.resources)
    express = len(of(graph, ":ExpressGatewayService"))
    whole = {name: sum(types[kind] for kind in kinds) for name, kinds in BY_TYPE.items()}
    reserved = sum(_reserved(each) for each in of(graph, "lambda/function:Function"))
    return {
        **{name: count + express * OF_AN_EXPRESS_SERVICE.get(name, 0) for name, count in whole.items()},
        **_of_balancers(graph),
        **_of_apis(graph),
        **_of_fargate(graph),
        "apprunner-configurations": max(
            types[f"aws:apprunner/{kind[0].lower()}{kind[1:]}:{kind}"] for kind in CONFIGURATIONS
        ),
        "lambda-concurrency": reserved + LAMBDA_UNRESERVED_CONCURRENCY if reserved else 0,
        "security-group-rules": _most_rules(graph),
    }


def _of_balancers(graph: Graph) -> dict[str, int]:
    """Of the balancer that has the most: rules, and the groups that they lead to."""
    rules: Counter[tuple[str, ...]] = Counter()
    groups: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for rule in of(graph, ":ListenerRule"):
        listener = rule.property_dependencies["listenerArn"]
        rules[listener] += 1
        groups[listener].update(rule.property_dependencies["actions"])
    return {
        "alb-rules": max(rules.values(), default=0),
        "alb-target-groups": max(map(len, groups.values()), default=0),
    }


def _of_apis(graph: Graph) -> dict[str, int]:
    """Integrations and routes of the HTTP API; the rates of all APIs, those of WebSocket APIs among them."""
    http = {each.urn for each in of(graph, "apigatewayv2/api:Api") if each.inputs["protocolType"] == "HTTP"}

    def inside(kind: str) -> int:
        return sum(bool(http & {*each.property_dependencies["apiId"]}) for each in of(graph, kind))

    settings = [_block(each, "defaultRouteSettings") for each in of(graph, "apigatewayv2/stage:Stage")]
    return {
        "api-integrations": inside("apigatewayv2/integration:Integration"),
        "api-requests": sum(_number(setting["throttlingRateLimit"]) for setting in settings),
        "api-routes": inside("apigatewayv2/route:Route"),
    }


def _of_fargate(graph: Graph) -> dict[str, int]:
    units: Counter[str] = Counter()
    for provider, count in _tasks(graph):
        units[provider] += count
    return {
        "fargate-spot-vcpu": math.ceil(units[SPOT] / FARGATE_CPU_UNITS_PER_VCPU),
        "fargate-vcpu": math.ceil(units[ON_DEMAND] / FARGATE_CPU_UNITS_PER_VCPU),
    }


def _tasks(graph: Graph) -> Iterator[tuple[str, int]]:
    """CPU units by capacity provider, of everything that runs tasks."""
    size = {each.urn: _number(each.inputs["cpu"]) for each in of(graph, ":TaskDefinition")}
    most = {
        each.name.replace("-scaling", "-service"): _number(each.inputs["maxCapacity"])
        for each in of(graph, "/target:Target")
    }
    for service in of(graph, "ecs/service:Service"):
        strategies = service.inputs.get("capacityProviderStrategies") or [{"capacityProvider": ON_DEMAND, "weight": 1}]
        (task,) = service.property_dependencies["taskDefinition"]
        yield from _spread(strategies, most[service.name], size[task])
    for schedule in of(graph, "scheduler/schedule:Schedule"):
        parameters = _block(schedule, "target").get("ecsParameters")
        if isinstance(parameters, dict):
            (task,) = size.keys() & {*schedule.property_dependencies["target"]}
            yield from _spread(parameters["capacityProviderStrategies"], 1, size[task])
    for express in of(graph, ":ExpressGatewayService"):
        (scaling,) = _blocks(express.inputs["scalingTargets"])
        yield ON_DEMAND, _number(express.inputs["cpu"]) * _number(scaling["maxTaskCount"])


def _spread(strategies: Json, tasks: int, size: int) -> Iterator[tuple[str, int]]:
    """First the bases, then what is left by weight; each share rounded up, because a part of a task is a task."""
    found = _blocks(strategies)
    left = max(tasks - sum(_number(each.get("base")) for each in found), 0)
    weights = sum(_number(each.get("weight")) for each in found)
    for each in found:
        base = min(tasks, _number(each.get("base")))
        yield str(each["capacityProvider"]), size * (base + math.ceil(left * _number(each.get("weight")) / weights))


def _reserved(function: Resource) -> int:
    return _number(function.inputs.get("reservedConcurrentExecutions"))


def _most_rules(graph: Graph) -> int:
    """Rules of the group that has the most in one direction."""
    rules = Counter(
        (each.type, *each.property_dependencies.get("securityGroupId", ()))
        for each in graph.resources
        if each.type.startswith("aws:vpc/securityGroup")
    )
    return max(rules.values())


def _number(value: Json) -> int:
    """A number as the engine writes it, in text as well; nothing is none."""
    return int(float(str(value or 0)))


def _block(resource: Resource, key: str) -> dict[str, Json]:
    found = resource.inputs.get(key)
    assert isinstance(found, dict)
    return found


def _blocks(value: Json) -> list[dict[str, Json]]:
    assert isinstance(value, list)
    return [each for each in value if isinstance(each, dict)]

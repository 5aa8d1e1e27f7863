"""What one resource costs in a month at the least, by its type: what is paid although nobody uses it.

A resource that only costs when it is used (a queue, a table on demand, a function) has no line here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, cast

from simulator.graph import Json, Resource

MIB_PER_GIB: Final = 1024
CPU_UNITS_PER_VCPU: Final = 1024
MINUTES_PER_MONTH: Final = 730 * 60

Prices: TypeAlias = Mapping[str, float]
Values: TypeAlias = "Resource | Mapping[str, Json] | Json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Priced:
    """One kind of thing that is paid by the month; `usd` is None when the price table does not know its size."""

    what: str
    count: float
    usd: float | None


Pricer: TypeAlias = Callable[[Resource, Sequence[Resource], Prices], Priced]
"""Of a resource, the resources of the same service, and the price table."""


def priced(resource: Resource, beside: Sequence[Resource], prices: Prices) -> Priced | None:
    """What `resource` costs in a month, given what stands `beside` it; None when it costs nothing by itself."""
    pricer = _PRICERS.get(resource.type)
    return pricer(resource, beside, prices) if pricer else None


def _flat(what: str, price: str, count: float = 1) -> Pricer:
    return lambda _resource, _beside, prices: Priced(what=what, count=count, usd=count * prices[price])


def _tasks(resource: Resource, beside: Sequence[Resource], prices: Prices) -> Priced:
    """The tasks that always run, at the size of their definition."""
    count = _floor(beside, "ecs") or _number(resource, "desiredCount")
    task = next((found for found in beside if found.type == "aws:ecs/taskDefinition:TaskDefinition"), None)
    vcpu = _number(task, "cpu") / CPU_UNITS_PER_VCPU
    gib = _number(task, "memory") / MIB_PER_GIB
    hourly = (vcpu * prices["fargate_vcpu_hour"] + gib * prices["fargate_gib_hour"]) * prices["fargate_arm_factor"]
    return Priced(what="Fargate tasks", count=count, usd=count * hourly * prices["hours_per_month"])


def _express(resource: Resource, _beside: Sequence[Resource], prices: Prices) -> Priced:
    """Tasks on x86, as Express runs them; the load balancer that it shares with 24 others is not counted."""
    count = _number(
        _first(resource.inputs.get("scalingTarget") or resource.inputs.get("scalingTargets")), "minTaskCount"
    )
    vcpu = _number(resource, "cpu") / CPU_UNITS_PER_VCPU
    gib = _number(resource, "memory") / MIB_PER_GIB
    hourly = vcpu * prices["fargate_vcpu_hour"] + gib * prices["fargate_gib_hour"]
    return Priced(what="Express tasks", count=count, usd=count * hourly * prices["hours_per_month"])


def _app_runner(resource: Resource, beside: Sequence[Resource], prices: Prices) -> Priced:
    """Provisioned instances cost their memory; their vCPUs cost only while they answer."""
    size = cast("Mapping[str, Json]", resource.inputs.get("instanceConfiguration") or {})
    scaling = next((found for found in beside if found.type.endswith(":AutoScalingConfigurationVersion")), None)
    count = _number(scaling, "minSize") or 1
    gib = _number(size, "memory") / MIB_PER_GIB
    return Priced(
        what="App Runner instances",
        count=count,
        usd=count * gib * prices["apprunner_gib_hour"] * prices["hours_per_month"],
    )


def _endpoint(resource: Resource, beside: Sequence[Resource], prices: Prices) -> Priced:
    """The instances of all variants; a serverless variant costs nothing while nobody asks."""
    del beside
    count, usd = 0.0, 0.0
    unknown = False
    for variant in _list(resource.inputs.get("productionVariants")):
        if variant.get("serverlessConfig"):
            continue
        instances = _number(variant, "initialInstanceCount")
        hourly = prices.get(_price_of(variant.get("instanceType")))
        unknown = unknown or hourly is None
        count, usd = count + instances, usd + instances * (hourly or 0) * prices["hours_per_month"]
    return Priced(what="endpoint instances", count=count, usd=None if unknown else usd)


def _database(resource: Resource, _beside: Sequence[Resource], prices: Prices) -> Priced:
    """An RDS instance with its disk; with a standby in another zone, twice."""
    copies = 2 if resource.inputs.get("multiAz") is True else 1
    hourly = prices.get(_price_of(resource.inputs.get("instanceClass")))
    disk = _number(resource, "allocatedStorage") * prices["rds_gib_month"]
    usd = None if hourly is None else copies * (hourly * prices["hours_per_month"] + disk)
    return Priced(what="RDS instances", count=copies, usd=usd)


def _aurora(resource: Resource, beside: Sequence[Resource], prices: Prices) -> Priced:
    """Serverless instances at the least capacity that they shrink to."""
    cluster = next((found for found in beside if found.type == "aws:rds/cluster:Cluster"), resource)
    least = _number(cluster.inputs.get("serverlessv2ScalingConfiguration"), "minCapacity")
    return Priced(what="Aurora instances", count=1, usd=least * prices["aurora_acu_hour"] * prices["hours_per_month"])


def _provisioned(resource: Resource, beside: Sequence[Resource], prices: Prices) -> Priced:
    """Executions of a function that are kept warm."""
    count = _floor(beside, "lambda") or _number(resource, "provisionedConcurrentExecutions")
    function = next((found for found in beside if found.type == "aws:lambda/function:Function"), None)
    gib = _number(function, "memorySize") / MIB_PER_GIB
    seconds = prices["hours_per_month"] * 3600
    return Priced(what="warm executions", count=count, usd=count * gib * prices["lambda_warm_gib_second"] * seconds)


def _canary(resource: Resource, _beside: Sequence[Resource], prices: Prices) -> Priced:
    """A run of the probe at every interval."""
    schedule = cast("Mapping[str, Json]", resource.inputs.get("schedule") or {})
    found = re.match(r"rate\((\d+) minute", str(schedule.get("expression", "")))
    runs = MINUTES_PER_MONTH / int(found.group(1)) if found else 0
    return Priced(what="probes", count=1, usd=runs * prices["canary_run"])


def _web_acl(resource: Resource, _beside: Sequence[Resource], prices: Prices) -> Priced:
    rules = len(_list(resource.inputs.get("rules")))
    return Priced(what="web ACLs", count=1, usd=prices["web_acl_month"] + rules * prices["web_acl_rule_month"])


def _endpoint_zones(resource: Resource, _beside: Sequence[Resource], prices: Prices) -> Priced:
    """An interface endpoint is paid for in each zone; a gateway endpoint is free."""
    if resource.inputs.get("vpcEndpointType") != "Interface":
        return Priced(what="gateway endpoints", count=1, usd=0)
    subnets = resource.inputs.get("subnetIds")
    zones = len(subnets) if isinstance(subnets, list) else 3
    return Priced(what="interface endpoints", count=1, usd=zones * prices["interface_endpoint_zone_month"])


_PRICERS: Final[Mapping[str, Pricer]] = {
    "aws:apprunner/service:Service": _app_runner,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": _flat("composite alarms", "composite_alarm_month"),
    "aws:cloudwatch/dashboard:Dashboard": _flat("dashboards", "dashboard_month"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": _flat("alarms", "alarm_month"),
    "aws:codepipeline/pipeline:Pipeline": _flat("pipelines", "pipeline_month"),
    "aws:ec2/natGateway:NatGateway": _flat("NAT gateways", "nat_gateway_month"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": _endpoint_zones,
    "aws:ecs/expressGatewayService:ExpressGatewayService": _express,
    "aws:ecs/service:Service": _tasks,
    "aws:kms/key:Key": _flat("keys", "key_month"),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": _provisioned,
    "aws:lb/loadBalancer:LoadBalancer": _flat("load balancers", "load_balancer_month"),
    "aws:rds/clusterInstance:ClusterInstance": _aurora,
    "aws:rds/instance:Instance": _database,
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": _endpoint,
    "aws:secretsmanager/secret:Secret": _flat("secrets", "secret_month"),
    "aws:synthetics/canary:Canary": _canary,
    "aws:wafv2/webAcl:WebAcl": _web_acl,
}


def _floor(beside: Sequence[Resource], namespace: str) -> float:
    """The least capacity that autoscaling keeps in a namespace; 0 without autoscaling."""
    targets = (found for found in beside if found.type == "aws:appautoscaling/target:Target")
    return sum(_number(found, "minCapacity") for found in targets if found.inputs.get("serviceNamespace") == namespace)


def _price_of(size: Json) -> str:
    """`ml_m5_large_hour` for `ml.m5.large`: the name of a size in the price table."""
    return f"{str(size).replace('.', '_')}_hour"


def _number(found: Values, key: str) -> float:
    """A number of a resource or a mapping; 0 when it is absent or not known."""
    values = found.inputs if isinstance(found, Resource) else found
    value = values.get(key) if isinstance(values, Mapping) else None
    digits = re.match(r"\d+(\.\d+)?", str(value)) if value is not None else None
    return float(digits.group()) if digits else 0.0


def _first(value: Json) -> Json:
    return value[0] if isinstance(value, list) and value else value


def _list(value: Json) -> list[Mapping[str, Json]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []

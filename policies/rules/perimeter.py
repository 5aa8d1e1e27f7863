"""The network of the environment: its zones, its ways out, and who gets in. None of it is on the checklist."""

from collections.abc import Iterator
from ipaddress import IPv4Network
from math import ceil
from typing import Final

from policies import kinds, network
from policies.expect import expect_equal, expect_true, unknown
from policies.graph import Graph, Resource
from policies.rule import ADVICE, ONLY_PROD, Fail, Levels, Meta, Outcome, Remedy, stack_rule
from policies.values import UNKNOWN, number
from stacks.limits import SUBNET_RESERVED_ADDRESSES
from stacks.standards import ZONES_MIN

_NETWORK_URL: Final = "https://docs.aws.amazon.com/vpc/latest/userguide"
_ONLY_DEV: Final = Levels(dev="mandatory", staging="disabled", prod="disabled")
_TASKS: Final = "ecs:service:DesiredCount"
_WHOLE: Final = 100


@stack_rule(
    Meta(
        id="nat-single",
        item=None,
        title="Dev has one NAT gateway",
        why="A second one costs 33 USD a month, for a zone that dev can wait for.",
        fix="leave `network.natPerZone` out of onramp:environment, or write false",
        severity="low",
        url="https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-pricing.html",
        levels=Levels(dev="advisory", staging="disabled", prod="disabled"),
        frameworks=("COST05-BP05",),
    ),
)
def nat_single(graph: Graph) -> Iterator[Outcome]:
    """There is not more than one."""
    for gateway in graph.of(kinds.NAT_GATEWAY)[1:]:
        yield Fail(resource=gateway, message=f"{gateway.name} is one NAT gateway more than dev needs")


@stack_rule(
    Meta(
        id="nat-per-zone",
        item=None,
        title="Every private subnet of prod goes out through a NAT gateway of its own zone",
        why="With one gateway, the loss of its zone takes the way out of all zones, and crossing zones costs.",
        fix="leave `network.natPerZone` out of onramp:environment in prod, or write true",
        severity="high",
        url=f"{_NETWORK_URL}/nat-gateway-basics.html",
        levels=ONLY_PROD,
        frameworks=("REL10-BP01",),
    ),
)
def nat_per_zone(graph: Graph) -> Iterator[Outcome]:
    """The gateways that a subnet's routes lead to stand in its zone."""
    for subnet in graph.of(kinds.SUBNET):
        zone = subnet.get("availabilityZone")
        for gateway in network.gateways(subnet, graph):
            stands_in = network.zones(gateway, graph)
            if zone is UNKNOWN or "" in stands_in or not stands_in:
                yield unknown(subnet, "availabilityZone")
            elif zone not in stands_in:
                message = f"{subnet.name} in {zone} goes out through {', '.join(sorted(stands_in))}"
                yield Fail(resource=subnet, path="availabilityZone", message=message)


@stack_rule(
    Meta(
        id="network-zones",
        item=None,
        title="The network spreads over two zones or more",
        why="AWS promises a region, and never a zone.",
        fix="leave `network.zones` out of onramp:environment, or write 2 or 3",
        severity="high",
        url=f"{_NETWORK_URL}/configure-subnets.html",
        frameworks=("REL10-BP01",),
    ),
)
def network_zones(graph: Graph) -> Iterator[Outcome]:
    """Of each VPC with subnets in this graph, the subnets lie in different zones."""
    subnets = graph.of(kinds.SUBNET)
    waiting = next((each for each in subnets if each.get("availabilityZone") is UNKNOWN), None)
    zones = {each.text("availabilityZone") for each in subnets} - {""}
    if not subnets or len(zones) >= ZONES_MIN:
        return
    if waiting is not None:
        yield unknown(waiting, "availabilityZone")
    else:
        yield Fail(
            resource=subnets[0], path="availabilityZone", message=f"all subnets lie in {', '.join(sorted(zones))}"
        )


@stack_rule(
    Meta(
        id="private-subnet-closed",
        item=None,
        title="No private subnet has a route to an internet gateway",
        why="With such a route a mistake in one security group is a service on the internet.",
        fix="point the route at the NAT gateway, or set mapPublicIpOnLaunch where the subnet is meant to be public",
        severity="high",
        url=f"{_NETWORK_URL}/VPC_Internet_Gateway.html",
        frameworks=("SEC05-BP01",),
    ),
)
def private_subnet_closed(graph: Graph) -> Iterator[Outcome]:
    """What gives out no public addresses has no way in."""
    for subnet in graph.of(kinds.SUBNET):
        public = subnet.get("mapPublicIpOnLaunch")
        if public is True or not network.has_internet_gateway(subnet, graph):
            continue
        if public is UNKNOWN:
            yield unknown(subnet, "mapPublicIpOnLaunch")
        else:
            yield Fail(resource=subnet, message=f"{subnet.name} has a route to an internet gateway")


@stack_rule(
    Meta(
        id="database-subnets-isolated",
        item=None,
        title="Databases stand in subnets without a way to the internet",
        why="A database that is broken into can then send nothing away.",
        fix="give the subnet group the isolated subnets of the foundation's network",
        severity="high",
        url=f"{_NETWORK_URL}/configure-subnets.html#subnet-types",
        frameworks=("SEC05-BP01", "RDS.46"),
    ),
)
def database_subnets_isolated(graph: Graph) -> Iterator[Outcome]:
    """No subnet of a database's group has a route through a gateway."""
    for group in graph.of(kinds.DATABASE_SUBNETS):
        subnets = graph.refers(group, "subnetIds", kinds.SUBNET)
        if not subnets and group.get("subnetIds") is UNKNOWN:
            yield unknown(group, "subnetIds")
        for subnet in subnets:
            if network.has_internet_gateway(subnet, graph) or any(network.gateways(subnet, graph)):
                message = f"{group.name} has {subnet.name}, which reaches the internet"
                yield Fail(resource=group, path="subnetIds", message=message)


@stack_rule(
    Meta(
        id="no-default-vpc",
        item=None,
        title="Nothing uses the default VPC",
        why="All its subnets are public, and everybody in the account shares it.",
        fix="remove the resource; the foundation's network has the subnets",
        severity="high",
        url=f"{_NETWORK_URL}/default-vpc.html",
        frameworks=("SEC05-BP01",),
    )
)
def no_default_vpc(graph: Graph) -> Iterator[Outcome]:
    """No resource takes the default VPC or a subnet of it over."""
    for resource in graph.of(kinds.DEFAULT_VPC, kinds.DEFAULT_SUBNET):
        yield Fail(resource=resource, message=f"{resource.name} takes the default network of the account")


@stack_rule(
    Meta(
        id="subnet-addresses",
        item=None,
        title="The private subnets have an address for every task, also in the middle of a deployment",
        why="Without a free address a task does not start; the deployment hangs, and scaling does nothing.",
        fix="lower `scaling.max` of the services, or write more `network.zones` in onramp:environment",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html",
        frameworks=("REL02-BP03",),
    ),
)
def subnet_addresses(graph: Graph) -> Iterator[Outcome]:
    """All tasks at their maximum, times what a deployment starts beside them, fit the subnets that have a NAT."""
    private = [subnet for subnet in graph.of(kinds.SUBNET) if any(network.gateways(subnet, graph))]
    if not private:
        return
    waiting = next((each for each in private if each.get("cidrBlock") is UNKNOWN), None)
    if waiting is not None:
        yield unknown(waiting, "cidrBlock")
        return
    free = sum(_addresses(subnet) for subnet in private)
    needed = 0
    for target in graph.of(kinds.SCALING_TARGET):
        most = number(target.get("maxCapacity"))
        if target.get("scalableDimension") != _TASKS:
            continue
        if most is UNKNOWN:
            yield unknown(target, "maxCapacity")
            return
        needed += ceil((most or 0) * _percent(target, graph) / _WHOLE)
    if needed > free:
        yield Fail(
            resource=private[0], path="cidrBlock", message=f"{needed} tasks need an address, and {free} are free"
        )


def _addresses(subnet: Resource) -> int:
    block = subnet.text("cidrBlock")
    return max(IPv4Network(block).num_addresses - SUBNET_RESERVED_ADDRESSES, 0) if block else 0


def _percent(target: Resource, graph: Graph) -> float:
    """How many of its tasks a service may have during a deployment: twice as many unless it says otherwise."""
    name = target.text("resourceId").rpartition("/")[2]
    services = graph.named(name, kinds.ECS_SERVICE)
    percent = number(services[0].get("deploymentMaximumPercent")) if services else None
    return percent if isinstance(percent, float) else 2.0 * _WHOLE


@stack_rule(
    Meta(
        id="endpoint-private-names",
        item=None,
        title="Every interface endpoint takes over the name of its AWS service",
        why="Without it the SDKs go to the public address, through NAT, and the endpoint is paid for and unused.",
        fix="set privateDnsEnabled of the endpoint to true",
        severity="medium",
        url="https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html",
        levels=ADVICE,
        frameworks=("COST08-BP03",),
    ),
    Remedy(types=(kinds.VPC_ENDPOINT,), path="privateDnsEnabled", value=True),
)
def endpoint_private_names(graph: Graph) -> Iterator[Outcome]:
    """PrivateDnsEnabled is true wherever an endpoint has interfaces."""
    for endpoint in graph.of(kinds.VPC_ENDPOINT):
        if endpoint.get("vpcEndpointType") == "Interface":
            yield from expect_true(endpoint, "privateDnsEnabled", f"{endpoint.name} is not used by name")


@stack_rule(
    Meta(
        id="flow-logs-all",
        item=None,
        title="Flow logs have what was let through and what was not",
        why="Whoever looks for an intruder needs the accepted, whoever looks for a fault the rejected.",
        fix="set trafficType of the flow log to ALL",
        severity="low",
        url=f"{_NETWORK_URL}/flow-logs-basics.html",
        levels=ADVICE,
        frameworks=("SEC04-BP01",),
    ),
    Remedy(types=(kinds.FLOW_LOG,), path="trafficType", value="ALL"),
)
def flow_logs_all(graph: Graph) -> Iterator[Outcome]:
    """TrafficType is ALL."""
    for log in graph.of(kinds.FLOW_LOG):
        yield from expect_equal(log, "trafficType", "ALL", f"{log.name} leaves traffic out")

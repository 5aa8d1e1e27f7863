"""The VPC, the load balancer and its target groups."""

import ipaddress
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Final

from simulator.graph import Graph
from tests.components.acceptance.looking import LISTENER_RULE, TARGET_GROUP, Inputs, known, of, one

PRIORITY_MAX: Final = 50_000
CONDITION_VALUES_MAX: Final = 5
WILDCARDS_MAX: Final = 5
CONDITION_CHARS_MAX: Final = 128
PATH: Final = re.compile(r"/[A-Za-z0-9_.$/~\"'@:+&*?-]*")
HOST: Final = re.compile(r"[A-Za-z0-9.*?-]*\.[A-Za-z]+")
HEADER: Final = re.compile(r"[ -~]+")
TARGET_GROUPS_PER_ACTION: Final = 5
WEIGHT_MAX: Final = 999
FUNCTION_HAS_NO: Final = ("port", "protocol", "vpcId")


def target_groups_are_consistent(graph: Graph) -> Iterator[str]:
    """ELBv2 API, CreateTargetGroup: a timeout below the interval; port, protocol and VPC for addresses alone."""
    for resource, inputs in of(graph, TARGET_GROUP):
        check = inputs["healthCheck"]
        if (
            not 2 <= check["timeout"] <= 120
            or not 5 <= check["interval"] <= 300
            or check["timeout"] >= check["interval"]
        ):
            yield f"{resource.name}: timeout {check['timeout']} of interval {check['interval']}"
        for key in ("healthyThreshold", "unhealthyThreshold"):
            if known(check.get(key)) and not 2 <= check[key] <= 10:
                yield f"{resource.name}: {key} {check[key]}"
        given = [key for key in FUNCTION_HAS_NO if inputs.get(key) is not None]
        if inputs["targetType"] == "lambda" and (given or check.get("protocol") or inputs.get("deregistrationDelay")):
            yield f"{resource.name}: a function has no {given}"
        if inputs["targetType"] == "ip" and given != list(FUNCTION_HAS_NO):
            yield f"{resource.name}: addresses need {FUNCTION_HAS_NO}"


def listener_rules_are_distinct(graph: Graph) -> Iterator[str]:
    """ELBv2 API, CreateRule: priorities 1 to 50,000, each once; targets with weights 0 to 999, at most five."""
    seen: set[int] = set()
    for resource, inputs in of(graph, LISTENER_RULE):
        if inputs["priority"] in seen or not 1 <= inputs["priority"] <= PRIORITY_MAX:
            yield f"{resource.name}: priority {inputs['priority']}"
        seen.add(inputs["priority"])
        yield from (f"{resource.name}: {problem}" for problem in _condition_problems(inputs["conditions"]))
        for action in inputs["actions"]:
            groups = one(action["forward"])["targetGroups"]
            weights = [group["weight"] for group in groups]
            if not 1 <= len(groups) <= TARGET_GROUPS_PER_ACTION or not all(0 <= w <= WEIGHT_MAX for w in weights):
                yield f"{resource.name}: weights {weights}"


def _condition_problems(conditions: list[Inputs]) -> Iterator[str]:
    """ELB user guide, condition types and quotas: five values and five wildcards a rule, a dot in a host."""
    paths = _values(conditions, "pathPattern")
    hosts = _values(conditions, "hostHeader")
    headers = _values(conditions, "httpHeader")
    values = [*paths, *hosts, *headers]
    if not 1 <= len(values) <= CONDITION_VALUES_MAX:
        yield f"{len(values)} condition values"
    if sum(value.count("*") + value.count("?") for value in values) > WILDCARDS_MAX:
        yield f"too many wildcards in {values}"
    of_path, of_host = [(value, PATH) for value in paths], [(value, HOST) for value in hosts]
    for value, form in [*of_path, *of_host, *((value, HEADER) for value in headers)]:
        if len(value) > CONDITION_CHARS_MAX or not form.fullmatch(value):
            yield f"condition {value!r}"


def _values(conditions: list[Inputs], kind: str) -> list[str]:
    blocks: list[Inputs] = [condition[kind] for condition in conditions if condition.get(kind)]
    return [value for block in blocks for value in block["values"]]


def subnets_lie_in_the_vpc(graph: Graph) -> Iterator[str]:
    """EC2 API, CreateSubnet: blocks of /16 to /28 inside the VPC's that do not overlap, in zones of the region."""
    vpcs = [ipaddress.ip_network(inputs["cidrBlock"]) for _, inputs in of(graph, "aws:ec2/vpc:Vpc")]
    blocks = {
        resource.name: ipaddress.ip_network(inputs["cidrBlock"])
        for resource, inputs in of(graph, "aws:ec2/subnet:Subnet")
    }
    for name, block in blocks.items():
        if not any(block.overlaps(vpc) and block.prefixlen >= vpc.prefixlen for vpc in vpcs) or block.prefixlen > 28:
            yield f"{name}: {block} is not inside {vpcs}"
    for (one_name, one_block), (other_name, other_block) in combinations(blocks.items(), 2):
        if one_block.overlaps(other_block):
            yield f"{one_name} and {other_name} overlap"


def group_rules_are_ranges(graph: Graph) -> Iterator[str]:
    """EC2 API, IpPermission: ports 0 to 65535 in order, and exactly one of a block and a group."""
    kinds = (f"aws:vpc/securityGroup{side}Rule:SecurityGroup{side}Rule" for side in ("Ingress", "Egress"))
    for resource, inputs in of(graph, *kinds):
        if not 0 <= inputs["fromPort"] <= inputs["toPort"] <= 65535:
            yield f"{resource.name}: ports {inputs['fromPort']} to {inputs['toPort']}"
        sides = [key for key in ("cidrIpv4", "referencedSecurityGroupId") if inputs.get(key) is not None]
        if len(sides) != 1:
            yield f"{resource.name}: {sides}"
        if known(inputs.get("cidrIpv4")):
            ipaddress.ip_network(inputs["cidrIpv4"])


def endpoints_are_of_the_region(graph: Graph) -> Iterator[str]:
    """EC2 API, CreateVpcEndpoint: com.amazonaws.<region>.<service>, private DNS for interfaces alone."""
    zones = {inputs["availabilityZone"][:-1] for _, inputs in of(graph, "aws:ec2/subnet:Subnet")}
    for resource, inputs in of(graph, "aws:ec2/vpcEndpoint:VpcEndpoint"):
        found = re.fullmatch(r"com\.amazonaws\.([a-z0-9-]+)\.[a-z0-9.-]+", inputs["serviceName"])
        if found is None or zones != {found[1]}:
            yield f"{resource.name}: {inputs['serviceName']} in {zones}"
        if inputs["vpcEndpointType"] == "Gateway" and (inputs.get("privateDnsEnabled") or inputs.get("subnetIds")):
            yield f"{resource.name}: a gateway has no interfaces"


RULES: Final = (
    target_groups_are_consistent,
    listener_rules_are_distinct,
    subnets_lie_in_the_vpc,
    group_rules_are_ranges,
    endpoints_are_of_the_region,
)

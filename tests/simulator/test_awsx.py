from collections.abc import Mapping

import pytest

from simulator.awsx_layout import plan_vpc
from simulator.embedded import ProgramError
from simulator.graph import UNKNOWN, Graph, Json, Source
from simulator.standin import RefusedError
from tests.simulator.conftest import Run, named

ZONES = ("eu-west-1a", "eu-west-1b", "eu-west-1c")
TWO_ZONES = """
    import pulumi_awsx as awsx
    vpc = awsx.ec2.Vpc(
        'net', cidr_block='10.0.0.0/16', number_of_availability_zones=2, subnet_strategy='Auto',
        nat_gateways={'strategy': 'Single'}, tags={'App': 'news'},
        subnet_specs=[
            {'type': 'Isolated', 'name': 'data', 'cidr_blocks': ['10.0.96.0/24', '10.0.97.0/24']},
            {'type': 'Private', 'cidr_blocks': ['10.0.0.0/20', '10.0.16.0/20'], 'tags': {'Tier': 'app'}},
            {'type': 'Public', 'cidr_blocks': ['10.0.64.0/20', '10.0.80.0/20']},
        ])
    """
THREE_ZONES = """
    import pulumi_awsx as awsx
    awsx.ec2.Vpc(
        'net', availability_zone_names=['eu-west-1a', 'eu-west-1b', 'eu-west-1c'], subnet_strategy='Auto',
        subnet_specs=[
            {'type': 'Public', 'cidr_blocks': ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']},
            {'type': 'Private', 'cidr_blocks': ['10.0.3.0/24', '10.0.4.0/24', '10.0.5.0/24']},
        ])
    """


def _tree(graph: Graph) -> list[str]:
    """The VPC's children as `chain of short types: name`."""
    chains = (resource.urn.split("::")[2:] for resource in graph.resources if "ec2" in resource.type)
    return [f"{'/'.join(part.rpartition(':')[2] for part in chain.split('$'))}: {name}" for chain, name in chains]


def _below_subnet(subnet: str, *, nat: str = "", route: bool = True) -> list[str]:
    prefix = "Vpc/Vpc/Subnet"
    gateway = [f"{prefix}/Eip: {nat}", f"{prefix}/NatGateway: {nat}"] if nat else []
    routes = [f"{prefix}/RouteTable/Route: {subnet}"] if route else []
    association = f"{prefix}/RouteTable/RouteTableAssociation: {subnet}"
    return [f"{prefix}: {subnet}", *gateway, f"{prefix}/RouteTable: {subnet}", *routes, association]


def test_two_zones_with_one_nat_gateway_make_exactly_these_children(run: Run) -> None:
    assert _tree(run(TWO_ZONES)) == [
        "Vpc: net",
        "Vpc/Vpc: net",
        "Vpc/Vpc/InternetGateway: net",
        *_below_subnet("net-data-1", route=False),
        *_below_subnet("net-data-2", route=False),
        *_below_subnet("net-private-1"),
        *_below_subnet("net-private-2"),
        *_below_subnet("net-public-1", nat="net-1"),
        *_below_subnet("net-public-2"),
    ]


def test_three_zones_have_a_nat_gateway_each_by_default(run: Run) -> None:
    assert _tree(run(THREE_ZONES)) == [
        "Vpc: net",
        "Vpc/Vpc: net",
        "Vpc/Vpc/InternetGateway: net",
        *[line for zone in "123" for line in _below_subnet(f"net-private-{zone}")],
        *[line for zone in "123" for line in _below_subnet(f"net-public-{zone}", nat=f"net-{zone}")],
    ]


def test_the_children_have_the_inputs_of_awsx(run: Run) -> None:
    inputs = {(one.type.rpartition(":")[2], one.name): one.inputs for one in run(TWO_ZONES).resources if one.custom}
    shared = {"Name": "net", "App": "news"}
    assert inputs["Vpc", "net"] == {"cidrBlock": "10.0.0.0/16", "tags": shared}
    assert inputs["InternetGateway", "net"] == {"vpcId": UNKNOWN, "tags": shared}
    assert inputs["Subnet", "net-private-2"] == {
        "vpcId": UNKNOWN,
        "availabilityZone": "eu-west-1b",
        "mapPublicIpOnLaunch": False,
        "cidrBlock": "10.0.16.0/20",
        "assignIpv6AddressOnCreation": False,
        "ipv6CidrBlock": UNKNOWN,
        "tags": {"App": "news", "Name": "net-private-2", "SubnetType": "Private", "Tier": "app"},
    }
    assert inputs["Subnet", "net-public-1"]["mapPublicIpOnLaunch"] is True
    tags = {"App": "news", "Name": "net-data-1", "SubnetType": "Isolated"}
    assert inputs["RouteTable", "net-data-1"] == {"vpcId": UNKNOWN, "tags": tags}
    assert inputs["RouteTableAssociation", "net-data-1"] == {"routeTableId": UNKNOWN, "subnetId": UNKNOWN}
    assert inputs["Eip", "net-1"] == {"tags": {"App": "news", "Name": "net-1"}}
    nat = {"subnetId": UNKNOWN, "allocationId": UNKNOWN, "tags": {"App": "news", "Name": "net-1"}}
    assert inputs["NatGateway", "net-1"] == nat
    anywhere = {"routeTableId": UNKNOWN, "destinationCidrBlock": "0.0.0.0/0"}
    assert inputs["Route", "net-public-1"] == {**anywhere, "gatewayId": UNKNOWN}
    assert inputs["Route", "net-private-1"] == {**anywhere, "natGatewayId": UNKNOWN}


def _sources(graph: Graph, kind: str, name: str) -> dict[str, list[str]]:
    (found,) = (one for one in graph.resources if one.type.endswith(f":{kind}") and one.name == name)
    return {key: [urn.rpartition("::")[2] for urn in urns] for key, urns in found.property_dependencies.items()}


def test_the_children_depend_on_each_other(run: Run) -> None:
    one, three = run(TWO_ZONES), run(THREE_ZONES)
    assert _sources(one, "Subnet", "net-public-1") == {"vpcId": ["net"], "ipv6CidrBlock": ["net"]}
    assert _sources(one, "NatGateway", "net-1") == {"allocationId": ["net-1"], "subnetId": ["net-public-1"]}
    assert _sources(one, "Route", "net-private-2") == {"natGatewayId": ["net-1"], "routeTableId": ["net-private-2"]}
    assert _sources(three, "Route", "net-private-2")["natGatewayId"] == ["net-2"]


def _subnet_urn(graph: Graph, name: str) -> str:
    return next(one.urn for one in graph.resources if one.type == "aws:ec2/subnet:Subnet" and one.name == name)


def test_a_consumer_depends_on_the_component_and_the_subnets(run: Run) -> None:
    graph = run(TWO_ZONES + "Thing('user', {'subnets': vpc.private_subnet_ids, 'vpc': vpc.vpc_id})\n")
    component = next(one for one in graph.resources if one.type == "awsx:ec2:Vpc")
    user = named(graph, "user")
    assert user.inputs == {"subnets": UNKNOWN, "vpc": UNKNOWN}
    assert user.property_dependencies["subnets"] == (
        _subnet_urn(graph, "net-private-1"),
        _subnet_urn(graph, "net-private-2"),
        component.urn,
    )


def test_the_children_have_the_source_of_the_component(run: Run) -> None:
    sources = {one.source for one in run(TWO_ZONES).resources if "ec2" in one.type}
    assert sources == {Source(file="__main__.py", line=4)}


def _endpoints(run: Run, strategy: str) -> Graph:
    return run(
        THREE_ZONES.replace(
            "subnet_strategy=",
            f"""vpc_endpoint_strategy={strategy!r}, vpc_endpoint_specs=[
                {{'service_name': 's3'}}, {{'service_name': 'ecr', 'vpc_endpoint_type': 'Interface'}}],
            subnet_strategy=""",
        )
    )


def test_automatic_endpoints_are_filled_in_from_the_network(run: Run) -> None:
    graph = _endpoints(run, "Auto")
    assert named(graph, "s3").inputs == {
        "serviceName": "s3",
        "vpcId": UNKNOWN,
        "routeTableIds": [UNKNOWN] * 6,
        "tags": {"Name": "net"},
    }
    assert named(graph, "ecr").inputs == {
        "serviceName": "ecr",
        "vpcEndpointType": "Interface",
        "vpcId": UNKNOWN,
        "subnetIds": [UNKNOWN] * 3,
        "securityGroupIds": [UNKNOWN],
        "privateDnsEnabled": True,
        "tags": {"Name": "net"},
    }
    private = tuple(_subnet_urn(graph, f"net-private-{zone}") for zone in "123")
    assert named(graph, "ecr").property_dependencies["subnetIds"] == private
    assert named(graph, "ecr-ingress").inputs["toPort"] == 443
    (vpc,) = (one for one in graph.resources if one.type == "aws:ec2/vpc:Vpc")
    assert (vpc.inputs["enableDnsHostnames"], vpc.inputs["enableDnsSupport"]) == (True, True)


def test_legacy_endpoints_are_left_as_specified(run: Run) -> None:
    graph = _endpoints(run, "Legacy")
    assert set(named(graph, "s3").inputs) == {"serviceName", "vpcId", "tags"}
    assert set(named(graph, "ecr").inputs) == {"serviceName", "vpcEndpointType", "vpcId", "tags"}


def test_a_refused_argument_is_a_clean_error(run: Run) -> None:
    with pytest.raises(ProgramError, match=r"awsx:ec2:Vpc net: .* needs subnetStrategy Auto"):
        run("import pulumi_awsx as awsx\nawsx.ec2.Vpc('net')")


def _spec(kind: str, *blocks: str) -> dict[str, Json]:
    return {"type": kind, "cidrBlocks": list(blocks)}


PUBLIC, PRIVATE = _spec("Public", "10.0.0.0/24"), _spec("Private", "10.0.1.0/24")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"subnetStrategy": "Legacy"}, "needs subnetStrategy"),
        ({"subnetSpecs": [{"type": "Public"}]}, "cidrBlocks in every subnet spec"),
        ({"subnetSpecs": []}, "cidrBlocks in every subnet spec"),
        ({"subnetSpecs": [_spec("Public", "10.0.0.0/24", "10.0.1.0/24")]}, r"subnetSpecs\[0\] must match .* \(1\)"),
        ({"subnetSpecs": [PRIVATE, {**PRIVATE, "assignIpv6AddressOnCreation": True}]}, "assignIpv6AddressOnCreation"),
        ({"subnetSpecs": [PUBLIC, PUBLIC]}, "unique names"),
        ({"subnetSpecs": [PUBLIC, _spec("Private", "10.0.0.128/25")]}, "overlap"),
        ({"subnetSpecs": [PRIVATE]}, "NAT strategy Single needs public subnets"),
        ({"availabilityZoneNames": ["eu-west-1a"]}, "only one of"),
        ({"numberOfAvailabilityZones": 4}, "wants 4 availability zones, the region has 3"),
        ({"natGateways": {"strategy": "Many"}}, "unknown NAT gateway strategy Many"),
        ({"natGateways": {"strategy": "Single", "elasticIpAllocationIds": ["a", "b"]}}, "takes 1 elastic IPs, 2 given"),
        ({"tags": UNKNOWN}, "tags must be known"),
        ({"ipv4IpamPoolId": "pool"}, "does not follow ipv4IpamPoolId"),
        ({"vpcEndpointSpecs": [{"serviceName": "s3", "ipAddressType": "dualstack"}]}, "IPv4 endpoints only"),
    ],
)
def test_arguments_that_cannot_be_followed_are_refused(change: Mapping[str, Json], message: str) -> None:
    args: dict[str, Json] = {
        "subnetStrategy": "Auto",
        "numberOfAvailabilityZones": 1,
        "natGateways": {"strategy": "Single"},
        "subnetSpecs": [PUBLIC, PRIVATE],
    }
    assert plan_vpc("net", args, ZONES).nat_strategy == "Single"
    with pytest.raises(RefusedError, match=message):
        plan_vpc("net", {**args, **change}, ZONES)


def test_given_elastic_ips_are_used_instead_of_new_ones(run: Run) -> None:
    graph = run(
        TWO_ZONES.replace(
            "{'strategy': 'Single'}", "{'strategy': 'Single', 'elastic_ip_allocation_ids': ['eipalloc-1']}"
        )
    )
    assert named(graph, "net-1").type == "aws:ec2/natGateway:NatGateway"
    assert named(graph, "net-1").inputs["allocationId"] == "eipalloc-1"

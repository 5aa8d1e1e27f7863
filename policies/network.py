"""The network as rules walk it: which way out a subnet has, and in which zone it lies."""

from collections.abc import Iterator

from policies import kinds
from policies.graph import Graph, Resource


def routes(subnet: Resource, graph: Graph) -> Iterator[Resource]:
    """The routes of the tables that a subnet is associated with."""
    for association in graph.referring(subnet, kinds.ROUTE_TABLE_ASSOCIATION, "subnetId"):
        for table in graph.refers(association, "routeTableId", kinds.ROUTE_TABLE):
            yield from graph.referring(table, kinds.ROUTE, "routeTableId")


def gateways(subnet: Resource, graph: Graph) -> Iterator[Resource]:
    """The NAT gateways through which a subnet reaches the internet."""
    for route in routes(subnet, graph):
        yield from graph.refers(route, "natGatewayId", kinds.NAT_GATEWAY)


def has_internet_gateway(subnet: Resource, graph: Graph) -> bool:
    """Whether a route of the subnet leads to and from the internet itself."""
    return any(graph.refers(route, "gatewayId", kinds.INTERNET_GATEWAY) for route in routes(subnet, graph))


def zones(gateway: Resource, graph: Graph) -> frozenset[str]:
    """The zones of the subnets that a NAT gateway stands in; the empty text for one that is not known."""
    return frozenset(subnet.text("availabilityZone") for subnet in graph.refers(gateway, "subnetId", kinds.SUBNET))

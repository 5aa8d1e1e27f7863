"""Functions as rules see them: what their kind of package and of capacity takes away."""

from collections.abc import Iterator
from typing import Final

from policies import kinds
from policies.graph import Graph, Resource, Service
from policies.values import MISSING

PROVIDER: Final = "capacityProviderConfig.lambdaManagedInstancesCapacityProviderConfig.capacityProviderArn"


def is_on_instances(function: Resource) -> bool:
    """Whether the function runs on shared instances, whose network and bound are the capacity provider's."""
    return function.get("capacityProviderConfig") is not MISSING


def is_image(function: Resource) -> bool:
    """Whether the function's code is a container image: AWS has no layers there."""
    return function.get("packageType") == "Image"


def is_unreleased(service: Service) -> bool:
    """Whether the service is a function whose first image has not been pushed, so that AWS has no function yet."""
    return service.stated("unreleased")


def mappings(service: Service, graph: Graph) -> Iterator[tuple[Resource, tuple[Resource, ...]]]:
    """Each event source mapping of the service, with the queues that it reads; a stream's has none."""
    for mapping in service.of(kinds.EVENT_SOURCE_MAPPING):
        yield mapping, graph.refers(mapping, "eventSourceArn", kinds.QUEUE)

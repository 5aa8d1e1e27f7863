"""How many vCPUs of Fargate a stack takes when every service is at its scaling.max."""

import math
from collections.abc import Iterable, Mapping

from stacks import limits
from stacks.models import ExpressSpec, FargateSpec, Service


def of_processors(services: Mapping[str, Service]) -> dict[str, int]:
    """On demand and on Spot, each rounded up once for all services."""
    units = [_most_cpu_units(service) for service in services.values() for _ in range(_sides(service))]
    return {
        "fargate-spot-vcpu": _vcpus(on_spot for _, on_spot in units),
        "fargate-vcpu": _vcpus(on_demand for on_demand, _ in units),
    }


def _sides(service: Service) -> int:
    """How often a service runs: both sides of a stepped rollout may grow to the maximum at once."""
    return 2 if isinstance(service, FargateSpec) and service.rollout.is_stepped else 1


def _vcpus(units: Iterable[int]) -> int:
    return math.ceil(sum(units) / limits.FARGATE_CPU_UNITS_PER_VCPU)


def _most_cpu_units(service: Service) -> tuple[int, int]:
    """CPU units on demand and on Spot, when as many tasks run as may: ECS fills the base first, then by weight."""
    if isinstance(service, ExpressSpec):
        return service.cpu * service.scaling.max, 0
    if not isinstance(service, FargateSpec):
        return 0, 0
    tasks = 1 if service.schedule is not None else service.scaling.max
    spot = service.spot
    if spot is None:
        return tasks * service.cpu, 0
    if service.schedule is not None:
        return 0, service.cpu
    above = max(tasks - spot.on_demand_base, 0)
    on_spot = math.ceil(above * spot.spot_weight / (spot.spot_weight + spot.on_demand_weight))
    on_demand = tasks - math.floor(above * spot.spot_weight / (spot.spot_weight + spot.on_demand_weight))
    return on_demand * service.cpu, on_spot * service.cpu

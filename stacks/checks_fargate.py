"""What one container service's model cannot see: the tier, the functions that it names, and the others' aliases."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from stacks.models import Environment, FargateSpec, FunctionSpec, Service
from stacks.problems import Problem, did_you_mean, show
from stacks.source import Source
from stacks.standards import SPOT_ON_DEMAND_BASE_PROD_MIN

_SERVICES: Final = "config.onramp:services"
_FOR_WHAT_RUNS_ON: Final = ("scaling", "rollout")
"""Keys that the tier fills in for every container service, and that mean nothing to a task that ends."""


def containers(
    source: Source, environment: Environment | None, services: Mapping[str, Service], refused: AbstractSet[str]
) -> Iterator[Problem]:
    """Every problem between the container services of a stack and what they name.

    Args:
        source: the file.
        environment: None when it has been refused already.
        services: those that are right in themselves.
        refused: names of those that are not; what they have is not known.
    """
    found = {name: service for name, service in services.items() if isinstance(service, FargateSpec)}
    for name, service in found.items():
        path = f"{_SERVICES}.{name}"
        yield from _hooks(source, path, service, services, refused)
        if service.schedule is not None:
            yield from _scheduled(source, path)
        if environment is not None and environment.tier == "prod":
            yield from _spot(source, path, service)
    yield from _aliases(source, found)
    yield from _names_in_ecs(source, found)


def _hooks(
    source: Source, path: str, service: FargateSpec, services: Mapping[str, Service], refused: AbstractSet[str]
) -> Iterator[Problem]:
    functions = sorted(name for name, other in services.items() if isinstance(other, FunctionSpec))
    for index, hook in enumerate(service.rollout.hooks):
        if hook.function not in functions and hook.function not in refused:
            guess = did_you_mean(hook.function, functions)
            yield source.problem(
                f"{path}.rollout.hooks.{index}.function",
                "is no lambda service of this stack",
                got=show(hook.function),
                allowed=", ".join(functions[:10]) or "none is declared yet",
                fix=f"did you mean `{guess}`?" if guess else "declare it with compute: lambda",
            )


def _scheduled(source: Source, path: str) -> Iterator[Problem]:
    for key in _FOR_WHAT_RUNS_ON:
        if f"{path}.{key}" in source.lines:
            yield source.problem(
                f"{path}.{key}",
                "means nothing to a task that starts by the clock and ends",
                fix="remove it, or the schedule",
            )


def _spot(source: Source, path: str, service: FargateSpec) -> Iterator[Problem]:
    if service.spot is not None and service.spot.on_demand_base < SPOT_ON_DEMAND_BASE_PROD_MIN:
        yield source.problem(
            f"{path}.spot.onDemandBase",
            "leaves nobody to answer when AWS takes the Spot tasks back",
            got=str(service.spot.on_demand_base),
            allowed=f"{SPOT_ON_DEMAND_BASE_PROD_MIN} or more in prod",
            fix=f"write {SPOT_ON_DEMAND_BASE_PROD_MIN}, or leave it out",
        )


def _names_in_ecs(source: Source, services: Mapping[str, FargateSpec]) -> Iterator[Problem]:
    """A service between whose two sides Onramp shifts has two names in the cluster."""
    owners = {each: name for name, service in services.items() for each in service.ecs_names(name) if each != name}
    for name in services:
        if name in owners:
            yield source.problem(
                f"{_SERVICES}.{name}",
                f"is what ECS calls one side of {owners[name]}, whose rollout.strategy is stepped",
                fix="rename one of them",
            )


def _aliases(source: Source, services: Mapping[str, FargateSpec]) -> Iterator[Problem]:
    """Each name and port is one service's within the namespace (ECS API, ServiceConnectClientAlias)."""
    first: dict[tuple[str, int], str] = {}
    for name, service in services.items():
        address = service.connect_address(name)
        if address is None:
            continue
        other = first.setdefault(address, name)
        if other != name:
            own = f"{_SERVICES}.{name}.discovery.alias"
            yield source.problem(
                own if own in source.lines else f"{_SERVICES}.{other}.discovery.alias",
                f"{address[0]}:{address[1]} would be both {other} and {name} in Service Connect",
                fix="give one of them another alias or aliasPort",
            )

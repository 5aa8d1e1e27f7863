"""What the model of one App Runner or Express service cannot see: AWS's sizes, its name, its image and its callers."""

from collections.abc import Iterator, Mapping
from typing import Final

from stacks import limits
from stacks.models import AppRunnerSpec, ExpressSpec, Service
from stacks.problems import Problem, show
from stacks.source import Source
from stacks.standards import APP_RUNNER_LIVE_TAG

_SERVICES: Final = "config.onramp:services"
_NAMES_OF_THE_FOUNDATION: Final = ("api", "services")
"""What <name>.<domain> is already: the HTTP API and the load balancer of the environment."""
_SIZES: Final[Mapping[str, Mapping[int, tuple[int, ...]]]] = {
    "apprunner": limits.APP_RUNNER_MEMORY_MIB,
    "express": limits.EXPRESS_MEMORY_MIB,
}
_TITLES: Final = {"apprunner": "App Runner", "express": "Express"}


def web_services(source: Source, services: Mapping[str, Service], images: Mapping[str, str]) -> Iterator[Problem]:
    """Every problem of the web services that AWS fronts by itself, and of those that call them."""
    for name, service in services.items():
        path = f"{_SERVICES}.{name}"
        if isinstance(service, AppRunnerSpec | ExpressSpec):
            yield from _size(source, path, service)
        if isinstance(service, AppRunnerSpec):
            yield from _name(source, path, name, service)
            yield from _image(source, name, service, images)
        yield from _addresses(source, path, service, services)


def _size(source: Source, path: str, service: AppRunnerSpec | ExpressSpec) -> Iterator[Problem]:
    sizes, title = _SIZES[service.compute], _TITLES[service.compute]
    legal = sizes.get(service.cpu)
    if legal is None:
        yield source.problem(
            f"{path}.cpu",
            f"is not a size that {title} has",
            str(service.cpu),
            ", ".join(map(str, sizes)),
            "choose one",
        )
    elif service.memory not in legal:
        nearest = min(legal, key=lambda mib: abs(mib - service.memory))
        yield source.problem(
            f"{path}.memory",
            f"does not go with cpu {service.cpu} on {title}",
            str(service.memory),
            ", ".join(map(str, legal)),
            f"write {nearest}, or change cpu",
        )


def _name(source: Source, path: str, name: str, service: AppRunnerSpec) -> Iterator[Problem]:
    if service.public and name in _NAMES_OF_THE_FOUNDATION:
        yield source.problem(
            path,
            f"{name}.<domain> is the address of the environment's own load balancer or API",
            fix="rename the service, or set public: false",
        )


def _image(source: Source, name: str, service: AppRunnerSpec, images: Mapping[str, str]) -> Iterator[Problem]:
    """Automatic deployment follows one tag; an approved one deploys what stands still."""
    released = images.get(name)
    if released is None:
        return
    follows = service.rollout.strategy == "automatic"
    if follows != (released == APP_RUNNER_LIVE_TAG):
        yield source.problem(
            f"config.onramp:images.{name}",
            f"does not go with rollout.strategy {service.rollout.strategy}",
            show(released),
            f"{APP_RUNNER_LIVE_TAG}, the tag that a push moves" if follows else "a digest or a tag that stands still",
            f"write {APP_RUNNER_LIVE_TAG}" if follows else "write the digest, or rollout: {strategy: automatic}",
        )


def _addresses(source: Source, path: str, caller: Service, services: Mapping[str, Service]) -> Iterator[Problem]:
    for index, name in enumerate(caller.calls):
        called = services.get(name)
        if not isinstance(called, AppRunnerSpec | ExpressSpec) or called.has_address_of_its_own:
            continue
        if not called.discovery.cloud_map:
            yield source.problem(
                f"{path}.calls.{index}",
                "has an address that AWS makes up, so callers ask Cloud Map for it",
                show(name),
                fix=f"set discovery.cloudMap: true at {name}",
            )

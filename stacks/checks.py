"""What one model cannot see: rules between services, and between values and the tables of AWS."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import pairwise

from stacks import checks_endpoints, checks_fargate, checks_functions, checks_pipelines, checks_stores, limits, quotas
from stacks.checks_web import web_services
from stacks.models import Environment, FargateSpec, Service
from stacks.problems import Problem, did_you_mean, show
from stacks.routing import path_values, split_route
from stacks.sensitive import is_secret_name, is_secret_value
from stacks.source import Source
from stacks.standards import ADMIN_SUFFIX

_SERVICES = "config.onramp:services"
_OF_THE_FOUNDATION = {"api", "budgetUsd", "capacity", "network", "waive", "webSockets"}
"""Keys of the environment that shape the foundation, and nothing of a stack that uses another one's."""


def across(
    source: Source, environment: Environment | None, services: Mapping[str, Service], images: Mapping[str, str]
) -> Iterator[Problem]:
    """Every problem between the services of one stack.

    Args:
        source: the file; a service that is written there and not in `services` has been refused already.
        environment: None when it has been refused already.
        services: those that are right in themselves.
        images: by service.
    """
    refused = _written(source, "onramp:services").keys() - services.keys()
    yield from _sizes(source, services)
    yield from _kept_apart(source, services)
    yield from _routes(source, services)
    yield from _references(source, services, refused)
    yield from checks_stores.stores(source, services)
    yield from _images(source, services, images, refused)
    yield from checks_endpoints.released(source, services, images)
    yield from web_services(source, services, images)
    yield from checks_fargate.containers(source, environment, services, refused)
    yield from checks_functions.functions(source, environment, services, refused)
    if environment is not None:
        yield from _environment(source, environment)
        yield from checks_pipelines.rolled_out(source, environment, services)
        yield from _api(source, environment, services)
        yield from _probes(source, environment, services)


def _environment(source: Source, environment: Environment) -> Iterator[Problem]:
    for name in environment.quotas:
        if name not in quotas.QUOTAS:
            guess = did_you_mean(name, list(quotas.QUOTAS))
            yield source.problem(
                f"config.onramp:environment.quotas.{name}",
                "is not a quota that is known here",
                got=show(name),
                allowed=", ".join(quotas.QUOTAS),
                fix=f"did you mean `{guess}`?" if guess else "remove it",
            )
    if environment.foundation is not None:
        for key in sorted(_OF_THE_FOUNDATION & _written(source, "onramp:environment").keys()):
            yield source.problem(
                f"config.onramp:environment.{key}",
                "has no effect: the foundation belongs to another stack",
                fix=f"remove it here, and set it in the stack {environment.foundation.stack}",
            )


def _probes(source: Source, environment: Environment, services: Mapping[str, Service]) -> Iterator[Problem]:
    """Probes keep their code and what they see in a bucket of the foundation, which is there where probes are on."""
    for name, service in services.items():
        if service.is_probed and not environment.probes:
            yield source.problem(
                f"{_SERVICES}.{name}.probe.enabled",
                "needs the environment's probes, which are off",
                got="true",
                fix="write `probes: true` in onramp:environment (where the foundation is, too), or remove it here",
            )


def _api(source: Source, environment: Environment, services: Mapping[str, Service]) -> Iterator[Problem]:
    """Whether there is an HTTP API for those who want to be behind it; another stack's is looked up at preview."""
    if environment.api is not None or environment.foundation is not None:
        return
    for name, service in services.items():
        if service.is_behind_the_api:
            yield source.problem(
                f"{_SERVICES}.{name}.ingress",
                "this environment has no HTTP API",
                got=service.ingress,
                fix="write `api: {}` in onramp:environment",
            )


def service_name(source: Source, path: str, name: str) -> Iterator[Problem]:
    """Whether `name` can be the name of a service everywhere it is used."""
    if len(name) > limits.SERVICE_NAME_MAX:
        yield source.problem(
            path,
            f"the name has {len(name)} characters",
            allowed=f"at most {limits.SERVICE_NAME_MAX}",
            fix="shorten it",
        )
    if name in limits.SERVICE_NAMES_TAKEN:
        yield source.problem(
            path, f"{show(name)} is the name of a container that runs beside every service", fix="rename it"
        )
    if not re.fullmatch(limits.SERVICE_NAME_PATTERN, name):
        yield source.problem(
            path,
            f"{show(name)} cannot name a service",
            allowed="lower-case letters, digits and single hyphens between them, starting with a letter",
            fix="rename it, for example " + (re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "news-api"),
        )


def _sizes(source: Source, services: Mapping[str, Service]) -> Iterator[Problem]:
    for name, service in services.items():
        path = f"{_SERVICES}.{name}"
        if isinstance(service, FargateSpec):
            legal = limits.FARGATE_MEMORY_MIB.get(service.cpu)
            if legal is None:
                allowed = ", ".join(map(str, limits.FARGATE_MEMORY_MIB))
                yield source.problem(f"{path}.cpu", "is not a Fargate size", str(service.cpu), allowed, "choose one")
            elif service.memory not in legal:
                yield source.problem(
                    f"{path}.memory",
                    f"does not go with cpu {service.cpu}",
                    str(service.memory),
                    _memory_choices(legal),
                    f"write {_nearest(legal, service.memory)}, or change cpu",
                )
        if service.telemetry.retention_days not in limits.LOG_RETENTION_DAYS:
            yield source.problem(
                f"{path}.telemetry.retentionDays",
                "is not a retention that CloudWatch Logs has",
                str(service.telemetry.retention_days),
                ", ".join(map(str, limits.LOG_RETENTION_DAYS)),
                "choose one",
            )


def _kept_apart(source: Source, services: Mapping[str, Service]) -> Iterator[Problem]:
    for name, service in services.items():
        for administrator in (f"{key}{ADMIN_SUFFIX}" for key in service.secrets):
            if administrator in service.secrets:
                yield source.problem(
                    f"{_SERVICES}.{name}.secrets",
                    f"{administrator} is the name of the administrator's secret, which Onramp makes in prod",
                    fix="give it another name",
                )
        for key, value in service.config.items():
            if is_secret_name(key) or is_secret_value(value):
                yield source.problem(
                    f"{_SERVICES}.{name}.config.{key}",
                    "looks like a secret, and config is kept in clear",
                    got="[not shown]",
                    fix=f"put {key} under secrets, and its value into Secrets Manager",
                )


def _nearest(legal: tuple[int, ...], wanted: int) -> int:
    return min(legal, key=lambda mib: abs(mib - wanted))


def _memory_choices(legal: tuple[int, ...]) -> str:
    """A row of the Fargate table in words: all of a short one, ends and step of a long one."""
    steps = {b - a for a, b in pairwise(legal)}
    if len(legal) > 4 and len(steps) == 1:  # noqa: PLR2004 - where a list stops being easier to read than a range
        return f"{legal[0]} to {legal[-1]} in steps of {steps.pop()}"
    return ", ".join(map(str, legal))


def _routes(source: Source, services: Mapping[str, Service]) -> Iterator[Problem]:
    first: dict[tuple[str, str | None, str, frozenset[tuple[str, str]]], str] = {}
    for name, service in services.items():
        if service.route is None:
            continue
        host, path = split_route(service.route)
        headers = frozenset((key.lower(), value.lower()) for key, value in service.headers.items())
        matched = [(str(service.ingress), host, value, headers) for value in path_values(path)]
        taken = next((first[each] for each in matched if each in first), None)
        if taken is not None:
            yield source.problem(
                f"{_SERVICES}.{name}.route",
                f"is the route of {taken} as well",
                got=show(service.route),
                allowed="a route of its own for each service",
                fix="give one of them another path, a host or headers",
            )
        for each in matched:
            first.setdefault(each, name)


def _references(source: Source, services: Mapping[str, Service], refused: AbstractSet[str]) -> Iterator[Problem]:
    secrets = {f"{name}/{s.name}" for name, svc in services.items() for s in svc.secret_refs(name) if s.owner == name}
    topics = {f"{name}/{topic}" for name, service in services.items() for topic in service.publishes}
    stores = {f"{name}/{store}" for name, service in services.items() for store in service.stores}
    callable_names = {name for name, service in services.items() if service.is_callable}

    def judged(entry: str) -> bool:
        # What a refused service has is not known; it is fixed first.
        return entry.partition("/")[0] not in refused

    for name, service in services.items():
        path = f"{_SERVICES}.{name}"
        others = [entry if "/" in entry else f"{name}/{entry}" for entry in service.secrets]
        yield from _named(source, f"{path}.secrets", "secret", others, secrets, judged)
        yield from _named(source, f"{path}.consumes", "topic", service.consumes, topics, judged)
        yield from _named(source, f"{path}.calls", "service that can be called", service.calls, callable_names, judged)
        yield from _named(source, f"{path}.uses", "store", service.uses, stores, judged)
        for key in ("secrets", "consumes", "publishes", "calls", "uses"):
            yield from _twice(source, f"{path}.{key}", getattr(service, key))
        yield from _found_from_outside(source, path, service, services)


def _found_from_outside(
    source: Source, path: str, caller: Service, services: Mapping[str, Service]
) -> Iterator[Problem]:
    """Service Connect is within the cluster; whoever calls a container service from elsewhere needs Cloud Map."""
    for index, name in enumerate(caller.calls):
        called = services.get(name)
        if not isinstance(called, FargateSpec) or called.discovery.cloud_map:
            continue
        if called.rollout.is_stepped:
            yield source.problem(
                f"{path}.calls.{index}",
                "is reached through its route alone: rollout.strategy stepped splits what passes the load balancer",
                got=show(name),
                fix="remove it, and give the address of the route under config; or let ECS shift that service",
            )
            continue
        if not (isinstance(caller, FargateSpec) and caller.connects_to(called)):
            yield source.problem(
                f"{path}.calls.{index}",
                "cannot be found without Service Connect, which is for what ECS keeps running in the cluster",
                got=show(name),
                fix=f"set discovery.cloudMap: true at {name}",
            )


def _named(
    source: Source, path: str, what: str, entries: Iterable[str], known: set[str], judged: Callable[[str], bool]
) -> Iterator[Problem]:
    for index, entry in enumerate(entries):
        if judged(entry) and entry not in known:
            guess = did_you_mean(entry, sorted(known))
            yield source.problem(
                f"{path}.{index}",
                f"there is no such {what} in this environment",
                got=show(entry),
                allowed=", ".join(sorted(known)[:10]) or "none is declared yet",
                fix=f"did you mean `{guess}`?" if guess else "declare it at the service that owns it",
            )


def _twice(source: Source, path: str, entries: tuple[str, ...]) -> Iterator[Problem]:
    for index, entry in enumerate(entries):
        if entry in entries[:index]:
            yield source.problem(f"{path}.{index}", "is listed twice", got=show(entry), fix="keep one")


def _images(
    source: Source, services: Mapping[str, Service], images: Mapping[str, str], refused: AbstractSet[str]
) -> Iterator[Problem]:
    containers = [name for name, service in services.items() if service.has_image]
    for name in images:
        if name not in containers and name not in refused:
            guess = did_you_mean(name, containers)
            yield source.problem(
                f"config.onramp:images.{name}",
                "is not a service of this environment that runs an image or a model",
                allowed=", ".join(containers),
                fix=f"did you mean `{guess}`?" if guess else "remove it",
            )


def _written(source: Source, key: str) -> Mapping[str, object]:
    config = source.values.get("config")
    written = config.get(key) if isinstance(config, dict) else None
    return written if isinstance(written, dict) else {}

"""What one function's model cannot see: the services, the topics and the environment that it names, and the region."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from stacks.layers import SECRETS_EXTENSION_ACCOUNTS
from stacks.models import Environment, FunctionSpec, Service
from stacks.models.stores import TableStore
from stacks.problems import Problem, did_you_mean, show
from stacks.source import Source

_SERVICES: Final = "config.onramp:services"


def in_region(source: Source, region: str, services: Mapping[str, Service]) -> Iterator[Problem]:
    """Whether AWS publishes the layers of functions in `region`, as far as we know, and whether their streams are."""
    functions = _functions(services)
    zipped = [name for name, function in functions.items() if not function.is_image]
    if zipped and region not in SECRETS_EXTENSION_ACCOUNTS:
        yield source.problem(
            "config.aws:region",
            f"no Lambda layers are known for it, and {zipped[0]} is a function",
            got=region,
            allowed=", ".join(SECRETS_EXTENSION_ACCOUNTS),
            fix="use one of these regions, or add the accounts that publish them to stacks/layers.py",
        )
    for name, function in functions.items():
        for key, stream in function.streams.items():
            there = stream.source.split(":")[3] if stream.store is None else region
            if there != region:
                yield source.problem(
                    f"{_SERVICES}.{name}.streams.{key}.source",
                    f"is in {there}; Lambda reads streams of its own region",
                    allowed=region,
                    fix="name a stream of this region",
                )


def functions(
    source: Source, environment: Environment | None, services: Mapping[str, Service], refused: AbstractSet[str]
) -> Iterator[Problem]:
    """Every problem between the functions of a stack and what they name.

    Args:
        source: the file.
        environment: None when it has been refused already.
        services: those that are right in themselves.
        refused: names of those that are not; what they have is not known.
    """
    for name, function in _functions(services).items():
        path = f"{_SERVICES}.{name}"
        yield from _hooks(source, path, name, function, services, refused)
        yield from _topics(source, path, function, services, refused)
        yield from _streams(source, path, function, services, refused)
        yield from _calls_from_instances(source, path, function, services)
        if environment is not None and environment.foundation is None:
            yield from _shared(source, path, function, environment)


def _functions(services: Mapping[str, Service]) -> dict[str, FunctionSpec]:
    return {name: service for name, service in services.items() if isinstance(service, FunctionSpec)}


def _hooks(
    source: Source,
    path: str,
    name: str,
    function: FunctionSpec,
    services: Mapping[str, Service],
    refused: AbstractSet[str],
) -> Iterator[Problem]:
    hooks = function.rollout.hooks
    known = [other for other in _functions(services) if other != name]
    for key, hook in (("before", hooks.before), ("after", hooks.after)) if hooks is not None else ():
        if hook is not None and hook not in known and hook not in refused:
            guess = did_you_mean(hook, known)
            yield source.problem(
                f"{path}.rollout.hooks.{key}",
                "is not another function of this environment",
                got=show(hook),
                allowed=", ".join(known) or "none is declared yet",
                fix=f"did you mean `{guess}`?" if guess else "declare it as a service with compute: lambda",
            )


def _topics(
    source: Source, path: str, function: FunctionSpec, services: Mapping[str, Service], refused: AbstractSet[str]
) -> Iterator[Problem]:
    known = [f"{name}/{topic}" for name, service in services.items() for topic in service.publishes]
    for index, entry in enumerate(function.notified_by):
        here = f"{path}.notifiedBy.{index}"
        if entry in function.notified_by[:index]:
            yield source.problem(here, "is listed twice", got=show(entry), fix="keep one")
        elif entry in function.consumes:
            yield source.problem(here, "is under consumes as well: every message would come twice", fix="keep one")
        elif entry not in known and entry.partition("/")[0] not in refused:
            guess = did_you_mean(entry, known)
            yield source.problem(
                here,
                "there is no such topic in this environment",
                got=show(entry),
                allowed=", ".join(sorted(known)[:10]) or "none is declared yet",
                fix=f"did you mean `{guess}`?" if guess else "declare it at the service that owns it",
            )


def _streams(
    source: Source, path: str, function: FunctionSpec, services: Mapping[str, Service], refused: AbstractSet[str]
) -> Iterator[Problem]:
    known = [
        f"{name}/{key}"
        for name, service in services.items()
        for key, store in service.stores.items()
        if isinstance(store, TableStore) and store.stream
    ]
    for key, stream in function.streams.items():
        if stream.store is not None and stream.source not in known and stream.store[0] not in refused:
            guess = did_you_mean(stream.source, known)
            yield source.problem(
                f"{path}.streams.{key}.source",
                "there is no table with a stream of this name in this environment",
                got=show(stream.source),
                allowed=", ".join(known) or "none is declared yet",
                fix=f"did you mean `{guess}`?" if guess else "write `stream: true` at the table",
            )


def _calls_from_instances(
    source: Source, path: str, function: FunctionSpec, services: Mapping[str, Service]
) -> Iterator[Problem]:
    if function.instances is None:
        return
    for index, called in enumerate(function.calls):
        if called in services and services[called].listens:
            yield source.problem(
                f"{path}.calls.{index}",
                "listens in the VPC, and functions on instances share one security group, which opens no such door",
                got=show(called),
                fix="remove `instances`, or call a function",
            )


def _shared(source: Source, path: str, function: FunctionSpec, environment: Environment) -> Iterator[Problem]:
    """Whether the environment has what the function shares; another stack's foundation is looked up at preview."""
    if function.instances is not None and environment.capacity is None:
        yield source.problem(
            f"{path}.instances",
            "this environment has no instances",
            fix="write `capacity: {}` in onramp:environment",
        )
    if function.web_socket is not None and not environment.web_sockets:
        yield source.problem(
            f"{path}.webSocket",
            "API Gateway may not write logs in this environment yet",
            fix="write `webSockets: true` in onramp:environment",
        )

"""Small questions that many rules ask of one input."""

from collections.abc import Callable, Iterable, Iterator

from policies import kinds
from policies.graph import Graph, Resource, Service
from policies.rule import Fail, Outcome, Undecided
from policies.values import UNKNOWN, Value, has_unknown


def expect(resource: Resource, path: str, holds: Callable[[Value], bool], message: str) -> Iterator[Outcome]:
    """The input at `path` holds; unknown is undecided, and `message` tells what is wrong otherwise."""
    value = resource.get(path)
    if value is UNKNOWN:
        yield unknown(resource, path)
    elif not holds(value):
        yield Fail(resource=resource, path=path, message=message)


def expect_equal(resource: Resource, path: str, wanted: str, message: str) -> Iterator[Outcome]:
    """The input at `path` is `wanted`."""
    yield from expect(resource, path, lambda value: value == wanted, message)


def expect_true(resource: Resource, path: str, message: str) -> Iterator[Outcome]:
    """The input at `path` is true."""
    yield from expect(resource, path, lambda value: value is True, message)


def expect_set(graph: Graph, resource: Resource, path: str, types: tuple[str, ...], message: str) -> Iterator[Outcome]:
    """The input at `path` is set; an unknown value counts when it comes from a resource of `types`."""
    if graph.is_set(resource, path, *types):
        return
    if resource.get(path) is UNKNOWN:
        yield unknown(resource, path)
    else:
        yield Fail(resource=resource, path=path, message=message)


def expect_joined(
    graph: Graph,
    target: Resource,
    kind: str,
    path: str,
    holds: Callable[[Resource], bool],
    message: str,
) -> Iterator[Outcome]:
    """Of the resources of `kind` that refer to `target` at `path`, one holds.

    One that is not known yet, or of which nobody knows yet what it refers to, leaves it undecided.
    """
    found = graph.referring(target, kind, path)
    if any(holds(each) for each in found):
        return
    waiting = next((each for each in found if has_unknown({**each.inputs, path: None})), None)
    loose = next((each for each in graph.loose(kind, path, target.type)), None)
    if waiting is not None:
        yield Undecided(because=f"{waiting.name} is only known after the deployment")
    elif loose is not None:
        yield unknown(loose, path)
    else:
        yield Fail(resource=target, message=message)


def unknown(resource: Resource, path: str) -> Undecided:
    """The cause of a verdict that waits for the deployment."""
    return Undecided(because=f"{path} of {resource.name} is only known after the deployment")


def unless_unknown(fail: Fail, resources: Iterable[Resource], *paths: str) -> Iterator[Outcome]:
    """`fail`, unless one of the resources may be what is missed: an input of it is not known yet."""
    waiting = (unknown(each, path) for each in resources for path in paths if has_unknown(each.get(path)))
    yield next(waiting, fail)


def foundation_missing(graph: Graph, what: str) -> Iterator[Outcome]:
    """What to say when a shared resource is not in this graph: another stack has it, or it is missing."""
    owner = graph.foreign_foundation
    if owner is not None:
        yield Undecided(because=f"the foundation belongs to the stack {owner}, which is judged there")
    else:
        yield Fail(message=f"{what} is not in this stack")


def only(resources: tuple[Resource, ...], service: Service, what: str) -> Iterator[Outcome]:
    """At least one of `resources` is there."""
    if not resources:
        yield Fail(message=f"{service.name} has no {what}")


def expect_alarm(name: str, resource: Resource, path: str, graph: Graph) -> Iterator[Outcome]:
    """The alarm called `name`, which `resource` names at `path`, is in this stack."""
    if not graph.named(name, kinds.METRIC_ALARM, kinds.COMPOSITE_ALARM):
        message = f"{resource.name} names the alarm {name}, which is not in this stack"
        yield Fail(resource=resource, path=path, message=message)

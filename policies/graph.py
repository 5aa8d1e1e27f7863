"""The previewed graph as plain data, with the joins that rules need; built once per judgement, without any engine."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from policies import kinds
from policies.values import MISSING, UNKNOWN, Marker, Value, get, parsed, texts
from stacks.standards import TIERS, Tier

_NAME_PROPERTIES: Final = (
    "name",
    "alarmName",
    "ruleName",
    "family",
    "dashboardName",
    "deploymentConfigName",
    "deploymentGroupName",
    "bucket",
)
"""Where a resource's physical name may stand, by type."""

_ARN: Final = re.compile(r"^arn:[a-z-]+:(?P<service>[a-z0-9-]+):[^:]*:[^:]*:(?P<rest>.+)$")
_MODULES: Final[Mapping[str, str]] = {
    "elasticloadbalancing": "lb",
    "events": "cloudwatch",
    "logs": "cloudwatch",
    "states": "sfn",
}
"""The provider's module where it is not called as the service is in ARNs."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One resource: `parent` is a URN or empty, `inputs` are camelCase as the engine has them, already cleaned."""

    urn: str
    type: str
    name: str
    parent: str = ""
    inputs: Mapping[str, Value]
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    ignores: tuple[str, ...] | None = None
    """The inputs whose changes updates leave alone; None where nobody says."""

    def get(self, path: str) -> Value:
        """The input at the dotted `path` (see `values.get`)."""
        return get(self.inputs, path)

    def text(self, path: str) -> str:
        """The input at `path` when it is a known string, else the empty string."""
        value = self.get(path)
        return value if isinstance(value, str) else ""

    @property
    def physical_name(self) -> str:
        """The name it will have in AWS, when that is known; else the empty string."""
        return next((name for key in _NAME_PROPERTIES if (name := self.text(key))), "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Service:
    """One service of the stack: the facts its component states, and everything below that component."""

    component: Resource
    by_type: Mapping[str, tuple[Resource, ...]]

    @property
    def name(self) -> str:
        """The service's name in the stack file."""
        return self.component.text("service") or self.component.name

    @property
    def urn(self) -> str:
        """The URN of its component."""
        return self.component.urn

    @property
    def compute(self) -> str:
        """`fargate` or `lambda`."""
        return self.component.text("compute")

    @property
    def tier(self) -> Tier:
        """Its tier; a graph that states none is held to the strictest."""
        tier = self.component.text("tier")
        return tier if tier in TIERS else "prod"

    @property
    def is_invoked_by_the_api(self) -> bool:
        """Whether the HTTP API calls it by itself, with no load balancer between."""
        return self.fact("ingress") == "api-gateway" and self.compute == "lambda"

    @property
    def is_scheduled(self) -> bool:
        """Whether it is a task that starts by the clock and ends, with no ECS service to keep it running."""
        return self.compute == "fargate" and self.stated("schedule")

    @property
    def is_stepped(self) -> bool:
        """Whether Onramp itself moves traffic between its versions."""
        return self.stated("stepped")

    def fact(self, path: str) -> Value:
        """What the component states about itself."""
        return self.component.get(path)

    def stated(self, path: str) -> bool:
        """Whether the fact is there and not false or empty."""
        value = self.fact(path)
        return not isinstance(value, Marker) and bool(value)

    def names(self, path: str) -> tuple[str, ...]:
        """A fact that is a list of names."""
        return tuple(texts(self.fact(path)))

    def of(self, *types: str) -> tuple[Resource, ...]:
        """Its resources of these types."""
        return tuple(resource for kind in types for resource in self.by_type.get(kind, ()))

    def resources(self) -> Iterator[Resource]:
        """All its resources, the component not among them."""
        for group in self.by_type.values():
            yield from group


class Graph:
    """All resources of one preview, in the order of their URNs, with their indexes."""

    def __init__(self, resources: Iterable[Resource]) -> None:
        """Index `resources`."""
        self.by_urn: Mapping[str, Resource] = {
            resource.urn: resource for resource in sorted(resources, key=lambda each: each.urn)
        }
        self._children: Mapping[str, tuple[Resource, ...]] = _grouped(self.resources(), lambda each: each.parent)
        self._by_type: Mapping[str, tuple[Resource, ...]] = _grouped(self.resources(), lambda each: each.type)
        self._by_name: Mapping[str, tuple[Resource, ...]] = _grouped(self.resources(), lambda each: each.physical_name)
        components = self.of(*kinds.COMPUTE)
        self.services: tuple[Service, ...] = tuple(self._service(component) for component in components)
        self._owners: Mapping[str, Service] = {
            urn: service
            for service in self.services
            for urn in (service.urn, *(resource.urn for resource in service.resources()))
        }
        self._services: Mapping[str, Service] = {service.name: service for service in self.services}
        self.called: frozenset[str] = frozenset(name for each in self.services for name in each.names("calls"))
        self._parsed: dict[tuple[str, str], Value] = {}
        self._by_input: dict[tuple[str, str], Mapping[str, tuple[Resource, ...]]] = {}
        self._referring: dict[tuple[str, str, str], Mapping[str, list[Resource]]] = {}
        self.tier: Tier = self._stated_tier()
        """The tier of the stack, as its foundation or its services state it; the strictest when nobody does."""

    def resources(self) -> Iterable[Resource]:
        """All of them."""
        return self.by_urn.values()

    def of(self, *types: str) -> tuple[Resource, ...]:
        """All resources of these types."""
        return tuple(resource for kind in types for resource in self._by_type.get(kind, ()))

    def descendants(self, urn: str) -> Iterator[Resource]:
        """Everything below a resource."""
        for child in self._children.get(urn, ()):
            yield child
            yield from self.descendants(child.urn)

    def service_of(self, urn: str) -> Service | None:
        """The service that a resource belongs to; None for the foundation's."""
        return self._owners.get(urn)

    def service(self, name: str) -> Service | None:
        """The service called `name`."""
        return self._services.get(name)

    @property
    def foreign_foundation(self) -> str | None:
        """The stack that owns the foundation, when it is not this one."""
        if self.of(kinds.FOUNDATION):
            return None
        stated = (service.component.text("foundation") for service in self.services)
        names = (*stated, *(each.text("name") or each.name for each in self.of(kinds.STACK_REFERENCE)))
        return next((name for name in names if name and name != "own"), None)

    def parsed(self, resource: Resource, path: str) -> Value:
        """The JSON that the string input at `path` holds, read once."""
        key = (resource.urn, path)
        if key not in self._parsed:
            self._parsed[key] = parsed(resource.get(path))
        return self._parsed[key]

    def refers(self, resource: Resource, path: str, *types: str) -> tuple[Resource, ...]:
        """The resources of `types` that the input at `path` refers to.

        An unknown value refers to what its top-level input depends on; a known string refers to what it names.
        """
        urns = sorted(resource.property_dependencies.get(path.partition(".")[0], ()))  # engines tell them in any order
        found = {urn: self.by_urn[urn] for urn in urns if urn in self.by_urn and self.by_urn[urn].type in types}
        for text in texts(resource.get(path)):
            found |= {named.urn: named for named in self.named(text, *types)}
        return tuple(found.values())

    def referring(self, target: Resource, kind: str, path: str) -> Sequence[Resource]:
        """The resources of a type whose input at `path` refers to `target`, indexed once per path."""
        key = (kind, path, target.type)
        if key not in self._referring:
            found: defaultdict[str, list[Resource]] = defaultdict(list)
            for each in self.of(kind):
                for referred in self.refers(each, path, target.type):
                    found[referred.urn].append(each)
            self._referring[key] = found
        return self._referring[key].get(target.urn, ())

    def loose(self, kind: str, path: str, target: str) -> Sequence[Resource]:
        """The resources of a type whose input at `path` is unknown and says nothing of which `target` it will be."""
        return [each for each in self.of(kind) if each.get(path) is UNKNOWN and not self.refers(each, path, target)]

    def named(self, text: str, *types: str) -> tuple[Resource, ...]:
        """The resources of `types` that a physical name or an ARN stands for."""
        arn = _ARN.match(text)
        if arn is None:
            return tuple(each for each in self._by_name.get(text, ()) if each.type in types)
        module = _MODULES.get(arn["service"], arn["service"])
        rest = arn["rest"]
        candidates = {rest, rest.partition(":")[2], rest.partition("/")[2], rest.rpartition("/")[2]} - {""}
        return tuple(
            each
            for name in sorted(candidates)
            for each in self._by_name.get(name, ())
            if each.type in types and each.type.startswith(f"aws:{module}/")
        )

    def with_input(self, kind: str, path: str, text: str) -> tuple[Resource, ...]:
        """The resources of a type whose input at `path` is `text`, indexed once per path."""
        if (kind, path) not in self._by_input:
            self._by_input[kind, path] = _grouped(self.of(kind), lambda each: each.text(path))
        return self._by_input[kind, path].get(text, ())

    def is_set(self, resource: Resource, path: str, *types: str) -> bool:
        """Whether the input at `path` is there; unknown counts when it comes from a resource of `types`."""
        value = resource.get(path)
        if value is UNKNOWN:
            return bool(self.refers(resource, path, *types))
        return value is not MISSING and value not in ("", [], {})

    def _stated_tier(self) -> Tier:
        for component in (*self.of(kinds.FOUNDATION), *(service.component for service in self.services)):
            tier = component.text("tier")
            if tier in TIERS:
                return tier
        return "prod"

    def _service(self, component: Resource) -> Service:
        return Service(component=component, by_type=_grouped(self.descendants(component.urn), lambda each: each.type))


def _grouped(resources: Iterable[Resource], key: Callable[[Resource], str]) -> Mapping[str, tuple[Resource, ...]]:
    groups: defaultdict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        groups[key(resource)].append(resource)
    return {name: tuple(group) for name, group in groups.items()}

"""Mending what breaks a rule: which input of which resource gets which value. The rule says where it is broken."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatchcase
from itertools import islice
from typing import Final, Protocol, TypeAlias, cast

from policies import kinds
from policies.graph import Graph, Resource, Service
from policies.judge import judge
from policies.rule import ByTier, Remedy, Rule, ServiceRule, StackRule, Stated
from policies.values import MISSING, Marker, Value
from stacks.standards import TIERS, Tier

Remediable: TypeAlias = ServiceRule | StackRule

_STATING: Final = (kinds.FOUNDATION, *kinds.COMPUTE)
"""The components that can say which tier this is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """The input at the dotted `path` becomes `value`."""

    path: str
    value: Value


class Place(Protocol):
    """Inputs that can be changed: a dictionary, or what the SDK wraps one in."""

    def __contains__(self, key: object, /) -> bool: ...
    def __getitem__(self, key: str, /) -> object: ...
    def __setitem__(self, key: str, value: object, /) -> None: ...


def remediable(rules: Iterable[Rule]) -> tuple[Remediable, ...]:
    """The rules that have a remedy."""
    return tuple(rule for rule in rules if isinstance(rule, Remediable) and rule.remedies)


def types_of(rule: Remediable) -> frozenset[str]:
    """The resource types that the remedies of a rule change."""
    return frozenset(kind for remedy in rule.remedies for kind in remedy.types)


def describe(rule: Remediable) -> str:
    """What is changed when the rule is remediated, for those who read it in a list of policies."""
    return f"{rule.meta.title}. Sets {'; '.join(dict.fromkeys(map(_sets, rule.remedies)))}."


def changes(
    rule: Remediable, resource: Resource, known: Mapping[str, Resource], today: date | None = None
) -> Iterator[Change]:
    """What mends `rule` on `resource`; nothing where it holds, is waived, is not asked in the tier, or cannot tell.

    The rule is asked of the resource and the components above it alone. So what it can only decide with the help of
    other resources is never remediated, and in which order a program makes its resources changes nothing.

    Args:
        rule: a rule with remedies.
        resource: with the inputs that its program gives.
        known: the resources so far by URN, those above `resource` among them.
        today: the day on which waivers are judged; by default the real one.
    """
    if resource.type not in types_of(rule):
        return
    graph = Graph((*_around(resource, known), resource))
    service = graph.service_of(resource.urn)
    for violation in judge(graph, today, (rule,)).violations:
        if violation.urn == resource.urn and violation.level != "disabled":
            tier = service.tier if service else graph.tier
            yield from _changes(rule, resource, service, tier, violation.path)


def put(place: Place, path: str, value: Value) -> bool:
    """Set the input at the dotted `path`; whether that could be done.

    It leads through objects, which are made where there are none; through lists, by place or by the `name` of an
    element; and through texts of JSON, which are written anew.
    """
    key, _, rest = path.partition(".")
    if not rest:
        place[key] = value
        return True
    if key not in place or place[key] is None:
        place[key] = {}
    inner = place[key]
    if not isinstance(inner, str):
        return _put_in(inner, rest, value)
    try:
        document: object = json.loads(inner)
    except ValueError:
        return False
    done = _put_in(document, rest, value)
    if done:
        place[key] = json.dumps(document)
    return done


def _put_in(inner: object, path: str, value: Value) -> bool:
    if isinstance(inner, Sequence):
        key, _, rest = path.partition(".")
        element = _element(cast("Sequence[object]", inner), key)
        return element is not None and put(element, rest, value)
    return isinstance(inner, Mapping) and put(cast("Place", inner), path, value)


def _element(found: Sequence[object], key: str) -> Place | None:
    """The object in a list at the place `key`, or with that name."""
    for place, each in enumerate(found):
        if isinstance(each, Mapping) and key in (str(place), cast("Mapping[str, object]", each).get("name")):
            return cast("Place", each)
    return None


def _changes(rule: Remediable, resource: Resource, service: Service | None, tier: Tier, path: str) -> Iterator[Change]:
    for remedy in rule.remedies:
        if resource.type in remedy.types and fnmatchcase(path, remedy.path):
            value = _value(remedy, service, tier)
            if not isinstance(value, Marker):
                yield Change(path=path, value=value)


def _value(remedy: Remedy, service: Service | None, tier: Tier) -> Value:
    """What is to be set; a marker where that is not known, or this is not for the service."""
    if service is not None and service.compute in remedy.not_for:
        return MISSING
    match remedy.value:
        case ByTier(values):
            return values[tier]
        case Stated(path):
            return MISSING if service is None else service.fact(path)
        case value:
            return value


def _sets(remedy: Remedy) -> str:
    match remedy.value:
        case ByTier(values):
            wanted = ", ".join(f"{json.dumps(value)} in {tier}" for tier, value in values.items())
        case Stated(path):
            wanted = f"{path} of its service"
        case value:
            wanted = json.dumps(value)
    return f"{remedy.path} to {wanted}"


def _around(resource: Resource, known: Mapping[str, Resource]) -> Iterator[Resource]:
    """The components above a resource; and where none of them states a tier, the first one that does."""
    above = list(_above(resource, known))
    yield from above
    if not any(map(_states_tier, above)):
        yield from islice(filter(_states_tier, known.values()), 1)


def _states_tier(resource: Resource) -> bool:
    return resource.type in _STATING and resource.text("tier") in TIERS


def _above(resource: Resource, known: Mapping[str, Resource]) -> Iterator[Resource]:
    parent = known.get(resource.parent)
    if parent is not None:
        yield parent
        yield from _above(parent, known)

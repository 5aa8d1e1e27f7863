"""Waivers: what people have decided to live with for a while, as the components of services and foundation state it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from policies import kinds
from policies.graph import Graph, Resource
from policies.values import Value, objects

FACT: Final = "waive"


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """One waiver. `component` is the name of the one resource that it is about, empty for all.

    `service` is None for what all share; `place` is the component that states it, at the input `path`; `expires` is
    None when that is no day.
    """

    rule: str
    component: str
    reason: str
    owner: str
    approver: str
    ticket: str
    expires: date | None
    service: str | None
    place: Resource
    path: str

    def covers(self, urn: str) -> bool:
        """Whether it speaks of this resource, where rule and service are its own."""
        return not self.component or self.component == urn.rpartition("::")[2]


def stated(graph: Graph) -> tuple[Waiver, ...]:
    """Every waiver of the graph: those of what all share first, then by service, each in the order of its file."""
    shared = (each for foundation in graph.of(kinds.FOUNDATION) for each in _of(foundation, None))
    own = (each for service in graph.services for each in _of(service.component, service.name))
    return (*shared, *own)


def _of(place: Resource, service: str | None) -> Iterator[Waiver]:
    for index, given in enumerate(objects(place.get(FACT))):
        yield Waiver(
            rule=_text(given, "rule"),
            component=_text(given, "component"),
            reason=_text(given, "reason"),
            owner=_text(given, "owner"),
            approver=_text(given, "approver"),
            ticket=_text(given, "ticket"),
            expires=_day(_text(given, "expires")),
            service=service,
            place=place,
            path=f"{FACT}.{index}",
        )


def _text(given: Mapping[str, Value], key: str) -> str:
    value = given.get(key)
    return value if isinstance(value, str) else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

"""Which listener rule comes first: the more specific route, always, whatever was added when."""

from collections.abc import Mapping
from typing import Final

from stacks.naming import fingerprint

_SPECIFICITY_MAX: Final = 149
_HOST_SPECIFICITY: Final = 75
_BAND: Final = 300
"""Priorities for routes of one specificity: 150 bands of 300 fill the 50,000 that AWS has."""


def split_route(route: str) -> tuple[str | None, str]:
    """The host, if the route names one, and the path pattern."""
    host, slash, path = route.partition("/")
    return host or None, f"{slash}{path}"


def path_values(path: str) -> tuple[str, ...]:
    """What a listener rule matches for a path: `/news/*` means `/news` too, which AWS's pattern alone does not."""
    base = path.removesuffix("/*")
    return (base, path) if base and base != path else (path,)


def priorities(routes: Mapping[str, str]) -> dict[str, int]:
    """The listener priority (1-50,000) of each service by its route.

    A longer literal path comes before a shorter one, and a route with a host before one without. Adding a service
    moves no other, unless their fingerprints meet.
    """
    taken: dict[int, str] = {}
    for service, route in sorted(routes.items()):
        first = (_SPECIFICITY_MAX - _specificity(route)) * _BAND + 1
        offset = int(fingerprint(service), 16)
        slot = next(
            (first + (offset + step) % _BAND for step in range(_BAND) if first + (offset + step) % _BAND not in taken),
            None,
        )
        if slot is None:
            raise ValueError(f"more than {_BAND} routes are as specific as {route}")
        taken[slot] = service
    return {service: slot for slot, service in taken.items()}


def _specificity(route: str) -> int:
    host, path = split_route(route)
    literal = len(path.replace("*", "").replace("?", ""))
    return min(literal, _HOST_SPECIFICITY - 1) + (_HOST_SPECIFICITY if host else 0)

"""Which listener rule comes first: the more specific route, always, whatever was added when."""

import re
from collections.abc import Mapping
from typing import Final

from stacks import limits
from stacks.naming import fingerprint

_API_PATH: Final = re.compile(r"(/[A-Za-z0-9._-]+)+")
_API_WHOLE: Final = {"/": "ANY /", "/*": "$default"}
_SPECIFICITY_MAX: Final = 149
_HOST_SPECIFICITY: Final = 75
_BAND: Final = 333
"""Priorities for routes of one specificity: 150 bands of 333 fill the 50,000 that AWS has."""
_HEADERS_MAX: Final = limits.ELB_RULE_VALUES_MAX - 1
_HEADER_BAND: Final = 25
"""In a band, priorities for each number of headers, most headers first; the other 233 are for routes without any."""


def split_route(route: str) -> tuple[str | None, str]:
    """The host, if the route names one, and the path pattern."""
    host, slash, path = route.partition("/")
    return host or None, f"{slash}{path}"


REQUEST_PATTERN: Final = r"^/[A-Za-z0-9/_.~$@:&+?=%-]*$"
"""A path with its query, as it is asked for."""


def is_pattern(text: str) -> bool:
    """Whether it stands for more than itself."""
    return "*" in text or "?" in text


def matching(pattern: str) -> str:
    """The shortest text that a pattern matches: a star may stand for nothing, a question mark for any letter."""
    return pattern.replace("*", "").replace("?", "x")


def path_values(path: str) -> tuple[str, ...]:
    """What a listener rule matches for a path: `/news/*` means `/news` too, which AWS's pattern alone does not."""
    base = path.removesuffix("/*")
    return (base, path) if base and base != path else (path,)


def api_route_keys(path: str) -> tuple[str, ...]:
    """The routes of an HTTP API that mean the same as a path pattern: `/news/*` is `/news` and all below it.

    Raises:
        ValueError: when an HTTP API has no route that means the same.
    """
    if path in _API_WHOLE:
        return (_API_WHOLE[path],)
    base = path.removesuffix("/*")
    if not _API_PATH.fullmatch(base):
        raise ValueError(
            f"an HTTP API has no route for {path}: it takes whole segments of letters, digits and . _ -, and a star "
            "only as the last one; write /news or /news/*"
        )
    return (f"ANY {base}",) if base == path else (f"ANY {base}", f"ANY {base}/{{proxy+}}")


def rule_values(route: str) -> tuple[str, ...]:
    """All values that the conditions of a route's listener rule have."""
    host, path = split_route(route)
    return (*path_values(path), *([host] if host is not None else []))


def priorities(routes: Mapping[str, str], headers: Mapping[str, int]) -> dict[str, int]:
    """The listener priority (1-50,000) of each service by its route and the number of `headers` that it asks for.

    A longer literal path comes before a shorter one, a route with a host before one without, and of one specificity
    the rule with more headers first. Adding a service moves no other, unless their fingerprints meet.
    """
    taken: dict[int, str] = {}
    for service, route in sorted(routes.items()):
        first, slots = _slots(_specificity(route), headers.get(service, 0))
        offset = int(fingerprint(service), 16)
        found = (first + (offset + step) % slots for step in range(slots))
        slot = next((one for one in found if one not in taken), None)
        if slot is None:
            raise ValueError(f"more than {slots} routes are as specific as {route}")
        taken[slot] = service
    return {service: slot for slot, service in taken.items()}


def _slots(specificity: int, headers: int) -> tuple[int, int]:
    """The first priority for rules of this specificity and number of headers, and how many there are."""
    first = (_SPECIFICITY_MAX - specificity) * _BAND + 1
    if headers == 0:
        return first + _HEADERS_MAX * _HEADER_BAND, _BAND - _HEADERS_MAX * _HEADER_BAND
    return first + (_HEADERS_MAX - headers) * _HEADER_BAND, _HEADER_BAND


def _specificity(route: str) -> int:
    host, path = split_route(route)
    literal = len(path.replace("*", "").replace("?", ""))
    return min(literal, _HOST_SPECIFICITY - 1) + (_HOST_SPECIFICITY if host else 0)

"""From Pulumi's camelCase inputs to the member names of AWS: the same by rule, the exceptions by a table."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from simulator.graph import SECRET_SHOWN_AS, UNKNOWN, Json

LEFT_OUT: Final = ""
"""Where a table sends a key that is no part of the call or schema it is compared with."""


def is_unknown(value: Json) -> bool:
    """Whether nobody can say anything about `value` before the deployment, or because it is a secret."""
    return value in (UNKNOWN, SECRET_SHOWN_AS)


def member_for(key: str, members: Iterable[str]) -> str | None:
    """The AWS member that `key` means: equal but for case, separators and a plural."""
    by_name = {_flat(member): member for member in members}
    flat = _flat(key)
    return next(
        (by_name[name] for name in (flat, f"{flat}s", f"{flat}es", flat.removesuffix("s")) if name in by_name), None
    )


def _flat(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def reshape(inputs: Mapping[str, Json], names: Mapping[str, str]) -> dict[str, Json]:
    """`inputs` with the keys that the dotted paths in `names` point at moved to where they say.

    A target is a dotted path from the same mapping; one that starts with `/` starts from the top, and `LEFT_OUT` drops
    the key. Lists do not show in a path; a target that ends in `[].Name` makes each item a structure of that one
    member. Keys without a value are dropped, as the provider does.
    """
    top: dict[str, Json] = {}
    _reshape(dict(inputs), names, "", top, top)
    return top


def _reshape(value: Json, names: Mapping[str, str], path: str, into: dict[str, Json], top: dict[str, Json]) -> Json:
    if isinstance(value, list):
        return [_reshape(item, names, path, {}, top) for item in value]
    if not isinstance(value, dict):
        return value
    for key, inner in value.items():
        here = f"{path}.{key}".lstrip(".")
        target = names.get(here, key)
        moved = _reshape(inner, names, here, {}, top)
        if inner is None or target == LEFT_OUT:
            continue
        target, _, member = target.partition("[].")
        if member and isinstance(moved, list):
            structures: list[Json] = [{member: item} for item in moved]
            moved = structures
        if target.startswith("/"):
            _put(top, target[1:].split("."), moved)
        elif moved != {} or inner == {}:  # a block without members says something, one that moved away does not
            _put(into, [key] if here not in names else target.split("."), moved)
    return into


def _put(into: dict[str, Json], path: list[str], value: Json) -> None:
    *parents, last = path
    for parent in parents:
        inner = into.setdefault(parent, {})
        assert isinstance(inner, dict), f"{parent} is no mapping"
        into = inner
    into[last] = value


def pairs(value: Mapping[str, Json], members: Iterable[str]) -> list[Json] | None:
    """A mapping as AWS lists it, `[{Key, Value}, ...]`; None when `members` are not those of such a pair."""
    names = sorted(members)
    if len(names) != 2 or _flat(names[1]) not in ("value", "parametervalue"):
        return None
    return [{names[0]: key, names[1]: inner} for key, inner in value.items()]

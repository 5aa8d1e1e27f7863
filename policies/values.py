"""Values of a previewed graph: plain JSON, with markers for what is not known, not there, or not ours to read."""

import json
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Final, Literal, TypeAlias, cast

import pulumi


class Marker(Enum):
    """What stands in a graph where there is no plain value."""

    UNKNOWN = "known after the deployment"
    MISSING = "not set"
    OPAQUE = "a file or an archive"


UNKNOWN: Final = Marker.UNKNOWN
MISSING: Final = Marker.MISSING
OPAQUE: Final = Marker.OPAQUE
SECRET: Final = "[secret]"  # noqa: S105 - the mask, as the Pulumi CLI prints it, not a password

Value: TypeAlias = "Marker | str | int | float | bool | Sequence[Value] | Mapping[str, Value] | None"

_UNKNOWN_SENTINELS: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",  # string
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # array
        "030794c1-ac77-496b-92df-f27374a8bd58",  # asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # object
    }
)
"""What the engine writes for an unknown value of each kind (pulumi_policy.proxy)."""

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - public marker, pulumi.runtime.rpc


def clean(raw: object) -> Value:
    """Foreign JSON as a `Value`: sentinels become UNKNOWN, secrets `[secret]`, files OPAQUE."""
    if isinstance(raw, str):
        return UNKNOWN if raw in _UNKNOWN_SENTINELS else raw
    if isinstance(raw, Mapping):
        mapping = cast("Mapping[str, object]", raw)
        if _SIGNATURE in mapping:
            return SECRET if mapping[_SIGNATURE] == _SECRET_SIGNATURE else OPAQUE
        return {key: clean(value) for key, value in mapping.items()}
    if isinstance(raw, pulumi.Asset | pulumi.Archive):
        return OPAQUE
    if isinstance(raw, Sequence):
        return [clean(value) for value in cast("Sequence[object]", raw)]
    return raw if isinstance(raw, bool | int | float | Marker) else None


def get(value: Value, path: str) -> Value:
    """What stands at the dotted `path`: UNKNOWN when a part of the way is unknown, MISSING when it is not there.

    A list of one object is read as that object, because providers spell single blocks both ways.
    """
    for key in path.split("."):
        if value is UNKNOWN:
            return UNKNOWN
        if isinstance(value, Mapping):
            value = value.get(key, MISSING)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            value = _in_list(value, key)
        else:
            return MISSING
    return MISSING if value is None else value


def _in_list(values: Sequence[Value], key: str) -> Value:
    if key.isdecimal():
        return values[int(key)] if int(key) < len(values) else MISSING
    return get(values[0], key) if len(values) == 1 else MISSING


def parsed(value: Value) -> Value:
    """The JSON that a string input holds; anything that is not a JSON text stays what it is."""
    if not isinstance(value, str):
        return value
    try:
        return clean(json.loads(value))
    except ValueError:
        return value


def items(value: Value) -> Sequence[Value]:
    """The elements of a list; a single value counts as a list of one, an absent or unknown one as none."""
    if value is None or isinstance(value, Marker):
        return ()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value
    return (value,)


def objects(value: Value) -> Sequence[Mapping[str, Value]]:
    """The objects among `items`."""
    return [item for item in items(value) if isinstance(item, Mapping)]


def texts(value: Value) -> Sequence[str]:
    """The strings among `items`."""
    return [item for item in items(value) if isinstance(item, str)]


def number(value: Value) -> float | Literal[Marker.UNKNOWN] | None:
    """A number, also where an input spells it as text; None when it is none."""
    if value is UNKNOWN:
        return UNKNOWN
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def has_unknown(value: Value) -> bool:
    """Whether any part of `value` is unknown."""
    return any(part is UNKNOWN for part in walk(value))


def walk(value: Value) -> Iterator[Value]:
    """`value` and everything in it."""
    yield value
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from walk(inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from walk(inner)

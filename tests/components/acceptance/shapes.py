"""What botocore's service models say of a call: members, enums, patterns, lengths and ranges."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, cast

import regex  # Python's own `re` has no \p{L}, which AWS writes in its patterns
from botocore.loaders import Loader  # pyright: ignore[reportMissingTypeStubs] - botocore has no types

from simulator.graph import Json
from tests.components.acceptance.reshape import is_unknown, member_for, pairs

Shape = Mapping[str, Any]
"""One shape of a service model: foreign JSON."""

_SURROGATES: Final = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010FFFF")
"""How Java, and so AWS, writes the characters beyond the first 65,536."""
_NUMBERS: Final = ("integer", "long", "float", "double")


@cache
def service_model(service: str) -> Shape:
    """The newest model of a service in the installed botocore."""
    return cast("Shape", Loader().load_service_model(service, "service-2"))  # pyright: ignore[reportUnknownMemberType] - no types


class Call:
    """One operation of an AWS service, to compare parameters with."""

    def __init__(self, service: str, operation: str) -> None:
        self.name = f"{service}:{operation}"
        model = service_model(service)
        self._shapes: Mapping[str, Shape] = model["shapes"]
        self._input: Shape = self._shapes[model["operations"][operation]["input"]["shape"]]

    def member(self, key: str) -> str | None:
        """The member of the call that `key` means."""
        return member_for(key, self._input["members"])

    def problems(self, parameters: Mapping[str, Json]) -> Iterator[str]:
        """What AWS would refuse; keys that belong to no member of this call are the caller's to judge."""
        mine = {key: value for key, value in parameters.items() if self.member(key) is not None}
        yield from self._structure(self._input, mine, "")

    def _check(self, ref: Shape, value: Json, path: str) -> Iterator[str]:
        if value is None or is_unknown(value):
            return
        shape = self._shapes[ref["shape"]]
        kind: str = shape["type"]
        if kind == "structure":
            yield from self._structure(shape, value, path)
        elif kind == "list":
            yield from self._list(shape, value, path)
        elif kind == "map":
            yield from self._map(shape, value, path)
        elif kind == "string":
            yield from string_problems(shape, value, path)
        elif kind in _NUMBERS:
            yield from number_problems(shape, value, path)
        elif kind == "boolean" and value not in (True, False, "true", "false"):
            yield f"{path}: {value!r} is not a boolean"

    def _structure(self, shape: Shape, value: Json, path: str) -> Iterator[str]:
        value = parsed(value)
        if isinstance(value, list) and len(value) == 1:  # a block that may appear once is a list of one in the provider
            value = value[0]
        if not isinstance(value, dict):
            yield f"{path}: {value!r} is not a structure"
            return
        found: dict[str, Json] = {}
        for key, inner in value.items():
            member = member_for(key, shape["members"])
            if member is None:
                yield f"{path}.{key}: AWS has no such member; it has {', '.join(sorted(shape['members']))}"
            else:
                found[member] = inner
        for name in shape.get("required", ()):
            if name not in found and not shape["members"][name].get("idempotencyToken"):
                yield f"{path}.{name}: is required and missing"
        for name, inner in found.items():
            yield from self._check(shape["members"][name], inner, f"{path}.{name}")

    def _list(self, shape: Shape, value: Json, path: str) -> Iterator[str]:
        value = parsed(value)
        item = self._shapes[shape["member"]["shape"]]
        if isinstance(value, dict):
            value = pairs(value, item.get("members", ())) or [value]
        items = value if isinstance(value, list) else [value]
        yield from size_problems(shape, len(items), path, "items")
        for index, inner in enumerate(items):
            yield from self._check(shape["member"], inner, f"{path}[{index}]")

    def _map(self, shape: Shape, value: Json, path: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: {value!r} is not a mapping"
            return
        yield from size_problems(shape, len(value), path, "keys")
        for key, inner in value.items():
            yield from self._check(shape["key"], key, f"{path} key {key}")
            yield from self._check(shape["value"], inner, f"{path}.{key}")


def parsed(value: Json) -> Json:
    """The structure that a JSON string stands for; anything else as it is."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        return json.loads(value)
    return value


def string_problems(shape: Shape, value: Json, path: str) -> Iterator[str]:
    """Enum, length and pattern of a string."""
    if isinstance(value, dict | list) or value is None:
        yield f"{path}: {value!r} is not a string"
        return
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if isinstance(value, bool) and shape.get("enum") == ["ENABLED", "DISABLED"]:
        return  # a switch, which the provider takes as a boolean
    if "enum" in shape and text not in shape["enum"]:
        yield f"{path}: {text!r} is not one of {', '.join(shape['enum'])}"
    yield from size_problems(shape, len(text), path, "characters")
    if "pattern" in shape and not regex.fullmatch(shape["pattern"].replace(*_SURROGATES), text):
        yield f"{path}: {text!r} does not match {shape['pattern']}"


def number_problems(shape: Shape, value: Json, path: str) -> Iterator[str]:
    """Type and range of a number, which the provider may take as text."""
    try:
        number = float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or (shape["type"] in ("integer", "long") and not number.is_integer()):
        yield f"{path}: {value!r} is not of type {shape['type']}"
        return
    yield from size_problems(shape, number, path, "")


def size_problems(shape: Shape, size: float, path: str, what: str) -> Iterator[str]:
    """Whether `size` is within the `min` and `max` of `shape`."""
    if size < shape.get("min", size) or size > shape.get("max", size):
        yield f"{path}: {size:g} {what} is outside {shape.get('min', '')}..{shape.get('max', '')}".replace("  ", " ")

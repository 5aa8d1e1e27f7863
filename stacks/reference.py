"""The keys of a compute type for people to read, from the same schema that editors get."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from stacks.schema import DEFAULT, stack_schema
from stacks.source import Json

_Schema = dict[str, Json]
_LONG_LIST = 8
"""From here on a list of choices is shown by its ends."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Key:
    """One key: its dotted path, what it takes, its default in words, and what it is."""

    path: str
    takes: str
    default: str
    about: str


def keys_of(compute: str) -> tuple[Key, ...]:
    """Every key that a service of this compute type may have, in alphabetical order."""
    definitions = cast("dict[str, _Schema]", stack_schema()["$defs"])
    return tuple(_keys(definitions[compute], ""))


def _keys(schema: _Schema, path: str) -> Iterator[Key]:
    required = cast("list[str]", schema.get("required", []))
    properties = cast("dict[str, _Schema]", schema.get("properties", {}))
    for name, child in sorted(properties.items()):
        here = f"{path}{name}"
        node = _without_null(child)
        described = str(child.get("description") or node.get("description") or "")
        about, _, tiers = " ".join(described.split()).partition(DEFAULT)
        if node.get("type") == "object" and "properties" in node:
            yield Key(path=here, takes="keys", default="", about=about)
            yield from _keys(node, f"{here}.")
        else:
            default = tiers.rstrip(".") or _default(child, is_required=name in required)
            yield Key(path=here, takes=_takes(node), default=default, about=about)


def _without_null(schema: _Schema) -> _Schema:
    choices = cast("list[_Schema]", schema.get("anyOf", []))
    given = [choice for choice in choices if choice.get("type") != "null"]
    return given[0] if len(given) == 1 else schema


def _default(schema: _Schema, *, is_required: bool) -> str:
    if is_required:
        return "required"
    value = schema.get("default")
    return "" if value is None or value in ([], {}) else json.dumps(value).strip('"')


def _takes(schema: _Schema) -> str:
    if "anyOf" in schema:
        return " or ".join(_takes(choice) for choice in cast("list[_Schema]", schema["anyOf"]))
    if "const" in schema:
        return f"`{schema['const']}`"
    if isinstance(choices := schema.get("enum"), list):
        shown = [f"`{choice}`" for choice in choices]
        return ", ".join(shown) if len(shown) <= _LONG_LIST else f"{shown[0]}, {shown[1]} … {shown[-1]}"
    kind = str(schema.get("type", "anything"))
    if kind == "array":
        return f"list of {_takes(cast('_Schema', schema.get('items', {})))}"
    if kind == "object":
        return "mapping"
    return f"{kind}{_range(schema)}"


def _range(schema: _Schema) -> str:
    least = schema.get("minimum", schema.get("exclusiveMinimum"))
    most = schema.get("maximum")
    if least is None or most is None:
        return "" if least is None else f", {least} or more"
    return f", {'over ' if 'exclusiveMinimum' in schema else ''}{least} to {most}"

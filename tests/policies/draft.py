"""A graph as plain data that a test can change before it is judged."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from policies.graph import Graph, Resource
from policies.values import clean

Json = Any


@dataclass
class Text:
    """An input that is a string of JSON in the real graph."""

    body: Json


@dataclass
class Node:
    type: str
    parent: str
    inputs: dict[str, Json]
    refers: dict[str, list[str]]
    ignores: tuple[str, ...] | None = None


@dataclass
class Draft:
    """A graph that can be changed before it is judged; resources are addressed by their names."""

    nodes: dict[str, Node] = field(default_factory=dict[str, Node])

    def add(
        self, name: str, kind: str, parent: str, refers: Mapping[str, str] | None = None, /, **inputs: Json
    ) -> None:
        dependencies = {key: names.split() for key, names in (refers or {}).items()}
        self.nodes[name] = Node(type=kind, parent=parent, inputs=inputs, refers=dependencies)

    def drop(self, *names: str) -> None:
        for name in names:
            del self.nodes[name]

    def set(self, name: str, path: str, value: Json) -> None:
        """Put `value` at the dotted path of an input; strings of JSON are entered as if they were not strings."""
        place, last = self._place(name, path)
        place[last] = value

    def unset(self, name: str, path: str) -> None:
        place, last = self._place(name, path)
        del place[last]

    def get(self, name: str, path: str) -> Json:
        """The input at the dotted path, as an engine has it; None when there is none."""
        place, last = self._place(name, path)
        is_there = last < len(place) if isinstance(last, int) else last in place
        value = place[last] if is_there else None
        return json.dumps(value.body) if isinstance(value, Text) else value

    def replace(self, name: str, path: str, value: Json) -> None:
        """As `set`, on a copy of the inputs, of which parts may be shared with other drafts."""
        self.nodes[name].inputs = copy.deepcopy(self.nodes[name].inputs)
        self.set(name, path, value)

    def changes(self, after: "Draft") -> list[tuple[str, str]]:
        """Name and path of every input that differs in `after`, for resources that are in both.

        A string of JSON differs as a whole, because an engine knows it as a whole or not at all.
        """
        return [
            (name, ".".join(path))
            for name, node in self.nodes.items()
            if name in after.nodes and after.nodes[name].inputs != node.inputs
            for path in _differing(node.inputs, after.nodes[name].inputs)
        ]

    def _place(self, name: str, path: str) -> tuple[Json, str | int]:
        *way, last = path.split(".")
        place: Json = self.nodes[name].inputs
        for key in way:
            place = place[int(key) if key.isdecimal() else key]
            place = place.body if isinstance(place, Text) else place
        return place, int(last) if last.isdecimal() else last

    def urn(self, name: str) -> str:
        return f"urn:pulumi:prod::onramp::{self.nodes[name].type}::{name}"

    def raw(self, name: str) -> dict[str, Json]:
        """The inputs as an engine has them, to be changed at will."""
        return copy.deepcopy(self._written(name))

    def _written(self, name: str) -> dict[str, Json]:
        values = self.nodes[name].inputs
        return {key: json.dumps(value.body) if isinstance(value, Text) else value for key, value in values.items()}

    def resources(self) -> list[Resource]:
        return [
            Resource(
                urn=self.urn(name),
                type=node.type,
                name=name,
                parent=self.urn(node.parent) if node.parent else "",
                inputs=clean(self._written(name)),  # pyright: ignore[reportArgumentType] - an object stays an object
                property_dependencies={
                    key: tuple(self.urn(each) for each in names if each in self.nodes)
                    for key, names in node.refers.items()
                },
                ignores=node.ignores,
            )
            for name, node in self.nodes.items()
        ]

    def graph(self) -> Graph:
        return Graph(self.resources())


def _differing(one: Json, other: Json, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The deepest paths at which two values differ; lists of different length differ as a whole."""
    ours, theirs = _inner(one), _inner(other)
    if ours is None or theirs is None or type(one) is not type(other) or _length(one) != _length(other):
        if one != other:
            yield way
        return
    for key in sorted({*ours, *theirs}):
        if key in ours and key in theirs:
            yield from _differing(ours[key], theirs[key], (*way, key))
        else:
            yield (*way, key)


def _inner(value: Json) -> dict[str, Json] | None:
    """What is within an object or a list, by key or place; None for everything else."""
    if isinstance(value, dict):
        return cast("dict[str, Json]", value)
    if isinstance(value, list):
        return {str(place): each for place, each in enumerate(cast("list[Json]", value))}
    return None


def _length(value: Json) -> int:
    """Of a list; objects of any size are compared key by key."""
    return len(cast("list[Json]", value)) if isinstance(value, list) else 0


Change = Callable[[Draft], None]

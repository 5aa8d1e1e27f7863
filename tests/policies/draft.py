"""A graph as plain data that a test can change before it is judged."""

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

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
        """The inputs as an engine has them."""
        values = copy.deepcopy(self.nodes[name].inputs)
        return {key: json.dumps(value.body) if isinstance(value, Text) else value for key, value in values.items()}

    def resources(self) -> list[Resource]:
        return [
            Resource(
                urn=self.urn(name),
                type=node.type,
                name=name,
                parent=self.urn(node.parent) if node.parent else "",
                inputs=clean(self.raw(name)),  # pyright: ignore[reportArgumentType] - an object stays an object
                property_dependencies={
                    key: tuple(self.urn(each) for each in names if each in self.nodes)
                    for key, names in node.refers.items()
                },
            )
            for name, node in self.nodes.items()
        ]

    def graph(self) -> Graph:
        return Graph(self.resources())


Change = Callable[[Draft], None]

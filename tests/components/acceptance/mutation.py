"""One wrong value, put into a good graph."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, cast

from simulator.graph import Graph, Json, Resource

GONE: Final = object()
"""The value of a key that is taken away."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutation:
    """`value` at the dotted `path` of the first resource of type `kind` in `stack`.

    `name` is a part of its name, or of its parent's.
    """

    rule: str
    kind: str
    path: str
    value: Any
    name: str = ""
    stack: str = "prod"

    def __str__(self) -> str:
        """As the test is called."""
        return f"{self.rule}-{self.path}"

    def applied(self, graph: Graph) -> Graph:
        """The graph with this one value in it.

        Raises:
            LookupError: when the graph has no such resource or path.
        """
        for index, resource in enumerate(graph.resources):
            if resource.type == self.kind and self.name in f"{resource.parent} {resource.name}":
                changed = replace(resource, inputs=_changed(resource.inputs, self.path.split("."), self.value))
                resources: list[Resource] = list(graph.resources)
                resources[index] = changed
                return replace(graph, resources=tuple(resources))
        raise LookupError(f"no {self.kind} with {self.name!r}")


def _changed(value: Any, path: Sequence[str], new: Any) -> Any:
    if not path:
        return new
    if isinstance(value, str):
        return json.dumps(_changed(json.loads(value), path, new))
    head, *rest = path
    if isinstance(value, list):
        items = list(cast("list[Any]", value))
        items[int(head)] = _changed(items[int(head)], rest, new)
        return items
    found: dict[str, Json] = dict(value)
    if new is GONE and not rest:
        del found[head]
    else:
        found[head] = _changed(found.get(head, {}), rest, new)
    return found

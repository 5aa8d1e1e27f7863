"""The whole table, and what becomes of a resource when it is read with it."""

from collections.abc import Iterator, Mapping
from typing import Final

from simulator.graph import Graph, Json, Resource
from tests.components.acceptance.reshape import reshape
from tests.components.acceptance.row import Row
from tests.components.acceptance.shapes import Call
from tests.components.acceptance.table_api import API
from tests.components.acceptance.table_containers import CONTAINERS
from tests.components.acceptance.table_foundation import FOUNDATION
from tests.components.acceptance.table_functions import FUNCTIONS
from tests.components.acceptance.table_guard import GUARD
from tests.components.acceptance.table_models import MODELS
from tests.components.acceptance.table_pipelines import PIPELINES
from tests.components.acceptance.table_services import SERVICES
from tests.components.acceptance.table_stores import STORES
from tests.components.acceptance.table_web import WEB

TABLE: Final[Mapping[str, Row]] = {
    **API,
    **CONTAINERS,
    **FOUNDATION,
    **FUNCTIONS,
    **GUARD,
    **MODELS,
    **PIPELINES,
    **SERVICES,
    **STORES,
    **WEB,
}


def aws_resources(graph: Graph) -> Iterator[Resource]:
    """Every resource of the graph that AWS makes, those of remote components included."""
    return (found for found in graph.resources if found.custom and found.type.startswith("aws:"))


def call_problems(kind: str, inputs: Mapping[str, Json]) -> Iterator[str]:
    """What the calls of AWS would refuse in a resource of the Pulumi type `kind`."""
    row = TABLE[kind]
    parameters = reshape({**inputs, **row.given}, {**row.names, **row.in_call})
    calls = [Call(*call.split(":")) for call in row.calls]
    for key in parameters:
        if all(call.member(key) is None for call in calls):
            yield f"{key}: none of {', '.join(row.calls)} takes it"
    first, *others = calls
    for call in (first, *(other for other in others if _adds(other, first, parameters))):
        yield from (f"{call.name}{problem}" for problem in call.problems(parameters))


def _adds(other: Call, first: Call, parameters: Mapping[str, Json]) -> bool:
    """Whether the provider makes a further call: for what the first one does not take."""
    return any(other.member(key) is not None and first.member(key) is None for key in parameters)


def compared_keys(kind: str, inputs: Mapping[str, Json]) -> set[str]:
    """The members that `call_problems` compares, apart from what the table fills in."""
    row = TABLE[kind]
    calls = [Call(*call.split(":")) for call in row.calls]
    parameters = reshape(inputs, {**row.names, **row.in_call})
    return {member for key in parameters for call in calls if (member := call.member(key)) is not None}

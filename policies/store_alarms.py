"""The table of alarms for tables and databases (seed 000 section 8.3, standards: ALARM_DATABASE_*)."""

from collections.abc import Mapping, Sequence
from typing import Final

from policies import kinds
from policies.alarms import INFRASTRUCTURE, Wanted
from policies.graph import Graph, Resource
from policies.values import number, objects
from stacks import standards

PARAMETERS: Final[Mapping[str, tuple[str, str]]] = {
    kinds.DATABASE: ("parameterGroupName", kinds.DATABASE_PARAMETERS),
    kinds.DATABASE_CLUSTER: ("dbClusterParameterGroupName", kinds.CLUSTER_PARAMETERS),
}
"""By type of database: the input that names its parameter group, and the group's type."""
_PERCENT: Final = 100
_MS_PER_SECOND: Final = 1_000


def wanted(store: Resource, graph: Graph) -> Sequence[Wanted]:
    """What must be watched of one table, instance or cluster."""
    if store.type == kinds.TABLE:
        return [
            _ceiling("throttled requests", "ThrottledRequests", 0),
            _ceiling("errors of DynamoDB", "SystemErrors", 0),
        ]
    latency = standards.ALARM_DATABASE_LATENCY_MS / _MS_PER_SECOND
    table = [
        _ceiling("connections", "DatabaseConnections", _most_connections(store, graph)),
        _ceiling("CPU", "CPUUtilization", standards.ALARM_DATABASE_CPU_PERCENT),
        _ceiling("time of a read", "ReadLatency", latency, p99=True),
        _ceiling("time of a write", "WriteLatency", latency, p99=True),
    ]
    if store.type == kinds.DATABASE:
        return [*table, _free_storage(store)]
    members = graph.referring(store, kinds.CLUSTER_MEMBER, "clusterIdentifier")
    lag = standards.ALARM_DATABASE_LAG_SECONDS * _MS_PER_SECOND
    return [*table, _ceiling("lag", "AuroraReplicaLag", lag)] if len(members) > 1 else table


def parameters(store: Resource, graph: Graph) -> Mapping[str, str]:
    """The parameters of a database, by name; empty when it has no group of this stack."""
    groups = graph.refers(store, *PARAMETERS[store.type])
    return {
        str(each.get("name")): str(each.get("value")) for group in groups for each in objects(group.get("parameters"))
    }


def _ceiling(what: str, metric: str, bound: float | None, *, p99: bool = False) -> Wanted:
    return Wanted(what=what, metrics=frozenset({metric}), bound=bound, symptom=INFRASTRUCTURE, p99=p99)


def _most_connections(store: Resource, graph: Graph) -> float | None:
    most = number(parameters(store, graph).get("max_connections"))
    return most * standards.ALARM_DATABASE_CONNECTIONS_PERCENT / _PERCENT if isinstance(most, float) else None


def _free_storage(store: Resource) -> Wanted:
    size = number(store.get("allocatedStorage"))
    percent = standards.ALARM_DATABASE_FREE_STORAGE_PERCENT
    return Wanted(
        what="free storage",
        metrics=frozenset({"FreeStorageSpace"}),
        bound=size * standards.BYTES_PER_GIB * percent / _PERCENT if isinstance(size, float) else None,
        symptom=INFRASTRUCTURE,
        below=True,
    )

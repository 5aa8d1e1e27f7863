"""What is watched of tables and databases (seed 000 section 8.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from components.signals.alarm import Alarm, Dimensions, Metric
from components.signals.widget import Widget
from stacks import standards
from stacks.models import AuroraStore, Database, InstanceStore, Store, TableStore
from stacks.source import Json

OPERATIONS: Final = (
    "BatchGetItem", "BatchWriteItem", "DeleteItem", "GetItem", "PutItem", "Query", "Scan", "UpdateItem",
)  # fmt: skip
"""DynamoDB counts throttled requests and its own errors by table and operation, and never by table alone."""
_PERCENT: Final = 100
_MS_PER_SECOND: Final = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """A store as CloudWatch sees it: `identifier` is its name there; in a cluster with a reader there is a lag."""

    name: str
    store: Store
    identifier: str
    has_reader: bool


def alarms(watched: Watched) -> list[Alarm]:
    """The alarms of one store; none of them ends a deployment, because a store outlives it."""
    if isinstance(watched.store, TableStore):
        return _of_table(watched)
    return _of_database(watched, watched.store)


def widgets(watched: Watched) -> list[Widget]:
    """What one store does, and what it is short of."""
    if isinstance(watched.store, TableStore):
        return [
            Widget(title=f"{watched.name} (requests turned away)", metrics=_rows(watched, "ThrottledRequests")),
            Widget(title=f"{watched.name} (errors of DynamoDB)", metrics=_rows(watched, "SystemErrors")),
        ]
    key, value = next(iter(_dimensions(watched, watched.store).items()))

    def row(name: str, stat: str) -> Json:
        return ["AWS/RDS", name, key, str(value), {"stat": stat}]

    return [
        Widget(
            title=f"{watched.name} (CPU in percent, connections)",
            metrics=[row("CPUUtilization", "Average"), row("DatabaseConnections", "Maximum")],
        ),
        Widget(
            title=f"{watched.name} (latency in seconds)",
            metrics=[row("ReadLatency", "p99"), row("WriteLatency", "p99")],
        ),
    ]


def _of_table(watched: Watched) -> list[Alarm]:
    def alarm(key: str, name: str, summary: str) -> Alarm:
        metrics = [
            Metric(
                id=f"m{place}",
                namespace="AWS/DynamoDB",
                name=name,
                dimensions={"TableName": watched.identifier, "Operation": operation},
                stat="Sum",
            )
            for place, operation in enumerate(OPERATIONS)
        ]
        return Alarm(
            key=f"{watched.name}_{key}",
            summary=f"{watched.name}: {summary}",
            metrics=metrics,
            expression=" + ".join(f"FILL({metric.id}, 0)" for metric in metrics),
            threshold=0,
            periods=2,
            symptom="infrastructure",
        )

    return [
        alarm("throttled", "ThrottledRequests", "requests are turned away"),
        alarm("system-errors", "SystemErrors", "DynamoDB itself fails"),
    ]


def _of_database(watched: Watched, store: Database) -> list[Alarm]:
    dimensions = _dimensions(watched, store)
    connections = standards.ALARM_DATABASE_CONNECTIONS_PERCENT
    latency = standards.ALARM_DATABASE_LATENCY_MS / _MS_PER_SECOND

    def alarm(key: str, name: str, summary: str, threshold: float, stat: str, periods: int = 2) -> Alarm:
        return Alarm(
            key=f"{watched.name}_{key}",
            summary=f"{watched.name}: {summary}",
            metrics=[Metric(id="m", namespace="AWS/RDS", name=name, dimensions=dimensions, stat=stat)],
            threshold=threshold,
            periods=periods,
            symptom="infrastructure",
        )

    found = [
        alarm(
            "connections",
            "DatabaseConnections",
            f"more than {connections} % of its {store.max_connections} connections are open",
            store.max_connections * connections / _PERCENT,
            "Maximum",
            periods=1,
        ),
        alarm(
            "cpu",
            "CPUUtilization",
            f"CPU above {standards.ALARM_DATABASE_CPU_PERCENT} %",
            standards.ALARM_DATABASE_CPU_PERCENT,
            "Average",
        ),
        *(
            alarm(
                f"{way.lower()}-latency",
                f"{way}Latency",
                f"p99 of a {way.lower()} above {standards.ALARM_DATABASE_LATENCY_MS} ms",
                latency,
                "p99",
            )
            for way in ("Read", "Write")
        ),
    ]
    if isinstance(store, InstanceStore):
        return [*found, _free_storage(watched, store)]
    return [*found, _lag(watched)] if watched.has_reader else found


def _free_storage(watched: Watched, store: InstanceStore) -> Alarm:
    """A disk that fills up; the storage of Aurora grows by itself."""
    percent = standards.ALARM_DATABASE_FREE_STORAGE_PERCENT
    return Alarm(
        key=f"{watched.name}_storage",
        summary=f"{watched.name}: less than {percent} % of {store.storage_gib} GiB are free",
        metrics=[
            Metric(
                id="m",
                namespace="AWS/RDS",
                name="FreeStorageSpace",
                dimensions=_dimensions(watched, store),
                stat="Minimum",
            )
        ],
        threshold=store.storage_gib * standards.BYTES_PER_GIB * percent / _PERCENT,
        comparison="LessThanThreshold",
        symptom="infrastructure",
    )


def _lag(watched: Watched) -> Alarm:
    """A reader that falls behind. The standby of an RDS instance is written to at once, and has no lag."""
    seconds = standards.ALARM_DATABASE_LAG_SECONDS
    return Alarm(
        key=f"{watched.name}_lag",
        summary=f"{watched.name}: the second instance is more than {seconds} s behind",
        metrics=[
            Metric(
                id="m",
                namespace="AWS/RDS",
                name="AuroraReplicaLag",
                dimensions={"DBClusterIdentifier": watched.identifier, "Role": "READER"},
                stat="Maximum",
            )
        ],
        threshold=seconds * _MS_PER_SECOND,
        symptom="infrastructure",
    )


def _dimensions(watched: Watched, store: Database) -> Dimensions:
    key = "DBClusterIdentifier" if isinstance(store, AuroraStore) else "DBInstanceIdentifier"
    return {key: watched.identifier}


def _rows(watched: Watched, name: str) -> Sequence[Json]:
    return [
        ["AWS/DynamoDB", name, "TableName", watched.identifier, "Operation", operation, {"stat": "Sum"}]
        for operation in OPERATIONS
    ]

"""What the rules about tables and databases must see."""

from typing import Any, Final

from tests.components.acceptance.mutation import GONE, Mutation
from tests.components.acceptance.rules_stores import CLUSTER, GROUPS, INSTANCE, MEMBER, TABLE

_STACK: Final = "examples/stores/Pulumi.example.yaml"


def _of(kind: str, rule: str, *changes: tuple[str, Any]) -> list[Mutation]:
    return [Mutation(rule=rule, kind=kind, path=path, value=value, stack=_STACK) for path, value in changes]


MUTATIONS_STORES: Final = [
    *_of(
        TABLE,
        "tables_define_their_keys",
        ("rangeKey", "other"),
        ("attributes.0.name", "other"),
        ("name", "ab"),
        ("streamViewType", None),
    ),
    *_of(CLUSTER, "databases_are_called_as_rds_wants", ("clusterIdentifier", "a--b"), ("masterUsername", "admin")),
    *_of(MEMBER, "databases_are_called_as_rds_wants", ("identifier", "1a")),
    *_of(INSTANCE, "databases_are_called_as_rds_wants", ("identifier", "a-"), ("dbName", "1a")),
    *_of(GROUPS[0], "databases_are_called_as_rds_wants", ("name", "a_b")),
    *_of(
        INSTANCE,
        "databases_are_in_range",
        ("backupRetentionPeriod", 36),
        ("finalSnapshotIdentifier", GONE),
        ("password", "x"),
        ("allocatedStorage", 19),
    ),
    *_of(
        INSTANCE,
        "instances_are_in_range",
        ("monitoringInterval", 7),
        ("performanceInsightsRetentionPeriod", 8),
    ),
    *_of(CLUSTER, "instances_are_in_range", ("serverlessv2ScalingConfiguration.maxCapacity", 0.5)),
]

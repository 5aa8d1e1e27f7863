"""How databases and tables are looked after: logs, patches, and a last copy. None of it is on the checklist."""

from collections.abc import Iterator
from typing import Final

from policies import kinds
from policies.expect import expect, expect_true, unknown
from policies.graph import Graph, Resource
from policies.rule import ADVICE, ONLY_PROD, Fail, Meta, Outcome, Remedy, stack_rule
from policies.values import UNKNOWN, Value, items, number

_DATABASES: Final = (kinds.DATABASE, kinds.DATABASE_CLUSTER)
_INSTANCES: Final = (kinds.DATABASE, kinds.CLUSTER_MEMBER)
_RDS_URL: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html"
_COPY: Final = "finalSnapshotIdentifier"
_GUESSED_NAMES: Final = ("admin", "postgres", "root")
_USER_INPUTS: Final = {kinds.DATABASE: "username", kinds.DATABASE_CLUSTER: "masterUsername"}


@stack_rule(
    Meta(
        id="database-logs",
        item=None,
        title="Every database sends its log to CloudWatch",
        why="Slow queries and refused logins are in that log, and on the instance it is rotated away.",
        fix='set enabledCloudwatchLogsExports of the database to ["postgresql"]',
        severity="medium",
        url=f"{_RDS_URL}#rds-36",
        levels=ADVICE,
        frameworks=("SEC04-BP01", "RDS.36", "RDS.37"),
    ),
    Remedy(types=_DATABASES, path="enabledCloudwatchLogsExports", value=["postgresql"]),
)
def database_logs(graph: Graph) -> Iterator[Outcome]:
    """A log is exported."""
    for database in graph.of(*_DATABASES):
        message = f"{database.name} keeps its log to itself"
        yield from expect(database, "enabledCloudwatchLogsExports", lambda value: bool(items(value)), message)


@stack_rule(
    Meta(
        id="database-patched",
        item=None,
        title="Every database takes minor versions by itself",
        why="They are the security fixes; by hand they come when somebody has time.",
        fix="set autoMinorVersionUpgrade of the instance to true",
        severity="medium",
        url=f"{_RDS_URL}#rds-13",
        levels=ADVICE,
        frameworks=("OPS05-BP05", "RDS.13", "CIS 7.0.0/3.2.2"),
    ),
    Remedy(types=_INSTANCES, path="autoMinorVersionUpgrade", value=True),
)
def database_patched(graph: Graph) -> Iterator[Outcome]:
    """It is on, as it is unless somebody turns it off."""
    for instance in graph.of(*_INSTANCES):
        message = f"{instance.name} stays at its minor version"
        yield from expect(instance, "autoMinorVersionUpgrade", lambda value: value is not False, message)


@stack_rule(
    Meta(
        id="database-last-copy",
        item=None,
        title="A database of prod that is deleted leaves a last copy",
        why="What was deleted by mistake is asked for the week after.",
        fix="set skipFinalSnapshot of the database to false, and name the copy in finalSnapshotIdentifier",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html",
        levels=ONLY_PROD,
        frameworks=("REL09-BP03",),
    ),
    Remedy(types=_DATABASES, path="skipFinalSnapshot", value=False),
)
def database_last_copy(graph: Graph) -> Iterator[Outcome]:
    """The final snapshot is not skipped, and has a name."""
    for database in graph.of(*_DATABASES):
        message = f"{database.name} leaves nothing behind"
        yield from expect(database, "skipFinalSnapshot", lambda value: value is not True, message)
        if database.get("skipFinalSnapshot") is not True and not graph.is_set(database, _COPY):
            yield from _unnamed(database)


def _unnamed(database: Resource) -> Iterator[Outcome]:
    if database.get(_COPY) is UNKNOWN:
        yield unknown(database, _COPY)
    else:
        message = f"the last copy of {database.name} has no name, so AWS refuses to delete it"
        yield Fail(resource=database, path=_COPY, message=message)


@stack_rule(
    Meta(
        id="snapshot-tags",
        item=None,
        title="Copies of databases carry the tags of what they are copies of",
        why="A copy has the same data in it, and costs as much.",
        fix="set copyTagsToSnapshot of the database to true",
        severity="low",
        url=f"{_RDS_URL}#rds-17",
        levels=ADVICE,
        frameworks=("COST03-BP02", "RDS.16", "RDS.17"),
    ),
    Remedy(types=_DATABASES, path="copyTagsToSnapshot", value=True),
)
def snapshot_tags(graph: Graph) -> Iterator[Outcome]:
    """Tags are copied."""
    for database in graph.of(*_DATABASES):
        yield from expect_true(database, "copyTagsToSnapshot", f"copies of {database.name} have no tags")


@stack_rule(
    Meta(
        id="database-monitored",
        item=None,
        title="Enhanced monitoring is on for every database instance",
        why="CloudWatch sees the machine; which process of it is busy, only the instance itself can say.",
        fix="set monitoringInterval of the instance to 60, and monitoringRoleArn",
        severity="low",
        url=f"{_RDS_URL}#rds-6",
        levels=ADVICE,
        frameworks=("PERF03-BP03", "RDS.6"),
    ),
)
def database_monitored(graph: Graph) -> Iterator[Outcome]:
    """There is an interval."""
    for instance in graph.of(*_INSTANCES):
        yield from expect(instance, "monitoringInterval", _is_some, f"{instance.name} says nothing of its processes")


def _is_some(value: Value) -> bool:
    seconds = number(value)
    return isinstance(seconds, float) and seconds > 0


@stack_rule(
    Meta(
        id="database-user-name",
        item=None,
        title="The administrator of a database has a name that nobody tries first",
        why="Whoever guesses passwords has half of the work done when the name is a default.",
        fix="set username of the instance, or masterUsername of the cluster, to a name of your own; AWS replaces it",
        severity="low",
        url=f"{_RDS_URL}#rds-25",
        levels=ADVICE,
        frameworks=("RDS.24", "RDS.25"),
    ),
)
def database_user_name(graph: Graph) -> Iterator[Outcome]:
    """The name is not one of the usual ones."""
    for database in graph.of(*_DATABASES):
        path = _USER_INPUTS[database.type]
        message = f"the administrator of {database.name} has a name that everybody guesses"
        yield from expect(database, path, lambda value: value not in _GUESSED_NAMES, message)


@stack_rule(
    Meta(
        id="table-on-demand",
        item=None,
        title="Every table takes what comes, or scales",
        why="A fixed capacity is paid for all night, and throttles at noon.",
        fix="set billingMode of the table to PAY_PER_REQUEST, or add an appautoscaling Target for it",
        severity="medium",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/dynamodb-controls.html#dynamodb-1",
        levels=ADVICE,
        frameworks=("COST09-BP03", "DynamoDB.1"),
    ),
    Remedy(types=(kinds.TABLE,), path="billingMode", value="PAY_PER_REQUEST"),
)
def table_on_demand(graph: Graph) -> Iterator[Outcome]:
    """It is billed by request, or something scales it."""
    scaled = {target.text("resourceId").rpartition("/")[2] for target in graph.of(kinds.SCALING_TARGET)}
    for table in graph.of(kinds.TABLE):
        if table.physical_name and table.physical_name in scaled:
            continue
        message = f"{table.name} has a fixed capacity"
        yield from expect(table, "billingMode", lambda value: value == "PAY_PER_REQUEST", message)

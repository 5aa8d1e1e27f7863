"""Where data is kept: encrypted, recoverable, out of reach, and there when a zone is gone."""

from collections.abc import Iterator
from typing import Final

from policies import alarms, kinds, store_alarms
from policies.expect import expect, expect_set, expect_true, unknown, unless_unknown
from policies.graph import Graph, Resource, Service
from policies.rule import (
    ADVICE,
    ALWAYS,
    ONLY_PROD,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    service_rule,
    stack_rule,
)
from policies.values import UNKNOWN, Value, has_unknown, number, objects
from stacks.standards import DATABASE_BACKUP_DAYS, DATABASE_ZONES

_DATABASES: Final = (kinds.DATABASE, kinds.DATABASE_CLUSTER)
_INSTANCES: Final = (kinds.DATABASE, kinds.CLUSTER_MEMBER)
_STORES: Final = (*_DATABASES, kinds.TABLE)
_BACKUP_DAYS_MIN: Final = min(DATABASE_BACKUP_DAYS.values())
_NAMES: Final = ("identifier", "clusterIdentifier", "name")
_MULTI_USER: Final = "MultiUser"
_RDS_URL: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html"
_DYNAMODB_URL: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/dynamodb-controls.html"


@stack_rule(
    Meta(
        id="store-encrypted",
        item=None,
        title="Every table and database is encrypted with the environment's key",
        why="Whoever gets hold of a disk or a backup must not be able to read it.",
        fix="set storageEncrypted and kmsKeyId of a database, serverSideEncryption.enabled and kmsKeyArn of a table",
        severity="high",
        url=f"{_RDS_URL}#rds-3",
        frameworks=("SEC08-BP01", "SEC08-BP02", "RDS.3", "RDS.27", "CIS 7.0.0/3.2.1"),
    ),
    # Databases are not among them: encrypting one makes a new one.
    Remedy(types=(kinds.TABLE,), path="serverSideEncryption.enabled", value=True),
    about=_STORES,
)
def store_encrypted(graph: Graph) -> Iterator[Outcome]:
    """Encryption is on, with a key of ours."""
    for database in graph.of(*_DATABASES):
        yield from expect_true(database, "storageEncrypted", f"{database.name} is not encrypted")
        yield from _has_key(graph, database, "kmsKeyId")
    for table in graph.of(kinds.TABLE):
        yield from expect_true(table, "serverSideEncryption.enabled", f"{table.name} is not encrypted with our key")
        yield from _has_key(graph, table, "serverSideEncryption.kmsKeyArn")


def _has_key(graph: Graph, store: Resource, path: str) -> Iterator[Outcome]:
    types = (kinds.KEY, kinds.STACK_REFERENCE)
    yield from expect_set(graph, store, path, types, f"{store.name} is encrypted with a key of AWS, not with ours")


@stack_rule(
    Meta(
        id="database-backups",
        item=None,
        title=f"Every database keeps backups for {_BACKUP_DAYS_MIN} days or more",
        why="A mistake is often found days after it was made.",
        fix=f"set backupRetentionPeriod of the database to at least {_BACKUP_DAYS_MIN}",
        severity="high",
        url=f"{_RDS_URL}#rds-11",
        frameworks=("REL09-BP03", "RDS.11", "RDS.50"),
    ),
    Remedy(types=_DATABASES, path="backupRetentionPeriod", value=_BACKUP_DAYS_MIN),
    about=_DATABASES,
)
def database_backups(graph: Graph) -> Iterator[Outcome]:
    """The retention is long enough."""

    def enough(value: Value) -> bool:
        days = number(value)
        return isinstance(days, float) and days >= _BACKUP_DAYS_MIN

    for database in graph.of(*_DATABASES):
        message = f"{database.name} keeps backups for less than {_BACKUP_DAYS_MIN} days"
        yield from expect(database, "backupRetentionPeriod", enough, message)


@stack_rule(
    Meta(
        id="table-recovery",
        item=None,
        title="Every table can be put back to any second of the last weeks",
        why="A bug that overwrites items leaves no other way back.",
        fix="set pointInTimeRecovery.enabled of the table to true",
        severity="high",
        url=f"{_DYNAMODB_URL}#dynamodb-2",
        frameworks=("REL09-BP03", "DynamoDB.2"),
    ),
    Remedy(types=(kinds.TABLE,), path="pointInTimeRecovery.enabled", value=True),
    about=(kinds.TABLE,),
)
def table_recovery(graph: Graph) -> Iterator[Outcome]:
    """Point-in-time recovery is on."""
    for table in graph.of(kinds.TABLE):
        yield from expect_true(table, "pointInTimeRecovery.enabled", f"{table.name} has no point-in-time recovery")


@stack_rule(
    Meta(
        id="database-zones",
        item=None,
        title="Every database of prod is in two zones",
        why="A zone that fails takes a database of one zone with it, for as long as it fails.",
        fix="set multiAz of the instance, or give the cluster a second ClusterInstance",
        severity="high",
        url=f"{_RDS_URL}#rds-5",
        frameworks=("REL10-BP01", "RDS.5", "RDS.15", "CIS 7.0.0/3.2.4"),
        levels=ONLY_PROD,
    ),
    Remedy(types=(kinds.DATABASE,), path="multiAz", value=True),
    about=_DATABASES,
)
def database_zones(graph: Graph) -> Iterator[Outcome]:
    """An instance has a standby, a cluster two instances in different zones."""
    for database in graph.of(kinds.DATABASE):
        yield from expect_true(database, "multiAz", f"{database.name} is in one zone")
    for cluster in graph.of(kinds.DATABASE_CLUSTER):
        own = graph.referring(cluster, kinds.CLUSTER_MEMBER, "clusterIdentifier")
        zones = {each.text("availabilityZone") for each in own}
        waiting = next((each for each in own if each.get("availabilityZone") is UNKNOWN), None)
        if waiting is not None:
            yield unknown(waiting, "availabilityZone")
        elif len(zones) < DATABASE_ZONES["prod"]:
            yield Fail(resource=cluster, message=f"{cluster.name} has instances in {len(zones)} zone")


@stack_rule(
    Meta(
        id="database-not-public",
        item=None,
        title="No database has a public address",
        why="Everybody could try passwords on it.",
        fix="set publiclyAccessible of the instance to false",
        severity="critical",
        url=f"{_RDS_URL}#rds-2",
        levels=ALWAYS,
        frameworks=("SEC05-BP01", "RDS.2", "CIS 7.0.0/3.2.3"),
    ),
    Remedy(types=_INSTANCES, path="publiclyAccessible", value=False),
    about=_INSTANCES,
)
def database_not_public(graph: Graph) -> Iterator[Outcome]:
    """It is said, and is false."""
    for instance in graph.of(*_INSTANCES):
        message = f"{instance.name} may get a public address"
        yield from expect(instance, "publiclyAccessible", lambda value: value is False, message)


@stack_rule(
    Meta(
        id="database-from-groups",
        item=None,
        title="Only security groups get in to a database, and no addresses",
        why="An address range lets in whatever is put there tomorrow.",
        fix="name the store under `uses` of the service in the stack file: its rule then has referencedSecurityGroupId",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.RDSSecurityGroups.html",
        frameworks=("SEC05-BP02",),
    ),
    about=_DATABASES,
)
def database_from_groups(graph: Graph) -> Iterator[Outcome]:
    """Every way into the group of a database comes from another group."""
    path = "vpcSecurityGroupIds"
    databases = graph.of(*_DATABASES)
    found = [group for database in databases for group in graph.refers(database, path, kinds.SECURITY_GROUP)]
    groups = {group.urn: group for group in found}
    for database in databases:
        if not graph.refers(database, path, kinds.SECURITY_GROUP):
            yield Fail(resource=database, path=path, message=f"{database.name} has no security group of this stack")
    for rule in graph.of(kinds.INGRESS_RULE):
        into = any(group.urn in groups for group in graph.refers(rule, "securityGroupId", kinds.SECURITY_GROUP))
        if not into or graph.is_set(rule, "referencedSecurityGroupId", kinds.SECURITY_GROUP):
            continue
        if rule.get("referencedSecurityGroupId") is UNKNOWN:
            yield unknown(rule, "referencedSecurityGroupId")
        else:
            yield Fail(resource=rule, message=f"{rule.name} lets addresses in to a database")
    for group in groups.values():
        if group.get("ingress") is UNKNOWN:
            yield unknown(group, "ingress")
        elif objects(group.get("ingress")):
            yield Fail(resource=group, path="ingress", message=f"{group.name} of a database has rules of its own")


@stack_rule(
    Meta(
        id="database-tls",
        item=None,
        title="Every database refuses connections without TLS",
        why="Otherwise a password crosses the network in clear whenever a client forgets to ask for TLS.",
        fix="set rds.force_ssl to 1 in the parameter group of the database",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html",
        frameworks=("SEC09-BP02", "RDS.38"),
    ),
    about=_DATABASES,
)
def database_tls(graph: Graph) -> Iterator[Outcome]:
    """The parameter group of each database forces TLS."""
    for database in graph.of(*_DATABASES):
        path, kind = store_alarms.PARAMETERS[database.type]
        groups = graph.refers(database, path, kind)
        if not groups:
            yield Fail(resource=database, path=path, message=f"{database.name} has no parameter group of this stack")
        for group in groups:
            if has_unknown(group.get("parameters")):
                yield unknown(group, "parameters")
            elif store_alarms.parameters(database, graph).get("rds.force_ssl") != "1":
                yield Fail(resource=group, path="parameters", message=f"{database.name} takes connections without TLS")


@stack_rule(
    Meta(
        id="store-protected",
        item=None,
        title="No table and no database of prod can be deleted by mistake",
        why="It is the one thing of a service that cannot be built again.",
        fix="set deletionProtection of the database, or deletionProtectionEnabled of the table, to true in prod",
        severity="critical",
        url=f"{_RDS_URL}#rds-7",
        frameworks=("SEC08-BP04", "DynamoDB.6", "RDS.7", "RDS.8"),
        levels=ONLY_PROD,
    ),
    Remedy(types=_DATABASES, path="deletionProtection", value=True),
    Remedy(types=(kinds.TABLE,), path="deletionProtectionEnabled", value=True),
    about=_STORES,
)
def store_protected(graph: Graph) -> Iterator[Outcome]:
    """Deletion protection is on."""
    for database in graph.of(*_DATABASES):
        yield from expect_true(database, "deletionProtection", f"{database.name} can be deleted by mistake")
    for table in graph.of(kinds.TABLE):
        yield from expect_true(table, "deletionProtectionEnabled", f"{table.name} can be deleted by mistake")


@stack_rule(
    Meta(
        id="performance-insights",
        item=None,
        title="Performance Insights is on for every database instance",
        why="It shows which query is slow, and it cannot look back to before it was on.",
        fix="set performanceInsightsEnabled to true; seven days cost nothing",
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.html",
        levels=ADVICE,
        frameworks=("PERF03-BP03",),
    ),
    Remedy(types=_INSTANCES, path="performanceInsightsEnabled", value=True),
    about=_INSTANCES,
)
def performance_insights(graph: Graph) -> Iterator[Outcome]:
    """It is on."""
    for instance in graph.of(*_INSTANCES):
        yield from expect_true(instance, "performanceInsightsEnabled", f"{instance.name} has no Performance Insights")


@stack_rule(
    Meta(
        id="database-password-managed",
        item=None,
        title="The administrator's password of every database is made and kept by RDS",
        why="A password that was ever written somewhere is in a state, a log or a history.",
        fix="set manageMasterUserPassword to true and remove the password",
        severity="critical",
        url="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html",
        levels=ALWAYS,
        frameworks=("SEC02-BP03",),
    ),
    about=_DATABASES,
)
def database_password_managed(graph: Graph) -> Iterator[Outcome]:
    """RDS manages it."""
    for database in graph.of(*_DATABASES):
        message = f"the administrator's password of {database.name} is not kept by RDS"
        yield from expect_true(database, "manageMasterUserPassword", message)


@service_rule(
    Meta(
        id="rotation-administrator",
        item="SECR-5",
        title="A function that alternates two users may read the administrator's secret",
        why="Without it the function cannot make the second user, and the first rotation fails a month later.",
        fix="give the rotation application the parameter masterSecretArn",
        severity="high",
        url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html",
        frameworks=("SEC02-BP05", "SecretsManager.2"),
    )
)
def rotation_administrator(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Each application with alternating users names its secret."""
    applications = service.of(kinds.ROTATION_APPLICATION)
    alternating = [each for each in applications if _MULTI_USER in each.text("applicationId")]
    if not alternating:
        yield NotApplicable(because="no users of a database of the service alternate")
    path = "parameters.masterSecretArn"
    for application in alternating:
        types = (kinds.SECRET, *_DATABASES)
        yield from expect_set(graph, application, path, types, f"{application.name} may not read the administrator")


@service_rule(
    Meta(
        id="store-alarms",
        item="ALRT-1",
        title="Every alarm of the table for stores exists, as strict as the table",
        why="What no alarm watches is found by users.",
        fix=(
            "add a MetricAlarm on the metric that is named, with the store's dimension "
            "(components/signals/stores.py has the table)"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html",
        frameworks=("OPS08-BP04", "PERF03-BP03"),
    )
)
def store_alarm_missing(service: Service, graph: Graph) -> Iterator[Outcome]:
    """For each store and each of its metrics there is an alarm on it that names the store."""
    for store in service.of(*_STORES):
        name = next((store.text(key) for key in _NAMES if store.text(key)), "")
        found = [alarm for alarm in service.of(kinds.METRIC_ALARM) if name in alarms.dimension_values(alarm)]
        for want in store_alarms.wanted(store, graph):
            watching = [alarm for alarm in found if want.metrics <= alarms.metrics(alarm)]
            if not watching:
                fail = Fail(resource=store, message=f"{store.name} has no alarm on {want.what}")
                alike = [each for each in service.of(kinds.METRIC_ALARM) if want.metrics <= alarms.metrics(each)]
                yield from unless_unknown(fail, alike, "dimensions")
            for alarm in watching:
                problem = alarms.looser(alarm, want)
                if path := alarms.waits_for(alarm):
                    yield unknown(alarm, path)
                elif problem is not None:
                    message = f"{alarm.name}, on {want.what}, {problem}"
                    yield Fail(resource=alarm, path="threshold", message=message)

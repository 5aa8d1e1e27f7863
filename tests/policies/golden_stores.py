"""The stores of the good environment: a table, an instance and a cluster of the container service, and their alarms."""

from policies import kinds
from stacks.standards import BYTES_PER_GIB, REQUIRED_TAGS
from tests.policies.draft import Draft, Json

_TAGS = dict.fromkeys(REQUIRED_TAGS, "news")
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_PAGING = "arn:aws:sns:eu-west-1:111122223333:paging"
_KEY = "arn:aws:kms:eu-west-1:111122223333:key/1"
_CONNECTIONS = 450
_GIB = 20
TABLE, INSTANCE, CLUSTER, MEMBERS = "articles", "legacy", "main", ("main-1", "main-2")
GROUP, INTO = "stores-group", "stores-in"


def stores(draft: Draft, service: str) -> None:
    """What the service keeps its data in."""
    draft.add(GROUP, kinds.SECURITY_GROUP, service, tags=_TAGS)
    draft.add(
        INTO,
        kinds.INGRESS_RULE,
        service,
        {"securityGroupId": GROUP, "referencedSecurityGroupId": f"{service}-group"},
        securityGroupId=_UNKNOWN,
        referencedSecurityGroupId=_UNKNOWN,
        tags=_TAGS,
    )
    draft.add(
        TABLE,
        kinds.TABLE,
        service,
        name="prod-news-api-articles",
        serverSideEncryption={"enabled": True, "kmsKeyArn": _KEY},
        pointInTimeRecovery={"enabled": True},
        deletionProtectionEnabled=True,
        tags=_TAGS,
    )
    _database(draft, service)
    for metric in ("ThrottledRequests", "SystemErrors"):
        _alarm(draft, service, TABLE, {"TableName": "prod-news-api-articles"}, metric, 0)
    _alarms(draft, service, INSTANCE, {"DBInstanceIdentifier": "prod-news-api-legacy"})
    _alarms(draft, service, CLUSTER, {"DBClusterIdentifier": "prod-news-api-main"})
    free = {"comparisonOperator": "LessThanThreshold"}
    instance = {"DBInstanceIdentifier": "prod-news-api-legacy"}
    _alarm(draft, service, INSTANCE, instance, "FreeStorageSpace", _GIB * BYTES_PER_GIB / 5, **free)
    reader = {"DBClusterIdentifier": "prod-news-api-main", "Role": "READER"}
    _alarm(draft, service, CLUSTER, reader, "AuroraReplicaLag", 30_000)


def _database(draft: Draft, service: str) -> None:
    common: dict[str, Json] = {
        "storageEncrypted": True,
        "kmsKeyId": _KEY,
        "backupRetentionPeriod": 35,
        "deletionProtection": True,
        "manageMasterUserPassword": True,
        "vpcSecurityGroupIds": [_UNKNOWN],
        "tags": _TAGS,
    }
    member: dict[str, Json] = {"publiclyAccessible": False, "performanceInsightsEnabled": True}
    parameters = [{"name": "rds.force_ssl", "value": "1"}, {"name": "max_connections", "value": str(_CONNECTIONS)}]
    for name, kind in ((INSTANCE, kinds.DATABASE_PARAMETERS), (CLUSTER, kinds.CLUSTER_PARAMETERS)):
        draft.add(f"{name}-parameters", kind, service, name=f"{name}-pg17", parameters=parameters, tags=_TAGS)
    draft.add(
        INSTANCE,
        kinds.DATABASE,
        service,
        {"vpcSecurityGroupIds": GROUP, "parameterGroupName": f"{INSTANCE}-parameters"},
        identifier="prod-news-api-legacy",
        multiAz=True,
        allocatedStorage=_GIB,
        parameterGroupName=_UNKNOWN,
        **common,
        **member,
    )
    draft.add(
        CLUSTER,
        kinds.DATABASE_CLUSTER,
        service,
        {"vpcSecurityGroupIds": GROUP, "dbClusterParameterGroupName": f"{CLUSTER}-parameters"},
        clusterIdentifier="prod-news-api-main",
        dbClusterParameterGroupName=_UNKNOWN,
        **common,
    )
    for name, zone in zip(MEMBERS, ("eu-west-1a", "eu-west-1b"), strict=True):
        refers = {"clusterIdentifier": CLUSTER}
        inputs = {"clusterIdentifier": _UNKNOWN, "availabilityZone": zone, **member}
        draft.add(name, kinds.CLUSTER_MEMBER, service, refers, **inputs, tags=_TAGS)


def _alarms(draft: Draft, service: str, store: str, dimensions: dict[str, Json]) -> None:
    _alarm(draft, service, store, dimensions, "DatabaseConnections", _CONNECTIONS * 0.8)
    _alarm(draft, service, store, dimensions, "CPUUtilization", 80)
    for metric in ("ReadLatency", "WriteLatency"):
        _alarm(draft, service, store, dimensions, metric, 0.1, extendedStatistic="p99")


def _alarm(
    draft: Draft, service: str, store: str, dimensions: dict[str, Json], metric: str, threshold: float, **inputs: Json
) -> None:
    name = f"{store}-{metric}"
    space = "AWS/DynamoDB" if store == TABLE else "AWS/RDS"
    given = {"comparisonOperator": "GreaterThanThreshold", "namespace": space, "metricName": metric, **inputs}
    draft.add(
        name,
        kinds.METRIC_ALARM,
        service,
        name=name,
        dimensions=dimensions,
        threshold=threshold,
        alarmActions=[_PAGING],
        tags=_TAGS,
        **given,
    )

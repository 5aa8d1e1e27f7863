"""DynamoDB and RDS: keys and indexes, names, sizes, backups."""

import re
from collections.abc import Iterator
from typing import Final

from simulator.graph import Graph
from tests.components.acceptance.looking import Inputs, known, listed, of, one

TABLE: Final = "aws:dynamodb/table:Table"
CLUSTER: Final = "aws:rds/cluster:Cluster"
MEMBER: Final = "aws:rds/clusterInstance:ClusterInstance"
INSTANCE: Final = "aws:rds/instance:Instance"
GROUPS: Final = (
    "aws:rds/parameterGroup:ParameterGroup",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup",
    "aws:rds/subnetGroup:SubnetGroup",
)
IDENTIFIER: Final = re.compile(r"(?!.*--)[a-z][a-z0-9-]{0,62}(?<!-)")
GROUP_NAME: Final = re.compile(r"(?!.*--)[a-z][a-z0-9-]{0,254}(?<!-)")
TABLE_NAME: Final = re.compile(r"[A-Za-z0-9_.-]{3,255}")
ATTRIBUTE_MAX: Final = 255
INDEXES_MAX: Final = 20
BACKUP_DAYS_MAX: Final = 35
GP3_GIB: Final = (20, 65_536)
ACU_MAX: Final = 256
INSIGHTS_DAYS: Final = (7, 731)
MONITORING_SECONDS: Final = (0, 1, 5, 10, 15, 30, 60)
RESERVED_USERS: Final = ("admin", "postgres", "rdsadmin")


def tables_define_their_keys(graph: Graph) -> Iterator[str]:
    """DynamoDB API, CreateTable: every key of the table and its indexes is an attribute, and every attribute a key."""
    for resource, inputs in of(graph, TABLE):
        indexes: list[Inputs] = listed(inputs.get("globalSecondaryIndexes"))
        keys = {each.get(key) for each in (inputs, *indexes) for key in ("hashKey", "rangeKey")} - {None}
        attributes = [each["name"] for each in inputs["attributes"]]
        if keys != set(attributes) or len(attributes) != len(set(attributes)):
            yield f"{resource.name}: keys {keys}, attributes {attributes}"
        if any(len(name) > ATTRIBUTE_MAX for name in attributes) or len(indexes) > INDEXES_MAX:
            yield f"{resource.name}: {len(indexes)} indexes, or an attribute that is too long"
        names = [inputs["name"], *(index["name"] for index in indexes)]
        yield from (f"{resource.name}: {name}" for name in names if not TABLE_NAME.fullmatch(name))
        if bool(inputs.get("streamViewType")) != bool(inputs.get("streamEnabled")):
            yield f"{resource.name}: a stream has a view type, and nothing else has"


def databases_are_called_as_rds_wants(graph: Graph) -> Iterator[str]:
    """RDS API, CreateDBInstance, CreateDBCluster, CreateDBParameterGroup: letters, digits, single hyphens."""
    for kind, key in ((CLUSTER, "clusterIdentifier"), (MEMBER, "identifier"), (INSTANCE, "identifier")):
        for resource, inputs in of(graph, kind):
            if not IDENTIFIER.fullmatch(inputs[key]):
                yield f"{resource.name}: {inputs[key]}"
    for resource, inputs in of(graph, *GROUPS):
        if not GROUP_NAME.fullmatch(inputs["name"]):
            yield f"{resource.name}: {inputs['name']}"
    for resource, inputs in of(graph, CLUSTER, INSTANCE):
        user = inputs.get("masterUsername") or inputs.get("username")
        database = inputs.get("databaseName") or inputs.get("dbName")
        if user in RESERVED_USERS or not re.fullmatch(r"[a-z][a-z0-9]{0,62}", f"{user}"):
            yield f"{resource.name}: user {user}"
        if not re.fullmatch(r"[a-z][a-z0-9]{0,62}", f"{database}"):
            yield f"{resource.name}: database {database}"


def databases_are_in_range(graph: Graph) -> Iterator[str]:
    """RDS API, CreateDBInstance and CreateDBCluster: backups, snapshots, monitoring; RDS user guide: gp3 and ACUs."""
    for resource, inputs in of(graph, CLUSTER, INSTANCE):
        if not 1 <= inputs["backupRetentionPeriod"] <= BACKUP_DAYS_MAX:
            yield f"{resource.name}: backups of {inputs['backupRetentionPeriod']} days"
        if inputs["skipFinalSnapshot"] is known(inputs.get("finalSnapshotIdentifier")):
            yield f"{resource.name}: a final snapshot has a name, and nothing else has"
        if inputs["manageMasterUserPassword"] and (inputs.get("password") or inputs.get("masterPassword")):
            yield f"{resource.name}: a password beside that of RDS"
    for resource, inputs in of(graph, INSTANCE):
        if not GP3_GIB[0] <= inputs["allocatedStorage"] <= GP3_GIB[1] or inputs["storageType"] != "gp3":
            yield f"{resource.name}: {inputs['allocatedStorage']} GiB of {inputs['storageType']}"


def instances_are_in_range(graph: Graph) -> Iterator[str]:
    """RDS API, CreateDBInstance: insights and monitoring; Aurora user guide, Serverless v2: capacity in halves."""
    for resource, inputs in of(graph, MEMBER, INSTANCE):
        if inputs["performanceInsightsRetentionPeriod"] not in (INSIGHTS_DAYS[0], INSIGHTS_DAYS[1]):
            yield f"{resource.name}: insights of {inputs['performanceInsightsRetentionPeriod']} days"
        if inputs["monitoringInterval"] not in MONITORING_SECONDS:
            yield f"{resource.name}: monitored every {inputs['monitoringInterval']} s"
    for resource, inputs in of(graph, CLUSTER):
        least, most = (one(inputs["serverlessv2ScalingConfiguration"])[key] for key in ("minCapacity", "maxCapacity"))
        if not 0 <= least <= most <= ACU_MAX or most < 1 or least % 0.5 or most % 0.5:
            yield f"{resource.name}: {least} to {most} ACU"


RULES: Final = (
    tables_define_their_keys,
    databases_are_called_as_rds_wants,
    databases_are_in_range,
    instances_are_in_range,
)

"""Breakages of tables and databases."""

from tests.policies.breaks import OFF, Break, gone, put, without
from tests.policies.draft import Draft
from tests.policies.golden import FARGATE
from tests.policies.golden_stores import CLUSTER, GROUP, INSTANCE, INTO, MEMBERS, TABLE

_FIRST, _SECOND = MEMBERS
_FORCE_TLS = "parameters.0.value"


def lets_addresses_in(draft: Draft) -> None:
    draft.nodes[INTO].refers.pop("referencedSecurityGroupId")
    draft.nodes[INTO].inputs["cidrIpv4"] = "10.0.0.0/16"
    del draft.nodes[INTO].inputs["referencedSecurityGroupId"]


def has_a_rule_of_its_own(draft: Draft) -> None:
    draft.nodes[GROUP].inputs["ingress"] = [{"fromPort": 5432, "toPort": 5432, "cidrBlocks": ["10.0.0.0/16"]}]


def has_no_group(draft: Draft) -> None:
    draft.nodes[INSTANCE].refers.pop("vpcSecurityGroupIds")


def has_no_parameters(draft: Draft) -> None:
    draft.nodes[CLUSTER].refers.pop("dbClusterParameterGroupName")


BREAKS_STORES = (
    Break("store-encrypted", FARGATE, put(INSTANCE, "storageEncrypted", OFF)),
    Break("store-encrypted", FARGATE, without(CLUSTER, "kmsKeyId")),
    Break("store-encrypted", FARGATE, put(TABLE, "serverSideEncryption.enabled", OFF)),
    Break("store-encrypted", FARGATE, without(TABLE, "serverSideEncryption.kmsKeyArn")),
    Break("database-backups", FARGATE, put(INSTANCE, "backupRetentionPeriod", 6)),
    Break("database-backups", FARGATE, without(CLUSTER, "backupRetentionPeriod")),
    Break("table-recovery", FARGATE, put(TABLE, "pointInTimeRecovery.enabled", OFF)),
    Break("database-zones", FARGATE, put(INSTANCE, "multiAz", OFF)),
    Break("database-zones", FARGATE, gone(_SECOND)),
    Break("database-zones", FARGATE, put(_SECOND, "availabilityZone", "eu-west-1a")),
    Break("database-not-public", FARGATE, put(_FIRST, "publiclyAccessible", not OFF)),
    Break("database-not-public", FARGATE, without(INSTANCE, "publiclyAccessible")),
    Break("database-from-groups", FARGATE, lets_addresses_in),
    Break("database-from-groups", FARGATE, has_a_rule_of_its_own),
    Break("database-from-groups", FARGATE, has_no_group),
    Break("database-tls", FARGATE, put(f"{INSTANCE}-parameters", _FORCE_TLS, "0")),
    Break("database-tls", FARGATE, has_no_parameters),
    Break("store-protected", FARGATE, put(INSTANCE, "deletionProtection", OFF)),
    Break("store-protected", FARGATE, without(TABLE, "deletionProtectionEnabled")),
    Break("performance-insights", FARGATE, put(INSTANCE, "performanceInsightsEnabled", OFF)),
    Break("performance-insights", FARGATE, without(_FIRST, "performanceInsightsEnabled")),
    Break("database-password-managed", FARGATE, without(INSTANCE, "manageMasterUserPassword")),
    Break("rotation-administrator", FARGATE, without("rotator", "parameters.masterSecretArn")),
    Break("store-alarms", FARGATE, gone(f"{INSTANCE}-FreeStorageSpace")),
    Break("store-alarms", FARGATE, gone(f"{CLUSTER}-AuroraReplicaLag")),
    Break("store-alarms", FARGATE, put(f"{CLUSTER}-DatabaseConnections", "threshold", 361)),
    Break("store-alarms", FARGATE, put(f"{INSTANCE}-FreeStorageSpace", "threshold", 1)),
    Break("store-alarms", FARGATE, put(f"{INSTANCE}-ReadLatency", "extendedStatistic", "p50")),
    Break("store-alarms", FARGATE, put(f"{TABLE}-SystemErrors", "dimensions", {"Operation": "PutItem"})),
)

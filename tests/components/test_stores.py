"""Tables and databases: what they are in each tier, who gets in, how credentials change, and that they stay."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from simulator import force_new
from simulator.graph import UNKNOWN, Graph, Json, Resource
from tests.components.conftest import (
    ACCOUNT,
    DIGEST,
    FUNCTION,
    REGION,
    graph_of,
    inputs,
    named,
    of,
    parsed,
    shared_graph,
    stack_text,
    texts,
)
from tests.components.test_fargate import refers

SERVICES = f"""
news:
  compute: fargate
  port: 80
  stores:
    articles:
      {{kind: dynamodb, partitionKey: id, sortKey: at, numbers: [at], ttl: gone, stream: true,
      indexes: {{by-author: {{partitionKey: author, sortKey: at}}}}}}
    main: {{kind: aurora-postgres, minAcu: 1, maxAcu: 8}}
    legacy: {{kind: rds-postgres, instance: m7g.large, storageGib: 100}}
digest: {{{FUNCTION}, uses: [news/articles, news/main]}}
other: {{compute: fargate, port: 81, secrets: [CACHE_URL]}}
"""
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/prod-news-articles"
STATEFUL = (":Table", ":Cluster", ":ClusterInstance", ":Instance", "manager/secret:Secret")


@pytest.fixture(scope="module")
def prod() -> Graph:
    """A service with one store of each kind, and a function that uses two of them."""
    return shared_graph(stack_text(SERVICES, tier="prod", images={"news": DIGEST, "other": DIGEST}))


@pytest.fixture(scope="module")
def dev() -> Graph:
    """The same in dev."""
    return shared_graph(stack_text(SERVICES, images={"news": DIGEST, "other": DIGEST}))


def statements(graph: Graph, policy: str) -> dict[str, dict[str, Any]]:
    document = cast("dict[str, Any]", parsed(named(graph, policy), "policy"))
    return {statement["Sid"]: statement for statement in document["Statement"]}


def ways_in(graph: Graph, group: str) -> set[str]:
    """Who gets in to a group, by the groups' names."""
    rules = [
        each for each in of(graph, ":SecurityGroupIngressRule") if refers(graph, each, "securityGroupId") == [group]
    ]
    return {name for rule in rules for name in refers(graph, rule, "referencedSecurityGroupId")}


def test_a_table_is_paid_by_the_request_encrypted_and_kept(prod: Graph) -> None:
    table = named(prod, "news-stores-articles")
    assert inputs(table) == {
        "name": "prod-news-articles",
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "id",
        "rangeKey": "at",
        "attributes": [{"name": "id", "type": "S"}, {"name": "at", "type": "N"}, {"name": "author", "type": "S"}],
        "globalSecondaryIndexes": [
            {"name": "by-author", "hashKey": "author", "rangeKey": "at", "projectionType": "ALL"}
        ],
        "streamEnabled": True,
        "streamViewType": "NEW_AND_OLD_IMAGES",
        "ttl": {"attributeName": "gone", "enabled": True},
        "pointInTimeRecovery": {"enabled": True},
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": UNKNOWN},
        "deletionProtectionEnabled": True,
    }
    assert refers(prod, table, "serverSideEncryption") == ["prod-keys-data"]
    assert table.protect


def test_an_instance_in_prod_has_a_standby_and_backups_of_35_days(prod: Graph) -> None:
    instance = named(prod, "news-stores-legacy")
    assert inputs(instance) == {
        "identifier": "prod-news-legacy",
        "engine": "postgres",
        "engineVersion": "17",
        "instanceClass": "db.m7g.large",
        "allocatedStorage": 100,
        "storageType": "gp3",
        "storageEncrypted": True,
        "kmsKeyId": UNKNOWN,
        "dbName": "app",
        "username": "administrator",
        "manageMasterUserPassword": True,
        "masterUserSecretKmsKeyId": UNKNOWN,
        "multiAz": True,
        "dbSubnetGroupName": "prod-databases",
        "vpcSecurityGroupIds": [UNKNOWN],
        "publiclyAccessible": False,
        "parameterGroupName": "prod-news-legacy-pg17",
        "autoMinorVersionUpgrade": True,
        "backupRetentionPeriod": 35,
        "copyTagsToSnapshot": True,
        "deleteAutomatedBackups": False,
        "deletionProtection": True,
        "skipFinalSnapshot": False,
        "finalSnapshotIdentifier": "prod-news-legacy-final",
        "enabledCloudwatchLogsExports": ["postgresql", "upgrade"],
        "performanceInsightsEnabled": True,
        "performanceInsightsKmsKeyId": UNKNOWN,
        "performanceInsightsRetentionPeriod": 7,
        "monitoringInterval": 60,
        "monitoringRoleArn": UNKNOWN,
        "applyImmediately": False,
    }
    assert instance.protect


def test_a_cluster_has_a_second_instance_in_another_zone_in_prod_alone(prod: Graph, dev: Graph) -> None:
    cluster = named(prod, "news-stores-main", ":Cluster").inputs
    assert cluster["serverlessv2ScalingConfiguration"] == {"minCapacity": 1, "maxCapacity": 8}
    assert (cluster["backupRetentionPeriod"], cluster["deletionProtection"]) == (35, True)
    assert [each.inputs["availabilityZone"] for each in of(prod, ":ClusterInstance")] == [f"{REGION}a", f"{REGION}b"]
    assert [each.inputs["availabilityZone"] for each in of(dev, ":ClusterInstance")] == [f"{REGION}a"]


def test_dev_keeps_a_week_and_can_be_thrown_away(dev: Graph) -> None:
    for name, kind in (("news-stores-legacy", ":Instance"), ("news-stores-main", ":Cluster")):
        database = named(dev, name, kind)
        assert database.inputs["backupRetentionPeriod"] == 7
        assert (database.inputs["deletionProtection"], database.inputs["skipFinalSnapshot"]) == (False, True)
        assert "finalSnapshotIdentifier" not in database.inputs
        assert not database.protect
    assert named(dev, "news-stores-legacy").inputs["multiAz"] is False
    assert named(dev, "news-stores-articles").inputs["deletionProtectionEnabled"] is False


def test_databases_stand_in_the_isolated_subnets_of_the_environment(prod: Graph) -> None:
    group = named(prod, "prod-network-databases")
    assert inputs(group) == {"name": "prod-databases", "description": "Databases of prod", "subnetIds": UNKNOWN}
    assert [name for name in refers(prod, group, "subnetIds") if "isolated" not in name] == ["prod-network"]


def test_every_connection_is_encrypted_and_counted(prod: Graph) -> None:
    for name, most in (("legacy", "901"), ("main", "1802")):
        assert named(prod, f"news-stores-{name}-parameters").inputs["parameters"] == [
            {"name": "rds.force_ssl", "value": "1", "applyMethod": "immediate"},
            {"name": "max_connections", "value": most, "applyMethod": "pending-reboot"},
        ]


def test_only_users_and_the_function_that_changes_the_password_get_in(prod: Graph) -> None:
    assert ways_in(prod, "news-stores-main-sg") == {"news-sg", "digest-sg", "news-stores-rotate-store-main-sg"}
    assert ways_in(prod, "news-stores-legacy-sg") == {"news-sg", "news-stores-rotate-store-legacy-sg"}


def test_a_service_goes_out_to_what_it_names_and_nowhere_else_in_the_vpc(prod: Graph) -> None:
    found = {
        service: {each.name for each in of(prod, ":SecurityGroupEgressRule") if each.name.startswith(f"{service}-sg-")}
        for service in ("news", "digest", "other")
    }
    assert found == {
        "news": {"news-sg-to-https", "news-sg-news_main-out", "news-sg-news_legacy-out"},
        "digest": {"digest-sg-to-https", "digest-sg-news_main-out"},
        "other": {"other-sg-to-https", "other-sg-to-redis"},
    }


def test_two_users_alternate_in_prod_with_the_administrator_that_rds_keeps(prod: Graph) -> None:
    stack = named(prod, "news-stores-rotate-store-main", ":CloudFormationStack")
    assert str(stack.inputs["applicationId"]).endswith("/SecretsManagerRDSPostgreSQLRotationMultiUser")
    assert "news-stores-main" in refers(prod, stack, "parameters")
    assert "news-stores-main" in refers(
        prod, named(prod, "news-stores-main-database-url-placeholder"), "secretStringWo"
    )
    assert texts(of(prod, ":SecretRotation", "news"), "rotationLambdaArn") == {
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:prod-news_rotate-store-{store}" for store in ("main", "legacy")
    }


def test_one_user_is_enough_in_dev_and_no_function_reads_the_administrator(dev: Graph) -> None:
    stack = named(dev, "news-stores-rotate-store-main", ":CloudFormationStack")
    assert str(stack.inputs["applicationId"]).endswith("/SecretsManagerRDSPostgreSQLRotationSingleUser")
    parameters = cast("dict[str, Json]", stack.inputs["parameters"])
    assert "masterSecretArn" not in parameters


def test_no_password_is_in_the_graph(prod: Graph) -> None:
    given = {key for each in prod.resources if "rds/" in each.type for key in each.inputs}
    assert not given & {"password", "passwordWo", "masterPassword", "masterPasswordWo"}


def test_a_process_finds_tables_by_name_and_databases_by_their_credential(prod: Graph) -> None:
    main, *_ = cast("list[Any]", parsed(named(prod, "news-task-definition"), "containerDefinitions"))
    assert {"name": "ONRAMP_TABLE_ARTICLES", "value": "prod-news-articles"} in main["environment"]
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:example/news/prod/MAIN_DATABASE_URL"
    assert {"name": "MAIN_DATABASE_URL", "valueFrom": secret} in main["secrets"]
    environment = cast("dict[str, Any]", named(prod, "digest-function").inputs["environment"])
    assert environment["variables"]["ONRAMP_TABLE_ARTICLES"] == "prod-news-articles"
    assert environment["variables"]["ONRAMP_REF_MAIN_DATABASE_URL"] == secret
    assert "ONRAMP_REF_LEGACY_DATABASE_URL" not in environment["variables"]


@pytest.mark.parametrize("policy", ["news-task-policy", "digest-role-policy"])
def test_who_uses_a_table_may_do_everything_to_its_items_and_nothing_to_itself(prod: Graph, policy: str) -> None:
    tables = statements(prod, policy)["Tables"]
    assert tables["Resource"] == [TABLE, f"{TABLE}/index/*"]
    assert {"dynamodb:PutItem", "dynamodb:Query"} < set(tables["Action"])
    assert not {"dynamodb:DeleteTable", "dynamodb:UpdateTable", "dynamodb:*"} & set(tables["Action"])
    via = statements(prod, policy)["UseKeyData"]["Condition"]["StringEquals"]["kms:ViaService"]
    assert f"dynamodb.{REGION}.amazonaws.com" in via


def test_who_uses_a_database_may_read_its_credential_and_no_other(prod: Graph) -> None:
    prefix = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:example/news/prod"
    assert statements(prod, "digest-role-policy")["ReadSecrets"]["Resource"] == [f"{prefix}/MAIN_DATABASE_URL-??????"]
    assert "Tables" not in statements(prod, "other-task-policy")


def test_the_owner_watches_its_stores_and_the_composite_alarm_joins_them(prod: Graph) -> None:
    keys = {each.name.removeprefix("news-alerting-") for each in of(prod, ":MetricAlarm", "news")}
    database = {"connections", "cpu", "read-latency", "write-latency"}
    assert {key for key in keys if "_" in key} == {
        *(f"articles_{key}" for key in ("throttled", "system-errors")),
        *(f"main_{key}" for key in (*database, "lag")),
        *(f"legacy_{key}" for key in (*database, "storage")),
    }
    rule = str(named(prod, "news-alerting-composite").inputs["alarmRule"])
    assert all(f'ALARM("prod-news-{key}")' in rule for key in keys)
    assert not [each for each in of(prod, ":MetricAlarm", "digest") if "_" in each.name]


@pytest.mark.parametrize(
    ("alarm", "metric", "threshold"),
    [
        ("main_connections", "DatabaseConnections", 1441.6),
        ("main_lag", "AuroraReplicaLag", 30_000),
        ("legacy_storage", "FreeStorageSpace", 100 * 1024**3 * 0.2),
        ("legacy_cpu", "CPUUtilization", 80),
        ("legacy_write-latency", "WriteLatency", 0.1),
    ],
)
def test_thresholds_follow_the_size(prod: Graph, alarm: str, metric: str, threshold: float) -> None:
    found = named(prod, f"news-alerting-{alarm}").inputs
    assert (found["metricName"], found["threshold"]) == (metric, threshold)


def test_the_dashboard_of_the_owner_shows_its_stores(prod: Graph) -> None:
    body = str(named(prod, "news-observability-dashboard").inputs["dashboardBody"])
    assert all(name in body for name in ("prod-news-articles", "prod-news-main", "prod-news-legacy"))


CHANGED = (
    SERVICES.replace("minAcu: 1, maxAcu: 8", "minAcu: 2, maxAcu: 64")
    .replace("m7g.large", "r7g.xlarge")
    .replace("storageGib: 100", "storageGib: 200")
    .replace("ttl: gone, stream: true", "ttl: later, stream: false")
    .replace("by-author", "by-writer")
)


def stateful(graph: Graph) -> dict[str, Resource]:
    return {each.urn: each for each in graph.resources if each.custom and each.type.endswith(STATEFUL)}


def test_no_change_but_of_keys_replaces_what_holds_data(prod: Graph) -> None:
    images = {"news": "sha256:" + "1" * 64, "other": DIGEST}
    after = stateful(graph_of(stack_text(CHANGED, tier="prod", images=images)))
    table = cast("dict[str, dict[str, list[str]]]", json.loads(Path(force_new.TARGET).read_text(encoding="utf-8")))
    before = stateful(prod)
    assert before.keys() == after.keys()
    assert {each.type for each in before.values()} <= table.keys()
    moved = [
        (each.name, key)
        for urn, each in before.items()
        for key in table[each.type]["properties"]
        if each.inputs.get(key) != after[urn].inputs.get(key)
    ]
    assert moved == []


def test_a_new_image_changes_no_store(prod: Graph) -> None:
    images = {"news": "sha256:" + "1" * 64, "other": DIGEST}
    after = stateful(graph_of(stack_text(SERVICES, tier="prod", images=images)))
    assert {urn: dict(each.inputs) for urn, each in after.items()} == {
        urn: dict(each.inputs) for urn, each in stateful(prod).items()
    }


@pytest.mark.parametrize(
    ("service", "policies", "process"),
    [
        ("compute: fargate, port: 82", ["task", "execution"], "task-definition"),
        ("compute: fargate, schedule: rate(1 day)", ["task", "execution"], "task-definition"),
        (FUNCTION, ["role", "role"], "function"),
        ("compute: apprunner, port: 82", ["process", "process"], "service"),
        ("compute: express, port: 82", ["process", "execution"], "service"),
    ],
)
def test_every_compute_type_uses_stores_in_the_same_way(service: str, policies: list[str], process: str) -> None:
    images = {} if service == FUNCTION else {"user": DIGEST}
    user = f"user: {{{service}, uses: [news/articles, news/main]}}"
    graph = graph_of(stack_text(f"{SERVICES}{user}", tier="prod", images={"news": DIGEST, "other": DIGEST, **images}))
    acts, reads = (statements(graph, f"user-{policy}-policy") for policy in policies)
    assert acts["Tables"]["Resource"] == [TABLE, f"{TABLE}/index/*"]
    assert [arn.rpartition("/")[2] for arn in reads["ReadSecrets"]["Resource"]] == ["MAIN_DATABASE_URL-??????"]
    assert "user-sg" in ways_in(graph, "news-stores-main-sg")
    shown = json.dumps(dict(named(graph, f"user-{process}").inputs))
    assert "ONRAMP_TABLE_ARTICLES" in shown
    assert "secret:example/news/prod/MAIN_DATABASE_URL" in shown

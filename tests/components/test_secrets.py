"""Credentials and configuration: where they are kept, how they change, and that their values are nobody's to see."""

import json

import pytest

from simulator.graph import UNKNOWN, Graph
from tests.components.conftest import ACCOUNT, REGION, graph_of, inputs, named, of, stack_text, texts
from tests.components.test_fargate import refers

APPLICATIONS = "arn:aws:serverlessrepo:us-east-1:297356227824:applications"


def test_a_secret_is_encrypted_recoverable_and_kept_in_prod(orders: Graph) -> None:
    secret = named(orders, "orders-secrets-database-url")
    assert inputs(secret) == {
        "name": "example/orders/prod/DATABASE_URL",
        "description": "DATABASE_URL of orders",
        "kmsKeyId": UNKNOWN,
        "recoveryWindowInDays": 30,
    }
    assert refers(orders, secret, "kmsKeyId") == ["prod-keys-data"]
    assert secret.protect


def test_its_first_value_is_a_placeholder_that_is_written_once_and_shown_to_nobody(orders: Graph) -> None:
    assert inputs(named(orders, "orders-secrets-database-url-placeholder")) == {
        "secretId": UNKNOWN,
        "secretStringWo": "[secret]",
        "secretStringWoVersion": 1,
    }


@pytest.mark.parametrize(
    ("key", "function", "application"),
    [
        ("database-url", "rotate-postgres-database-url", "SecretsManagerRDSPostgreSQLRotationMultiUser"),
        ("database-url-admin", "rotate-postgres", "SecretsManagerRDSPostgreSQLRotationSingleUser"),
        ("cache-url", "rotate-redis", "SecretsManagerElasticacheUserRotation"),
    ],
)
def test_what_opens_a_store_rotates_every_30_days(orders: Graph, key: str, function: str, application: str) -> None:
    rotation = named(orders, f"orders-secrets-{key}-rotation")
    assert inputs(rotation) == {
        "secretId": UNKNOWN,
        "rotationLambdaArn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:prod-orders_{function}",
        "rotationRules": {"automaticallyAfterDays": 30},
        "rotateImmediately": False,
    }
    assert refers(orders, rotation, "secretId") == [f"orders-secrets-{key}"]
    stack = named(orders, f"orders-secrets-{function}", ":CloudFormationStack")
    assert stack.urn in rotation.dependencies
    administrator = {"masterSecretArn": UNKNOWN, "masterSecretKmsKeyArn": UNKNOWN} if "Multi" in application else {}
    assert inputs(stack) == {
        "name": f"prod-orders-{function}",
        "applicationId": f"{APPLICATIONS}/{application}",
        "capabilities": ["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"],
        "parameters": {
            "functionName": f"prod-orders_{function}",
            "endpoint": f"https://secretsmanager.{REGION}.amazonaws.com",
            "kmsKeyArn": UNKNOWN,
            "vpcSubnetIds": UNKNOWN,
            "vpcSecurityGroupIds": UNKNOWN,
            **administrator,
        },
    }


def test_a_function_that_alternates_two_users_may_read_the_administrators_secret_and_no_other(orders: Graph) -> None:
    stack = named(orders, "orders-secrets-rotate-postgres-database-url", ":CloudFormationStack")
    sources = {urn.rpartition("::")[2] for urn in stack.property_dependencies["parameters"]}
    assert "orders-secrets-database-url-admin" in sources
    assert "orders-secrets-database-url" not in sources


def test_each_credential_that_alternates_has_a_function_of_its_own() -> None:
    graph = graph_of(stack_text("a: {compute: fargate, secrets: [DATABASE_URL, ORDERS_DB_URL]}", tier="prod"))
    assert texts(of(graph, ":SecretRotation"), "rotationLambdaArn") == {
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:prod-a_rotate-postgres{key}"
        for key in ("", "-database-url", "-orders-db-url")
    }


@pytest.mark.parametrize(
    ("function", "store", "port"),
    [("postgres-database-url", "postgres", 5432), ("postgres", "postgres", 5432), ("redis", "redis", 6379)],
)
def test_a_rotation_function_reaches_its_store_and_aws_inside_the_vpc(
    orders: Graph, function: str, store: str, port: int
) -> None:
    prefix = f"orders-secrets-rotate-{function}-to-"
    ways = {
        each.name.removeprefix(prefix): (each.inputs["cidrIpv4"], each.inputs["fromPort"], each.inputs["toPort"])
        for each in of(orders, ":SecurityGroupEgressRule", "orders")
        if refers(orders, each, "securityGroupId") == [f"orders-secrets-rotate-{function}-sg"]
    }
    assert ways == {"https": ("10.0.0.0/16", 443, 443), store: ("10.0.0.0/16", port, port)}


def test_what_nothing_can_rotate_is_still_a_secret(orders: Graph) -> None:
    assert named(orders, "orders-secrets-api-token").inputs["name"] == "example/orders/prod/API_TOKEN"
    rotated = {name for each in of(orders, ":SecretRotation") for name in refers(orders, each, "secretId")}
    assert "orders-secrets-api-token" not in rotated


def test_configuration_is_a_parameter_under_org_service_env(orders: Graph) -> None:
    assert inputs(named(orders, "orders-secrets-currency")) == {
        "name": "/example/orders/prod/CURRENCY",
        "type": "String",
        "value": "[secret]",
        "description": "CURRENCY of orders",
    }


def test_a_borrowed_secret_is_built_by_its_owner_alone(orders: Graph) -> None:
    assert of(orders, ":Secret", "caller") == []
    assert of(orders, ":SecretRotation", "caller") == []


def test_in_dev_one_user_is_enough() -> None:
    graph = graph_of(stack_text("a: {compute: fargate, secrets: [DATABASE_URL, ORDERS_DB_URL]}"))
    assert [each.inputs["name"] for each in of(graph, ":Secret")] == [
        "example/a/dev/DATABASE_URL",
        "example/a/dev/ORDERS_DB_URL",
    ]
    assert texts(of(graph, ":SecretRotation"), "rotationLambdaArn") == {
        f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:dev-a_rotate-postgres"
    }
    assert len(of(graph, ":CloudFormationStack")) == 1


def test_no_value_of_configuration_stands_in_the_graph() -> None:
    graph = graph_of(stack_text("a: {compute: fargate, config: {CURRENCY: value-of-currency}}"))
    shown = [json.dumps(dict(each.inputs)) for each in graph.resources]
    assert not any("value-of-currency" in text for text in shown)
    assert "value-of-currency" not in json.dumps(dict(graph.outputs))

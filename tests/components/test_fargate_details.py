"""What a container service may have on top: a log router, another name in the cluster, headers on its route."""

import pytest

from simulator.graph import Graph, Json
from tests.components.conftest import DIGEST, REGION, named, shared_graph, stack_text
from tests.components.test_fargate import containers, logs


@pytest.fixture(scope="session")
def dressed() -> Graph:
    """In dev, a service with everything that is optional, and one that calls it."""
    services = """\
user:
  compute: fargate
  port: 8080
  route: /user/*
  headers: {x-version: beta, User-Agent: '*Mobile*'}
  discovery: {alias: people, aliasPort: 80, idleSeconds: 600, requestSeconds: 0}
  telemetry: {logRouter: true}
plain: {compute: fargate, port: 8080, route: /user/*, calls: [user], discovery: {idleSeconds: 60}}
"""
    return shared_graph(stack_text(services, images={"user": DIGEST, "plain": DIGEST}))


def test_a_route_with_headers_asks_for_all_of_them_and_comes_first(dressed: Graph) -> None:
    rule, plain = named(dressed, "user-ingress-rule").inputs, named(dressed, "plain-ingress-rule").inputs
    path = {"pathPattern": {"values": ["/user", "/user/*"]}}
    assert rule["conditions"] == [
        path,
        {"httpHeader": {"httpHeaderName": "x-version", "values": ["beta"]}},
        {"httpHeader": {"httpHeaderName": "User-Agent", "values": ["*Mobile*"]}},
    ]
    assert plain["conditions"] == [path]
    assert int(str(rule["priority"])) < int(str(plain["priority"]))


def test_callers_use_the_alias_and_its_port(dressed: Graph) -> None:
    connect = named(dressed, "user-service").inputs["serviceConnectConfiguration"]
    assert isinstance(connect, dict)
    assert connect["services"] == [
        {
            "portName": "user",
            "discoveryName": "user",
            "clientAlias": [{"dnsName": "people", "port": 80}],
            "timeout": {"idleTimeoutSeconds": 600, "perRequestTimeoutSeconds": 0},
        }
    ]
    assert {"name": "ONRAMP_CALL_USER", "value": "http://people:80"} in _variables(dressed, "plain")


def test_one_timeout_leaves_the_other_to_aws(dressed: Graph) -> None:
    connect = named(dressed, "plain-service").inputs["serviceConnectConfiguration"]
    assert isinstance(connect, dict)
    assert isinstance(offered := connect["services"], list)
    assert [each["timeout"] for each in offered if isinstance(each, dict)] == [{"idleTimeoutSeconds": 60}]


def test_a_log_router_takes_the_logs_to_the_group_of_the_service(dressed: Graph) -> None:
    found = containers(dressed, "user")
    assert list(found) == ["user", "adot", "cloudwatch-agent", "log-router"]
    assert found["log-router"] == {
        "name": "log-router",
        "image": "public.ecr.aws/aws-observability/aws-for-fluent-bit:2.32.5",
        "essential": True,
        "firelensConfiguration": {"type": "fluentbit"},
        "logConfiguration": logs("dev", "user", "router"),
    }
    own = found["user"]
    assert isinstance(own, dict)
    assert own["dependsOn"] == [{"containerName": "log-router", "condition": "START"}]
    assert own["logConfiguration"] == {
        "logDriver": "awsfirelens",
        "options": {
            "Name": "cloudwatch_logs",
            "region": REGION,
            "log_group_name": "/onramp/dev/user",
            "log_stream_prefix": "app/",
            "auto_create_group": "false",
        },
    }


def test_without_a_log_router_there_is_none(dressed: Graph) -> None:
    found = containers(dressed, "plain")
    assert "log-router" not in found
    assert isinstance(own := found["plain"], dict)
    assert own["logConfiguration"] == logs("dev", "plain", "app")


def _variables(graph: Graph, service: str) -> list[Json]:
    own = containers(graph, service)[service]
    assert isinstance(own, dict)
    assert isinstance(own["environment"], list)
    return own["environment"]

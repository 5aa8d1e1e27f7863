"""An environment whose foundation belongs to another stack."""

from collections.abc import Mapping

import pytest

from components.foundation.interface import PUBLISHED
from simulator.embedded import ProgramError
from simulator.graph import Graph, Json
from tests.components.conftest import DIGEST, FUNCTION, graph_of, named, of, stack_text, texts

FOUNDATION: Mapping[str, Json] = {
    "vpc_id": "vpc-1",
    "vpc_cidr": "10.9.0.0/16",
    "private_subnet_ids": ["subnet-1", "subnet-2"],
    "database_subnet_group": "databases",
    "public_subnet_ids": ["subnet-3", "subnet-4"],
    "load_balancer_security_group_id": "sg-balancer",
    "load_balancer_suffix": "app/services-prod/1",
    "listener_arn": "arn:listener",
    "namespace_arn": "arn:namespace",
    "namespace_id": "ns-1",
    "cluster_arn": "arn:cluster",
    "dns_namespace_id": "ns-1",
    "data_key_arn": "arn:data",
    "logs_key_arn": "arn:logs",
    "web_acl_arn": "arn:acl",
    "probe_bucket": "bucket-of-probes",
    "capacity_provider_arn": "",
    "socket_logs_role_arn": "",
}
SERVICES = f"""\
api: {{compute: fargate, port: 80, route: /api/*, secrets: [DATABASE_URL], discovery: {{cloudMap: true}}}}
job: {{{FUNCTION}, queue: {{}}}}
"""
TEXT = stack_text(SERVICES, tier="prod", images={"api": DIGEST}, environment="foundation: {stack: org/onramp/prod}\n")


def on(outputs: Mapping[str, Json]) -> Graph:
    return graph_of(TEXT, references={"org/onramp/prod": outputs})


@pytest.fixture(scope="module")
def graph() -> Graph:
    return on({"foundation": dict(FOUNDATION)})


def test_nothing_of_a_foundation_is_built(graph: Graph) -> None:
    assert not [each.urn for each in graph.resources if "onramp:foundation:" in each.urn or "awsx" in each.urn]
    top = [each.type for each in graph.resources if each.parent == graph.resources[0].urn]
    assert top == [
        "onramp:compute:FargateService",
        "onramp:compute:LambdaFunction",
        "pulumi:pulumi:StackReference",
    ]
    assert "foundation" not in graph.outputs


def test_what_is_published_is_what_a_foundation_has() -> None:
    assert set(PUBLISHED) == set(FOUNDATION)


def test_services_use_what_the_other_stack_published(graph: Graph) -> None:
    service = named(graph, "api-service").inputs
    assert isinstance(network := service["networkConfiguration"], dict)
    assert network["subnets"] == ["subnet-1", "subnet-2"]
    assert isinstance(connect := service["serviceConnectConfiguration"], dict)
    assert connect["namespace"] == "arn:namespace"
    assert named(graph, "api-ingress-rule").inputs["listenerArn"] == "arn:listener"
    assert named(graph, "api-health-blue").inputs["vpcId"] == "vpc-1"
    assert named(graph, "api-sg-load-balancer-in").inputs["referencedSecurityGroupId"] == "sg-balancer"
    assert named(graph, "api-sg-load-balancer-out").inputs["securityGroupId"] == "sg-balancer"
    assert texts(of(graph, ":LogGroup"), "kmsKeyId") == {"arn:logs"}
    assert texts(of(graph, ":Secret"), "kmsKeyId") == {"arn:data"}
    assert texts(of(graph, ":Queue"), "kmsMasterKeyId") == {"arn:data"}
    assert "app/services-prod/1" in str(named(graph, "api-alerting-http-5xx").inputs["metricQueries"])
    assert isinstance(registry := named(graph, "api-discovery-registry").inputs["dnsConfig"], dict)
    assert registry["namespaceId"] == "ns-1"


def test_the_addresses_of_the_other_stacks_network_are_used(graph: Graph) -> None:
    out = [each for each in of(graph, ":SecurityGroupEgressRule") if "cidrIpv4" in each.inputs]
    assert texts(out, "cidrIpv4") == {"0.0.0.0/0", "10.9.0.0/16"}


def test_services_say_whose_foundation_they_stand_on(graph: Graph) -> None:
    assert named(graph, "api", ":FargateService").inputs["foundation"] == "org/onramp/prod"


@pytest.mark.parametrize("missing", PUBLISHED)
def test_an_older_foundation_is_refused_with_the_key_and_what_to_do(missing: str) -> None:
    older = {key: value for key, value in FOUNDATION.items() if key != missing}
    with pytest.raises(ProgramError) as refused:
        on({"foundation": older})
    assert f"foundation.{missing}" in str(refused.value)
    assert "pulumi up --stack org/onramp/prod" in str(refused.value)
    assert "Traceback" not in str(refused.value)


@pytest.mark.parametrize("outputs", [{}, {"services": {}}, {"foundation": None}, {"foundation": "text"}])
def test_a_stack_without_a_foundation_is_refused(outputs: Mapping[str, Json]) -> None:
    with pytest.raises(ProgramError, match=r"publishes no `foundation\.vpc_id`, [\s\S]*fix: run `pulumi up"):
        on(outputs)

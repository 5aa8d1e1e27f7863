"""What the services of an environment share."""

from collections import Counter

import pytest

from simulator.graph import Graph, Json
from stacks.standards import ENDPOINT_SERVICES_GATEWAY, ENDPOINT_SERVICES_INTERFACE
from tests.components.conftest import (
    ACCOUNT,
    REGION,
    below,
    graph_of,
    inputs,
    named,
    of,
    parsed,
    shared_graph,
    stack_text,
)
from tests.components.test_fargate import refers

EVERYWHERE = {
    "accessanalyzer:Analyzer": 1,
    "acm:Certificate": 1,
    "acm:CertificateValidation": 1,
    "budgets:Budget": 1,
    "cloudtrail:Trail": 1,
    "cloudwatch:LogGroup": 1,
    "costexplorer:AnomalyMonitor": 1,
    "costexplorer:AnomalySubscription": 1,
    "ec2:Eip": 1,
    "ec2:FlowLog": 1,
    "ec2:InternetGateway": 1,
    "ec2:NatGateway": 1,
    "ec2:Route": 6,
    "ec2:RouteTable": 9,
    "ec2:RouteTableAssociation": 9,
    "ec2:SecurityGroup": 2,
    "ec2:Subnet": 9,
    "ec2:Vpc": 1,
    "ec2:VpcEndpoint": 9,
    "ecr:RegistryScanningConfiguration": 1,
    "ecs:Cluster": 1,
    "ecs:ClusterCapacityProviders": 1,
    "iam:Role": 1,
    "iam:RolePolicy": 1,
    "kms:Alias": 2,
    "kms:Key": 2,
    "lb:Listener": 2,
    "lb:LoadBalancer": 1,
    "rds:SubnetGroup": 1,
    "route53:Record": 2,
    "s3:Bucket": 2,
    "s3:BucketLifecycleConfiguration": 2,
    "s3:BucketPolicy": 2,
    "s3:BucketPublicAccessBlock": 2,
    "s3:BucketServerSideEncryptionConfiguration": 2,
    "s3:BucketVersioning": 2,
    "servicediscovery:HttpNamespace": 1,
    "servicediscovery:PrivateDnsNamespace": 1,
    "sns:Topic": 1,
    "sns:TopicPolicy": 1,
    "sns:TopicSubscription": 1,
    "vpc:SecurityGroupIngressRule": 3,
}


@pytest.fixture(scope="session")
def dev() -> Graph:
    """An environment without services."""
    return shared_graph(stack_text(""))


@pytest.fixture(scope="session")
def prod() -> Graph:
    """The same, in prod."""
    return shared_graph(stack_text("", tier="prod"))


def counts(graph: Graph) -> dict[str, int]:
    kinds = Counter[str]()
    for each in graph.resources:
        package, module, kind = each.type.split(":")
        if package == "aws":
            kinds[f"{module.split('/')[0]}:{kind}"] += 1
    return dict(sorted(kinds.items()))


def test_dev_has_three_zones_and_one_nat_gateway(dev: Graph) -> None:
    assert counts(dev) == EVERYWHERE


BUCKET = (
    "",
    "LifecycleConfiguration",
    "Policy",
    "PublicAccessBlock",
    "ServerSideEncryptionConfiguration",
    "Versioning",
)
FIREWALL = dict.fromkeys(("wafv2:WebAcl", "wafv2:WebAclAssociation", "wafv2:WebAclLoggingConfiguration"), 1)


def test_prod_has_a_nat_gateway_in_each_zone_a_firewall_and_a_bucket_for_probes(prod: Graph) -> None:
    three_buckets = {f"s3:Bucket{kind}": 3 for kind in BUCKET}
    assert counts(prod) == {
        **EVERYWHERE,
        **FIREWALL,
        **three_buckets,
        "ec2:Eip": 3,
        "ec2:NatGateway": 3,
        "cloudwatch:LogGroup": 2,
    }


def test_two_zones_are_the_plan_for_who_writes_them() -> None:
    graph = graph_of(stack_text("", environment="network: {zones: 2, cidr: 10.7.0.0/16, natPerZone: true}\n"))
    found = counts(graph)
    assert (found["ec2:Subnet"], found["ec2:NatGateway"], found["ec2:Route"]) == (6, 2, 4)
    assert named(graph, "dev-network-endpoints-https").inputs["cidrIpv4"] == "10.7.0.0/16"


def test_subnets_follow_the_address_plan(dev: Graph) -> None:
    plan = {
        each.name.removeprefix("dev-network-"): (each.inputs["cidrBlock"], each.inputs["availabilityZone"])
        for each in of(dev, ":Subnet")
    }
    assert plan == {
        f"{kind}-{zone + 1}": (f"10.0.{start + zone}.0/24", f"{REGION}{'abc'[zone]}")
        for kind, start in (("public", 1), ("private", 11), ("isolated", 21))
        for zone in range(3)
    }


def test_only_public_subnets_give_public_addresses_and_databases_have_no_way_out(dev: Graph) -> None:
    public = {each.name for each in of(dev, ":Subnet") if each.inputs["mapPublicIpOnLaunch"]}
    assert public == {f"dev-network-public-{zone}" for zone in (1, 2, 3)}
    assert not [each for each in of(dev, ":Route") if "isolated" in each.name]


def test_all_traffic_is_in_the_flow_log(dev: Graph, prod: Graph) -> None:
    log = named(dev, "dev-network-flow-logs-log")
    assert (log.inputs["trafficType"], log.inputs["logDestinationType"]) == ("ALL", "cloud-watch-logs")
    assert refers(dev, log, "logDestination") == ["dev-network-flow-logs"]
    assert refers(dev, log, "iamRoleArn") == ["dev-network-flow-logs-role"]
    for graph, days in ((dev, 30), (prod, 90)):
        (group,) = (each for each in of(graph, ":LogGroup") if each.name.endswith("network-flow-logs"))
        assert group.inputs["retentionInDays"] == days
        assert str(group.inputs["name"]).endswith("/foundation/flow-logs")


def test_every_aws_service_that_is_used_has_its_endpoint(dev: Graph) -> None:
    by_type: dict[Json, set[Json]] = {"Interface": set(), "Gateway": set()}
    for each in of(dev, ":VpcEndpoint"):
        by_type[each.inputs["vpcEndpointType"]].add(each.inputs["serviceName"])
    prefix = f"com.amazonaws.{REGION}"
    assert by_type == {
        "Interface": {f"{prefix}.{name}" for name in ENDPOINT_SERVICES_INTERFACE},
        "Gateway": {f"{prefix}.{name}" for name in ENDPOINT_SERVICES_GATEWAY},
    }
    assert all(each.inputs["privateDnsEnabled"] for each in of(dev, ":VpcEndpoint") if "subnetIds" in each.inputs)


def test_the_load_balancer_speaks_tls_1_2_or_newer_and_redirects_the_rest(dev: Graph) -> None:
    https, http = named(dev, "dev-load-balancer-https").inputs, named(dev, "dev-load-balancer-http").inputs
    assert (https["port"], https["protocol"], https["sslPolicy"]) == (
        443,
        "HTTPS",
        "ELBSecurityPolicy-TLS13-1-2-2021-06",
    )
    assert https["defaultActions"] == [
        {
            "type": "fixed-response",
            "fixedResponse": {"contentType": "text/plain", "messageBody": "no such route", "statusCode": "404"},
        }
    ]
    assert (http["port"], http["protocol"]) == (80, "HTTP")
    assert http["defaultActions"] == [
        {"type": "redirect", "redirect": {"port": "443", "protocol": "HTTPS", "statusCode": "HTTP_301"}}
    ]
    assert refers(dev, named(dev, "dev-load-balancer-https"), "certificateArn") == [
        "dev-load-balancer-certificate-validation"
    ]


@pytest.mark.parametrize(("tier", "is_prod"), [("dev", False), ("staging", False), ("prod", True)])
def test_only_prod_is_protected_from_deletion(tier: str, *, is_prod: bool) -> None:
    graph = shared_graph(stack_text("", tier=tier))
    balancer = named(graph, f"{tier}-load-balancer-balancer")
    assert balancer.inputs["enableDeletionProtection"] is is_prod
    assert {each.type.rpartition(":")[2] for each in graph.resources if each.protect} == (
        {"Alias", "Bucket", "Key", "LoadBalancer"} if is_prod else set()
    )


def test_the_load_balancer_logs_and_drops_invalid_headers(dev: Graph) -> None:
    found = named(dev, "dev-load-balancer-balancer").inputs
    bucket = named(dev, "dev-load-balancer-logs-bucket").inputs["bucket"]
    assert found["accessLogs"] == {"bucket": bucket, "enabled": True}
    assert (found["dropInvalidHeaderFields"], found["internal"]) == (True, False)
    policy = named(dev, "dev-load-balancer-logs-policy")
    assert policy.urn in named(dev, "dev-load-balancer-balancer").dependencies


def test_log_buckets_are_private_encrypted_and_https_only(dev: Graph) -> None:
    for each in of(dev, ":BucketPublicAccessBlock"):
        settings = {key: value for key, value in inputs(each).items() if key != "bucket"}
        assert settings == dict.fromkeys(
            ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), True
        )
    for each in of(dev, ":BucketPolicy"):
        document = parsed(each, "policy")
        assert isinstance(document, dict)
        assert isinstance(document["Statement"], list)
        bucket = f"arn:aws:s3:::{each.inputs['bucket']}"
        assert document["Statement"][0] == {
            "Sid": "HttpsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket, f"{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }


def test_the_trail_records_who_read_which_secret(dev: Graph) -> None:
    trail = named(dev, "dev-audit-trail")
    assert {key: value for key, value in inputs(trail).items() if key not in {"kmsKeyId", "s3BucketName"}} == {
        "name": "dev-audit",
        "isMultiRegionTrail": True,
        "includeGlobalServiceEvents": True,
        "enableLogFileValidation": True,
        "eventSelectors": [{"readWriteType": "All", "includeManagementEvents": True}],
    }
    assert refers(dev, trail, "kmsKeyId") == ["dev-keys-logs"]
    assert named(dev, "dev-audit-logs-policy").urn in trail.dependencies


def test_access_analyzer_looks_at_the_account(dev: Graph) -> None:
    assert inputs(named(dev, "dev-audit-analyzer")) == {"analyzerName": "dev-access", "type": "ACCOUNT"}


def test_the_cluster_is_seen_and_its_services_find_each_other(dev: Graph) -> None:
    cluster = named(dev, "dev-cluster-cluster").inputs
    assert cluster["settings"] == [{"name": "containerInsights", "value": "enhanced"}]
    assert refers(dev, named(dev, "dev-cluster-cluster"), "serviceConnectDefaults") == ["dev-cluster-connect"]


@pytest.mark.parametrize(
    ("tier", "kind", "frequency"),
    [
        ("dev", "BASIC", "SCAN_ON_PUSH"),
        ("staging", "ENHANCED", "CONTINUOUS_SCAN"),
        ("prod", "ENHANCED", "CONTINUOUS_SCAN"),
    ],
)
def test_images_are_scanned_by_tier(tier: str, kind: str, frequency: str) -> None:
    assert inputs(named(shared_graph(stack_text("", tier=tier)), f"{tier}-cluster-scanning")) == {
        "scanType": kind,
        "rules": [
            {"scanFrequency": frequency, "repositoryFilters": [{"filter": f"*/{tier}", "filterType": "WILDCARD"}]}
        ],
    }


def test_keys_rotate_and_the_account_keeps_them(dev: Graph) -> None:
    for purpose in ("data", "logs"):
        key = named(dev, f"dev-keys-{purpose}")
        assert (key.inputs["enableKeyRotation"], key.inputs["deletionWindowInDays"]) == (True, 30)
        document = parsed(key, "policy")
        assert isinstance(document, dict)
        assert isinstance(document["Statement"], list)
        assert document["Statement"][0] == {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        }


@pytest.mark.parametrize("provider", ["pagerduty", "opsgenie"])
def test_alarms_call_the_on_call_service_and_its_address_is_a_secret(provider: str) -> None:
    text = stack_text("").replace("{pagerduty: pagerduty-integration}", f"{{{provider}: some-integration}}")
    graph = graph_of(text)
    subscription = named(graph, f"dev-paging-{provider}")
    assert (subscription.inputs["protocol"], subscription.inputs["endpoint"]) == ("https", "[secret]")
    assert refers(graph, subscription, "topic") == ["dev-paging-topic"]
    assert refers(graph, named(graph, "dev-paging-topic"), "kmsMasterKeyId") == ["dev-keys-data"]


def test_an_environment_without_services_is_its_foundation_alone(dev: Graph) -> None:
    foundation = named(dev, "dev", "onramp:foundation:Foundation")
    top = [each.name for each in dev.resources if each.parent == dev.resources[0].urn]
    assert top == ["dev"]
    assert len(list(below(dev, foundation.urn))) == len(dev.resources) - 2
    assert dev.outputs["services"] == {}

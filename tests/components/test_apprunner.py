"""What an App Runner service becomes, property by property."""

import json
from typing import Any, Final

import pytest

from components.compute.apprunner import AppRunnerService
from components.compute.express import ExpressService
from components.compute.service import Placement, ServiceComponent
from simulator.graph import UNKNOWN, Graph, Json
from stacks.load import load_stack_file
from tests.components.conftest import ACCOUNT, DIGEST, REGION, ROOT, inputs, named, parsed, shared_graph, stack_text

SHOP: Final = """\
shop:
  compute: apprunner
  port: 8080
  {more}
  secrets: [DATABASE_URL]
  config: {{CURRENCY: EUR}}
  calls: [prices]
prices: {{compute: fargate, port: 9000, discovery: {{cloudMap: true}}}}
"""
_SERVICE: Final = "aws:apprunner/service:Service"
FORCE_NEW: Final = ROOT / "simulator" / "force_new.json"


def shop(more: str = "health: {path: /ready}", image: str | None = DIGEST, tier: str = "prod") -> Graph:
    images = {"prices": DIGEST} | ({"shop": image} if image else {})
    return shared_graph(stack_text(SHOP.format(more=more), tier=tier, images=images))


@pytest.fixture
def public() -> Graph:
    return shop()


@pytest.fixture
def private() -> Graph:
    return shop("discovery: {cloudMap: true}\n  public: false")


def role_of(graph: Graph, name: str) -> dict[str, Json]:
    """The statements of a role, by sid."""
    document = parsed(named(graph, f"{name}-policy"), "policy")
    assert isinstance(document, dict)
    statements = document["Statement"]
    assert isinstance(statements, list)
    return {str(each["Sid"]): each for each in statements if isinstance(each, dict)}


def test_the_service_runs_the_released_digest_of_its_own_repository(public: Graph) -> None:
    found = inputs(named(public, "shop-service", _SERVICE))
    assert found == {
        "serviceName": "prod-shop-app",
        "sourceConfiguration": {
            "autoDeploymentsEnabled": False,
            "authenticationConfiguration": {"accessRoleArn": UNKNOWN},
            "imageRepository": {
                "imageRepositoryType": "ECR",
                "imageIdentifier": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop/prod@{DIGEST}",
                "imageConfiguration": {
                    "port": "8080",
                    "runtimeEnvironmentVariables": {
                        "ONRAMP_CALL_PRICES": "http://prices.prod.example.internal:9000",
                        "ONRAMP_ENVIRONMENT": "prod",
                        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4317",
                        "OTEL_LOGS_EXPORTER": "none",
                        "OTEL_METRICS_EXPORTER": "none",
                        "OTEL_PROPAGATORS": "xray,tracecontext,baggage",
                        "OTEL_RESOURCE_ATTRIBUTES": "deployment.environment=prod",
                        "OTEL_SERVICE_NAME": "shop",
                    },
                    "runtimeEnvironmentSecrets": {
                        "CURRENCY": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/example/shop/prod/CURRENCY",
                        "DATABASE_URL": (
                            f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:example/shop/prod/DATABASE_URL"
                        ),
                    },
                },
            },
        },
        "instanceConfiguration": {"cpu": "256", "memory": "512", "instanceRoleArn": UNKNOWN},
        "healthCheckConfiguration": {
            "protocol": "HTTP",
            "path": "/ready",
            "interval": 5,
            "timeout": 2,
            "healthyThreshold": 1,
            "unhealthyThreshold": 5,
        },
        "autoScalingConfigurationArn": UNKNOWN,
        "observabilityConfiguration": {"observabilityEnabled": True, "observabilityConfigurationArn": UNKNOWN},
        "networkConfiguration": {
            "egressConfiguration": {"egressType": "VPC", "vpcConnectorArn": UNKNOWN},
            "ingressConfiguration": {"isPubliclyAccessible": True},
            "ipAddressType": "IPV4",
        },
        "encryptionConfiguration": {"kmsKey": UNKNOWN},
    }


def test_it_scales_between_two_and_ten_instances_in_prod(public: Graph) -> None:
    assert inputs(named(public, "shop-scaling")) == {
        "autoScalingConfigurationName": "prod-shop-scaling",
        "minSize": 2,
        "maxSize": 10,
        "maxConcurrency": 100,
    }


def test_a_change_of_the_digest_alone_changes_the_service_alone() -> None:
    other = "sha256:" + "1" * 64
    before, after = (shop(image=image) for image in (DIGEST, other))
    changed = {
        each.name for each in after.resources if dict(each.inputs) != dict(named(before, each.name, each.type).inputs)
    }
    assert changed == {"shop-service"}
    assert {each.urn for each in before.resources} == {each.urn for each in after.resources}
    source = "sourceConfiguration"
    differing = {
        key
        for key, value in named(after, "shop-service").inputs.items()
        if named(before, "shop-service").inputs[key] != value
    }
    assert differing == {source}
    replaced_by = json.loads(FORCE_NEW.read_text(encoding="utf-8"))[_SERVICE]["properties"]
    assert source not in replaced_by


def test_automatic_deployment_follows_the_one_tag_that_may_move() -> None:
    graph = shop("rollout: {strategy: automatic}", image="live")
    repository = named(graph, "shop-images-repository").inputs
    assert repository["imageTagMutability"] == "IMMUTABLE_WITH_EXCLUSION"
    assert repository["imageTagMutabilityExclusionFilters"] == [{"filter": "live", "filterType": "WILDCARD"}]
    source = named(graph, "shop-service", _SERVICE).inputs["sourceConfiguration"]
    assert isinstance(source, dict)
    assert source["autoDeploymentsEnabled"] is True
    assert "shop/prod:live" in json.dumps(source["imageRepository"])
    assert named(graph, "prices-images-repository").inputs["imageTagMutability"] == "IMMUTABLE"


def test_without_an_image_there_is_everything_but_the_service() -> None:
    graph = shop(image=None, tier="dev")
    names = {each.name for each in graph.resources if each.name.startswith("shop")}
    assert {"shop-images-repository", "shop-secrets-database-url", "shop-delivery-pull", "shop-sg"} <= names
    assert {"shop-service", "shop-ingress", "shop-alerting", "shop-scaling"} & names == set()
    assert named(graph, "shop", ":AppRunnerService").inputs["unreleased"] is True


def test_a_public_service_has_a_name_under_the_domain_that_is_proved_by_two_records(public: Graph) -> None:
    association = inputs(named(public, "shop-ingress-domain"))
    assert association == {"domainName": "shop.example.com", "enableWwwSubdomain": False, "serviceArn": UNKNOWN}
    address = inputs(named(public, "shop-ingress-address"))
    assert address == {
        "zoneId": "Z0STANDIN0000000000",
        "name": "shop.example.com",
        "type": "CNAME",
        "records": [UNKNOWN],
        "ttl": 300,
    }
    proofs = [each for each in public.resources if each.name.startswith("shop-ingress-proof-")]
    assert [inputs(each)["name"] for each in proofs] == [UNKNOWN, UNKNOWN]


def test_a_private_service_is_reached_through_an_endpoint_and_found_in_cloud_map(private: Graph) -> None:
    endpoint = named(private, "shop-ingress-endpoint").inputs
    assert endpoint["serviceName"] == f"com.amazonaws.{REGION}.apprunner.requests"
    assert endpoint["privateDnsEnabled"] is False
    door = inputs(named(private, "shop-ingress-sg-https"))
    assert (door["cidrIpv4"], door["fromPort"], door["toPort"]) == ("10.0.0.0/16", 443, 443)
    assert inputs(named(private, "shop-ingress-connection"))["name"] == "prod-shop-ingress"
    assert inputs(named(private, "shop-discovery-registry")) == {"name": "shop", "namespaceId": UNKNOWN}
    instance = inputs(named(private, "shop-discovery-instance"))
    assert instance == {"instanceId": "shop", "serviceId": UNKNOWN, "attributes": {"url": UNKNOWN}}
    assert not [each for each in private.resources if each.name == "shop-ingress-domain"]


def test_nothing_comes_in_through_the_security_group_of_the_process(public: Graph) -> None:
    group = named(public, "shop-sg", ":SecurityGroup").urn
    ways_in = [each for each in public.resources if each.type.endswith(":SecurityGroupIngressRule")]
    assert [each.name for each in ways_in if group in each.property_dependencies["securityGroupId"]] == []
    to_prices = named(public, "shop-sg-prices-in")
    assert to_prices.property_dependencies["referencedSecurityGroupId"] == (group,)


def test_the_roles_pull_and_read_exactly_what_is_the_services(public: Graph) -> None:
    pull = role_of(public, "shop-delivery-pull")
    assert set(pull) == {"RegistryToken", "PullImage", "LookAtImage"}
    process = role_of(public, "shop-process")
    assert set(process) == {"Trace", "ReadSecrets", "ReadParameters", "UseKeyData"}
    read = process["ReadSecrets"]
    assert isinstance(read, dict)
    assert read["Resource"] == [
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:example/shop/prod/DATABASE_URL-??????"
    ]
    trust = parsed(named(public, "shop-process"), "assumeRolePolicy")
    assert "tasks.apprunner.amazonaws.com" in json.dumps(trust)


def test_a_schedule_ends_each_of_the_logs_that_app_runner_keeps_for_ever(public: Graph) -> None:
    for group in ("application", "service"):
        schedule = inputs(named(public, f"shop-observability-retention-{group}"))
        target = schedule["target"]
        assert isinstance(target, dict)
        assert target["arn"] == "arn:aws:scheduler:::aws-sdk:cloudwatchlogs:putRetentionPolicy"
        assert target["input"] == UNKNOWN
        assert schedule["scheduleExpression"] == "rate(1 day)"
    allowed = role_of(public, "shop-observability-retention")["EndLogs"]
    assert isinstance(allowed, dict)
    assert allowed["Resource"] == [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/apprunner/prod-shop-app/*"]


def test_a_failed_deployment_of_this_service_pages(public: Graph) -> None:
    assert parsed(named(public, "shop-delivery-failed"), "eventPattern") == {
        "source": ["aws.apprunner"],
        "detail-type": ["AppRunner Service Operation Status Change"],
        "resources": [{"prefix": f"arn:aws:apprunner:{REGION}:{ACCOUNT}:service/prod-shop-app/"}],
        "detail": {"operationStatus": ["CreateServiceFailed", "DeploymentFailed", "UpdateServiceFailed"]},
    }


def test_the_alarms_watch_the_service_by_name_and_id(public: Graph) -> None:
    watched = {
        each.inputs["metricName"]: (each.inputs["threshold"], each.inputs.get("extendedStatistic"))
        for each in public.resources
        if each.name.startswith("shop-alerting-") and each.inputs.get("namespace") == "AWS/AppRunner"
    }
    assert watched == {
        "5xxStatusResponses": (10, None),
        "RequestLatency": (1000, "p99"),
        "CPUUtilization": (80, None),
        "MemoryUtilization": (80, None),
        "ActiveInstances": (9, None),
    }
    dimensions = named(public, "shop-alerting-latency").inputs["dimensions"]
    assert dimensions == {"ServiceName": "prod-shop-app", "ServiceID": UNKNOWN}


def test_a_service_that_cannot_grow_has_no_alarm_on_growing() -> None:
    graph = shop("scaling: {min: 3, max: 3}")
    assert not [each for each in graph.resources if each.name == "shop-alerting-instances"]


def test_a_service_moved_to_express_keeps_what_it_has(public: Graph) -> None:
    express = shared_graph(
        stack_text(
            SHOP.format(more="health: {path: /ready}").replace("apprunner", "express"),
            tier="prod",
            images={"prices": DIGEST, "shop": DIGEST},
        )
    )
    kept = ("aws:ecr/repository:Repository", "aws:secretsmanager/secret:Secret", "aws:ssm/parameter:Parameter")

    def of_shop(graph: Graph) -> set[tuple[str, str]]:
        found = {(each.type, each.name) for each in graph.resources if each.name.startswith("shop-")}
        return {pair for pair in found if pair[0] in kept}

    assert of_shop(public) == of_shop(express)


class _SeenError(Exception):
    """Carries the options that a component would have been registered with."""


@pytest.mark.parametrize(
    ("example", "service", "component", "was"),
    [
        ("apprunner", "shop", AppRunnerService, "ExpressService"),
        ("express", "catalog", ExpressService, "AppRunnerService"),
    ],
)
def test_both_types_answer_to_the_name_of_the_other(
    monkeypatch: pytest.MonkeyPatch, example: str, service: str, component: Any, was: str
) -> None:
    def stop(*given: object) -> None:
        raise _SeenError(given[-1])

    monkeypatch.setattr(ServiceComponent, "__init__", stop)
    spec = load_stack_file(ROOT / f"examples/{example}/Pulumi.example.yaml").services[service]
    placement = Placement(released=None, priority=None, callees={}, stores={})
    with pytest.raises(_SeenError) as caught:
        component(service, None, spec, None, placement)
    (alias,) = caught.value.args[0].aliases
    assert alias.type_ == f"onramp:compute:{was}"


def test_the_preview_says_once_that_app_runner_is_closed_and_what_comes_after_it() -> None:
    services = "a: {compute: apprunner, port: 80}\nb: {compute: apprunner, port: 80}\n"
    said = [text for text in shared_graph(stack_text(services)).warnings if "new customers" in text]
    assert len(said) == 1
    for word in ("2026-04-30", "a, b", "compute: express", "docs/move-from-app-runner.md"):
        assert word in said[0]
    assert (ROOT / "docs/move-from-app-runner.md").is_file()

"""What an Express service becomes, property by property."""

import json
from pathlib import Path
from typing import Final

import pytest
import yaml

from simulator.graph import UNKNOWN, Graph, Json
from stacks.load import load_stack_file
from tests.components.conftest import ACCOUNT, DIGEST, REGION, ROOT, inputs, named, parsed, shared_graph, stack_text

CATALOG: Final = """\
catalog:
  compute: express
  port: 8080
  {more}
  secrets: [DATABASE_URL]
  config: {{CURRENCY: EUR}}
  discovery: {{cloudMap: true}}
front: {{compute: fargate, port: 9000, calls: [catalog]}}
"""
_SERVICE: Final = "aws:ecs/expressGatewayService:ExpressGatewayService"
_FORCE_NEW: Final = ROOT / "simulator" / "force_new.json"


def catalog(more: str = "public: false", image: str | None = DIGEST, tier: str = "prod") -> Graph:
    images = {"front": DIGEST} | ({"catalog": image} if image else {})
    return shared_graph(stack_text(CATALOG.format(more=more), tier=tier, images=images))


@pytest.fixture
def private() -> Graph:
    return catalog()


def test_the_service_is_what_its_stack_file_says(private: Graph) -> None:
    service = named(private, "catalog-service", _SERVICE)
    assert inputs(service) == {
        "serviceName": "catalog",
        "cluster": "prod-services",
        "cpu": "256",
        "memory": "512",
        "healthCheckPath": "/health",
        "executionRoleArn": UNKNOWN,
        "taskRoleArn": UNKNOWN,
        "infrastructureRoleArn": UNKNOWN,
        "networkConfigurations": [{"subnets": UNKNOWN, "securityGroups": [UNKNOWN]}],
        "primaryContainer": {
            "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/catalog/prod@{DIGEST}",
            "containerPort": 8080,
            "environments": [
                {"name": name, "value": value}
                for name, value in (
                    ("ONRAMP_ENVIRONMENT", "prod"),
                    ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"https://xray.{REGION}.amazonaws.com/v1/traces"),
                    ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/protobuf"),
                    ("OTEL_LOGS_EXPORTER", "none"),
                    ("OTEL_METRICS_EXPORTER", "none"),
                    ("OTEL_PROPAGATORS", "xray,tracecontext,baggage"),
                    ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=prod"),
                    ("OTEL_SERVICE_NAME", "catalog"),
                    ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
                    ("OTEL_TRACES_SAMPLER_ARG", "0.05"),
                )
            ],
            "secrets": [
                {
                    "name": "CURRENCY",
                    "valueFrom": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/example/catalog/prod/CURRENCY",
                },
                {
                    "name": "DATABASE_URL",
                    "valueFrom": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:example/catalog/prod/DATABASE_URL",
                },
            ],
            "awsLogsConfigurations": [{"logGroup": "/onramp/prod/catalog", "logStreamPrefix": "catalog"}],
        },
        "scalingTargets": [
            {
                "minTaskCount": 2,
                "maxTaskCount": 10,
                "autoScalingMetric": "AVERAGE_CPU",
                "autoScalingTargetValue": 70,
            }
        ],
        "waitForSteadyState": True,
    }


def subnets(graph: Graph) -> set[str]:
    """The subnets that the service depends on."""
    names = {each.urn: each.name for each in graph.resources if each.type.endswith(":Subnet")}
    used = named(graph, "catalog-service", _SERVICE).property_dependencies["networkConfigurations"]
    return {names[urn].split("-")[-2] for urn in used if urn in names}


def test_a_public_service_is_where_a_load_balancer_that_faces_the_internet_can_be(private: Graph) -> None:
    assert subnets(private) == {"private"}
    assert subnets(catalog("public: true")) == {"public"}


def test_it_scales_on_the_one_metric_that_is_written() -> None:
    graph = catalog("scaling: {max: 6, requestsPerTarget: 800}")
    assert named(graph, "catalog-service", _SERVICE).inputs["scalingTargets"] == [
        {
            "minTaskCount": 2,
            "maxTaskCount": 6,
            "autoScalingMetric": "REQUEST_COUNT_PER_TARGET",
            "autoScalingTargetValue": 800,
        }
    ]


def test_a_change_of_the_digest_alone_changes_the_service_alone(private: Graph) -> None:
    after = catalog(image="sha256:" + "1" * 64)
    changed = {
        each.name for each in after.resources if dict(each.inputs) != dict(named(private, each.name, each.type).inputs)
    }
    assert changed == {"catalog-service"}
    assert {each.urn for each in private.resources} == {each.urn for each in after.resources}
    before_inputs = named(private, "catalog-service", _SERVICE).inputs
    differing = {
        key for key, value in named(after, "catalog-service", _SERVICE).inputs.items() if before_inputs[key] != value
    }
    assert differing == {"primaryContainer"}
    replaced_by = json.loads(_FORCE_NEW.read_text(encoding="utf-8"))[_SERVICE]["properties"]
    assert "primaryContainer" not in replaced_by


def test_the_policies_outlive_the_service_because_it_drains_with_them(private: Graph) -> None:
    names = {each.urn: each.name for each in private.resources}
    waits_for = {names[urn] for urn in named(private, "catalog-service", _SERVICE).dependencies}
    assert waits_for >= {
        "catalog-delivery-infrastructure-policy",
        "catalog-execution-policy",
        "catalog-process-policy",
        "catalog-observability-logs",
    }


def test_the_infrastructure_role_changes_only_what_ecs_made(private: Graph) -> None:
    document = parsed(named(private, "catalog-delivery-infrastructure-policy"), "policy")
    assert isinstance(document, dict)
    statements = document["Statement"]
    assert isinstance(statements, list)
    changing = [each for each in statements if isinstance(each, dict) and "*" not in _listed(each["Resource"])]
    loose = [str(each["Sid"]) for each in changing if "Condition" not in each]
    assert loose == ["MakeGroupIn", "LookAtScaling"]
    for each in changing:
        assert all(f":{ACCOUNT}:" in arn for arn in _listed(each["Resource"]))


def _listed(value: Json) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]


def test_callers_ask_cloud_map_for_the_address_that_aws_makes_up(private: Graph) -> None:
    assert inputs(named(private, "catalog-discovery-instance")) == {
        "instanceId": "catalog",
        "serviceId": UNKNOWN,
        "attributes": {"url": UNKNOWN},
    }
    containers = parsed(named(private, "front-task-definition"), "containerDefinitions")
    assert "cloudmap://prod/catalog" in json.dumps(containers)
    document = json.dumps(parsed(named(private, "front-task-policy"), "policy"))
    assert "servicediscovery:DiscoverInstances" in document
    assert '"servicediscovery:ServiceName": ["catalog"]' in document


def test_without_an_image_there_is_everything_but_the_service() -> None:
    graph = catalog(image=None, tier="dev")
    names = {each.name for each in graph.resources if each.name.startswith("catalog")}
    assert {"catalog-images-repository", "catalog-delivery-infrastructure", "catalog-discovery-registry"} <= names
    assert {"catalog-service", "catalog-discovery-instance", "catalog-process"} & names == set()


def test_the_app_runner_example_is_an_express_stack_by_one_word(tmp_path: Path) -> None:
    text = (ROOT / "examples/apprunner/Pulumi.example.yaml").read_text(encoding="utf-8")
    file = tmp_path / "Pulumi.example.yaml"
    file.write_text(text.replace("compute: apprunner", "compute: express"), encoding="utf-8")
    before = load_stack_file(ROOT / "examples/apprunner/Pulumi.example.yaml").services["shop"]
    after = load_stack_file(file).services["shop"]
    written = yaml.safe_load(text)["config"]["onramp:services"]["shop"]
    for key in written.keys() - {"compute", "attest"}:
        assert getattr(after, key) == getattr(before, key) or key == "health"
    assert (after.compute_type, before.compute_type) == ("express", "apprunner")

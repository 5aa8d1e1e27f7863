"""App Runner and Express: what their models do not say."""

from collections.abc import Iterator
from typing import Final

from simulator.graph import Graph
from tests.components.acceptance.looking import Inputs, known, of, one

APP_RUNNER: Final = "aws:apprunner/service:Service"
SCALING: Final = "aws:apprunner/autoScalingConfigurationVersion:AutoScalingConfigurationVersion"
EXPRESS: Final = "aws:ecs/expressGatewayService:ExpressGatewayService"
INSTANCE: Final = "aws:servicediscovery/instance:Instance"
RUNNER_SIZES: Final = {
    "256": ("512", "1024"),
    "512": ("1024",),
    "1024": ("2048", "3072", "4096"),
    "2048": ("4096", "6144"),
    "4096": ("8192", "10240", "12288"),
}
EXPRESS_CPU: Final = ("256", "512", "1024", "2048", "4096")
EXPRESS_MEMORY: Final = (512, 8192)
SERVICE_INSTANCES_MAX: Final = 25
METRICS: Final = ("AVERAGE_CPU", "AVERAGE_MEMORY", "REQUEST_COUNT_PER_TARGET")
_REFERENCES: Final = ("arn:aws:secretsmanager:", "arn:aws:ssm:")


def app_runner_sizes_exist(graph: Graph) -> Iterator[str]:
    """App Runner developer guide, architecture: the memory that goes with each vCPU size."""
    for resource, inputs in of(graph, APP_RUNNER):
        size = inputs["instanceConfiguration"]
        if size["memory"] not in RUNNER_SIZES.get(size["cpu"], ()):
            yield f"{resource.name}: {size['cpu']} with {size['memory']}"


def app_runner_pulls_with_a_role(graph: Graph) -> Iterator[str]:
    """App Runner API, AuthenticationConfiguration: an ECR image needs an access role; a digest is never followed."""
    for resource, inputs in of(graph, APP_RUNNER):
        source: Inputs = inputs["sourceConfiguration"]
        if "accessRoleArn" not in source.get("authenticationConfiguration", {}):
            yield f"{resource.name} has no access role"
        if source.get("autoDeploymentsEnabled") and "@" in source["imageRepository"]["imageIdentifier"]:
            yield f"{resource.name} follows a digest"


def app_runner_scales_within_its_bounds(graph: Graph) -> Iterator[str]:
    """App Runner API, CreateAutoScalingConfiguration: min at most max, max at most 25."""
    for resource, inputs in of(graph, SCALING):
        if not inputs["minSize"] <= inputs["maxSize"] <= SERVICE_INSTANCES_MAX:
            yield f"{resource.name}: {inputs['minSize']} to {inputs['maxSize']}"


def web_secrets_are_references(graph: Graph) -> Iterator[str]:
    """App Runner developer guide, environment variables; ECS API, Secret: ARNs of a secret or a parameter."""
    for resource, inputs in of(graph, APP_RUNNER, EXPRESS):
        for name, value in _references(resource.type, inputs):
            if known(value) and not value.startswith(_REFERENCES):
                yield f"{resource.name}: {name} is {value}"


def _references(kind: str, inputs: Inputs) -> Iterator[tuple[str, str]]:
    if kind == EXPRESS:
        yield from ((each["name"], each["valueFrom"]) for each in inputs["primaryContainer"].get("secrets", []))
    else:
        image = inputs["sourceConfiguration"]["imageRepository"]["imageConfiguration"]
        yield from image.get("runtimeEnvironmentSecrets", {}).items()


def express_services_fit(graph: Graph) -> Iterator[str]:
    """Provider, ExpressGatewayService: powers of two of CPU, 512 to 8192 MiB, one scaling metric, min at most max."""
    least, most = EXPRESS_MEMORY
    for resource, inputs in of(graph, EXPRESS):
        if inputs["cpu"] not in EXPRESS_CPU or not least <= int(inputs["memory"]) <= most:
            yield f"{resource.name}: {inputs['cpu']} with {inputs['memory']}"
        scaling = one(inputs["scalingTargets"])
        if scaling["autoScalingMetric"] not in METRICS or scaling["minTaskCount"] > scaling["maxTaskCount"]:
            yield f"{resource.name}: {scaling}"
        if not inputs["healthCheckPath"].startswith("/"):
            yield f"{resource.name}: asks {inputs['healthCheckPath']}"


def instances_have_attributes(graph: Graph) -> Iterator[str]:
    """Cloud Map API, RegisterInstance: 1 to 30 attributes, an id of 64 characters of [0-9a-zA-Z_/:.@-]."""
    for resource, inputs in of(graph, INSTANCE):
        allowed = set("_/:.@-")
        if not inputs["attributes"] or len(inputs["instanceId"]) > 64:
            yield f"{resource.name}: {inputs['instanceId']}"
        if not all(char.isalnum() or char in allowed for char in inputs["instanceId"]):
            yield f"{resource.name}: {inputs['instanceId']}"


RULES: Final = (
    app_runner_sizes_exist,
    app_runner_pulls_with_a_role,
    app_runner_scales_within_its_bounds,
    web_secrets_are_references,
    express_services_fit,
    instances_have_attributes,
)

"""Lambda, CodeDeploy, and what invokes a function."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, cast

from simulator.graph import Graph
from tests.components.acceptance.looking import (
    ALARM,
    DEPLOYMENT_GROUP,
    EVENT_RULE,
    FUNCTION,
    MAPPING,
    document,
    known,
    listed,
    of,
)

ENVIRONMENT_MAX_BYTES: Final = 4_096
LAYERS_MAX: Final = 5
RESERVED_VARIABLES: Final = (
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
)  # fmt: skip
LAYER: Final = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:layer:[\w-]{1,140}:\d+")
PREDEFINED: Final = frozenset(
    f"CodeDeployDefault.{name}"
    for name in (
        "LambdaAllAtOnce", "LambdaCanary10Percent5Minutes", "LambdaCanary10Percent10Minutes",
        "LambdaCanary10Percent15Minutes", "LambdaCanary10Percent30Minutes", "LambdaLinear10PercentEvery1Minute",
        "LambdaLinear10PercentEvery2Minutes", "LambdaLinear10PercentEvery3Minutes",
        "LambdaLinear10PercentEvery10Minutes", "ECSAllAtOnce", "ECSCanary10Percent5Minutes",
        "ECSCanary10Percent15Minutes", "ECSLinear10PercentEvery1Minutes", "ECSLinear10PercentEvery3Minutes",
    )
)  # fmt: skip
PROVISIONED: Final = "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig"
SNAPSHOT_RUNTIMES: Final = ("java", "python3.12", "python3.13", "python3.14", "dotnet8")
SNAPSHOT_DISK_MAX: Final = 512
INSTANCE_MEMORY_MIN: Final = 2_048
INSTANCE_RUNTIMES: Final = ("java21", "java25", "python3.13", "python3.14", "nodejs22", "nodejs24", "provided.al2023")
STREAM_STARTS: Final = ("LATEST", "TRIM_HORIZON", "AT_TIMESTAMP")
SHIFT_MINUTES_MAX: Final = 48 * 60
GROUP_ALARMS_MAX: Final = 50
PATTERN_MAX: Final = 4_096
RATE: Final = re.compile(r"rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)")
CRON_FIELDS: Final = 6


def functions_are_within_limits(graph: Graph) -> Iterator[str]:
    """Lambda quotas and developer guide: 4 KB of variables, none that Lambda sets itself, five layers."""
    for resource, inputs in of(graph, FUNCTION):
        variables = inputs["environment"]["variables"]
        size = len(json.dumps(variables, separators=(",", ":")).encode())
        if size > ENVIRONMENT_MAX_BYTES:
            yield f"{resource.name}: {size} bytes of environment"
        yield from (f"{resource.name}: {name} is reserved" for name in RESERVED_VARIABLES if name in variables)
        layers: list[str] = listed(inputs.get("layers"))
        if len(layers) > LAYERS_MAX or len(layers) != len(set(layers)):
            yield f"{resource.name}: {len(layers)} layers"
        yield from (f"{resource.name}: layer {layer}" for layer in layers if not LAYER.fullmatch(layer))


def queues_outlast_functions(graph: Graph) -> Iterator[str]:
    """Lambda API, CreateEventSourceMapping: more than ten messages need a window, which is 300 s at most."""
    for resource, inputs in of(graph, MAPPING):
        if not resource.name.endswith("-ingress-from-queue"):
            continue
        window = inputs.get("maximumBatchingWindowInSeconds") or 0
        if inputs["batchSize"] > 10 and not 1 <= window <= 300:
            yield f"{resource.name}: a batch of {inputs['batchSize']} with a window of {window} s"
        service = resource.name.split("-ingress-")[0]
        visible = [
            found["visibilityTimeoutSeconds"]
            for other, found in of(graph, "aws:sqs/queue:Queue")
            if other.name == f"{service}-ingress-queue"
        ]
        timeouts = [found["timeout"] for other, found in of(graph, FUNCTION) if other.name == f"{service}-function"]
        if len(visible) != 1 or len(timeouts) != 1 or visible[0] < timeouts[0]:
            yield f"{resource.name}: messages hidden for {visible} s, the function runs {timeouts} s"


def packages_are_whole(graph: Graph) -> Iterator[str]:
    """Lambda API, CreateFunction: a zip has code, handler and runtime; an image has itself, and no layers."""
    for resource, inputs in of(graph, FUNCTION):
        zipped, imaged = {"code", "handler", "runtime"}, {"imageUri"}
        wanted, forbidden = (imaged, zipped | {"layers"}) if inputs.get("packageType") == "Image" else (zipped, imaged)
        yield from (f"{resource.name}: no {key}" for key in wanted if inputs.get(key) is None)
        yield from (f"{resource.name}: {key} is not for its package" for key in forbidden if inputs.get(key))


def snapshots_are_possible(graph: Graph) -> Iterator[str]:
    """Lambda developer guide, SnapStart: Java, and Python from 3.12 on; 512 MB of /tmp; nothing provisioned."""
    warm = {inputs["functionName"] for _, inputs in of(graph, PROVISIONED)}
    for resource, inputs in of(graph, FUNCTION):
        if inputs.get("snapStart") is None:
            continue
        runtime, disk = inputs.get("runtime") or "", inputs["ephemeralStorage"]["size"]
        if not runtime.startswith(SNAPSHOT_RUNTIMES) or disk > SNAPSHOT_DISK_MAX or inputs["name"] in warm:
            yield f"{resource.name}: a snapshot of {runtime} with {disk} MB, {len(warm)} functions kept warm"


def shared_instances_take_the_function(graph: Graph) -> Iterator[str]:
    """Lambda developer guide, Managed Instances: 2 GB and more, newer runtimes, network and bound of the provider."""
    for resource, inputs in of(graph, FUNCTION):
        if inputs.get("capacityProviderConfig") is None:
            continue
        if inputs["memorySize"] < INSTANCE_MEMORY_MIN or not inputs["runtime"].startswith(INSTANCE_RUNTIMES):
            yield f"{resource.name}: {inputs['runtime']} with {inputs['memorySize']} MB"
        own = [key for key in ("vpcConfig", "reservedConcurrentExecutions", "snapStart") if inputs.get(key) is not None]
        yield from (f"{resource.name}: {key} is the provider's" for key in own)


def streams_have_a_start(graph: Graph) -> Iterator[str]:
    """Lambda API, CreateEventSourceMapping: streams have a start, up to ten batches at once and a window of 300 s."""
    for resource, inputs in of(graph, MAPPING):
        if "-from-stream-" not in resource.name:
            continue
        parallel, window = inputs.get("parallelizationFactor", 1), inputs.get("maximumBatchingWindowInSeconds", 0)
        if inputs.get("startingPosition") not in STREAM_STARTS or not 1 <= parallel <= 10 or not 0 <= window <= 300:
            yield f"{resource.name}: from {inputs.get('startingPosition')}, {parallel} at once, {window} s"


def deployments_are_known(graph: Graph) -> Iterator[str]:
    """CodeDeploy user guide, predefined configurations; quotas: 48 hours of shifting, 50 alarms, alarms that exist."""
    own = {
        inputs["deploymentConfigName"] for _, inputs in of(graph, "aws:codedeploy/deploymentConfig:DeploymentConfig")
    }
    alarms = {inputs["name"] for _, inputs in of(graph, ALARM)}
    for resource, inputs in of(graph, DEPLOYMENT_GROUP):
        if inputs["deploymentConfigName"] not in PREDEFINED | own:
            yield f"{resource.name}: no configuration {inputs['deploymentConfigName']}"
        named = inputs["alarmConfiguration"]["alarms"]
        if len(named) > GROUP_ALARMS_MAX or not set(named) <= alarms:
            yield f"{resource.name}: alarms {named}"
    for resource, inputs in of(graph, "aws:codedeploy/deploymentConfig:DeploymentConfig"):
        minutes = shift_minutes(inputs["trafficRoutingConfig"])
        if minutes > SHIFT_MINUTES_MAX or inputs["deploymentConfigName"].startswith("CodeDeployDefault."):
            yield f"{resource.name}: {minutes} minutes of shifting"


def shift_minutes(routing: dict[str, Any]) -> int:
    """Minutes between the first and the last shift of traffic."""
    if "timeBasedCanary" in routing:
        return routing["timeBasedCanary"]["interval"]
    linear = routing["timeBasedLinear"]
    return (-(-100 // linear["percentage"]) - 1) * linear["interval"]


def event_rules_are_well_formed(graph: Graph) -> Iterator[str]:
    """EventBridge user guide: objects with lists as leaves, 4,096 characters; rate(n units), cron of six."""
    for resource, inputs in of(graph, EVENT_RULE):
        pattern, schedule = inputs.get("eventPattern"), inputs.get("scheduleExpression")
        if (pattern is None) == (schedule is None):
            yield f"{resource.name}: exactly one of pattern and schedule"
        if pattern is not None:
            if len(pattern) > PATTERN_MAX:
                yield f"{resource.name}: {len(pattern)} characters"
            yield from (f"{resource.name}: {problem}" for problem in pattern_problems(document(pattern), ""))
        if schedule is not None and known(schedule) and not is_schedule(schedule):
            yield f"{resource.name}: {schedule}"


def pattern_problems(value: Any, path: str) -> Iterator[str]:
    """Where an event pattern is not an object with lists as leaves."""
    if isinstance(value, dict) and value:
        for key, inner in cast("dict[str, Any]", value).items():
            yield from pattern_problems(inner, f"{path}.{key}")
    elif not isinstance(value, list) or not value or not path:
        yield f"pattern{path} is {value!r}"


def is_schedule(expression: str) -> bool:
    """Whether EventBridge takes it: in a cron expression one of the two kinds of day is a question mark."""
    if not expression.startswith("cron("):
        return bool(RATE.fullmatch(expression))
    fields = expression.removeprefix("cron(").removesuffix(")").split(" ")
    return len(fields) == CRON_FIELDS and (fields[2] == "?") != (fields[4] == "?")


RULES: Final = (
    functions_are_within_limits,
    queues_outlast_functions,
    packages_are_whole,
    snapshots_are_possible,
    shared_instances_take_the_function,
    streams_have_a_start,
    deployments_are_known,
    event_rules_are_well_formed,
)

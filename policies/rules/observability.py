"""What can be seen of the service (OBS-1 to OBS-6)."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from policies import containers, kinds
from policies.expect import expect_equal, foundation_missing, only, unknown, unless_unknown
from policies.functions import is_image
from policies.graph import Graph, Resource, Service
from policies.rule import (
    CONTAINERS,
    DECLARING,
    ENDPOINTS,
    EXPRESS,
    FUNCTIONS,
    PROCESSES,
    AttestedRule,
    ByTier,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    Undecided,
    service_rule,
    stack_rule,
)
from policies.values import MISSING, UNKNOWN, get, has_unknown, number, objects, texts
from stacks.standards import LOG_RETENTION_DAYS

_ADOT_LAYER: Final = ":layer:aws-otel-"
_ADOT_IMAGE: Final = "aws-otel-collector"
_AGENT_IMAGE: Final = "cloudwatch-agent"
_ENDPOINT_LOGS: Final = "/aws/sagemaker/Endpoints/"
"""SageMaker writes there, whatever it is told."""
_LOG_GROUP_OPTIONS: Final = ("logConfiguration.options.awslogs-group", "logConfiguration.options.log_group_name")
"""Of the log driver awslogs, and of the one that hands logs to Fluent Bit."""


@service_rule(
    Meta(
        id="adot",
        item="OBS-1",
        title="The OpenTelemetry collector of AWS runs beside the service",
        why="Without it the service sends no traces, and a slow request has no story.",
        fix="add the aws-otel-collector container to the task, or the aws-otel layer to the function",
        severity="medium",
        url="https://aws-otel.github.io/docs/introduction",
        frameworks=("OPS04-BP05", "REL06-BP07"),
        applies=(*CONTAINERS, *FUNCTIONS),
    )
)
def adot(service: Service, graph: Graph) -> Iterator[Outcome]:
    """A sidecar with the collector's image, or the collector's layer."""
    yield from _sidecar(service, graph, _ADOT_IMAGE)
    for function in service.of(kinds.FUNCTION):
        layers = function.get("layers")
        if any(_ADOT_LAYER in layer for layer in texts(layers)):
            continue
        if is_image(function):
            because = f"{function.name} is an image; whether it has the collector, the graph does not see"
            yield Undecided(because=because)
            continue
        if has_unknown(layers):
            yield unknown(function, "layers")
        else:
            yield Fail(resource=function, path="layers", message=f"{function.name} lacks the ADOT layer")


@service_rule(
    Meta(
        id="active-tracing",
        item="OBS-2",
        title="Active tracing is on",
        why="With passive tracing a function is traced only when its caller was.",
        fix="set tracingConfig.mode of the function to Active",
        severity="medium",
        url="https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html",
        frameworks=("OPS04-BP05", "REL06-BP07", "Lambda.7"),
        applies=FUNCTIONS,
    ),
    Remedy(types=(kinds.FUNCTION,), path="tracingConfig.mode", value="Active"),
)
def active_tracing(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """The mode of every function is Active."""
    for function in service.of(kinds.FUNCTION):
        message = f"{function.name} is not traced actively"
        yield from expect_equal(function, "tracingConfig.mode", "Active", message)


@service_rule(
    Meta(
        id="sampling-rule",
        item="OBS-2",
        title="A sampling rule covers the service",
        why="Without a rule of its own the service is traced at a rate that nobody chose.",
        fix=(
            "add an X-Ray SamplingRule whose serviceName is the service; `telemetry.samplingPercent` in the stack "
            "file says how much"
        ),
        severity="low",
        url="https://docs.aws.amazon.com/xray/latest/devguide/xray-console-sampling.html",
        frameworks=("OPS04-BP05",),
    )
)
def sampling_rule(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """A rule of the service names it, or matches its name."""
    if service.compute in ENDPOINTS:
        yield NotApplicable(because="X-Ray sees nothing inside SageMaker; the traces of callers show InvokeEndpoint")
        return
    rules = service.of(kinds.SAMPLING_RULE)
    names = {service.name, *(each.physical_name for each in service.of(kinds.FUNCTION, kinds.ECS_SERVICE))}
    matched = any(fnmatchcase(name, rule.text("serviceName")) for rule in rules for name in names)
    waiting = next((rule for rule in rules if rule.get("serviceName") is UNKNOWN), None)
    if not matched and waiting is not None:
        yield unknown(waiting, "serviceName")
    elif not matched:
        yield Fail(message=f"no X-Ray sampling rule covers {service.name}")


@service_rule(
    Meta(
        id="log-group",
        item="OBS-3",
        title="Every process logs into a log group that the stack declares",
        why="A log group that AWS makes by itself keeps everything for ever and is encrypted with no key of ours.",
        fix=(
            "add a LogGroup to the service, and name it in logConfiguration of the containers, or in "
            "loggingConfig.logGroup"
        ),
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
        frameworks=("SEC04-BP01", "OPS04-BP02", "ECS.9"),
        applies=DECLARING,
    )
)
def log_group(service: Service, graph: Graph) -> Iterator[Outcome]:
    """The log configuration of every container and function names a declared group."""
    if service.fact("form") == "batch":
        yield NotApplicable(because="SageMaker writes the logs of all transform jobs of an account into one group")
        return
    yield from only(service.of(kinds.LOG_GROUP), service, "log group")
    yield from _logs_of_containers(service, graph)
    for function in service.of(kinds.FUNCTION):
        path = "loggingConfig.logGroup"
        implied = f"/aws/lambda/{function.physical_name}"
        if graph.refers(function, path, kinds.LOG_GROUP):
            continue
        if function.get(path) is UNKNOWN:
            yield unknown(function, path)
        elif function.get(path) is not MISSING or not graph.named(implied, kinds.LOG_GROUP):
            yield Fail(resource=function, path=path, message=f"{function.name} logs into no log group of this stack")
    for endpoint in service.of(kinds.ENDPOINT):
        if not graph.named(f"{_ENDPOINT_LOGS}{endpoint.physical_name}", kinds.LOG_GROUP):
            message = f"{endpoint.name} logs into a group that this stack does not declare"
            fail = Fail(resource=endpoint, path="name", message=message)
            yield from unless_unknown(fail, service.of(kinds.LOG_GROUP), "name")


def _logs_of_containers(service: Service, graph: Graph) -> Iterator[Outcome]:
    for task in service.of(kinds.TASK_DEFINITION):
        found = containers.containers(task, graph)
        if found is None:
            yield unknown(task, "containerDefinitions")
        for container in found or ():
            named = [get(container, path) for path in _LOG_GROUP_OPTIONS]
            if not any(isinstance(group, str) and graph.named(group, kinds.LOG_GROUP) for group in named):
                path = f"containerDefinitions.{container.get('name')}.logConfiguration"
                message = f"{container.get('name')} logs into no log group of this stack"
                yield Fail(resource=task, path=path, message=message)


@service_rule(
    Meta(
        id="log-retention",
        item="OBS-3",
        title="Logs are kept 30 days, in prod 90",
        why="Shorter, and the cause of an incident is gone; longer, and logs cost more than what wrote them.",
        fix="leave `telemetry.retentionDays` out of the stack file, or write 30, in prod 90",
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
        frameworks=("SEC04-BP01", "COST04-BP05"),
        applies=DECLARING,
    ),
    Remedy(types=(kinds.LOG_GROUP,), path="retentionInDays", value=ByTier(LOG_RETENTION_DAYS)),
)
def log_retention(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """The retention of every log group is the tier's, to the day."""
    wanted = LOG_RETENTION_DAYS[service.tier]
    for group in service.of(kinds.LOG_GROUP):
        days = number(group.get("retentionInDays"))
        if days is UNKNOWN:
            yield unknown(group, "retentionInDays")
        elif days != wanted:
            kept = "for ever" if not days else f"for {days:g} days"
            message = f"{group.name} keeps logs {kept}, not for the {wanted} days of {service.tier}"
            yield Fail(resource=group, path="retentionInDays", message=message)


business_metrics = AttestedRule(
    meta=Meta(
        id="business-metrics",
        item="OBS-4",
        title="Business metrics are emitted in the embedded metric format",
        why="CPU is fine while no order goes through; only the service itself can count orders.",
        fix="write `attest: {OBS-4: {by: WHO, on: DATE, evidence: URL}}` in the stack file; it counts for 180 days",
        severity="low",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format.html",
        frameworks=("OPS04-BP01", "OPS04-BP02"),
        applies=PROCESSES,
    )
)


@service_rule(
    Meta(
        id="cloudwatch-agent",
        item="OBS-5",
        title="A CloudWatch agent takes the embedded metrics in",
        why="A container has nobody else to hand its embedded metrics to.",
        fix="add the cloudwatch-agent container to the task definition",
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Generation_CloudWatch_Agent.html",
        frameworks=("OPS04-BP02",),
        applies=CONTAINERS,
    )
)
def cloudwatch_agent(service: Service, graph: Graph) -> Iterator[Outcome]:
    """A sidecar with the agent's image."""
    yield from _sidecar(service, graph, _AGENT_IMAGE)


def _sidecar(service: Service, graph: Graph, image: str) -> Iterator[Outcome]:
    for task in service.of(kinds.TASK_DEFINITION):
        found = containers.containers(task, graph)
        if found is None:
            yield unknown(task, "containerDefinitions")
        elif not any(image in each for container in found for each in texts(container.get("image"))):
            message = f"{task.name} has no container with {image}"
            yield Fail(resource=task, path="containerDefinitions", message=message)


@stack_rule(
    Meta(
        id="container-insights",
        item="OBS-6",
        title="Container Insights is on for the cluster",
        why="Running tasks, restarts and memory per task are not measured without it.",
        fix="set containerInsights in settings of the cluster to enhanced, or to enabled",
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/ContainerInsights.html",
        frameworks=("REL06-BP01", "PERF02-BP03", "ECS.12"),
        applies=(*CONTAINERS, *EXPRESS),
    ),
    Remedy(types=(kinds.CLUSTER,), path="settings", value=[{"name": "containerInsights", "value": "enhanced"}]),
)
def container_insights(graph: Graph) -> Iterator[Outcome]:
    """The setting of every cluster is enhanced or enabled."""
    clusters = graph.of(kinds.CLUSTER)
    if not clusters:
        yield from foundation_missing(graph, "an ECS cluster")
    for cluster in clusters:
        yield from _insights(cluster)


def _insights(cluster: Resource) -> Iterator[Outcome]:
    settings = cluster.get("settings")
    values = [each.get("value") for each in objects(settings) if each.get("name") == "containerInsights"]
    if has_unknown(settings):
        yield unknown(cluster, "settings")
    elif not any(value in ("enhanced", "enabled") for value in values):
        yield Fail(resource=cluster, path="settings", message=f"Container Insights of {cluster.name} is off")

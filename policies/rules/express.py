"""What is asked of Express services (PRE-2, CICD-4, OBS-1, OBS-3). What AWS makes for them is not in the graph."""

from collections.abc import Iterator
from typing import Final

from policies import kinds, web
from policies.expect import expect_set, expect_true, unknown, unless_unknown
from policies.graph import Graph, Service
from policies.rule import EXPRESS, Fail, Meta, Outcome, Remedy, Undecided, service_rule
from policies.values import UNKNOWN, objects, texts

_TRACES: Final = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
_LOGS: Final = "primaryContainer.awsLogsConfigurations"
_UNRELEASED: Final = Undecided(because="no image has been released yet, so AWS has no such service")


@service_rule(
    Meta(
        id="express-network",
        item="PRE-2",
        title="The tasks run in subnets of the environment with a security group of the service's own",
        why="Left alone, ECS uses the default VPC, which nobody watches.",
        fix="set subnets and securityGroups in networkConfigurations of the Express service",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html",
        frameworks=("SEC05-BP01", "SEC05-BP02"),
        applies=EXPRESS,
    )
)
def express_network(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Subnets and a security group are set; AWS adds a group that lets its load balancer in."""
    if web.is_unreleased(service):
        yield _UNRELEASED
    sources = (kinds.SUBNET, kinds.VPC_COMPONENT, kinds.STACK_REFERENCE)
    for workload in service.of(kinds.EXPRESS_GATEWAY):
        path = "networkConfigurations"
        yield from expect_set(graph, workload, f"{path}.subnets", sources, f"{workload.name} is in no subnet")
        groups = (kinds.SECURITY_GROUP,)
        message = f"{workload.name} has no security group"
        yield from expect_set(graph, workload, f"{path}.securityGroups", groups, message)


@service_rule(
    Meta(
        id="express-deployment",
        item="CICD-4",
        title="AWS rolls out by canary with an alarm of its own, and an update waits for the end of it",
        why="ECS goes back by itself; an update that does not wait is green while the old version still runs.",
        fix="set waitForSteadyState of the Express service to true",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-update-full.html",
        frameworks=("OPS06-BP03", "OPS06-BP04"),
        applies=EXPRESS,
    ),
    Remedy(types=(kinds.EXPRESS_GATEWAY,), path="waitForSteadyState", value=True),
)
def express_deployment(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """The canary itself is AWS's and cannot be turned off; what can be missed is how it ended."""
    if web.is_unreleased(service):
        yield _UNRELEASED
    for workload in service.of(kinds.EXPRESS_GATEWAY):
        message = f"an update of {workload.name} does not wait for its deployment"
        yield from expect_true(workload, "waitForSteadyState", message)


@service_rule(
    Meta(
        id="express-tracing",
        item="OBS-1",
        title="The process is told where to send its traces",
        why="An Express service has one container, so no collector runs beside it.",
        fix="give the container OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, and start the ADOT SDK in the image",
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-OTLP-UsingADOT.html",
        frameworks=("OPS04-BP05", "REL06-BP07"),
        applies=EXPRESS,
    )
)
def express_tracing(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """The endpoint of X-Ray is among the variables; whether the image uses it, no graph can tell."""
    if web.is_unreleased(service):
        yield _UNRELEASED
    for workload in service.of(kinds.EXPRESS_GATEWAY):
        names = {name for _, name, _ in web.given(workload, web.VARIABLE_PATHS)}
        path = web.VARIABLE_PATHS[workload.type]
        if workload.get(path) is UNKNOWN:
            yield unknown(workload, path)
        elif _TRACES not in names:
            yield Fail(resource=workload, path=path, message=f"{workload.name} is not told where traces go")
        else:
            yield Undecided(
                because="Express runs no sidecar; whether the image starts the ADOT SDK is not in the graph"
            )


@service_rule(
    Meta(
        id="express-log-group",
        item="OBS-3",
        title="The process logs into a log group that the stack declares",
        why="A log group that ECS makes by itself keeps everything for ever and is encrypted with no key of ours.",
        fix=(
            "add a LogGroup to the service, and name it in primaryContainer.awsLogsConfigurations of the Express "
            "service"
        ),
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html",
        frameworks=("SEC04-BP01", "ECS.9"),
        applies=EXPRESS,
    )
)
def express_log_group(service: Service, graph: Graph) -> Iterator[Outcome]:
    """The log configuration of the container names a declared group."""
    for workload in service.of(kinds.EXPRESS_GATEWAY):
        named = [group for each in objects(workload.get(_LOGS)) for group in texts(each.get("logGroup"))]
        if not any(graph.named(group, kinds.LOG_GROUP) for group in named):
            fail = Fail(resource=workload, path=_LOGS, message=f"{workload.name} logs into no log group of this stack")
            yield from unless_unknown(fail, [workload], _LOGS)

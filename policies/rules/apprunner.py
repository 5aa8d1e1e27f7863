"""What is asked of App Runner services (PRE-2, CICD-4, HLTH-4, OBS-1, OBS-3)."""

from collections.abc import Iterator
from typing import Final

from policies import kinds, web
from policies.expect import expect, expect_equal, expect_set, expect_true, unknown, unless_unknown
from policies.graph import Graph, Resource, Service
from policies.rule import RUNNERS, Fail, Meta, Outcome, Remedy, Undecided, service_rule
from policies.values import MISSING, UNKNOWN, Value, get, number
from stacks.limits import APP_RUNNER_HEALTH_MAX
from stacks.standards import (
    APP_RUNNER_HEALTH_HEALTHY_COUNT,
    APP_RUNNER_HEALTH_INTERVAL_SECONDS,
    APP_RUNNER_HEALTH_TIMEOUT_SECONDS,
    APP_RUNNER_HEALTH_UNHEALTHY_COUNT,
    LOG_RETENTION_DAYS,
)

_EGRESS: Final = "networkConfiguration.egressConfiguration"
_HEALTH: Final = "healthCheckConfiguration"
_NUMBERS: Final = ("interval", "timeout", "healthyThreshold", "unhealthyThreshold")
_FOLLOWS: Final = "sourceConfiguration.autoDeploymentsEnabled"
_ENDS_LOGS: Final = ":aws-sdk:cloudwatchlogs:putRetentionPolicy"
_LOGS: Final = ("application", "service")
_UNRELEASED: Final = Undecided(because="no image has been released yet, so AWS has no such service")


@service_rule(
    Meta(
        id="runner-network",
        item="PRE-2",
        title="The process goes out through the VPC, with a security group of its own",
        why="Otherwise it reaches no database of the environment, and what leaves passes no endpoint and no flow log.",
        fix=(
            "set networkConfiguration.egressConfiguration to VPC, with a VPC connector in private subnets and "
            "with a security group"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html",
        frameworks=("SEC05-BP02",),
        applies=RUNNERS,
    )
)
def runner_network(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Egress is by a connector that has subnets and a security group."""
    if web.is_unreleased(service):
        yield _UNRELEASED
    for workload in service.of(kinds.APP_RUNNER):
        yield from expect_equal(workload, f"{_EGRESS}.egressType", "VPC", f"{workload.name} goes out beside the VPC")
        yield from expect_set(
            graph,
            workload,
            f"{_EGRESS}.vpcConnectorArn",
            (kinds.VPC_CONNECTOR,),
            f"{workload.name} has no VPC connector",
        )
    sources = (kinds.SUBNET, kinds.VPC_COMPONENT, kinds.STACK_REFERENCE)
    for connector in service.of(kinds.VPC_CONNECTOR):
        yield from expect_set(graph, connector, "subnets", sources, f"{connector.name} is in no subnet")
        groups = (kinds.SECURITY_GROUP,)
        yield from expect_set(graph, connector, "securityGroups", groups, f"{connector.name} has no security group")


@service_rule(
    Meta(
        id="runner-deployment",
        item="CICD-4",
        title="A new version is deployed by approval, or automatically from the one tag that may move",
        why="App Runner knows nothing but all at once; what it follows decides who may deploy.",
        fix="write `rollout.strategy: approved`, or automatic with the tag live under onramp:images",
        severity="high",
        url="https://docs.aws.amazon.com/apprunner/latest/dg/manage-deploy.html",
        frameworks=("OPS06-BP03",),
        applies=RUNNERS,
    )
)
def runner_deployment(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Automatic deployment is stated, and where it is on there is a tag to follow: a digest never moves."""
    if web.is_unreleased(service):
        yield _UNRELEASED
    for workload in service.of(kinds.APP_RUNNER):
        follows = workload.get(_FOLLOWS)
        if follows is UNKNOWN:
            yield unknown(workload, _FOLLOWS)
        elif follows is MISSING:
            # AWS turns it on when nobody says otherwise.
            message = f"{workload.name} does not say whether it deploys by itself"
            yield Fail(resource=workload, path=_FOLLOWS, message=message)
        elif follows is True and not web.follows(workload):
            message = f"{workload.name} deploys by itself, and follows no tag"
            yield Fail(resource=workload, path=_FOLLOWS, message=message)


@service_rule(
    Meta(
        id="runner-health-check",
        item="HLTH-4",
        title="The health check is HTTP, with values that App Runner takes",
        why="A TCP check passes while the process answers every request with an error.",
        fix=(
            "set healthCheckConfiguration.protocol to HTTP, and the four numbers under `health` in the stack file "
            "to 1 to 20"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/apprunner/latest/dg/manage-configure-healthcheck.html",
        frameworks=("REL11-BP01",),
        applies=RUNNERS,
    ),
    Remedy(types=(kinds.APP_RUNNER,), path=f"{_HEALTH}.protocol", value="HTTP"),
    Remedy(types=(kinds.APP_RUNNER,), path=f"{_HEALTH}.interval", value=APP_RUNNER_HEALTH_INTERVAL_SECONDS),
    Remedy(types=(kinds.APP_RUNNER,), path=f"{_HEALTH}.timeout", value=APP_RUNNER_HEALTH_TIMEOUT_SECONDS),
    Remedy(types=(kinds.APP_RUNNER,), path=f"{_HEALTH}.healthyThreshold", value=APP_RUNNER_HEALTH_HEALTHY_COUNT),
    Remedy(types=(kinds.APP_RUNNER,), path=f"{_HEALTH}.unhealthyThreshold", value=APP_RUNNER_HEALTH_UNHEALTHY_COUNT),
)
def runner_health_check(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """The protocol is HTTP, and the four numbers are 1 to 20 where they are given."""
    for workload in service.of(kinds.APP_RUNNER):
        path = f"{_HEALTH}.protocol"
        yield from expect_equal(workload, path, "HTTP", f"{workload.name} is not asked over HTTP")
        for key in _NUMBERS:
            path = f"{_HEALTH}.{key}"
            message = f"{key} of {workload.name} is not 1 to {APP_RUNNER_HEALTH_MAX}"
            yield from expect(workload, path, _is_in_range, message)


def _is_in_range(value: Value) -> bool:
    found = number(value)
    return value is MISSING or (isinstance(found, float) and 1 <= found <= APP_RUNNER_HEALTH_MAX)


@service_rule(
    Meta(
        id="runner-tracing",
        item="OBS-1",
        title="App Runner runs the OpenTelemetry collector of AWS beside every instance",
        why="Without it the service sends no traces, and a slow request has no story.",
        fix=(
            "set observabilityConfiguration.observabilityEnabled, and traceConfiguration.vendor of what it names "
            "to AWSXRAY"
        ),
        severity="medium",
        url="https://docs.aws.amazon.com/apprunner/latest/dg/monitor-xray.html",
        frameworks=("OPS04-BP05", "REL06-BP07"),
        applies=RUNNERS,
    ),
    Remedy(types=(kinds.APP_RUNNER,), path="observabilityConfiguration.observabilityEnabled", value=True),
    Remedy(types=(kinds.RUNNER_OBSERVABILITY,), path="traceConfiguration.vendor", value="AWSXRAY"),
)
def runner_tracing(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Observability is on, and its configuration traces with X-Ray."""
    for workload in service.of(kinds.APP_RUNNER):
        path = "observabilityConfiguration"
        yield from expect_true(workload, f"{path}.observabilityEnabled", f"{workload.name} is not traced")
        wanted = (kinds.RUNNER_OBSERVABILITY,)
        message = f"{workload.name} has no observability configuration"
        yield from expect_set(graph, workload, f"{path}.observabilityConfigurationArn", wanted, message)
    for configuration in service.of(kinds.RUNNER_OBSERVABILITY):
        message = f"{configuration.name} traces with nothing"
        yield from expect_equal(configuration, "traceConfiguration.vendor", "AWSXRAY", message)


@service_rule(
    Meta(
        id="runner-log-retention",
        item="OBS-3",
        title="The logs that App Runner keeps are ended after 30 days, in prod 90",
        why="App Runner makes its log groups itself, under an id that it makes up, and keeps them for ever.",
        fix=(
            "add the two schedules that call PutRetentionPolicy (components/concerns/runner_observability.py), "
            "with 30 days, in prod 90"
        ),
        severity="medium",
        url="https://docs.aws.amazon.com/apprunner/latest/dg/monitor-cwl.html",
        frameworks=("SEC04-BP01", "COST04-BP05"),
        applies=RUNNERS,
    )
)
def runner_log_retention(service: Service, graph: Graph) -> Iterator[Outcome]:
    """One schedule for each of the two groups of the service; the days are known where their input is."""
    if web.is_unreleased(service):
        yield _UNRELEASED
        return
    schedules = [each for each in service.of(kinds.SCHEDULE) if each.text("target.arn").endswith(_ENDS_LOGS)]
    if len(schedules) < len(_LOGS):
        fail = Fail(message=f"nothing ends the {' and '.join(_LOGS)} logs of {service.name}")
        yield from unless_unknown(fail, service.of(kinds.SCHEDULE), "target.arn")
    for schedule in schedules:
        yield from _days(schedule, service, graph)


def _days(schedule: Resource, service: Service, graph: Graph) -> Iterator[Outcome]:
    wanted = LOG_RETENTION_DAYS[service.tier]
    path = "target.input"
    if schedule.get("state") is UNKNOWN:
        yield unknown(schedule, "state")
    if schedule.get("state") == "DISABLED":
        yield Fail(resource=schedule, path="state", message=f"{schedule.name} is off")
    document = graph.parsed(schedule, "target.input")
    if document is UNKNOWN:
        because = f"which logs {schedule.name} ends, and when, is known once App Runner has made up the service's id"
        yield Undecided(because=because)
        return
    days = number(get(document, "RetentionInDays"))
    if days != wanted:
        message = f"{schedule.name} does not end the logs after {wanted} days"
        yield Fail(resource=schedule, path=path, message=message)

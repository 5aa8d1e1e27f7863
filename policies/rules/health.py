"""How the platform finds out that the service works (HLTH-1, HLTH-2, HLTH-3, HLTH-5)."""

from collections.abc import Iterator

from policies import containers, kinds
from policies.expect import expect, only, unknown
from policies.graph import Graph, Service
from policies.rule import (
    CONTAINERS,
    ROUTED,
    WEB,
    AttestedRule,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    Stated,
    service_rule,
)
from policies.values import MISSING, UNKNOWN, get, number, texts

_CONTAINER_URL = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html"
_ENDS = NotApplicable(because="a task that ends is judged by how it ends, not by asking it")
_NO_ROUTE = NotApplicable(because="no load balancer sends requests to the service")

serves_health_endpoints = AttestedRule(
    meta=Meta(
        id="serves-health-endpoints",
        item="HLTH-1",
        title="The application serves liveness and readiness endpoints",
        why="A check on a page that always answers keeps broken tasks in service.",
        fix="write `attest: {HLTH-1: {by: WHO, on: DATE, evidence: URL}}` in the stack file; it counts for 180 days",
        severity="medium",
        url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
        frameworks=("REL11-BP01",),
        applies=(*CONTAINERS, *WEB),
    )
)


@service_rule(
    Meta(
        id="target-health-check",
        item="HLTH-2",
        title="Every target group asks the liveness path",
        why="A check of `/` passes on an error page and fails on a redirect.",
        fix="set healthCheck.path of the target group to `health.path` of the service, with enabled true",
        severity="high",
        url="https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html",
        frameworks=("REL11-BP01", "REL11-BP02"),
        applies=ROUTED,
    ),
    Remedy(types=(kinds.TARGET_GROUP,), path="healthCheck.path", value=Stated("healthPath")),
    Remedy(types=(kinds.TARGET_GROUP,), path="healthCheck.enabled", value=True),
)
def target_health_check(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """The check is on and its path is the service's."""
    if not service.stated("route"):
        yield _NO_ROUTE
        return
    if service.is_invoked_by_the_api:
        yield NotApplicable(because="the HTTP API invokes the function itself, and asks for no health")
        return
    groups = service.of(kinds.TARGET_GROUP)
    yield from only(groups, service, "target group")
    wanted = service.fact("healthPath")
    on_by_default = service.compute != "lambda"
    for group in groups:
        message = f"{group.name} asks {group.text('healthCheck.path') or 'nothing'} instead of {wanted}"
        yield from expect(group, "healthCheck.path", lambda value: value == wanted, message)
        path = "healthCheck.enabled"
        enabled = group.get(path)
        if enabled is UNKNOWN:
            yield unknown(group, path)
        elif enabled is False or (enabled is MISSING and not on_by_default):
            yield Fail(resource=group, path=path, message=f"the health check of {group.name} is off")


@service_rule(
    Meta(
        id="container-health-check",
        item="HLTH-3",
        title="The container has a health check",
        why="Without it ECS keeps a container that hangs, as long as its process lives.",
        fix="write `health.command` in the stack file, or set healthCheck.command in the container definition",
        severity="high",
        url=_CONTAINER_URL,
        frameworks=("REL11-BP01", "REL11-BP03"),
        applies=CONTAINERS,
    )
)
def container_health_check(service: Service, graph: Graph) -> Iterator[Outcome]:
    """The service's own container has a command that is not NONE."""
    if service.is_scheduled:
        yield _ENDS
        return
    for task, container in containers.main_containers(service, graph):
        path = f"containerDefinitions.{service.name}.healthCheck"
        command = UNKNOWN if container is None else get(container, "healthCheck.command")
        if command is UNKNOWN:
            yield unknown(task, path)
        elif not texts(command) or texts(command)[0] == "NONE":
            yield Fail(resource=task, path=path, message=f"the container {service.name} has no health check")


@service_rule(
    Meta(
        id="container-start-period",
        item="HLTH-3",
        title="The container's health check leaves time to start",
        why="Without a start period a slow start counts as failure, and ECS kills the task again and again.",
        fix="write `health.startSeconds` in the stack file: what the service needs to start",
        severity="medium",
        url=_CONTAINER_URL,
        frameworks=("REL11-BP03",),
        applies=CONTAINERS,
    )
)
def container_start_period(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Where there is a check, its start period is more than nothing."""
    if service.is_scheduled:
        yield _ENDS
        return
    for task, container in containers.main_containers(service, graph):
        if container is None or not texts(get(container, "healthCheck.command")):
            continue
        path = f"containerDefinitions.{service.name}.healthCheck.startPeriod"
        seconds = number(get(container, "healthCheck.startPeriod"))
        if seconds is UNKNOWN:
            yield unknown(task, path)
        elif (seconds or 0) <= 0:
            yield Fail(resource=task, path=path, message=f"the health check of {service.name} has no start period")


@service_rule(
    Meta(
        id="grace-period",
        item="HLTH-5",
        title="The service sets a health-check grace period",
        why="Without it ECS replaces tasks that the load balancer has not had time to find healthy.",
        fix="write `health.graceSeconds` in the stack file: what the service needs until it is healthy",
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html",
        frameworks=("REL11-BP03",),
        applies=CONTAINERS,
    )
)
def grace_period(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """The grace period is more than nothing."""
    if not service.stated("route"):
        yield _NO_ROUTE
        return
    path = "healthCheckGracePeriodSeconds"
    for workload in service.of(kinds.ECS_SERVICE):
        seconds = number(workload.get(path))
        if seconds is UNKNOWN:
            yield unknown(workload, path)
        elif (seconds or 0) <= 0:
            yield Fail(resource=workload, path=path, message=f"{workload.name} has no health-check grace period")

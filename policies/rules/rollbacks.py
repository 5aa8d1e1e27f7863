"""What makes a deployment go back: its alarms (ALRT-4)."""

from collections.abc import Iterator

from policies import containers, kinds
from policies.expect import expect_alarm, expect_true, only, unknown
from policies.graph import Graph, Resource, Service
from policies.rule import (
    CONTAINERS,
    FUNCTIONS,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    service_rule,
)
from policies.values import UNKNOWN, has_unknown, items, texts


@service_rule(
    Meta(
        id="rollback-alarm",
        item="ALRT-4",
        title="The deployment rolls back on an alarm",
        why="Without it a bad version stays until a person is awake.",
        fix="set alarms of the ECS service: enable and rollback true, and in alarmNames alarms of this stack",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html",
        frameworks=("OPS06-BP04",),
        applies=CONTAINERS,
    )
)
def rollback_alarm(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Alarms are on, roll back, and exist; where CodeDeploy deploys, `codedeploy-rollback-alarm` asks its group."""
    if service.is_scheduled:
        yield NotApplicable(because="no deployment goes on while the task runs: the next run takes the new version")
        return
    if service.is_stepped:
        yield from watched_by_rollouts(service, graph)
        return
    for workload in service.of(kinds.ECS_SERVICE):
        if containers.by_codedeploy(workload):
            continue
        for key in ("enable", "rollback"):
            message = f"the rollback alarms of {workload.name} have no {key}"
            yield from expect_true(workload, f"alarms.{key}", message)
        yield from _rollback_names(workload, "alarms.alarmNames", graph)


@service_rule(
    Meta(
        id="shift-rollback-alarm",
        item="ALRT-4",
        title="The shift to a new version rolls back on an alarm",
        why="Without it a bad version takes all invocations, step by step.",
        fix=(
            "set alarmConfiguration of the deployment group, and DEPLOYMENT_STOP_ON_ALARM in "
            "autoRollbackConfiguration.events"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html",
        frameworks=("OPS06-BP04",),
        applies=FUNCTIONS,
    )
)
def shift_rollback_alarm(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Alarms are on, stop the deployment, and exist."""
    if service.is_stepped:
        yield from watched_by_rollouts(service, graph)
        return
    yield from shifts_back_on_alarm(service, graph)


def watched_by_rollouts(service: Service, graph: Graph) -> Iterator[Outcome]:
    """The alarms that `onramp rollout` asks in every minute, and goes back on, exist."""
    found = service.of(kinds.ALERTING)
    yield from only(found, service, "component of its alarms, which says which of them end a rollout")
    for alerting in found:
        yield from _rollback_names(alerting, "rollback", graph)


def shifts_back_on_alarm(service: Service, graph: Graph) -> Iterator[Outcome]:
    """The alarms of every deployment group are on, stop the deployment, and exist."""
    for group in service.of(kinds.DEPLOYMENT_GROUP):
        message = f"the rollback alarms of {group.name} are off"
        yield from expect_true(group, "alarmConfiguration.enabled", message)
        path = "autoRollbackConfiguration.events"
        if group.get(path) is UNKNOWN:
            yield unknown(group, path)
        elif "DEPLOYMENT_STOP_ON_ALARM" not in texts(group.get(path)):
            yield Fail(resource=group, path=path, message=f"{group.name} does not roll back on an alarm")
        yield from _rollback_names(group, "alarmConfiguration.alarms", graph)


def _rollback_names(resource: Resource, path: str, graph: Graph) -> Iterator[Outcome]:
    value = resource.get(path)
    if not items(value) and value is not UNKNOWN:
        yield Fail(resource=resource, path=path, message=f"{resource.name} names no rollback alarm")
    if has_unknown(value) and not graph.refers(resource, path, kinds.METRIC_ALARM, kinds.COMPOSITE_ALARM):
        yield unknown(resource, path)
    for name in texts(value):
        yield from expect_alarm(name, resource, path, graph)

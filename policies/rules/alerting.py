"""Who is called, and when (ALRT-1 to ALRT-4, ALRT-6)."""

import re
from collections.abc import Iterator
from typing import Final

from policies import alarms, containers, kinds, web
from policies.expect import expect_true, foundation_missing, only, unknown
from policies.graph import Graph, Resource, Service
from policies.rule import CONTAINERS, FUNCTIONS, Fail, Meta, NotApplicable, Outcome, Undecided, service_rule, stack_rule
from policies.values import UNKNOWN, has_unknown, items, texts, walk

_ALARMED: Final = re.compile(r'(?:ALARM|OK|INSUFFICIENT_DATA)\(\s*(?:"([^"]+)"|\'([^\']+)\'|([^"\')\s]+))\s*\)')
_PAGING_PROTOCOL: Final = "https"
_COMPOSITE_MIN: Final = 2
_ALARMS_URL: Final = (
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Best_Practice_Recommended_Alarms_AWS_Services.html"
)
_COMPOSITE_URL: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html"
_NOTHING_TO_WATCH: Final = Undecided(because="no image has been released yet, so there is nothing to watch")
_SIGNALS: Final = {
    "fargate": ("CPUUtilization", "MemoryUtilization"),
    "lambda": ("Invocations", "Errors", "Duration"),
    "sagemaker": ("ModelLatency", "OverheadLatency", "Invocations", "Invocation5XXErrors", "MemoryUtilization"),
    "apprunner": ("Requests", "5xxStatusResponses", "RequestLatency", "CPUUtilization", "MemoryUtilization"),
    "express": ("CPUUtilization", "MemoryUtilization", "RunningTaskCount"),
    "batch": ("TriggeredRules", "ApproximateNumberOfMessagesVisible"),
}
_SIGNALS_OF_A_SCHEDULE: Final = ("InvocationAttemptCount", "TargetErrorCount", "CpuUtilized", "MemoryUtilized")
_SIGNALS_WITH_ROUTE: Final = ("RequestCount", "HTTPCode_Target_5XX_Count", "TargetResponseTime")
"""Saturation, traffic, errors and latency, as CloudWatch calls them for each compute type."""


@service_rule(
    Meta(
        id="alarm-missing",
        item="ALRT-1",
        title="Every alarm of the compute type's table exists",
        why="What no alarm watches is found by users.",
        fix="let the alerting concern make the service's alarms",
        severity="high",
        url=_ALARMS_URL,
    )
)
def alarm_missing(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """For each line of the table there is an alarm on that metric."""
    if web.is_unreleased(service) and not alarms.wanted(service):
        yield _NOTHING_TO_WATCH
    for want in alarms.wanted(service):
        if not alarms.watching(service, want):
            yield Fail(message=f"{service.name} has no alarm on {want.what} ({', '.join(sorted(want.metrics))})")


@service_rule(
    Meta(
        id="alarm-looser",
        item="ALRT-1",
        title="No alarm is looser than the table",
        why="An alarm that fires late is one that was not there.",
        fix="tighten the threshold under `alarms` in the stack file, or leave it out",
        severity="medium",
        url=_ALARMS_URL,
    )
)
def alarm_looser(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Of the alarms on one metric at least one is as strict as the table."""
    for want in alarms.wanted(service):
        found = alarms.watching(service, want)
        waiting = [alarm for alarm in found if alarms.is_unknown(alarm)]
        loose = {alarm.urn: (alarm, alarms.looser(alarm, want)) for alarm in found if alarm not in waiting}
        if any(problem is None for _, problem in loose.values()):
            continue
        for alarm in waiting:
            yield unknown(alarm, "threshold")
        for alarm, problem in () if waiting else loose.values():
            yield Fail(resource=alarm, path="threshold", message=f"{alarm.name}, on {want.what}, {problem}")


@service_rule(
    Meta(
        id="composite-alarm",
        item="ALRT-2",
        title="A composite alarm joins infrastructure and application symptoms",
        why="One page with the whole picture instead of five pages with a piece each.",
        fix="let the alerting concern make the composite alarm over all alarms of the service",
        severity="medium",
        url=_COMPOSITE_URL,
    )
)
def composite_alarm(service: Service, graph: Graph) -> Iterator[Outcome]:
    """A composite names two alarms or more, of both kinds where the service has both."""
    if web.is_unreleased(service) and not alarms.wanted(service):
        yield _NOTHING_TO_WATCH
        return
    composites = service.of(kinds.COMPOSITE_ALARM)
    yield from only(composites, service, "composite alarm")
    for composite in composites:
        if composite.get("alarmRule") is UNKNOWN:
            yield unknown(composite, "alarmRule")
            continue
        names = _names_in(composite)
        joined = {alarm.urn for name in names for alarm in graph.named(name, kinds.METRIC_ALARM)}
        missing = [kind for kind, urns in _symptoms(service).items() if urns and not urns & joined]
        if len(names) < _COMPOSITE_MIN:
            missing = missing or ["second"]
        if missing:
            message = f"{composite.name} joins no {' and no '.join(missing)} alarm"
            yield Fail(resource=composite, path="alarmRule", message=message)


def _symptoms(service: Service) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {alarms.INFRASTRUCTURE: set(), alarms.APPLICATION: set()}
    for want in alarms.wanted(service):
        found[want.symptom] |= {alarm.urn for alarm in alarms.watching(service, want)}
    return found


@service_rule(
    Meta(
        id="composite-alarm-names",
        item="ALRT-2",
        title="A composite alarm names only alarms that exist",
        why="AWS refuses a rule over an unknown alarm in the middle of a deployment.",
        fix="name alarms of the same stack in alarmRule",
        severity="high",
        url=_COMPOSITE_URL,
    )
)
def composite_alarm_names(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Every name of the rule is an alarm of the graph."""
    for composite in service.of(kinds.COMPOSITE_ALARM):
        for name in _names_in(composite):
            yield from _exists(name, composite, "alarmRule", graph)


@service_rule(
    Meta(
        id="alarm-action",
        item="ALRT-3",
        title="Every alarm of the service acts on an SNS topic",
        why="An alarm without an action is a light in an empty room.",
        fix="set alarmActions to the environment's paging topic and leave actionsEnabled on",
        severity="high",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-15",
        frameworks=("AWS FSBP CloudWatch.15", "AWS FSBP CloudWatch.17"),
    )
)
def alarm_action(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Each alarm has a topic among its actions, and they are on."""
    for alarm in service.of(kinds.METRIC_ALARM, kinds.COMPOSITE_ALARM):
        yield from _acts(alarm, graph)


@stack_rule(
    Meta(
        id="foundation-alarm-action",
        item=None,
        title="Every alarm of the foundation acts on an SNS topic",
        why="What all services share fails all services; somebody must hear of it.",
        fix="set alarmActions to the environment's paging topic",
        severity="high",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-15",
        frameworks=("AWS FSBP CloudWatch.15",),
    )
)
def foundation_alarm_action(graph: Graph) -> Iterator[Outcome]:
    """Each alarm outside the services has a topic among its actions."""
    for alarm in graph.of(kinds.METRIC_ALARM, kinds.COMPOSITE_ALARM):
        if graph.service_of(alarm.urn) is None:
            yield from _acts(alarm, graph)


def _acts(alarm: Resource, graph: Graph) -> Iterator[Outcome]:
    path = "alarmActions"
    actions = alarm.get(path)
    topics = graph.refers(alarm, path, kinds.TOPIC, kinds.STACK_REFERENCE)
    if alarm.get("actionsEnabled") is False:
        yield Fail(resource=alarm, path="actionsEnabled", message=f"the actions of {alarm.name} are off")
    elif topics or any(":sns:" in action for action in texts(actions)):
        return
    elif has_unknown(actions):
        yield unknown(alarm, path)
    else:
        yield Fail(resource=alarm, path=path, message=f"{alarm.name} acts on no SNS topic")


@stack_rule(
    Meta(
        id="paging-subscription",
        item="ALRT-3",
        title="The topic that alarms act on calls somebody",
        why="A topic without a subscription swallows every alarm.",
        fix="name PagerDuty or Opsgenie under `paging` of the environment; the foundation subscribes it by https",
        severity="critical",
        url="https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html",
    )
)
def paging_subscription(graph: Graph) -> Iterator[Outcome]:
    """Every topic that an alarm names, and every topic of the foundation, has an https subscription.

    Approvals wait for somebody, and wake nobody.
    """
    subscribed = {
        topic.urn
        for subscription in graph.of(kinds.TOPIC_SUBSCRIPTION)
        if subscription.get("protocol") == _PAGING_PROTOCOL
        for topic in graph.refers(subscription, "topic", kinds.TOPIC)
    }
    acted_on = {
        topic.urn: topic
        for alarm in graph.of(kinds.METRIC_ALARM, kinds.COMPOSITE_ALARM)
        for topic in graph.refers(alarm, "alarmActions", kinds.TOPIC)
    }
    approvals = {each.urn for pipelines in graph.of(kinds.PIPELINES) for each in graph.descendants(pipelines.urn)}
    acted_on |= {
        topic.urn: topic
        for topic in graph.of(kinds.TOPIC)
        if graph.service_of(topic.urn) is None and topic.urn not in approvals
    }
    if not acted_on:
        yield from foundation_missing(graph, "the paging topic")
    for urn, topic in acted_on.items():
        if urn not in subscribed:
            yield Fail(resource=topic, message=f"the topic {topic.name} has no https subscription that pages somebody")


@service_rule(
    Meta(
        id="rollback-alarm",
        item="ALRT-4",
        title="The deployment rolls back on an alarm",
        why="Without it a bad version stays until a person is awake.",
        fix="let the delivery concern name the rollback alarms in `alarms` of the ECS service, enabled, with rollback",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html",
        applies=CONTAINERS,
    )
)
def rollback_alarm(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Alarms are on, roll back, and exist; where CodeDeploy deploys, `codedeploy-rollback-alarm` asks its group."""
    if service.is_scheduled:
        yield NotApplicable(because="no deployment goes on while the task runs: the next run takes the new version")
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
        fix="let the delivery concern name the rollback alarms in the deployment group, with DEPLOYMENT_STOP_ON_ALARM",
        severity="high",
        url="https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html",
        applies=FUNCTIONS,
    )
)
def shift_rollback_alarm(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Alarms are on, stop the deployment, and exist."""
    yield from shifts_back_on_alarm(service, graph)


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
        yield from _exists(name, resource, path, graph)


def _exists(name: str, resource: Resource, path: str, graph: Graph) -> Iterator[Outcome]:
    if not graph.named(name, kinds.METRIC_ALARM, kinds.COMPOSITE_ALARM):
        message = f"{resource.name} names the alarm {name}, which is not in this stack"
        yield Fail(resource=resource, path=path, message=message)


def _names_in(composite: Resource) -> list[str]:
    found = _ALARMED.findall(composite.text("alarmRule"))
    return list(dict.fromkeys(name for groups in found for name in groups if name))


@service_rule(
    Meta(
        id="dashboard",
        item="ALRT-6",
        title="A dashboard shows the service's own golden signals",
        why="At 2 am nobody has time to put the right graphs together.",
        fix="let the observability concern make the dashboard with latency, traffic, errors and saturation",
        severity="low",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html",
    )
)
def dashboard(service: Service, graph: Graph) -> Iterator[Outcome]:
    """The body of a dashboard of the service names the metrics of its compute type."""
    boards = service.of(kinds.DASHBOARD)
    yield from only(boards, service, "dashboard")
    routed = service.compute == "fargate" and service.stated("route")
    wanted = _own_signals(service) + (_SIGNALS_WITH_ROUTE if routed else ())
    for board in boards:
        body = graph.parsed(board, "dashboardBody")
        if body is UNKNOWN:
            yield unknown(board, "dashboardBody")
            continue
        shown = [part for part in walk(body) if isinstance(part, str)]
        absent = [metric for metric in wanted if not any(metric in text for text in shown)]
        if absent:
            message = f"{board.name} does not show {', '.join(absent)}"
            yield Fail(resource=board, path="dashboardBody", message=message)


def _own_signals(service: Service) -> tuple[str, ...]:
    if service.is_scheduled:
        return _SIGNALS_OF_A_SCHEDULE
    return _SIGNALS["batch" if service.fact("form") == "batch" else service.compute]

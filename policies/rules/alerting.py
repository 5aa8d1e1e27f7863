"""Who is called, and when (ALRT-1 to ALRT-3, ALRT-6)."""

import re
from collections.abc import Iterator
from typing import Final

from policies import alarms, kinds, web
from policies.expect import expect_alarm, foundation_missing, only, unknown, unless_unknown
from policies.graph import Graph, Resource, Service
from policies.rule import (
    ALWAYS,
    Fail,
    Meta,
    Outcome,
    Remedy,
    Undecided,
    service_rule,
    stack_rule,
)
from policies.values import UNKNOWN, has_unknown, texts, walk

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
        fix=(
            "add a MetricAlarm on the metric that is named, with the service's dimensions (components/signals/ "
            "has the table)"
        ),
        severity="high",
        url=_ALARMS_URL,
        frameworks=("OPS08-BP04", "REL06-BP03"),
    )
)
def alarm_missing(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """For each line of the table there is an alarm on that metric."""
    if web.is_unreleased(service) and not alarms.wanted(service):
        yield _NOTHING_TO_WATCH
    nameless = next((alarm for alarm in service.of(kinds.METRIC_ALARM) if alarms.is_nameless(alarm)), None)
    for want in alarms.wanted(service):
        if alarms.watching(service, want):
            continue
        if nameless is not None:
            yield unknown(nameless, "metricName")
        else:
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
        frameworks=("OPS08-BP04", "REL06-BP03"),
    )
)
def alarm_looser(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Of the alarms on one metric at least one is as strict as the table."""
    for want in alarms.wanted(service):
        found = alarms.watching(service, want)
        waiting = [(alarm, path) for alarm in found if (path := alarms.waits_for(alarm))]
        loose = [(alarm, alarms.looser(alarm, want)) for alarm in found if not alarms.waits_for(alarm)]
        if any(problem is None for _, problem in loose):
            continue
        for alarm, path in waiting:
            yield unknown(alarm, path)
        for alarm, problem in () if waiting else loose:
            yield Fail(resource=alarm, path="threshold", message=f"{alarm.name}, on {want.what}, {problem}")


@service_rule(
    Meta(
        id="composite-alarm",
        item="ALRT-2",
        title="A composite alarm joins infrastructure and application symptoms",
        why="One page with the whole picture instead of five pages with a piece each.",
        fix=(
            "add a CompositeAlarm whose alarmRule joins one alarm on CPU or memory and one on errors or latency, "
            "or more"
        ),
        severity="medium",
        url=_COMPOSITE_URL,
        frameworks=("OPS08-BP04", "OPS10-BP03"),
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
        fix="name in alarmRule only alarms that this stack makes",
        severity="high",
        url=_COMPOSITE_URL,
        levels=ALWAYS,
        frameworks=("OPS05-BP02",),
    )
)
def composite_alarm_names(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Every name of the rule is an alarm of the graph."""
    for composite in service.of(kinds.COMPOSITE_ALARM):
        for name in _names_in(composite):
            yield from expect_alarm(name, composite, "alarmRule", graph)


@service_rule(
    Meta(
        id="alarm-action",
        item="ALRT-3",
        title="Every alarm of the service acts on an SNS topic",
        why="An alarm without an action is a light in an empty room.",
        fix="set alarmActions to the environment's paging topic, and leave actionsEnabled out",
        severity="high",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-15",
        frameworks=("OPS08-BP04", "REL06-BP03", "CloudWatch.15", "CloudWatch.17"),
    ),
    Remedy(types=(kinds.METRIC_ALARM, kinds.COMPOSITE_ALARM), path="actionsEnabled", value=True),
)
def alarm_action(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Each alarm has a topic among its actions, and they are on; the brake of an endpoint has nobody to call."""
    for alarm in service.of(kinds.METRIC_ALARM, kinds.COMPOSITE_ALARM):
        wrong = [] if alarms.is_brake(alarm) else list(_acts(alarm, graph))
        waits = next((path for path in alarms.BRAKE_INPUTS if alarm.get(path) is UNKNOWN), None)
        # What it watches is not known yet: it may be the brake.
        yield from [unknown(alarm, waits)] if wrong and waits else wrong


@stack_rule(
    Meta(
        id="foundation-alarm-action",
        item=None,
        title="Every alarm of the foundation acts on an SNS topic",
        why="What all services share fails all services; somebody must hear of it.",
        fix="set alarmActions to the environment's paging topic, and leave actionsEnabled out",
        severity="high",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/cloudwatch-controls.html#cloudwatch-15",
        frameworks=("REL06-BP03", "CloudWatch.15", "CloudWatch.17"),
    ),
    Remedy(types=(kinds.METRIC_ALARM, kinds.COMPOSITE_ALARM), path="actionsEnabled", value=True),
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
    elif alarm.get("actionsEnabled") is UNKNOWN:
        yield unknown(alarm, "actionsEnabled")
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
        fix=(
            "write `paging.pagerduty` or `paging.opsgenie` in onramp:environment: the secret that has the https address"
        ),
        severity="critical",
        url="https://docs.aws.amazon.com/sns/latest/dg/sns-http-https-endpoint-as-subscriber.html",
        levels=ALWAYS,
        frameworks=("OPS10-BP04", "REL06-BP03"),
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
            fail = Fail(resource=topic, message=f"the topic {topic.name} has no https subscription that pages somebody")
            yield from unless_unknown(fail, graph.referring(topic, kinds.TOPIC_SUBSCRIPTION, "topic"), "protocol")


def _names_in(composite: Resource) -> list[str]:
    found = _ALARMED.findall(composite.text("alarmRule"))
    return list(dict.fromkeys(name for groups in found for name in groups if name))


@service_rule(
    Meta(
        id="dashboard",
        item="ALRT-6",
        title="A dashboard shows the service's own golden signals",
        why="At 2 am nobody has time to put the right graphs together.",
        fix="add a Dashboard to the service whose dashboardBody shows the metrics that are named",
        severity="low",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Dashboards.html",
        frameworks=("OPS08-BP05",),
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

"""When somebody is called, and what is kept to look at afterwards."""

import pytest

from simulator.graph import UNKNOWN, Graph, Json, Resource
from tests.components.conftest import (
    ACCOUNT,
    FUNCTION,
    REGION,
    below,
    component,
    graph_of,
    inputs,
    named,
    of,
    parsed,
    stack_text,
    texts,
)

NAMES = ("web", "orders", "worker", "busy", "front")


def watched(alarm: Resource) -> str:
    """What an alarm watches, on one line: the metrics with their statistic and period, and when it goes off."""
    found = alarm.inputs
    queries = found.get("metricQueries")
    if queries is None:
        stat = found.get("statistic") or found["extendedStatistic"]
        what = f"{stat} {found['namespace']} {found['metricName']} {found['period']}s"
    else:
        assert isinstance(queries, list)
        what = _queried([each for each in queries if isinstance(each, dict)])
    sign = {"GreaterThanThreshold": ">", "LessThanThreshold": "<"}[str(found["comparisonOperator"])]
    return f"{what} {sign} {found['threshold']} x{found['evaluationPeriods']}"


def _queried(queries: list[dict[str, Json]]) -> str:
    (expression,) = (str(each["expression"]) for each in queries if each.get("returnData"))
    metrics = [metric for each in queries if isinstance(metric := each.get("metric"), dict)]
    kinds = sorted({f"{m['stat']} {m['namespace']} {m['metricName']} {m['period']}s" for m in metrics})
    return f"{expression} of {', '.join(kinds)}"


def alarms_of(graph: Graph, service: str) -> dict[str, str]:
    prefix = f"{service}-alerting-"
    return {each.name.removeprefix(prefix): watched(each) for each in of(graph, ":MetricAlarm", service)}


CONTAINER = {
    "cpu": "Average AWS/ECS CPUUtilization 300s > 80 x2",
    "memory": "Average AWS/ECS MemoryUtilization 300s > 80 x2",
    "tasks": "running - desired of Average ECS/ContainerInsights DesiredTaskCount 60s, "
    "Average ECS/ContainerInsights RunningTaskCount 60s < 0 x5",
}
QUEUE = {
    "queue-age": "Maximum AWS/SQS ApproximateAgeOfOldestMessage 300s > 900 x1",
    "queue-dead": "Maximum AWS/SQS ApproximateNumberOfMessagesVisible 300s > 0 x1",
}


def test_a_container_service_that_shifts_is_watched_over_both_target_groups(orders: Graph) -> None:
    assert alarms_of(orders, "orders") == {
        **CONTAINER,
        "http-5xx": "FILL(m0, 0) + FILL(m1, 0) of Sum AWS/ApplicationELB HTTPCode_Target_5XX_Count 300s > 10 x1",
        "latency": "MAX([FILL(m0, 0), FILL(m1, 0)]) of p99 AWS/ApplicationELB TargetResponseTime 300s > 1 x2",
        "probe": "Average CloudWatchSynthetics SuccessPercent 300s < 90 x2",
    }


def test_one_target_group_is_one_metric(web: Graph) -> None:
    assert alarms_of(web, "web") == {
        **CONTAINER,
        "http-5xx": "FILL(m0, 0) of Sum AWS/ApplicationELB HTTPCode_Target_5XX_Count 300s > 10 x1",
        "latency": "MAX([FILL(m0, 0)]) of p99 AWS/ApplicationELB TargetResponseTime 300s > 1 x2",
    }


def test_a_worker_is_watched_by_its_queue(worker: Graph) -> None:
    assert alarms_of(worker, "worker") == {**CONTAINER, **QUEUE}


def test_a_function_is_watched_by_its_errors_time_and_concurrency(busy: Graph) -> None:
    assert alarms_of(busy, "busy") == {
        **QUEUE,
        "errors": "100 * errors / invocations of Sum AWS/Lambda Errors 300s, Sum AWS/Lambda Invocations 300s > 1 x1",
        "duration": "p99 AWS/Lambda Duration 300s > 24000 x2",
        "throttles": "Sum AWS/Lambda Throttles 300s > 0 x2",
        "concurrency": "Maximum AWS/Lambda ConcurrentExecutions 300s > 40 x1",
        "memory-warning": "Maximum LambdaInsights memory_utilization 300s > 70 x1",
        "memory": "Maximum LambdaInsights memory_utilization 300s > 90 x1",
        "failed-events": "Maximum AWS/SQS ApproximateNumberOfMessagesVisible 300s > 0 x1",
    }


def test_written_thresholds_are_used() -> None:
    graph = graph_of(
        stack_text(
            "a: {compute: fargate, port: 80, route: /a/*, "
            "alarms: {cpuPercent: 60, memoryPercent: 61, http5xx: 3, latencyP99Ms: 250}}\n"
            f"b: {{{FUNCTION}, timeout: 10, scaling: {{max: 20}}, queue: {{}}, "
            "alarms: {errorPercent: 0.5, durationPercent: 50, queueAgeSeconds: 60}}\n"
        )
    )
    thresholds = {each.name: each.inputs["threshold"] for each in of(graph, ":MetricAlarm")}
    assert thresholds["a-alerting-cpu"] == 60
    assert thresholds["a-alerting-memory"] == 61
    assert thresholds["a-alerting-http-5xx"] == 3
    assert thresholds["a-alerting-latency"] == 0.25
    assert thresholds["b-alerting-errors"] == 0.5
    assert thresholds["b-alerting-duration"] == 5_000
    assert thresholds["b-alerting-queue-age"] == 60
    assert thresholds["b-alerting-concurrency"] == 16


@pytest.mark.parametrize("name", NAMES)
def test_every_alarm_calls_somebody_and_names_its_page_of_the_runbook(
    request: pytest.FixtureRequest, name: str
) -> None:
    graph = request.getfixturevalue(name)
    environment = component(graph, name).inputs["environment"]
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:{environment}-paging"
    for alarm in (*of(graph, ":MetricAlarm", name), *of(graph, ":CompositeAlarm", name)):
        key = alarm.name.removeprefix(f"{name}-alerting-")
        assert alarm.inputs["alarmActions"] == alarm.inputs["okActions"] == [topic]
        assert str(alarm.inputs["alarmDescription"]).endswith(f"Runbook: https://runbooks.example.com/{name}#{key}")
        assert (alarm.inputs.get("name") or alarm.inputs["alarmName"]) == f"{environment}-{name}-{key}"


@pytest.mark.parametrize("name", NAMES)
def test_the_composite_alarm_joins_all_alarms_and_waits_for_them(request: pytest.FixtureRequest, name: str) -> None:
    graph = request.getfixturevalue(name)
    (composite,) = of(graph, ":CompositeAlarm", name)
    alarms = of(graph, ":MetricAlarm", name)
    rule = str(composite.inputs["alarmRule"])
    assert {str(each.inputs["name"]) for each in alarms} == set(rule.split('"')[1::2])
    assert {each.urn for each in alarms} <= set(composite.dependencies)
    infrastructure, application = rule.split(" AND ")
    assert "cpu" in infrastructure or "throttles" in infrastructure
    assert "cpu" not in application
    assert "throttles" not in application


def test_what_ends_a_deployment_is_what_users_notice(web: Graph, worker: Graph, busy: Graph) -> None:
    def wired(graph: Graph, name: str) -> Json:
        found = named(graph, f"{name}-service").inputs["alarms"]
        assert isinstance(found, dict)
        return found["alarmNames"]

    assert wired(web, "web") == ["dev-web-http-5xx", "dev-web-latency"]
    assert wired(worker, "worker") == ["dev-worker-tasks"]
    group = named(busy, "busy-delivery-group")
    assert group.inputs["alarmConfiguration"] == {
        "enabled": True,
        "ignorePollAlarmFailure": False,
        "alarms": [f"prod-busy-{key}" for key in ("errors", "duration")],
    }
    # They are named, not referred to, so AWS must see them first for another reason.
    assert {each.urn for each in of(busy, ":MetricAlarm", "busy")} & set(group.dependencies) == {
        named(busy, f"busy-alerting-{key}").urn for key in ("errors", "duration")
    }


def test_a_failed_deployment_pages(web: Graph, busy: Graph) -> None:
    assert parsed(named(web, "web-delivery-failed"), "eventPattern") == {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Deployment State Change"],
        "resources": [f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/dev-services/web"],
        "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
    }
    assert parsed(named(busy, "busy-delivery-failed"), "eventPattern") == {
        "source": ["aws.codedeploy"],
        "detail-type": ["CodeDeploy Deployment State-change Notification"],
        "detail": {"application": ["prod-busy"], "state": ["FAILURE", "STOP"]},
    }
    for graph, name, environment in ((web, "web", "dev"), (busy, "busy", "prod")):
        assert inputs(named(graph, f"{name}-delivery-failed-page")) == {
            "rule": f"{environment}-{name}-deployment-failed",
            "targetId": "paging",
            "arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:{environment}-paging",
        }


def test_logs_end_and_are_encrypted(orders: Graph, web: Graph) -> None:
    assert inputs(named(orders, "orders-observability-logs")) == {
        "name": "/onramp/prod/orders",
        "retentionInDays": 90,
        "kmsKeyId": UNKNOWN,
    }
    assert named(web, "web-observability-logs").inputs["retentionInDays"] == 30


def test_traces_are_sampled_by_tier_and_for_this_service_alone(orders: Graph, web: Graph) -> None:
    assert inputs(named(orders, "orders-observability-sampling")) == {
        "ruleName": "prod-orders",
        "serviceName": "orders",
        "fixedRate": 0.05,
        "reservoirSize": 1,
        "priority": 1000,
        "version": 1,
        "serviceType": "*",
        "host": "*",
        "httpMethod": "*",
        "urlPath": "*",
        "resourceArn": "*",
    }
    assert named(web, "web-observability-sampling").inputs["fixedRate"] == 1


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("orders", ["Latency (seconds)", "Traffic (requests a minute)", "Errors (responses a minute)"]),
        ("worker", ["Saturation (percent)", "Tasks", "Queue (messages)", "Queue (age in seconds)"]),
        ("busy", ["Latency (milliseconds)", "Traffic (invocations a minute)", "Errors (invocations a minute)"]),
    ],
)
def test_the_dashboard_has_the_golden_signals_without_overlap(
    request: pytest.FixtureRequest, name: str, titles: list[str]
) -> None:
    graph = request.getfixturevalue(name)
    (board,) = of(graph, ":Dashboard", name)
    body = parsed(board, "dashboardBody")
    assert isinstance(body, dict)
    assert isinstance(body["widgets"], list)
    widgets = [each for each in body["widgets"] if isinstance(each, dict)]
    shown = [each["properties"]["title"] for each in widgets if isinstance(each["properties"], dict)]
    assert [title for title in shown if title in titles] == titles
    assert len({(each["x"], each["y"]) for each in widgets}) == len(widgets)
    assert all((each["width"], each["height"]) == (12, 6) for each in widgets)


def test_saved_questions_ask_the_service_own_log(web: Graph) -> None:
    questions = [each for each in below(web, component(web, "web").urn) if each.type.endswith(":QueryDefinition")]
    assert texts(questions, "name") == {f"dev/web/{each}" for each in ("errors", "endpoints", "slow", "connections")}
    assert all(each.inputs["logGroupNames"] == ["/onramp/dev/web"] for each in questions)

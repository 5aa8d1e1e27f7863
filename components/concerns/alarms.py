"""Which alarms a service has, decided from plain values; `alerting` builds them.

Sources of the thresholds: seed 000 sections 8.1 (Lambda), 8.2 (ECS) and 8.5 (SQS), seed 004 for the load balancer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pulumi

from stacks.models import Alarms
from stacks.standards import ALARM_CONCURRENCY_PERCENT

FIVE_MINUTES: Final = 300
MINUTE: Final = 60

Symptom = Literal["infrastructure", "application"]
Dimensions = dict[str, pulumi.Input[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Metric:
    """One metric of one thing. `period` is in seconds."""

    id: str
    namespace: str
    name: str
    dimensions: Dimensions
    stat: str
    period: int = FIVE_MINUTES


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """One alarm: `expression` over `metrics` (or the only metric) against `threshold`.

    `rollback` alarms end a deployment; `symptom` says which half of the composite alarm it belongs to.
    """

    key: str
    summary: str
    metrics: Sequence[Metric]
    expression: str | None = None
    threshold: float
    comparison: Literal["GreaterThanThreshold", "LessThanThreshold"] = "GreaterThanThreshold"
    periods: int = 1
    symptom: Symptom
    rollback: bool = False


def container_alarms(alarms: Alarms, cluster: str, service: str, *, is_routed: bool) -> list[Alarm]:
    """CPU, memory and missing tasks. Without a route, missing tasks are what ends a deployment."""
    of_service: Dimensions = {"ClusterName": cluster, "ServiceName": service}

    def average(name: str) -> Metric:
        return Metric(id="m", namespace="AWS/ECS", name=name, dimensions=of_service, stat="Average")

    def tasks(id_: str, name: str) -> Metric:
        space = "ECS/ContainerInsights"
        return Metric(id=id_, namespace=space, name=name, dimensions=of_service, stat="Average", period=MINUTE)

    return [
        Alarm(
            key="cpu",
            summary=f"CPU above {alarms.cpu_percent} %",
            metrics=[average("CPUUtilization")],
            threshold=alarms.cpu_percent,
            periods=2,
            symptom="infrastructure",
        ),
        Alarm(
            key="memory",
            summary=f"memory above {alarms.memory_percent} %",
            metrics=[average("MemoryUtilization")],
            threshold=alarms.memory_percent,
            periods=2,
            symptom="infrastructure",
        ),
        Alarm(
            key="tasks",
            summary="fewer tasks run than are wanted",
            metrics=[tasks("running", "RunningTaskCount"), tasks("desired", "DesiredTaskCount")],
            expression="running - desired",
            threshold=0,
            comparison="LessThanThreshold",
            periods=5,
            symptom="infrastructure" if is_routed else "application",
            rollback=not is_routed,
        ),
    ]


def route_alarms(alarms: Alarms, balancer: pulumi.Input[str], targets: Sequence[pulumi.Input[str]]) -> list[Alarm]:
    """Server errors and response time over all target groups of a service; both end a deployment."""

    def metrics(name: str, stat: str) -> list[Metric]:
        return [
            Metric(
                id=f"m{index}",
                namespace="AWS/ApplicationELB",
                name=name,
                dimensions={"LoadBalancer": balancer, "TargetGroup": target},
                stat=stat,
            )
            for index, target in enumerate(targets)
        ]

    filled = [f"FILL(m{index}, 0)" for index, _ in enumerate(targets)]
    return [
        Alarm(
            key="http-5xx",
            summary=f"more than {alarms.http_5xx} server errors in five minutes",
            metrics=metrics("HTTPCode_Target_5XX_Count", "Sum"),
            expression=" + ".join(filled),
            threshold=alarms.http_5xx,
            symptom="application",
            rollback=True,
        ),
        Alarm(
            key="latency",
            summary=f"p99 of the response time above {alarms.latency_p99_ms} ms",
            metrics=metrics("TargetResponseTime", "p99"),
            expression=f"MAX([{', '.join(filled)}])",
            threshold=alarms.latency_p99_ms / 1000,
            periods=2,
            symptom="application",
            rollback=True,
        ),
    ]


def queue_alarms(alarms: Alarms, queue: str, dead: str) -> list[Alarm]:
    """Messages that wait too long, and messages that were given up."""
    return [
        Alarm(
            key="queue-age",
            summary=f"the oldest message waits longer than {alarms.queue_age_seconds} s",
            metrics=[_queue_metric("ApproximateAgeOfOldestMessage", queue)],
            threshold=alarms.queue_age_seconds,
            symptom="application",
        ),
        dead_letter_alarm("queue-dead", dead),
    ]


def dead_letter_alarm(key: str, queue: str) -> Alarm:
    """Anything at all in a dead-letter queue."""
    return Alarm(
        key=key,
        summary="messages were given up and wait in the dead-letter queue",
        metrics=[_queue_metric("ApproximateNumberOfMessagesVisible", queue)],
        threshold=0,
        symptom="application",
        # Never a rollback alarm: one message that nobody has looked at yet would stop every deployment.
    )


def function_alarms(alarms: Alarms, function: str, timeout: int, reserved: int) -> list[Alarm]:
    """Errors, duration, throttles and concurrency of a function. `timeout` is in seconds."""

    def metric(id_: str, name: str, stat: str) -> Metric:
        return Metric(id=id_, namespace="AWS/Lambda", name=name, dimensions={"FunctionName": function}, stat=stat)

    return [
        Alarm(
            key="errors",
            summary=f"more than {alarms.error_percent:g} % of invocations fail",
            metrics=[metric("errors", "Errors", "Sum"), metric("invocations", "Invocations", "Sum")],
            expression="100 * errors / invocations",
            threshold=alarms.error_percent,
            symptom="application",
            rollback=True,
        ),
        Alarm(
            key="duration",
            summary=f"p99 of the duration above {alarms.duration_percent} % of the timeout of {timeout} s",
            metrics=[metric("m", "Duration", "p99")],
            threshold=timeout * 1000 * alarms.duration_percent / 100,
            periods=2,
            symptom="application",
            rollback=True,
        ),
        Alarm(
            key="throttles",
            summary="invocations are turned away",
            metrics=[metric("m", "Throttles", "Sum")],
            threshold=0,
            periods=2,
            symptom="infrastructure",
        ),
        Alarm(
            key="concurrency",
            summary=f"more than {ALARM_CONCURRENCY_PERCENT} % of the {reserved} reserved executions run at once",
            metrics=[metric("m", "ConcurrentExecutions", "Maximum")],
            threshold=reserved * ALARM_CONCURRENCY_PERCENT / 100,
            symptom="infrastructure",
        ),
    ]


def _queue_metric(name: str, queue: str) -> Metric:
    return Metric(id="m", namespace="AWS/SQS", name=name, dimensions={"QueueName": queue}, stat="Maximum")

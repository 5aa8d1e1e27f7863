"""What is watched of an App Runner service: errors, response time, CPU, memory, and whether it can still grow."""

from collections.abc import Sequence

import pulumi

from components.signals.alarm import Alarm, Dimensions, Metric, saturation
from components.signals.widget import Widget
from stacks.models import Alarms, AppRunnerScaling
from stacks.source import Json

NAMESPACE = "AWS/AppRunner"


def alarms(limits: Alarms, scaling: AppRunnerScaling, service: str, service_id: pulumi.Input[str]) -> list[Alarm]:
    """App Runner's own metrics have the id that it makes up as a dimension.

    A service that cannot grow has no alarm on growing: it would ring with the first request.
    """
    of_service: Dimensions = {"ServiceName": service, "ServiceID": service_id}

    def metric(name: str, stat: str) -> Metric:
        return Metric(id="m", namespace=NAMESPACE, name=name, dimensions=of_service, stat=stat)

    found = [
        Alarm(
            key="http-5xx",
            summary=f"more than {limits.http_5xx} server errors in five minutes",
            metrics=[metric("5xxStatusResponses", "Sum")],
            threshold=limits.http_5xx,
            symptom="application",
            rollback=True,
        ),
        Alarm(
            key="latency",
            summary=f"p99 of the response time above {limits.latency_p99_ms} ms",
            metrics=[metric("RequestLatency", "p99")],
            threshold=limits.latency_p99_ms,
            periods=2,
            symptom="application",
            rollback=True,
        ),
        *saturation(
            metric("CPUUtilization", "Average"),
            limits.cpu_percent,
            metric("MemoryUtilization", "Average"),
            limits.memory_percent,
        ),
    ]
    if scaling.max > scaling.min:
        found.append(
            Alarm(
                key="instances",
                summary=f"all {scaling.max} instances that it may have are busy",
                metrics=[metric("ActiveInstances", "Maximum")],
                threshold=scaling.max - 1,
                periods=2,
                symptom="infrastructure",
            )
        )
    return found


def widgets(service: str) -> list[Widget]:
    """Latency, traffic, errors and saturation; found by the service's name, because its id is made up by AWS."""

    def rows(*shown: tuple[str, str]) -> Sequence[Json]:
        schema = f"{{{NAMESPACE},ServiceID,ServiceName}}"
        return [
            [
                {
                    "expression": f"SEARCH('{schema} MetricName=\"{metric}\" ServiceName=\"{service}\"', '{stat}', 60)",
                    "label": f"{metric} {stat}",
                }
            ]
            for metric, stat in shown
        ]

    return [
        Widget(
            title="Latency (milliseconds)",
            metrics=rows(("RequestLatency", "Average"), ("RequestLatency", "p90"), ("RequestLatency", "p99")),
        ),
        Widget(title="Traffic (requests a minute)", metrics=rows(("Requests", "Sum"))),
        Widget(
            title="Errors (responses a minute)",
            metrics=rows(("5xxStatusResponses", "Sum"), ("4xxStatusResponses", "Sum")),
        ),
        Widget(
            title="Saturation (percent)", metrics=rows(("CPUUtilization", "Average"), ("MemoryUtilization", "Average"))
        ),
        Widget(title="Instances", metrics=rows(("ActiveInstances", "Maximum"))),
    ]

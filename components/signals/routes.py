"""What is watched of a route: server errors and response time at the load balancer."""

from collections.abc import Sequence

import pulumi

from components.signals.alarm import Alarm, Metric
from components.signals.widget import Widget
from stacks.models import Alarms
from stacks.source import Json


def alarms(limits: Alarms, balancer: pulumi.Input[str], targets: Sequence[pulumi.Input[str]]) -> list[Alarm]:
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
            summary=f"more than {limits.http_5xx} server errors in five minutes",
            metrics=metrics("HTTPCode_Target_5XX_Count", "Sum"),
            expression=" + ".join(filled),
            threshold=limits.http_5xx,
            symptom="application",
            rollback=True,
        ),
        Alarm(
            key="latency",
            summary=f"p99 of the response time above {limits.latency_p99_ms} ms",
            metrics=metrics("TargetResponseTime", "p99"),
            expression=f"MAX([{', '.join(filled)}])",
            threshold=limits.latency_p99_ms / 1000,
            periods=2,
            symptom="application",
            rollback=True,
        ),
    ]


def widgets(targets: Sequence[str]) -> list[Widget]:
    """Latency, traffic and errors of the target groups with these names.

    They are found by name, because the ARN of a target group does not exist before it does, and because a blue and a
    green one are one service to whoever looks.
    """

    def found(metric: str, stat: str, label: str) -> list[Json]:
        schema = "{AWS/ApplicationELB,LoadBalancer,TargetGroup}"
        return [
            [
                {
                    "expression": f"SEARCH('{schema} MetricName=\"{metric}\" \"targetgroup/{target}\"', '{stat}', 60)",
                    "label": f"{label} {target}",
                }
            ]
            for target in targets
        ]

    latency = [row for stat in ("Average", "p90", "p99") for row in found("TargetResponseTime", stat, stat)]
    errors = [
        row
        for metric in ("HTTPCode_Target_5XX_Count", "HTTPCode_Target_4XX_Count")
        for row in found(metric, "Sum", metric.split("_")[2])
    ]
    return [
        Widget(title="Latency (seconds)", metrics=latency),
        Widget(title="Traffic (requests a minute)", metrics=found("RequestCount", "Sum", "requests")),
        Widget(title="Errors (responses a minute)", metrics=errors),
    ]

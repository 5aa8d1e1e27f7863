"""The golden signals of a service as a CloudWatch dashboard: latency, traffic, errors, saturation, two by two.

Load balancer metrics are found by the name of the target group, because its ARN does not exist before it does, and
because a blue and a green one are one service to whoever looks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from components.scope import compact_json
from stacks.source import Json

WIDTH: Final = 12
HEIGHT: Final = 6
PERIOD_SECONDS: Final = 60
"""Seed 004, dashboard: two by two widgets of 12 by 6, a point each minute."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Widget:
    """One graph: rows as CloudWatch writes them in a dashboard body."""

    title: str
    metrics: Sequence[Json]
    stat: str = "Average"


def body(region: str, widgets: Sequence[Widget]) -> str:
    """The dashboard body, two widgets in each row."""
    placed: list[Json] = [
        {
            "type": "metric",
            "x": (index % 2) * WIDTH,
            "y": (index // 2) * HEIGHT,
            "width": WIDTH,
            "height": HEIGHT,
            "properties": {
                "title": widget.title,
                "region": region,
                "view": "timeSeries",
                "period": PERIOD_SECONDS,
                "stat": widget.stat,
                "metrics": [*widget.metrics],
            },
        }
        for index, widget in enumerate(widgets)
    ]
    return compact_json({"widgets": placed})


def load_balancer_widgets(targets: Sequence[str]) -> list[Widget]:
    """Latency, traffic and errors of the target groups with these names."""

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


def container_widgets(cluster: str, service: str) -> list[Widget]:
    """Saturation of a container service, and how many tasks run."""

    def row(namespace: str, metric: str) -> Json:
        return [namespace, metric, "ClusterName", cluster, "ServiceName", service]

    saturation = [row("AWS/ECS", "CPUUtilization"), row("AWS/ECS", "MemoryUtilization")]
    tasks = [row("ECS/ContainerInsights", f"{kind}TaskCount") for kind in ("Running", "Desired")]
    return [Widget(title="Saturation (percent)", metrics=saturation), Widget(title="Tasks", metrics=tasks)]


def function_widgets(function: str) -> list[Widget]:
    """The four signals of a function."""

    def row(metric: str, stat: str) -> Json:
        return ["AWS/Lambda", metric, "FunctionName", function, {"stat": stat}]

    return [
        Widget(title="Latency (milliseconds)", metrics=[row("Duration", stat) for stat in ("Average", "p90", "p99")]),
        Widget(title="Traffic (invocations a minute)", metrics=[row("Invocations", "Sum")]),
        Widget(title="Errors (invocations a minute)", metrics=[row("Errors", "Sum"), row("Throttles", "Sum")]),
        Widget(title="Saturation (executions at once)", metrics=[row("ConcurrentExecutions", "Maximum")]),
    ]


def queue_widgets(queue: str, dead: str) -> list[Widget]:
    """How much waits, for how long, and what was given up."""

    def row(metric: str, name: str, stat: str) -> Json:
        return ["AWS/SQS", metric, "QueueName", name, {"stat": stat}]

    return [
        Widget(
            title="Queue (messages)",
            metrics=[
                row("ApproximateNumberOfMessagesVisible", queue, "Maximum"),
                row("ApproximateNumberOfMessagesVisible", dead, "Maximum"),
            ],
        ),
        Widget(title="Queue (age in seconds)", metrics=[row("ApproximateAgeOfOldestMessage", queue, "Maximum")]),
    ]

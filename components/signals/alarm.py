"""An alarm as plain data.

Sources of the thresholds: seed 000 sections 8.1 (Lambda), 8.2 (ECS), 8.3 (RDS), 8.4 (SageMaker) and 8.5 (SQS), seed
004 for the load balancer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import pulumi

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


def saturation(cpu: Metric, cpu_percent: int, memory: Metric, memory_percent: int) -> list[Alarm]:
    """CPU and memory in percent, each above its threshold for two periods."""
    return [
        Alarm(
            key=key,
            summary=f"{what} above {percent} %",
            metrics=[metric],
            threshold=percent,
            periods=2,
            symptom="infrastructure",
        )
        for key, what, metric, percent in (
            ("cpu", "CPU", cpu, cpu_percent),
            ("memory", "memory", memory, memory_percent),
        )
    ]

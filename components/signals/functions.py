"""What is watched of a function: errors, duration, throttles, concurrency, memory, and how far it is behind."""

from dataclasses import dataclass
from typing import Final

from components.signals.alarm import Alarm, Dimensions, Metric
from components.signals.widget import Widget
from stacks.models import Alarms, FunctionSpec
from stacks.source import Json
from stacks.standards import (
    ALARM_CONCURRENCY_PERCENT,
    ALARM_FUNCTION_MEMORY_PERCENT,
    ALARM_FUNCTION_MEMORY_WARNING_PERCENT,
)

MEMORY_ALARMS: Final = {
    "memory-warning": ALARM_FUNCTION_MEMORY_WARNING_PERCENT,
    "memory": ALARM_FUNCTION_MEMORY_PERCENT,
}
MS_PER_SECOND: Final = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """Where the memory of a function is measured, in percent."""

    namespace: str
    metric: str
    dimensions: dict[str, str]

    @classmethod
    def of(cls, function: str, provider: str | None) -> "Memory":
        """Lambda Insights measures what runs on demand, Lambda what runs on the instances of `provider`."""
        if provider is None:
            return cls(namespace="LambdaInsights", metric="memory_utilization", dimensions={"function_name": function})
        return cls(
            namespace="AWS/Lambda",
            metric="ExecutionEnvironmentMemoryUtilization",
            dimensions={"CapacityProviderName": provider, "FunctionName": function},
        )

    def row(self) -> Json:
        """As a widget names it."""
        return [self.namespace, self.metric, *(part for pair in self.dimensions.items() for part in pair)]


def alarms(spec: FunctionSpec, function: str, memory: Memory) -> list[Alarm]:
    """The alarms of a function called `function`."""
    found = [
        *_invocations(spec.alarms, function, spec.timeout),
        *_concurrency(function, spec.scaling.max),
        *_memory(memory),
    ]
    return [*found, _iterator_age(spec.alarms, function)] if spec.streams else found


def _metric(function: str, name: str, stat: str, id_: str = "m") -> Metric:
    return Metric(id=id_, namespace="AWS/Lambda", name=name, dimensions={"FunctionName": function}, stat=stat)


def _invocations(limits: Alarms, function: str, timeout: int) -> list[Alarm]:
    return [
        Alarm(
            key="errors",
            summary=f"more than {limits.error_percent:g} % of invocations fail",
            metrics=[
                _metric(function, "Errors", "Sum", "errors"),
                _metric(function, "Invocations", "Sum", "invocations"),
            ],
            expression="100 * errors / invocations",
            threshold=limits.error_percent,
            symptom="application",
            rollback=True,
        ),
        Alarm(
            key="duration",
            summary=f"p99 of the duration above {limits.duration_percent} % of the timeout of {timeout} s",
            metrics=[_metric(function, "Duration", "p99")],
            threshold=timeout * MS_PER_SECOND * limits.duration_percent / 100,
            periods=2,
            symptom="application",
            rollback=True,
        ),
    ]


def _concurrency(function: str, reserved: int) -> list[Alarm]:
    return [
        Alarm(
            key="throttles",
            summary="invocations are turned away",
            metrics=[_metric(function, "Throttles", "Sum")],
            threshold=0,
            periods=2,
            symptom="infrastructure",
        ),
        Alarm(
            key="concurrency",
            summary=f"more than {ALARM_CONCURRENCY_PERCENT} % of the {reserved} reserved executions run at once",
            metrics=[_metric(function, "ConcurrentExecutions", "Maximum")],
            threshold=reserved * ALARM_CONCURRENCY_PERCENT / 100,
            symptom="infrastructure",
        ),
    ]


def _memory(memory: Memory) -> list[Alarm]:
    dimensions: Dimensions = {**memory.dimensions}
    metric = Metric(id="m", namespace=memory.namespace, name=memory.metric, dimensions=dimensions, stat="Maximum")
    return [
        Alarm(
            key=key,
            summary=f"an execution used more than {percent} % of its memory",
            metrics=[metric],
            threshold=percent,
            symptom="infrastructure",
        )
        for key, percent in MEMORY_ALARMS.items()
    ]


def _iterator_age(limits: Alarms, function: str) -> Alarm:
    return Alarm(
        key="iterator-age",
        summary=f"the last record read from a stream was older than {limits.queue_age_seconds} s",
        metrics=[_metric(function, "IteratorAge", "Maximum")],
        threshold=limits.queue_age_seconds * MS_PER_SECOND,
        symptom="application",
    )


def widgets(function: str, memory: Memory) -> list[Widget]:
    """The signals of a function."""

    def row(metric: str, stat: str) -> Json:
        return ["AWS/Lambda", metric, "FunctionName", function, {"stat": stat}]

    return [
        Widget(title="Latency (milliseconds)", metrics=[row("Duration", stat) for stat in ("Average", "p90", "p99")]),
        Widget(title="Traffic (invocations a minute)", metrics=[row("Invocations", "Sum")]),
        Widget(title="Errors (invocations a minute)", metrics=[row("Errors", "Sum"), row("Throttles", "Sum")]),
        Widget(title="Saturation (executions at once)", metrics=[row("ConcurrentExecutions", "Maximum")]),
        Widget(title="Memory (percent)", metrics=[memory.row()]),
    ]

"""What is watched of a function: errors, duration, throttles, and how much of its concurrency is in use."""

from components.signals.alarm import Alarm, Metric
from components.signals.widget import Widget
from stacks.models import Alarms
from stacks.source import Json
from stacks.standards import ALARM_CONCURRENCY_PERCENT


def alarms(limits: Alarms, function: str, timeout: int, reserved: int) -> list[Alarm]:
    """Errors, duration, throttles and concurrency of a function. `timeout` is in seconds."""

    def metric(id_: str, name: str, stat: str) -> Metric:
        return Metric(id=id_, namespace="AWS/Lambda", name=name, dimensions={"FunctionName": function}, stat=stat)

    return [
        Alarm(
            key="errors",
            summary=f"more than {limits.error_percent:g} % of invocations fail",
            metrics=[metric("errors", "Errors", "Sum"), metric("invocations", "Invocations", "Sum")],
            expression="100 * errors / invocations",
            threshold=limits.error_percent,
            symptom="application",
            rollback=True,
        ),
        Alarm(
            key="duration",
            summary=f"p99 of the duration above {limits.duration_percent} % of the timeout of {timeout} s",
            metrics=[metric("m", "Duration", "p99")],
            threshold=timeout * 1000 * limits.duration_percent / 100,
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


def widgets(function: str) -> list[Widget]:
    """The four signals of a function."""

    def row(metric: str, stat: str) -> Json:
        return ["AWS/Lambda", metric, "FunctionName", function, {"stat": stat}]

    return [
        Widget(title="Latency (milliseconds)", metrics=[row("Duration", stat) for stat in ("Average", "p90", "p99")]),
        Widget(title="Traffic (invocations a minute)", metrics=[row("Invocations", "Sum")]),
        Widget(title="Errors (invocations a minute)", metrics=[row("Errors", "Sum"), row("Throttles", "Sum")]),
        Widget(title="Saturation (executions at once)", metrics=[row("ConcurrentExecutions", "Maximum")]),
    ]

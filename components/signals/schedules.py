"""What is watched of a task that starts by the clock: starts that fail, runs that fail, and memory while it runs."""

from typing import Final

from components.signals.alarm import MINUTE, Alarm, Metric
from components.signals.queues import dead_letter_alarm
from components.signals.widget import Widget
from stacks.models import Alarms
from stacks.source import Json

_INSIGHTS: Final = "ECS/ContainerInsights"


def alarms(limits: Alarms, *, cluster: str, family: str, group: str, failed: str, dead: str) -> list[Alarm]:
    """Starts, runs and memory. `group` is the schedule's, `failed` the rule that sees failed runs, `dead` the queue."""

    def of_task(id_: str, name: str) -> Metric:
        found = {"ClusterName": cluster, "TaskDefinitionFamily": family}
        return Metric(id=id_, namespace=_INSIGHTS, name=name, dimensions=dict(found), stat="Maximum", period=MINUTE)

    starts = Metric(
        id="m", namespace="AWS/Scheduler", name="TargetErrorCount", dimensions={"ScheduleGroup": group}, stat="Sum"
    )
    runs = Metric(id="m", namespace="AWS/Events", name="TriggeredRules", dimensions={"RuleName": failed}, stat="Sum")
    return [
        Alarm(
            key="memory",
            summary=f"memory above {limits.memory_percent} %",
            metrics=[of_task("used", "MemoryUtilized"), of_task("reserved", "MemoryReserved")],
            expression="100 * used / reserved",
            threshold=limits.memory_percent,
            periods=2,
            symptom="infrastructure",
        ),
        Alarm(
            key="start-errors",
            summary="the schedule could not start the task",
            metrics=[starts],
            threshold=0,
            symptom="infrastructure",
        ),
        Alarm(
            key="run-failed",
            summary="a run ended with an error, or did not start",
            metrics=[runs],
            threshold=0,
            symptom="application",
        ),
        dead_letter_alarm("schedule-dead", dead),
    ]


def widgets(*, cluster: str, family: str, group: str, failed: str) -> list[Widget]:
    """Runs, failures, and what a run takes."""

    def used(metric: str) -> Json:
        return [_INSIGHTS, metric, "ClusterName", cluster, "TaskDefinitionFamily", family, {"stat": "Maximum"}]

    def counted(metric: str) -> Json:
        return ["AWS/Scheduler", metric, "ScheduleGroup", group, {"stat": "Sum"}]

    failures: Json = ["AWS/Events", "TriggeredRules", "RuleName", failed, {"stat": "Sum", "label": "failed runs"}]
    return [
        Widget(title="Runs (starts a minute)", metrics=[counted("InvocationAttemptCount")]),
        Widget(title="Errors (a minute)", metrics=[counted("TargetErrorCount"), failures]),
        Widget(title="CPU (units)", metrics=[used("CpuUtilized"), used("CpuReserved")]),
        Widget(title="Memory (MiB)", metrics=[used("MemoryUtilized"), used("MemoryReserved")]),
    ]

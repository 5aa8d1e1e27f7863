"""What is watched of a container service on ECS: CPU, memory, and whether as many tasks run as should."""

from collections.abc import Sequence
from dataclasses import replace

from components.signals.alarm import MINUTE, Alarm, Dimensions, Metric, saturation
from components.signals.widget import Widget
from stacks.models import Alarms
from stacks.source import Json


def alarms(limits: Alarms, cluster: str, names: Sequence[str], *, is_routed: bool) -> list[Alarm]:
    """CPU, memory and missing tasks of each ECS service; the key of an alarm ends in the color where there are two.

    Without a route, missing tasks are what ends a deployment.
    """
    found: list[Alarm] = []
    for name in names:
        color = f"-{name.rpartition('-')[2]}" if len(names) > 1 else ""
        of_one = _alarms(limits, cluster, name, is_routed=is_routed)
        found += [replace(alarm, key=f"{alarm.key}{color}") for alarm in of_one]
    return found


def _alarms(limits: Alarms, cluster: str, service: str, *, is_routed: bool) -> list[Alarm]:
    of_service: Dimensions = {"ClusterName": cluster, "ServiceName": service}

    def average(name: str) -> Metric:
        return Metric(id="m", namespace="AWS/ECS", name=name, dimensions=of_service, stat="Average")

    def tasks(id_: str, name: str) -> Metric:
        space = "ECS/ContainerInsights"
        return Metric(id=id_, namespace=space, name=name, dimensions=of_service, stat="Average", period=MINUTE)

    return [
        *saturation(average("CPUUtilization"), limits.cpu_percent, average("MemoryUtilization"), limits.memory_percent),
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


def widgets(cluster: str, names: Sequence[str]) -> list[Widget]:
    """Saturation of the ECS services of a container service, and how many tasks run."""

    def rows(namespace: str, metric: str) -> list[Json]:
        return [[namespace, metric, "ClusterName", cluster, "ServiceName", name] for name in names]

    saturation = [*rows("AWS/ECS", "CPUUtilization"), *rows("AWS/ECS", "MemoryUtilization")]
    tasks = [row for kind in ("Running", "Desired") for row in rows("ECS/ContainerInsights", f"{kind}TaskCount")]
    return [Widget(title="Saturation (percent)", metrics=saturation), Widget(title="Tasks", metrics=tasks)]

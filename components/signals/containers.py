"""What is watched of a container service on ECS: CPU, memory, and whether as many tasks run as should."""

from components.signals.alarm import MINUTE, Alarm, Dimensions, Metric, saturation
from components.signals.widget import Widget
from stacks.models import Alarms
from stacks.source import Json


def alarms(limits: Alarms, cluster: str, service: str, *, is_routed: bool) -> list[Alarm]:
    """CPU, memory and missing tasks. Without a route, missing tasks are what ends a deployment."""
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


def widgets(cluster: str, service: str) -> list[Widget]:
    """Saturation of a container service, and how many tasks run."""

    def row(namespace: str, metric: str) -> Json:
        return [namespace, metric, "ClusterName", cluster, "ServiceName", service]

    saturation = [row("AWS/ECS", "CPUUtilization"), row("AWS/ECS", "MemoryUtilization")]
    tasks = [row("ECS/ContainerInsights", f"{kind}TaskCount") for kind in ("Running", "Desired")]
    return [Widget(title="Saturation (percent)", metrics=saturation), Widget(title="Tasks", metrics=tasks)]

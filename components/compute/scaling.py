"""How many tasks run: application autoscaling of an ECS service."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.compute.sides import Side
from components.concerns.health import Target
from components.concerns.queues import queue_name
from components.scope import ServiceScope
from stacks.models import FargateSpec

DIMENSION: Final = "ecs:service:DesiredCount"
NAMESPACE: Final = "ecs"

MetricRow = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricArgsDict
Tracking = aws.appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgsDict


def scale(  # noqa: PLR0913 - what scales, on what, and the two of Pulumi
    scope: ServiceScope,
    spec: FargateSpec,
    side: Side,
    *,
    cluster: str,
    service: aws.ecs.Service,
    balancer: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Keep CPU and memory, and requests or messages per task, near their targets; from the side's tasks on."""
    name = f"{scope.service}-scaling{side.suffix}"
    target = aws.appautoscaling.Target(
        name,
        service_namespace=NAMESPACE,
        scalable_dimension=DIMENSION,
        resource_id=service.name.apply(lambda found: f"service/{cluster}/{found}"),
        min_capacity=side.tasks,
        max_capacity=spec.scaling.max,
        tags=dict(scope.tags),
        opts=_floor_of_the_rollout(side, opts) if spec.rollout.is_stepped else opts,
    )
    policies: dict[str, Tracking] = {
        "cpu": _predefined("ECSServiceAverageCPUUtilization", spec.scaling.cpu_percent),
        "memory": _predefined("ECSServiceAverageMemoryUtilization", spec.scaling.memory_percent),
    }
    if side.targets:
        policies["requests"] = _customized(_requests(balancer, side.targets), spec.scaling.requests_per_target)
    if spec.queue is not None:
        backlog = _backlog(cluster, scope, queue_name(scope, "queue"))
        policies["backlog"] = _customized(backlog, spec.scaling.messages_per_task)
    for role, tracking in policies.items():
        tracking["scale_out_cooldown"] = spec.scaling.out_seconds
        tracking["scale_in_cooldown"] = spec.scaling.in_seconds
        aws.appautoscaling.Policy(
            f"{name}-{role}",
            name=role,
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=tracking,
            opts=opts,
        )


def _floor_of_the_rollout(side: Side, opts: pulumi.ResourceOptions) -> pulumi.ResourceOptions:
    """A rollout says which side keeps how many tasks at least: the one with the traffic does, the other keeps none."""
    own = pulumi.ResourceOptions(
        ignore_changes=["minCapacity"], replacement_trigger=side.anew, delete_before_replace=True
    )
    return pulumi.ResourceOptions.merge(opts, own)


def _predefined(metric: str, value: float) -> Tracking:
    return {"target_value": float(value), "predefined_metric_specification": {"predefined_metric_type": metric}}


def _customized(rows: list[MetricRow], value: float) -> Tracking:
    return {"target_value": float(value), "customized_metric_specification": {"metrics": rows}}


def _row(id_: str, namespace: str, metric: str, stat: str, dimensions: dict[str, pulumi.Input[str]]) -> MetricRow:
    return {
        "id": id_,
        "metric_stat": {
            "metric": {
                "namespace": namespace,
                "metric_name": metric,
                "dimensions": [{"name": name, "value": value} for name, value in dimensions.items()],
            },
            "stat": stat,
        },
        "return_data": False,
    }


def _result(expression: str) -> MetricRow:
    return {"id": "result", "expression": expression, "return_data": True}


def _requests(balancer: pulumi.Output[str], targets: Sequence[Target]) -> list[MetricRow]:
    """Requests per task over all target groups: blue and green take turns, and the sum does not."""
    rows = [
        _row(
            f"m{index}",
            "AWS/ApplicationELB",
            "RequestCountPerTarget",
            "Sum",
            {"LoadBalancer": balancer, "TargetGroup": target.group.arn_suffix},
        )
        for index, target in enumerate(targets)
    ]
    return [*rows, _result(" + ".join(f"FILL(m{index}, 0)" for index, _ in enumerate(targets)))]


def _backlog(cluster: str, scope: ServiceScope, queue: str) -> list[MetricRow]:
    """Waiting messages per running task: the raw depth of a queue says nothing about how long it takes to empty."""
    of_service: dict[str, pulumi.Input[str]] = {"ClusterName": cluster, "ServiceName": scope.service}
    return [
        _row("visible", "AWS/SQS", "ApproximateNumberOfMessagesVisible", "Average", {"QueueName": queue}),
        _row("running", "ECS/ContainerInsights", "RunningTaskCount", "Average", of_service),
        _result("visible / IF(running > 0, running, 1)"),
    ]

"""How many instances serve a variant: application autoscaling by its requests."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.scope import ServiceScope
from stacks.models.endpoint import MAIN
from stacks.models.endpoint_parts import EndpointScaling

NAMESPACE: Final = "sagemaker"
DIMENSION: Final = "sagemaker:variant:DesiredInstanceCount"
METRIC: Final = "SageMakerVariantInvocationsPerInstance"


def scale_variant(
    name: str,
    scope: ServiceScope,
    plan: EndpointScaling,
    *,
    endpoint: aws.sagemaker.Endpoint,
    variant: str,
    opts: pulumi.ResourceOptions,
) -> None:
    """Keep the requests per minute and instance of one variant near their target."""
    role = "scaling" if variant == MAIN else f"scaling-{variant}"
    target = aws.appautoscaling.Target(
        f"{name}-{role}",
        service_namespace=NAMESPACE,
        scalable_dimension=DIMENSION,
        resource_id=endpoint.name.apply(lambda found: f"endpoint/{found}/variant/{variant}"),
        min_capacity=plan.min,
        max_capacity=plan.max,
        tags=dict(scope.tags),
        opts=opts,
    )
    aws.appautoscaling.Policy(
        f"{name}-{role}-requests",
        name="requests",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration={
            "target_value": float(plan.invocations_per_instance),
            "predefined_metric_specification": {"predefined_metric_type": METRIC},
            "scale_out_cooldown": plan.out_seconds,
            "scale_in_cooldown": plan.in_seconds,
        },
        opts=opts,
    )

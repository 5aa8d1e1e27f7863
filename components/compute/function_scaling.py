"""Executions that are kept warm: provisioned concurrency on the alias, and who decides how many."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.scope import ServiceScope
from stacks import limits
from stacks.models import Provisioned

DIMENSION: Final = "lambda:function:ProvisionedConcurrency"
NAMESPACE: Final = "lambda"


def keep_warm(
    name: str, scope: ServiceScope, alias: aws.lambda_.Alias, plan: Provisioned, opts: pulumi.ResourceOptions
) -> None:
    """Keep executions ready and that share of them in use; 11 USD a month for each GB, in use or not (arm64)."""
    warm = aws.lambda_.ProvisionedConcurrencyConfig(
        f"{name}-warm",
        function_name=alias.function_name,
        qualifier=alias.name,
        provisioned_concurrent_executions=plan.min,
        # Autoscaling owns the number.
        opts=pulumi.ResourceOptions(parent=opts.parent, ignore_changes=["provisionedConcurrentExecutions"]),
    )
    function = scope.name(limits.NAME_LAMBDA_FUNCTION)
    target = aws.appautoscaling.Target(
        f"{name}-scaling",
        service_namespace=NAMESPACE,
        scalable_dimension=DIMENSION,
        resource_id=alias.name.apply(lambda qualifier: f"function:{function}:{qualifier}"),
        min_capacity=plan.min,
        max_capacity=plan.max,
        tags=dict(scope.tags),
        opts=pulumi.ResourceOptions(parent=opts.parent, depends_on=[warm]),
    )
    aws.appautoscaling.Policy(
        f"{name}-scaling-utilization",
        name="utilization",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration={
            "target_value": plan.utilization,
            "predefined_metric_specification": {"predefined_metric_type": "LambdaProvisionedConcurrencyUtilization"},
        },
        opts=opts,
    )

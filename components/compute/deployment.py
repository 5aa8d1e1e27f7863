"""How ECS replaces the tasks of a service, as plain values."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.calls import function_arn
from components.scope import ServiceScope
from stacks.models import FargateRollout

_START_MINUTES: Final = 30
"""For tasks to start, be found healthy, and drain; the provider itself waits 20 minutes for all of a deployment."""


def deployment(
    scope: ServiceScope, rollout: FargateRollout, hook_role: pulumi.Input[str] | None
) -> aws.ecs.ServiceDeploymentConfigurationArgsDict:
    """Strategy, steps, bake time and hooks of a deployment that ECS itself drives."""
    if not rollout.shifts:
        return {"strategy": "ROLLING"}
    found: aws.ecs.ServiceDeploymentConfigurationArgsDict = {
        "strategy": rollout.strategy.upper().replace("-", "_"),
        "bake_time_in_minutes": str(rollout.bake_minutes),
    }
    percent, minutes = float(rollout.percent), str(rollout.interval_minutes)
    if rollout.strategy == "canary":
        found["canary_configuration"] = {"canary_percent": percent, "canary_bake_time_in_minutes": minutes}
    if rollout.strategy == "linear":
        found["linear_configuration"] = {"step_percent": percent, "step_bake_time_in_minutes": minutes}
    if rollout.hooks and hook_role is not None:
        found["lifecycle_hooks"] = [
            {
                "hook_target_arn": function_arn(scope, hook.function),
                "role_arn": hook_role,
                "lifecycle_stages": [hook.stage.upper().replace("-", "_")],
            }
            for hook in rollout.hooks
        ]
    return found


def patience(rollout: FargateRollout) -> pulumi.CustomTimeouts:
    """How long an update may wait for the service: as long as its rollout takes, and the time to start and drain."""
    minutes = f"{_START_MINUTES + rollout.shift_minutes + rollout.bake_minutes}m"
    return pulumi.CustomTimeouts(create=minutes, update=minutes)

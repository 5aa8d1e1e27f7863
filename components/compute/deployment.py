"""How ECS replaces the tasks of a service, as plain values."""

from typing import Final, TypeAlias

import pulumi
import pulumi_aws as aws

from components.concerns.calls import function_arn
from components.scope import ServiceScope
from stacks import limits
from stacks.models import FargateRollout
from stacks.models.fargate_rollout import Hook

_Hook: TypeAlias = aws.ecs.ServiceDeploymentConfigurationLifecycleHookArgsDict

_START_MINUTES: Final = 30
"""For tasks to start, be found healthy, and drain; the provider itself waits 20 minutes for all of a deployment."""
_ANSWER_MINUTES: Final = 30
"""For whoever rolls out to say what was judged at the deadline; our own: a tick comes at least every few minutes."""


def deployment(
    scope: ServiceScope, rollout: FargateRollout, hook_role: pulumi.Input[str] | None
) -> aws.ecs.ServiceDeploymentConfigurationArgsDict:
    """Strategy, steps, bake time and hooks of a deployment that ECS itself drives."""
    if not rollout.by_ecs:
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
    hooks = [_asked(scope, hook, hook_role) for hook in rollout.hooks] if hook_role is not None else []
    if rollout.pause:
        hooks.append(_question(rollout))
    if hooks:
        found["lifecycle_hooks"] = hooks
    return found


def _asked(scope: ServiceScope, hook: Hook, role: pulumi.Input[str]) -> _Hook:
    return {
        "hook_target_arn": function_arn(scope, hook.function),
        "role_arn": role,
        "lifecycle_stages": [hook.stage.upper().replace("-", "_")],
    }


def _question(rollout: FargateRollout) -> _Hook:
    """ECS asks before each shift; when nobody answers, it goes back.

    It waits longer than a rollout takes to judge a step, and where a person is to decide, as long as it can.
    """
    gates = rollout.gates
    minutes = limits.ECS_PAUSE_MINUTES_MAX if gates.on_deadline == "hold" else gates.deadline_minutes + _ANSWER_MINUTES
    return {
        "target_type": "PAUSE",
        "lifecycle_stages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
        "timeout_configuration": {"action": "ROLLBACK", "timeout_in_minutes": str(minutes)},
    }


def patience(rollout: FargateRollout) -> pulumi.CustomTimeouts:
    """How long an update may wait for the service: as long as its rollout takes, and the time to start and drain."""
    minutes = f"{_START_MINUTES + rollout.shift_minutes + rollout.bake_minutes}m"
    return pulumi.CustomTimeouts(create=minutes, update=minutes)

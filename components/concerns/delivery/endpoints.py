"""SageMaker shifts the traffic of an endpoint itself, between guardrails."""

from collections.abc import Sequence
from typing import Final, TypeAlias

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.concerns.delivery.notices import notify_failures
from components.scope import Scope, ServiceScope
from stacks import limits
from stacks.models.endpoint_parts import EndpointRollout
from stacks.source import Json

MINUTE: Final = 60
FAILED_STATES: Final = ("FAILED", "ROLLING_BACK", "UPDATE_ROLLBACK_FAILED")
"""As SageMaker spells them in events (SageMaker developer guide, events, endpoint state change)."""

_Config: TypeAlias = aws.sagemaker.EndpointDeploymentConfigArgsDict
_Routing: TypeAlias = aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgsDict


class EndpointDelivery(Concern):
    """The notice of a deployment that failed or is rolled back."""

    def __init__(self, scope: ServiceScope, endpoint: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("Delivery", scope, opts)
        pattern: dict[str, Json] = {
            "source": ["aws.sagemaker"],
            # The first is sent of every endpoint, the second tells more and not of all.
            "detail-type": ["SageMaker Endpoint State Change", "SageMaker Endpoint Deployment State Change"],
            "detail": {"EndpointName": [endpoint], "EndpointStatus": [*FAILED_STATES]},
        }
        notify_failures(self, pattern)
        self.register_outputs({})


def endpoint_name(scope: Scope, service: str) -> str:
    """What callers of a service name; it stays, whatever runs behind it."""
    return scope.name(limits.NAME_SAGEMAKER, service)


def deployment_config(rollout: EndpointRollout | None, alarms: Sequence[str]) -> _Config | None:
    """How a new configuration replaces the one that serves, and the alarms that bring the old one back.

    None without a rollout: guardrails are for instances alone (SageMaker developer guide, deployment guardrails).
    """
    if rollout is None:
        return None
    found: _Config = {"auto_rollback_configuration": {"alarms": [{"alarm_name": name} for name in alarms]}}
    wait = rollout.interval_minutes * MINUTE
    if rollout.strategy == "rolling":
        found["rolling_update_policy"] = {
            "maximum_batch_size": {"type": "CAPACITY_PERCENT", "value": rollout.percent},
            "wait_interval_in_seconds": wait,
            "maximum_execution_timeout_in_seconds": limits.SAGEMAKER_DEPLOYMENT_SECONDS_MAX,
        }
        return found
    found["blue_green_update_policy"] = {
        "traffic_routing_configuration": _routing(rollout, wait),
        "termination_wait_in_seconds": rollout.termination_minutes * MINUTE,
        "maximum_execution_timeout_in_seconds": limits.SAGEMAKER_DEPLOYMENT_SECONDS_MAX,
    }
    return found


def _routing(rollout: EndpointRollout, wait: int) -> _Routing:
    if rollout.strategy == "all-at-once":
        return {"type": "ALL_AT_ONCE", "wait_interval_in_seconds": wait}
    if rollout.strategy == "canary":
        return {
            "type": "CANARY",
            "wait_interval_in_seconds": wait,
            "canary_size": {"type": "CAPACITY_PERCENT", "value": rollout.percent},
        }
    return {
        "type": "LINEAR",
        "wait_interval_in_seconds": wait,
        "linear_step_size": {"type": "CAPACITY_PERCENT", "value": rollout.percent},
    }

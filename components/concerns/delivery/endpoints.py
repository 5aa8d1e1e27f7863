"""SageMaker shifts the traffic of an endpoint itself, between guardrails."""

from collections.abc import Sequence
from typing import Final, TypeAlias

import pulumi
import pulumi_aws as aws

from components.concerns.alerting import alarm_description, alarm_name
from components.concerns.concern import Concern
from components.concerns.delivery.notices import notify_failures
from components.scope import Scope, ServiceScope
from stacks import limits
from stacks.models.endpoint_parts import EndpointRollout
from stacks.source import Json
from stacks.standards import BRAKE_METRIC, BRAKE_MISSING_DATA, BRAKE_NAMESPACE

MINUTE: Final = 60
BRAKE: Final = "brake"
"""The key of the alarm that stops an update."""
FAILED_STATES: Final = ("FAILED", "ROLLING_BACK", "UPDATE_ROLLBACK_FAILED")
"""As SageMaker spells them in events (SageMaker developer guide, events, endpoint state change)."""

_Config: TypeAlias = aws.sagemaker.EndpointDeploymentConfigArgsDict
_Routing: TypeAlias = aws.sagemaker.EndpointDeploymentConfigBlueGreenUpdatePolicyTrafficRoutingConfigurationArgsDict


class EndpointDelivery(Concern):
    """The notice of a deployment that failed or is rolled back, and the brake of one that goes on (0.10 USD a month).

    `is_guarded`: whether SageMaker updates the endpoint between guardrails, so that an alarm can stop it.
    """

    brakes: tuple[aws.cloudwatch.MetricAlarm, ...]
    brake_name: str
    """Empty when there is none."""

    def __init__(self, scope: ServiceScope, endpoint: str, *, is_guarded: bool, opts: pulumi.ResourceOptions) -> None:
        super().__init__("Delivery", scope, opts)
        self.brake_name = alarm_name(scope, BRAKE) if is_guarded else ""
        self.brakes = (self._brake(),) if is_guarded else ()
        pattern: dict[str, Json] = {
            "source": ["aws.sagemaker"],
            # The first is sent of every endpoint, the second tells more and not of all.
            "detail-type": ["SageMaker Endpoint State Change", "SageMaker Endpoint Deployment State Change"],
            "detail": {"EndpointName": [endpoint], "EndpointStatus": [*FAILED_STATES]},
        }
        notify_failures(self, pattern)
        self.register_outputs({})

    def _brake(self) -> aws.cloudwatch.MetricAlarm:
        """An alarm that only a rollout sets. It has no actions: who pulls it knows, and the notice tells everybody."""
        return aws.cloudwatch.MetricAlarm(
            f"{self.name}-{BRAKE}",
            name=self.brake_name,
            alarm_description=alarm_description(
                self.scope, BRAKE, "a rollout was told to stop, and SageMaker goes back"
            ),
            namespace=BRAKE_NAMESPACE,
            metric_name=BRAKE_METRIC,
            statistic="Sum",
            period=MINUTE,
            evaluation_periods=1,
            comparison_operator="GreaterThanThreshold",
            threshold=0,
            treat_missing_data=BRAKE_MISSING_DATA,
            tags=self.tags,
            opts=self.child,
        )


def endpoint_name(scope: Scope, service: str) -> str:
    """What callers of a service name; it stays, whatever runs behind it."""
    return scope.name(limits.NAME_SAGEMAKER, service)


def deployment_config(rollout: EndpointRollout | None, alarms: Sequence[str]) -> _Config | None:
    """How a new configuration replaces the one that serves, and the alarms that bring the old one back.

    None without a rollout, because guardrails are for instances alone (SageMaker developer guide, deployment
    guardrails), and where Onramp shifts.
    """
    if rollout is None or rollout.is_stepped:
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

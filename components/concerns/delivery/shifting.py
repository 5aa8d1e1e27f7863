"""How CodeDeploy shifts, and what makes it go back: the same for tasks and for functions."""

from typing import Final, Literal

import pulumi
import pulumi_aws as aws

from components.concerns.alerting import Alerting
from components.concerns.concern import Concern
from stacks import limits

BACK_ON_FAILURE: Final[aws.codedeploy.DeploymentGroupAutoRollbackConfigurationArgsDict] = {
    "enabled": True,
    "events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"],
}


def stopped_by(alerting: Alerting) -> aws.codedeploy.DeploymentGroupAlarmConfigurationArgsDict:
    """The alarms that end a deployment; that they cannot be asked ends it as well."""
    return {"enabled": True, "alarms": list(alerting.rollback_names), "ignore_poll_alarm_failure": False}


def own_config(
    delivery: Concern, platform: Literal["ECS", "Lambda"], strategy: str, percent: int, minutes: int
) -> pulumi.Output[str]:
    """The name of a deployment configuration that CodeDeploy does not have ready: canary, or linear."""
    routing: aws.codedeploy.DeploymentConfigTrafficRoutingConfigArgsDict = {
        "type": "TimeBasedLinear",
        "time_based_linear": {"percentage": percent, "interval": minutes},
    }
    if strategy == "canary":
        routing = {"type": "TimeBasedCanary", "time_based_canary": {"percentage": percent, "interval": minutes}}
    config = aws.codedeploy.DeploymentConfig(
        f"{delivery.name}-config",
        deployment_config_name=delivery.scope.name(limits.NAME_CODEDEPLOY, strategy),
        compute_platform=platform,
        traffic_routing_config=routing,
        opts=delivery.child,
    )
    return config.deployment_config_name

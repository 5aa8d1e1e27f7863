"""CodeDeploy shifts the traffic of a function, or Onramp does."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.alerting import Alerting
from components.concerns.concern import Concern
from components.concerns.delivery.notices import notify_failures
from components.concerns.delivery.shifting import BACK_ON_FAILURE, own_config, stopped_by
from components.iam import Statement, service_role, unscoped
from components.scope import Scope, ServiceScope
from stacks import limits
from stacks.models import FunctionRollout
from stacks.source import Json

LIVE: Final = "live"
"""The alias that everything calls; it moves, versions do not."""
PREDEFINED_CANARY_MINUTES: Final = (5, 10, 15, 30)
PREDEFINED_LINEAR_MINUTES: Final = (1, 2, 3, 10)
PREDEFINED_PERCENT: Final = 10
"""What CodeDeploy has ready for functions (CodeDeploy user guide, deployment configurations)."""


class FunctionDelivery(Concern):
    """CodeDeploy moves the alias `live` in the steps of the rollout, and back when an alarm says so.

    Where Onramp moves it (`stepped`), there is nothing to make: `onramp rollout` does, watches, and tells people.
    """

    def __init__(
        self,
        scope: ServiceScope,
        rollout: FunctionRollout,
        function: str,
        alerting: Alerting,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("Delivery", scope, opts)
        if not rollout.is_stepped:
            self._by_codedeploy(rollout, function, alerting)
        self.register_outputs({})

    def _by_codedeploy(self, rollout: FunctionRollout, function: str, alerting: Alerting) -> None:
        scope = self.scope
        name = application_name(scope.scope, scope.service)
        application = aws.codedeploy.Application(
            f"{self.name}-application", name=name, compute_platform="Lambda", tags=self.tags, opts=self.child
        )
        role, policy = service_role(
            f"{self.name}-role",
            scope=scope.scope,
            role_name=scope.name(limits.NAME_IAM_ROLE, "deploy"),
            principal="codedeploy.amazonaws.com",
            statements=_shift_statements(scope, function, rollout),
            tags=self.tags,
            opts=self.child,
        )
        aws.codedeploy.DeploymentGroup(
            f"{self.name}-group",
            app_name=application.name,
            deployment_group_name=LIVE,
            service_role_arn=role.arn,
            deployment_config_name=predefined_config(rollout)
            or own_config(self, "Lambda", rollout.strategy, rollout.percent, rollout.interval_minutes),
            deployment_style={"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"},
            alarm_configuration=stopped_by(alerting),
            auto_rollback_configuration=BACK_ON_FAILURE,
            tags=self.tags,
            opts=self.after(policy, *alerting.rollback_alarms),
        )
        pattern: dict[str, Json] = {
            "source": ["aws.codedeploy"],
            "detail-type": ["CodeDeploy Deployment State-change Notification"],
            "detail": {"application": [name], "state": ["FAILURE", "STOP"]},
        }
        notify_failures(self, pattern)


def predefined_config(rollout: FunctionRollout) -> str | None:
    """CodeDeploy's own name for the rollout, when it has one."""
    percent, minutes = rollout.percent, rollout.interval_minutes
    if rollout.strategy == "all-at-once":
        return "CodeDeployDefault.LambdaAllAtOnce"
    if percent != PREDEFINED_PERCENT:
        return None
    if rollout.strategy == "canary" and minutes in PREDEFINED_CANARY_MINUTES:
        return f"CodeDeployDefault.LambdaCanary{percent}Percent{minutes}Minutes"
    if rollout.strategy == "linear" and minutes in PREDEFINED_LINEAR_MINUTES:
        return f"CodeDeployDefault.LambdaLinear{percent}PercentEvery{minutes}Minute{'s' if minutes > 1 else ''}"
    return None


def application_name(scope: Scope, service: str) -> str:
    """The CodeDeploy application of a function."""
    return scope.name(limits.NAME_CODEDEPLOY, service)


def deployment_group_arn(scope: Scope, service: str) -> str:
    """The ARN of a function's deployment group, known before it exists."""
    return scope.arn("codedeploy", f"deploymentgroup:{application_name(scope, service)}/{LIVE}")


def _shift_statements(scope: ServiceScope, function: str, rollout: FunctionRollout) -> list[Statement]:
    """Move the alias of this one function, look at its alarms, and ask the functions that judge it."""
    arn = scope.scope.arn
    named = rollout.hooks.named if rollout.hooks is not None else ()
    hooks = [arn("lambda", f"function:{scope.scope.name(limits.NAME_LAMBDA_FUNCTION, name)}") for name in named]
    asked = [Statement(sid="Ask", actions=["lambda:InvokeFunction"], resources=hooks)] if hooks else []
    return [
        *asked,
        Statement(
            sid="Shift",
            actions=["lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"],
            resources=[arn("lambda", f"function:{function}"), arn("lambda", f"function:{function}:*")],
        ),
        unscoped("Watch", ["cloudwatch:DescribeAlarms"]),
    ]

"""CodeDeploy shifts the traffic of a container service; a pipeline starts each deployment with an appspec."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.alerting import Alerting
from components.concerns.concern import Concern
from components.concerns.delivery.containers import move_traffic
from components.concerns.delivery.shifting import BACK_ON_FAILURE, own_config, stopped_by
from components.concerns.health import Target
from components.foundation.load_balancer import balancer_name
from components.iam import Statement, service_role, unscoped
from components.scope import ServiceScope
from stacks import limits
from stacks.models import FargateRollout, FargateSpec

PREDEFINED: Final = {
    ("canary", 10, 5): "CodeDeployDefault.ECSCanary10Percent5Minutes",
    ("canary", 10, 15): "CodeDeployDefault.ECSCanary10Percent15Minutes",
    ("linear", 10, 1): "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    ("linear", 10, 3): "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
}
"""What CodeDeploy has ready for ECS (CodeDeploy user guide, deployment configurations)."""


def hand_over(  # noqa: PLR0913 - which delivery, how, what, behind what, watched by whom
    delivery: Concern,
    spec: FargateSpec,
    *,
    cluster: str,
    roles: Sequence[str],
    service: aws.ecs.Service,
    listener_arn: pulumi.Output[str],
    targets: Sequence[Target],
    alerting: Alerting,
) -> None:
    """Let CodeDeploy replace the tasks of `service` in the steps of the rollout, and back when an alarm says so.

    `roles` are the ARNs of the task's roles.
    """
    scope, child, rollout = delivery.scope, delivery.child, spec.rollout
    application = aws.codedeploy.Application(
        f"{delivery.name}-application",
        name=scope.name(limits.NAME_CODEDEPLOY),
        compute_platform="ECS",
        tags=delivery.tags,
        opts=child,
    )
    role, policy = service_role(
        f"{delivery.name}-role",
        scope=scope.scope,
        role_name=scope.name(limits.NAME_IAM_ROLE, "deploy"),
        principal="codedeploy.amazonaws.com",
        statements=_shift_statements(scope, cluster, balancer_name(scope.scope, spec.ingress), roles),
        tags=delivery.tags,
        opts=child,
    )
    aws.codedeploy.DeploymentGroup(
        f"{delivery.name}-group",
        app_name=application.name,
        deployment_group_name=scope.name(limits.NAME_CODEDEPLOY),
        service_role_arn=role.arn,
        deployment_config_name=_config(delivery, rollout),
        deployment_style={"deployment_type": "BLUE_GREEN", "deployment_option": "WITH_TRAFFIC_CONTROL"},
        blue_green_deployment_config={
            "deployment_ready_option": {"action_on_timeout": "CONTINUE_DEPLOYMENT"},
            "terminate_blue_instances_on_deployment_success": {
                "action": "TERMINATE",
                "termination_wait_time_in_minutes": rollout.bake_minutes,
            },
        },
        ecs_service={"cluster_name": cluster, "service_name": service.name},
        load_balancer_info={
            "target_group_pair_info": {
                "prod_traffic_route": {"listener_arns": [listener_arn]},
                "target_groups": [{"name": target.name} for target in targets],
            }
        },
        alarm_configuration=stopped_by(alerting),
        auto_rollback_configuration=BACK_ON_FAILURE,
        tags=delivery.tags,
        opts=delivery.after(policy, *alerting.rollback_alarms),
    )


def _config(delivery: Concern, rollout: FargateRollout) -> pulumi.Input[str]:
    if rollout.strategy == "blue-green":
        return "CodeDeployDefault.ECSAllAtOnce"
    percent, minutes = int(rollout.percent), rollout.interval_minutes
    predefined = PREDEFINED.get((rollout.strategy, percent, minutes))
    return predefined or own_config(delivery, "ECS", rollout.strategy, percent, minutes)


def _shift_statements(scope: ServiceScope, cluster: str, balancer: str, roles: Sequence[str]) -> list[Statement]:
    """Replace the task sets of this one service, move its rule, and look at its alarms."""
    arn = scope.scope.arn
    return [
        Statement(
            sid="Replace",
            actions=[
                "ecs:CreateTaskSet",
                "ecs:DeleteTaskSet",
                "ecs:DescribeServices",
                "ecs:UpdateServicePrimaryTaskSet",
            ],
            resources=[
                arn("ecs", f"service/{cluster}/{scope.service}"),
                arn("ecs", f"task-set/{cluster}/{scope.service}/*"),
            ],
        ),
        move_traffic(scope, balancer),
        Statement(
            sid="HandRoles",
            actions=["iam:PassRole"],
            resources=roles,
            condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        unscoped(
            "Look",
            [
                "cloudwatch:DescribeAlarms",
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
            ],
        ),
    ]

"""How a new version of a container service goes live, who may stop it, and who hears that it did not."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.concerns.calls import function_arn
from components.concerns.concern import Concern
from components.concerns.delivery.notices import notify_failures
from components.foundation.load_balancer import balancer_name
from components.iam import Statement, service_role, unscoped
from components.scope import ServiceScope
from stacks import limits
from stacks.models import FargateSpec
from stacks.source import Json

RUN_FAILED = "run-failed"
"""The role of the rule that sees runs of a scheduled task that failed."""


class ContainerDelivery(Concern):
    """The roles with which ECS shifts traffic and asks hooks, and the notice of a failed deployment or run.

    `targets` are the names of the two target groups between which traffic shifts; none for a rolling deployment.
    """

    role: aws.iam.Role | None
    hook_role_arn: pulumi.Output[str] | None
    policies: tuple[aws.iam.RolePolicy, ...]
    """What ECS needs before its first deployment."""

    def __init__(
        self,
        scope: ServiceScope,
        spec: FargateSpec,
        *,
        cluster: str,
        targets: Sequence[str],
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("Delivery", scope, opts)
        self.role, self.hook_role_arn, self.policies = None, None, ()
        if targets and spec.rollout.by_ecs:
            balancer = balancer_name(scope.scope, spec.ingress)
            self.role, policy = self._role("traffic", _traffic_statements(scope, balancer, targets))
            self.policies += (policy,)
        if spec.rollout.hooks:
            role, policy = self._role("hooks", _hook_statements(scope, spec))
            self.hook_role_arn = role.arn
            self.policies += (policy,)
        self._notices(spec, cluster)
        self.register_outputs({})

    def _role(self, role: str, statements: Sequence[Statement]) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        return service_role(
            f"{self.name}-{role}",
            scope=self.scope.scope,
            role_name=self.scope.name(limits.NAME_IAM_ROLE, role),
            principal="ecs.amazonaws.com",
            statements=statements,
            tags=self.tags,
            opts=self.child,
        )

    def _notices(self, spec: FargateSpec, cluster: str) -> None:
        arn = self.scope.scope.arn
        if spec.schedule is not None:
            family = self.scope.name(limits.NAME_ECS)
            notify_failures(self, _failed_runs(self.scope.service, arn("ecs", f"cluster/{cluster}"), family), "run")
            return
        pattern: dict[str, Json] = {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "resources": [arn("ecs", f"service/{cluster}/{name}") for name in spec.ecs_names(self.scope.service)],
            "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
        }
        if spec.rollout.by_codedeploy:
            pattern = {
                "source": ["aws.codedeploy"],
                "detail-type": ["CodeDeploy Deployment State-change Notification"],
                "detail": {"application": [self.scope.name(limits.NAME_CODEDEPLOY)], "state": ["FAILURE", "STOP"]},
            }
        notify_failures(self, pattern)


def _failed_runs(container: str, cluster: str, family: str) -> dict[str, Json]:
    """Tasks that Scheduler started and whose own container ended with an error, and tasks that never started."""
    return {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Task State Change"],
        "detail": {
            "clusterArn": [cluster],
            "group": [f"family:{family}"],
            "lastStatus": ["STOPPED"],
            "$or": [
                {"containers": {"name": [container], "exitCode": [{"anything-but": [0]}]}},
                {"stopCode": ["TaskFailedToStart", "SpotInterruption"]},
            ],
        },
    }


def _hook_statements(scope: ServiceScope, spec: FargateSpec) -> list[Statement]:
    """Ask exactly the functions that the rollout names."""
    functions = sorted({function_arn(scope, hook.function) for hook in spec.rollout.hooks})
    return [Statement(sid="Ask", actions=["lambda:InvokeFunction"], resources=functions)]


def _traffic_statements(scope: ServiceScope, balancer: str, targets: Sequence[str]) -> list[Statement]:
    """Change the rules of the load balancer before the service, and the members of the service's own target groups."""
    arn = scope.scope.arn
    return [
        move_traffic(scope, balancer),
        Statement(
            sid="Register",
            actions=["elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"],
            resources=[arn("elasticloadbalancing", f"targetgroup/{target}/*") for target in targets],
        ),
        unscoped(
            "Look",
            [
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
            ],
        ),
    ]


def move_traffic(scope: ServiceScope, balancer: str) -> Statement:
    """Change the rules of one load balancer."""
    return Statement(
        sid="Shift",
        actions=["elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"],
        resources=[
            scope.scope.arn("elasticloadbalancing", f"{kind}/app/{balancer}/*")
            for kind in ("listener", "listener-rule")
        ],
    )

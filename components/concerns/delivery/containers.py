"""ECS shifts the traffic of a container service itself."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.concerns.delivery.notices import notify_failures
from components.foundation.load_balancer import balancer_name
from components.iam import Statement, service_role, unscoped
from components.scope import ServiceScope
from stacks import limits
from stacks.source import Json


class ContainerDelivery(Concern):
    """The role with which ECS shifts the traffic, and the notice of a failed deployment.

    `targets` are the names of the two target groups between which it shifts; none for a rolling deployment.
    """

    role: aws.iam.Role | None
    policy: aws.iam.RolePolicy | None

    def __init__(
        self, scope: ServiceScope, *, service_arn: str, targets: Sequence[str], opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("Delivery", scope, opts)
        self.role, self.policy = None, None
        if targets:
            self.role, self.policy = service_role(
                f"{self.name}-traffic",
                scope=scope.scope,
                role_name=scope.name(limits.NAME_IAM_ROLE, "traffic"),
                principal="ecs.amazonaws.com",
                statements=_traffic_statements(scope, targets),
                tags=self.tags,
                opts=self.child,
            )
        pattern: dict[str, Json] = {
            "source": ["aws.ecs"],
            "detail-type": ["ECS Deployment State Change"],
            "resources": [service_arn],
            "detail": {"eventName": ["SERVICE_DEPLOYMENT_FAILED"]},
        }
        notify_failures(self, pattern)
        self.register_outputs({})


def _traffic_statements(scope: ServiceScope, targets: Sequence[str]) -> list[Statement]:
    """Change the rules of this environment's load balancer, and the members of the service's own target groups."""
    arn = scope.scope.arn
    balancer = f"app/{balancer_name(scope.scope)}"
    return [
        Statement(
            sid="Shift",
            actions=["elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"],
            resources=[arn("elasticloadbalancing", f"{kind}/{balancer}/*") for kind in ("listener", "listener-rule")],
        ),
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

"""ECS rolls an Express service out by itself: the role with which it does, and who hears that it failed."""

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.concerns.delivery.express_infrastructure import infrastructure_statements
from components.concerns.delivery.notices import notify_failures
from components.iam import service_role
from components.scope import ServiceScope
from stacks import limits
from stacks.source import Json


class ExpressDelivery(Concern):
    """The infrastructure role of an Express service, and the notice of a failed deployment.

    AWS shifts 5 percent for three minutes, then everything, and goes back when its own alarm counts more than one
    percent of errors (ECS developer guide, updating an Express service). None of that is in the graph.
    """

    role: aws.iam.Role
    policy: aws.iam.RolePolicy

    def __init__(self, scope: ServiceScope, service_arn: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("Delivery", scope, opts)
        self.role, self.policy = service_role(
            f"{self.name}-infrastructure",
            scope=scope.scope,
            role_name=scope.name(limits.NAME_IAM_ROLE, "infrastructure"),
            principal="ecs.amazonaws.com",
            statements=infrastructure_statements(scope.scope),
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

"""App Runner deploys by itself, all instances at once: who may pull the image, and who hears that it failed."""

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.concerns.delivery.notices import notify_failures
from components.concerns.images import pull_statements
from components.iam import Statement, service_role
from components.scope import ServiceScope
from stacks import limits
from stacks.source import Json

FAILED: tuple[Json, ...] = ("CreateServiceFailed", "DeploymentFailed", "UpdateServiceFailed")
"""Operations of a deployment that failed (App Runner developer guide, events)."""


class RunnerDelivery(Concern):
    """The role with which App Runner pulls the image, and the notice of a failed deployment."""

    role: aws.iam.Role
    policy: aws.iam.RolePolicy

    def __init__(self, scope: ServiceScope, service: str, opts: pulumi.ResourceOptions) -> None:
        super().__init__("Delivery", scope, opts)
        look = Statement(
            sid="LookAtImage",
            actions=["ecr:DescribeImages"],
            resources=[scope.scope.arn("ecr", f"repository/{scope.service}/{scope.scope.env}")],
        )
        self.role, self.policy = service_role(
            f"{self.name}-pull",
            scope=scope.scope,
            role_name=scope.name(limits.NAME_IAM_ROLE, "pull"),
            principal="build.apprunner.amazonaws.com",
            statements=[*pull_statements(scope), look],
            tags=self.tags,
            opts=self.child,
        )
        pattern: dict[str, Json] = {
            "source": ["aws.apprunner"],
            "detail-type": ["AppRunner Service Operation Status Change"],
            # The ARN ends with an id that AWS makes up.
            "resources": [{"prefix": scope.scope.arn("apprunner", f"service/{service}/")}],
            "detail": {"operationStatus": [*FAILED]},
        }
        notify_failures(self, pattern)
        self.register_outputs({})

"""Where a container service's images live, how long they are kept, and which one runs."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.foundation.interface import Foundation
from components.iam import Statement, unscoped
from components.scope import ServiceScope, compact_json, kept
from stacks.standards import ECR_KEEP_IMAGES, IMAGE_UNRELEASED

UNTAGGED_DAYS: Final = 7
"""Images that lost their tag are leftovers of builds."""


class Images(Concern):
    """An immutable, scanned, encrypted ECR repository `<service>/<env>` that keeps 5, 10 or 30 images by tier."""

    def __init__(self, scope: ServiceScope, foundation: Foundation, opts: pulumi.ResourceOptions) -> None:
        super().__init__("Images", scope, opts)
        repository = aws.ecr.Repository(
            f"{self.name}-repository",
            name=repository_name(scope),
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": foundation.data_key_arn}],
            tags=self.tags,
            opts=kept(scope.scope, self),
        )
        aws.ecr.LifecyclePolicy(
            f"{self.name}-lifecycle",
            repository=repository.name,
            policy=_lifecycle(ECR_KEEP_IMAGES[scope.scope.tier]),
            opts=self.child,
        )
        self.register_outputs({"repository": repository.name})


def repository_name(scope: ServiceScope) -> str:
    """The service's repository in its environment."""
    return f"{scope.service}/{scope.scope.env}"


def image_uri(scope: ServiceScope, released: str | None) -> str:
    """The image to run; `released` is a digest or a tag, None when nothing has been pushed yet."""
    suffix = "amazonaws.com.cn" if scope.scope.partition == "aws-cn" else "amazonaws.com"
    registry = f"{scope.scope.account}.dkr.ecr.{scope.scope.region}.{suffix}"
    reference = released or IMAGE_UNRELEASED
    return f"{registry}/{repository_name(scope)}{'@' if reference.startswith('sha256:') else ':'}{reference}"


def pull_statements(scope: ServiceScope) -> list[Statement]:
    """What it takes to pull the service's own images."""
    return [
        unscoped("RegistryToken", ["ecr:GetAuthorizationToken"]),
        Statement(
            sid="PullImage",
            actions=["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            resources=[scope.scope.arn("ecr", f"repository/{repository_name(scope)}")],
        ),
    ]


def _lifecycle(keep: int) -> str:
    return compact_json(
        {
            "rules": [
                {
                    "rulePriority": 1,
                    "description": f"untagged images go after {UNTAGGED_DAYS} days",
                    "selection": {
                        "tagStatus": "untagged",
                        "countType": "sinceImagePushed",
                        "countUnit": "days",
                        "countNumber": UNTAGGED_DAYS,
                    },
                    "action": {"type": "expire"},
                },
                {
                    "rulePriority": 2,
                    "description": f"keep the newest {keep}",
                    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": keep},
                    "action": {"type": "expire"},
                },
            ]
        }
    )

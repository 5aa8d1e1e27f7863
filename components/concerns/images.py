"""Where a service's images live, how long they are kept, and which one runs."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.foundation.interface import Foundation
from components.iam import Statement, unscoped
from components.scope import Scope, ServiceScope, compact_json, kept
from stacks.source import Json
from stacks.standards import ECR_KEEP_IMAGES, IMAGE_UNRELEASED

UNTAGGED_DAYS: Final = 7
"""Images that lost their tag are leftovers of builds."""
RELEASED: Final = "released-"
"""Beginning of the tag of an image that has been deployed in this environment: `released-<commit>`.

ECR never expires by a later rule what an earlier one matches, so builds that nobody deployed cannot push out the image
that runs, or the ones to roll back to: the newest releases are counted among releases alone. The one that runs is the
newest release, or one of the others after a rollback.
"""


class Images(Concern):
    """An immutable, scanned, encrypted ECR repository `<service>/<env>` that keeps 5, 10 or 30 images by tier."""

    repository: aws.ecr.Repository

    def __init__(
        self, scope: ServiceScope, foundation: Foundation, opts: pulumi.ResourceOptions, *, moving_tag: str = ""
    ) -> None:
        """`moving_tag` is the one tag that a push may move, where something deploys by following it."""
        super().__init__("Images", scope, opts)
        self.repository = aws.ecr.Repository(
            f"{self.name}-repository",
            name=repository_name(scope),
            image_tag_mutability="IMMUTABLE_WITH_EXCLUSION" if moving_tag else "IMMUTABLE",
            image_tag_mutability_exclusion_filters=(
                [{"filter": moving_tag, "filter_type": "WILDCARD"}] if moving_tag else None
            ),
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "KMS", "kms_key": foundation.data_key_arn}],
            tags=self.tags,
            opts=kept(scope.scope, self),
        )
        aws.ecr.LifecyclePolicy(
            f"{self.name}-lifecycle",
            repository=self.repository.name,
            policy=_lifecycle(ECR_KEEP_IMAGES[scope.scope.tier]),
            opts=self.child,
        )
        self.register_outputs({"repository": self.repository.name})


def repository_name(scope: ServiceScope) -> str:
    """The service's repository in its environment."""
    return f"{scope.service}/{scope.scope.env}"


def image_uri(scope: ServiceScope, released: str | None) -> str:
    """The image to run; `released` is a digest or a tag, None when nothing has been pushed yet."""
    reference = released or IMAGE_UNRELEASED
    separator = "@" if reference.startswith("sha256:") else ":"
    return f"{registry_name(scope.scope)}/{repository_name(scope)}{separator}{reference}"


def registry_name(scope: Scope) -> str:
    """The host name of the registry."""
    suffix = "amazonaws.com.cn" if scope.partition == "aws-cn" else "amazonaws.com"
    return f"{scope.account}.dkr.ecr.{scope.region}.{suffix}"


def pull_statements(scope: ServiceScope) -> list[Statement]:
    """What it takes to pull the service's own images."""
    return [
        unscoped("RegistryToken", ["ecr:GetAuthorizationToken"]),
        Statement(
            sid="PullImage",
            actions=pull_actions(),
            resources=[scope.scope.arn("ecr", f"repository/{repository_name(scope)}")],
        ),
    ]


def pull_actions() -> list[str]:
    """What reading an image takes."""
    return ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]


def lambda_pulls(images: Images, function: str) -> aws.ecr.RepositoryPolicy:
    """Let Lambda pull the images of the function called `function`; its role needs no right to."""
    arn = images.scope.scope.arn("lambda", f"function:{function}")
    statement: dict[str, Json] = {
        "Sid": "Lambda",
        "Effect": "Allow",
        "Principal": {"Service": "lambda.amazonaws.com"},
        "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
        "Condition": {"ArnLike": {"aws:SourceArn": [arn, f"{arn}:*"]}},
    }
    return aws.ecr.RepositoryPolicy(
        f"{images.name}-lambda",
        repository=images.repository.name,
        policy=compact_json({"Version": "2012-10-17", "Statement": [statement]}),
        opts=images.child,
    )


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
                    "description": f"keep the newest {keep} releases",
                    "selection": {
                        "tagStatus": "tagged",
                        "tagPrefixList": [RELEASED],
                        "countType": "imageCountMoreThan",
                        "countNumber": keep,
                    },
                    "action": {"type": "expire"},
                },
                {
                    "rulePriority": 3,
                    "description": f"of everything else, keep what is among the newest {keep}",
                    "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": keep},
                    "action": {"type": "expire"},
                },
            ]
        }
    )

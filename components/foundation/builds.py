"""CodeBuild projects that run as actions of a pipeline, each with a role of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import pulumi
import pulumi_aws as aws

from components.foundation.bucket import bucket_arn
from components.iam import Statement, service_role, use_key
from components.scope import Scope
from stacks import limits
from stacks.models import PipelinePlan
from stacks.naming import physical_name
from stacks.source import Json

Processor = Literal["arm64", "amd64"]

BUILDSPECS: Final = Path(__file__).parents[1] / "concerns" / "delivery" / "buildspecs"
IMAGES: Final[Mapping[Processor, tuple[str, str]]] = {
    "arm64": ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0"),
    "amd64": ("LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:5.0"),
}
"""Kind of environment and image: CodeBuild user guide, Docker images provided by CodeBuild."""
TIMEOUT_MINUTES: Final = 60
"""What hangs is stopped; CodeBuild's own default."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PipelineStore:
    """What all builds and pipelines of a stack read and write."""

    plan: PipelinePlan
    artifacts: str
    """The purpose of the artifact bucket, as `bucket_name_of` and `bucket_arn` take it."""
    log_group: str
    """The name of the log group of all builds."""
    ready: tuple[pulumi.Resource, ...]
    """Bucket and log group are there when these are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Build:
    """What one project does, and what that takes."""

    project: str
    """The project's name."""
    buildspec: str
    """A file in `BUILDSPECS`, without its ending."""
    statements: Sequence[Statement] = ()
    """What it may do beside fetching its input and writing its log."""
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    secrets: Mapping[str, str] = field(default_factory=dict[str, str])
    """Variables that CodeBuild reads from Secrets Manager: name or ARN of the secret, by variable."""
    docker: bool = False
    """Whether it builds images: the Docker daemon takes a privileged container, and nothing else does."""
    pushes: bool = False
    """Whether it commits to the repository; every other build runs a service's code, and only reads."""
    processor: Processor = "arm64"
    timeout_minutes: int = TIMEOUT_MINUTES


def build_project(
    name: str, scope: Scope, store: PipelineStore, build: Build, tags: Mapping[str, str], opts: pulumi.ResourceOptions
) -> aws.codebuild.Project:
    """A project (arm64: 0.0034 USD a minute, amd64: 0.005) with its own role; both are children as `opts` say."""
    role, policy = service_role(
        f"{name}-role",
        scope=scope,
        role_name=physical_name(limits.NAME_IAM_ROLE, build.project),
        principal="codebuild.amazonaws.com",
        statements=[*_common(scope, store, build), *build.statements],
        tags=dict(tags),
        opts=opts,
    )
    kind, image = IMAGES[build.processor]
    return aws.codebuild.Project(
        name,
        name=build.project,
        description=f"{build.buildspec} of {scope.env}",
        service_role=role.arn,
        source={"type": "CODEPIPELINE", "buildspec": buildspec_text(build.buildspec)},
        artifacts={"type": "CODEPIPELINE"},
        environment={
            "type": kind,
            "image": image,
            "compute_type": "BUILD_GENERAL1_SMALL",
            "image_pull_credentials_type": "CODEBUILD",
            "privileged_mode": build.docker,
            "environment_variables": [
                *({"name": key, "value": value, "type": "PLAINTEXT"} for key, value in build.variables.items()),
                *({"name": key, "value": value, "type": "SECRETS_MANAGER"} for key, value in build.secrets.items()),
            ],
        },
        logs_config={
            "cloudwatch_logs": {"status": "ENABLED", "group_name": store.log_group, "stream_name": build.project}
        },
        build_timeout=build.timeout_minutes,
        tags=dict(tags),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=[policy, *store.ready])),
    )


def buildspec_text(name: str) -> str:
    """The buildspec called `name`, as CodeBuild gets it."""
    return (BUILDSPECS / f"{name}.yml").read_text(encoding="utf-8")


def connection_statement(plan: PipelinePlan, *, pushes: bool) -> Statement:
    """Use the connection to the Git provider for this repository; IAM knows it by its old and its new name."""
    wanted: dict[str, Json] = {"FullRepositoryId": [plan.repository]}
    if not pushes:
        wanted["ProviderPermissionsRequired"] = ["read_only"]
    prefixes = ("codeconnections", "codestar-connections")
    return Statement(
        sid="UseConnection",
        actions=[f"{prefix}:UseConnection" for prefix in prefixes],
        resources=[plan.connection],
        # Of all that a request says: some say nothing about a repository.
        condition={
            "ForAllValues:StringEquals": {
                f"{prefix}:{key}": value for prefix in prefixes for key, value in wanted.items()
            }
        },
    )


def artifact_statements(scope: Scope, store: PipelineStore, via: Sequence[str]) -> list[Statement]:
    """Read and write artifacts, and use the data key through the services `via`."""
    return [
        Statement(
            sid="Artifacts",
            actions=["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"],
            resources=[bucket_arn(scope, store.artifacts, "/*")],
        ),
        Statement(
            sid="ArtifactBucket",
            actions=["s3:GetBucketLocation", "s3:GetBucketVersioning"],
            resources=[bucket_arn(scope, store.artifacts)],
        ),
        use_key(scope, "data", via),
    ]


def _common(scope: Scope, store: PipelineStore, build: Build) -> list[Statement]:
    """Fetch the code and the artifacts, read its secrets, and write the log."""
    group = scope.arn("logs", f"log-group:{store.log_group}")
    found = [
        *artifact_statements(scope, store, ["s3", *(["secretsmanager"] if build.secrets else [])]),
        connection_statement(store.plan, pushes=build.pushes),
        Statement(
            sid="Log",
            actions=["logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[group, f"{group}:*"],
        ),
    ]
    if build.secrets:
        found.append(
            Statement(
                sid="Secrets",
                actions=["secretsmanager:GetSecretValue"],
                resources=[secret_arn(scope, secret) for secret in build.secrets.values()],
            )
        )
    return found


def secret_arn(scope: Scope, secret: str) -> str:
    """The ARN of a secret that is named or given as an ARN; AWS ends it with six characters of its own."""
    return secret if secret.startswith("arn:") else scope.arn("secretsmanager", f"secret:{secret}-??????")

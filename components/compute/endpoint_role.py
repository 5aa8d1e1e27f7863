"""What SageMaker and the containers of a model may do."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.access import talking_statements
from components.concerns.images import pull_statements
from components.concerns.secrets import read_statements
from components.iam import Statement, service_role, unscoped, use_key
from components.scope import ServiceScope
from stacks import limits
from stacks.models import EndpointSpec

SAGEMAKER: Final = "sagemaker.amazonaws.com"
METRICS: Final = "/aws/sagemaker/*"
VPC_ACTIONS: Final = (
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
)
"""SageMaker developer guide, execution roles, CreateModel with a VPC."""
_TAG: Final = re.compile("[@:]")


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnRole:
    """The role of a service, and the policy without which it can do nothing."""

    role: aws.iam.Role
    policy: aws.iam.RolePolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Something in S3: a bucket, and the prefix or key below it."""

    bucket: str
    key: str

    @classmethod
    def of(cls, uri: str) -> "Place":
        """The place that `s3://bucket/key` names."""
        bucket, _, key = uri.removeprefix("s3://").partition("/")
        return cls(bucket=bucket, key=key)


def model_role(
    name: str,
    scope: ServiceScope,
    spec: EndpointSpec,
    *,
    logs: str,
    writes: str | None,
    opts: pulumi.ResourceOptions,
) -> OwnRole:
    """Pull the images, read the artifacts and the secrets, log, and write what is kept.

    Args:
        name: of the resource.
        scope: the service.
        spec: what it runs.
        logs: the log group that SageMaker writes to.
        writes: the ARN of the objects that it may write; None when it keeps nothing.
        opts: of Pulumi.
    """
    role, policy = service_role(
        name,
        scope=scope.scope,
        role_name=scope.name(limits.NAME_IAM_ROLE, "model"),
        principal=SAGEMAKER,
        statements=[
            *_image_statements(scope, spec),
            *_data_statements(scope, spec),
            *_log_statements(scope, logs),
            *([Statement(sid="Keep", actions=["s3:PutObject"], resources=[writes])] if writes else []),
            *([unscoped("Network", VPC_ACTIONS)] if spec.is_in_network else []),
            *([unscoped("Watch", ["cloudwatch:DescribeAlarms"])] if spec.is_endpoint else []),
            *read_statements(scope, spec),
            *talking_statements(scope, spec),
            use_key(scope.scope, "data", ["s3", *(["secretsmanager"] if spec.secrets else [])]),
        ],
        tags=dict(scope.tags),
        opts=opts,
    )
    return OwnRole(role=role, policy=policy)


def _image_statements(scope: ServiceScope, spec: EndpointSpec) -> Iterator[Statement]:
    """Pull from the service's own repository, and from those that the models name, whosever they are."""
    own = any(source.has_own_repository for source in spec.sources)
    addresses = [each for source in spec.sources for each in (source.image, source.repository) if each is not None]
    foreign = sorted({_repository_arn(scope, address) for address in addresses})
    token, pull = pull_statements(scope)
    yield token
    resources = [*(pull.resources if own else ()), *foreign]
    yield Statement(sid=pull.sid, actions=pull.actions, resources=resources)


def _repository_arn(scope: ServiceScope, address: str) -> str:
    """The repository of an image: account and region stand in the name of its registry."""
    registry, _, image = address.partition("/")
    account, _, _, region, *_ = registry.split(".")
    return f"arn:{scope.scope.partition}:ecr:{region}:{account}:repository/{_TAG.split(image)[0]}"


def _data_statements(scope: ServiceScope, spec: EndpointSpec) -> Iterator[Statement]:
    """Read exactly the archives and prefixes that the models and the batch name; list only prefixes."""
    uris = [source.data for source in spec.sources if source.data is not None]
    uris += [spec.batch.input] if spec.batch is not None else []
    places = [Place.of(uri) for uri in dict.fromkeys(uris)]
    if not places:
        return
    arns = [_object_arn(scope, place) for place in places]
    yield Statement(sid="ReadModels", actions=["s3:GetObject"], resources=arns)
    yield from _listing(scope, [place for place in places if place.key == "" or place.key.endswith("/")])


def _listing(scope: ServiceScope, prefixes: Sequence[Place]) -> Iterator[Statement]:
    for number, bucket in enumerate(dict.fromkeys(place.bucket for place in prefixes), start=1):
        below = [f"{place.key}*" for place in prefixes if place.bucket == bucket]
        yield Statement(
            sid=f"ListModels{number}",
            actions=["s3:ListBucket"],
            resources=[f"arn:{scope.scope.partition}:s3:::{bucket}"],
            condition={"StringLike": {"s3:prefix": [*below]}},
        )


def _object_arn(scope: ServiceScope, place: Place) -> str:
    below = "*" if place.key == "" or place.key.endswith("/") else ""
    return f"arn:{scope.scope.partition}:s3:::{place.bucket}/{place.key}{below}"


def _log_statements(scope: ServiceScope, logs: str) -> Iterator[Statement]:
    group = scope.scope.arn("logs", f"log-group:{logs}")
    yield Statement(
        sid="Log",
        actions=["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        resources=[group, f"{group}:*"],
    )
    yield unscoped("Measure", ["cloudwatch:PutMetricData"], {"StringLike": {"cloudwatch:namespace": METRICS}})

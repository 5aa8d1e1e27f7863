"""What whoever runs `onramp rollout` must be allowed to do, besides the `pulumi up` of the candidate.

Data first: which actions each driver takes on which resources. A policy is made of it for the targets of one stack.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any, Final, TypeAlias

from rollouts.ledger.address import Table
from stacks import limits
from stacks.naming import kept_chars
from stacks.targets import EndpointTarget, Target, VariantsTarget

Document: TypeAlias = dict[str, Any]
"""A policy of IAM."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grant:
    """Actions on resources; each resource is the end of an ARN, after partition, with the fields of a target in it.

    A resource with an empty field is left out. `passed_to` is the AWS service that a role may be handed to; `on_behalf`
    are those that use a key for us.
    """

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ()
    """None is any: AWS knows no narrower one for these actions (Service Authorization Reference)."""
    passed_to: str = ""
    on_behalf: tuple[str, ...] = ()


_FUNCTION: Final = (
    "lambda:{region}:{account}:function:{function}",
    "lambda:{region}:{account}:function:{function}:*",
)
_ECS: Final = "ecs:{region}:{account}:service/{cluster}/{ecs_service}"
_KEYS: Final = "kms:{region}:{account}:key/*"

SHARED: Final = (
    Grant(actions=("cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData")),
    Grant(actions=("sns:Publish",), resources=("{topic}",)),
    Grant(actions=("kms:Decrypt", "kms:GenerateDataKey"), resources=(_KEYS,), on_behalf=("sns", "dynamodb")),
    Grant(actions=("ecr:DescribeImages",), resources=("ecr:{region}:{account}:repository/{repository}",)),
)
"""What a rollout of every kind does: measure, watch alarms, tell people, and look whether an image is there."""

LEDGER: Final = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem")
"""A transaction takes what its parts take (DynamoDB developer guide, IAM and transactions)."""

_DEFINITIONS: Final = Grant(actions=("ecs:DescribeTaskDefinition",))
_DEPLOYMENTS: Final = (
    "ecs:DescribeServiceDeployments",
    "ecs:DescribeServiceRevisions",
    "ecs:DescribeServices",
    "ecs:ListServiceDeployments",
    "ecs:StopServiceDeployment",
    "ecs:UpdateService",
)
_DEPLOYED: Final = (
    _ECS,
    "ecs:{region}:{account}:service-deployment/{cluster}/{ecs_service}/*",
    "ecs:{region}:{account}:service-revision/{cluster}/{ecs_service}/*",
)
_CHANGES: Final = ("sagemaker:DescribeEndpoint", "sagemaker:DescribeEndpointConfig", "sagemaker:UpdateEndpoint")
_WEIGHTS: Final = (
    "sagemaker:CreateEndpointConfig",
    "sagemaker:DeleteEndpointConfig",
    "sagemaker:UpdateEndpointWeightsAndCapacities",
)
_ENDPOINT: Final = (
    "sagemaker:{region}:{account}:endpoint/{endpoint}",
    "sagemaker:{region}:{account}:endpoint-config/{own}*",
)
_VOLUMES: Final = Grant(actions=("kms:CreateGrant", "kms:DescribeKey"), resources=(_KEYS,), on_behalf=("sagemaker",))

BY_DRIVER: Final[Mapping[str, tuple[Grant, ...]]] = {
    "alias": (
        Grant(
            actions=("lambda:GetAlias", "lambda:GetFunctionConfiguration", "lambda:UpdateAlias"), resources=_FUNCTION
        ),
    ),
    "balancer": (
        Grant(actions=("elasticloadbalancing:DescribeRules", "elasticloadbalancing:DescribeTargetHealth")),
        Grant(actions=("elasticloadbalancing:ModifyRule",), resources=("{rule}",)),
        Grant(
            actions=("ecs:DescribeServices", "ecs:UpdateService"),
            resources=(
                "ecs:{region}:{account}:service/{cluster}/{services.blue}",
                "ecs:{region}:{account}:service/{cluster}/{services.green}",
            ),
        ),
        Grant(
            actions=("application-autoscaling:RegisterScalableTarget",),
            resources=("application-autoscaling:{region}:{account}:scalable-target/*",),
        ),
        _DEFINITIONS,
    ),
    "codedeploy": (
        Grant(
            actions=(
                "codedeploy:BatchGetDeploymentTargets",
                "codedeploy:BatchGetDeployments",
                "codedeploy:CreateDeployment",
                "codedeploy:GetApplicationRevision",
                "codedeploy:GetDeployment",
                "codedeploy:GetDeploymentConfig",
                "codedeploy:ListDeployments",
                "codedeploy:RegisterApplicationRevision",
                "codedeploy:StopDeployment",
            ),
            resources=(
                "codedeploy:{region}:{account}:application:{application}",
                "codedeploy:{region}:{account}:deploymentconfig:*",
                "codedeploy:{region}:{account}:deploymentgroup:{application}/{group}",
            ),
        ),
        Grant(
            actions=("lambda:GetAlias", "lambda:GetFunctionConfiguration", "lambda:UpdateAlias"), resources=_FUNCTION
        ),
        Grant(actions=("ecs:DescribeServices",), resources=(_ECS,)),
        Grant(actions=("elasticloadbalancing:DescribeTargetHealth",)),
        _DEFINITIONS,
    ),
    "ecs": (
        Grant(actions=("ecs:ContinueServiceDeployment", *_DEPLOYMENTS), resources=_DEPLOYED),
        Grant(actions=("elasticloadbalancing:DescribeTargetHealth",)),
    ),
    "express": (Grant(actions=_DEPLOYMENTS, resources=_DEPLOYED),),
    "variants": (
        Grant(actions=(*_CHANGES, *_WEIGHTS), resources=_ENDPOINT),
        Grant(actions=("sagemaker:DescribeModel",), resources=("sagemaker:{region}:{account}:model/{own}*",)),
        _VOLUMES,
    ),
    "guardrails": (
        Grant(actions=_CHANGES, resources=_ENDPOINT),
        _VOLUMES,
        Grant(actions=("cloudwatch:SetAlarmState",), resources=("cloudwatch:{region}:{account}:alarm:{brake}",)),
    ),
    "apprunner": (
        Grant(
            actions=("apprunner:DescribeService", "apprunner:ListOperations", "apprunner:UpdateService"),
            resources=("{service_arn}",),
        ),
        Grant(
            actions=("iam:PassRole",),
            resources=("iam::{account}:role/*",),
            passed_to="build.apprunner.amazonaws.com",
        ),
    ),
}


def policy(targets: Iterable[Target], ledger: Table | None) -> Document:
    """The least that rolling out these services takes.

    Args:
        targets: what the stack exports.
        ledger: its table; None when the ledger is a file.
    """
    found: dict[str, Document] = {}
    for target in targets:
        for grant in (*SHARED, *BY_DRIVER[target.driver]):
            _add(found, grant, target)
        if ledger is not None:
            table = f"dynamodb:{ledger.region}:{{account}}:table/{ledger.name}"
            _add(found, Grant(actions=LEDGER, resources=(table,)), target)
    return {"Version": "2012-10-17", "Statement": list(found.values())}


def _add(found: dict[str, Document], grant: Grant, target: Target) -> None:
    """One statement for the same actions, however many services take them."""
    resources = sorted({arn for each in grant.resources for arn in _arns(each, target)})
    if grant.resources and not resources:
        return
    statement: Document = {"Effect": "Allow", "Action": [*grant.actions]}
    if grant.passed_to:
        statement["Condition"] = {"StringEquals": {"iam:PassedToService": grant.passed_to}}
    if grant.on_behalf:
        suffix = "amazonaws.com.cn" if _partition(target) == "aws-cn" else "amazonaws.com"
        through = [f"{service}.{target.region}.{suffix}" for service in grant.on_behalf]
        statement["Condition"] = {"StringEquals": {"kms:ViaService": through}}
    there = found.setdefault(repr(statement), {**statement, "Resource": []})
    there["Resource"] = sorted({*there["Resource"], *(resources or ["*"])})


def _arns(end: str, target: Target) -> list[str]:
    """The ARN of a resource of one service; none where it has no such part."""
    fields = {**dict(target), "account": target.topic.split(":")[4], "own": _own(target)}
    names = {name.partition(".")[0] for _, name, _, _ in Formatter().parse(end) if name}
    if not all(fields[name] for name in names):
        return []
    text = end.format(**fields)
    return [text if text.startswith("arn:") else f"arn:{_partition(target)}:{text}"]


def _own(target: Target) -> str:
    """How the names of all models and configurations of an endpoint begin: those that Pulumi ends, and a rollout's."""
    if not isinstance(target, VariantsTarget | EndpointTarget):
        return ""
    return f"{target.endpoint}-"[: kept_chars(limits.NAME_SAGEMAKER - limits.AUTONAME_CHARS)]


def _partition(target: Target) -> str:
    return target.topic.split(":")[1]

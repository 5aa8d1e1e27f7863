"""IAM roles and policies: text known at preview, no wildcard that has no reason in `stacks.standards`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.scope import Scope, compact_json, within
from stacks import limits
from stacks.source import Json
from stacks.standards import UNSCOPED_ACTIONS

SOURCE_ACCOUNT_PRINCIPALS: Final = (
    "ecs-tasks.amazonaws.com",
    "monitoring.rds.amazonaws.com",
    "sagemaker.amazonaws.com",
    "scheduler.amazonaws.com",
    "vpc-flow-logs.amazonaws.com",
)
"""Services that say for which account they take a role, so that nobody else's resource can make them take ours."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What a role may do: `actions` on `resources`, when `condition` holds."""

    sid: str
    actions: Sequence[str]
    resources: Sequence[str]
    condition: Json = None

    def document(self) -> dict[str, Json]:
        """The statement as IAM writes it."""
        found: dict[str, Json] = {
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        return found if self.condition is None else {**found, "Condition": self.condition}


def unscoped(sid: str, actions: Sequence[str], condition: Json = None) -> Statement:
    """A statement on resource `*`, for actions that AWS gives no resource; a `condition` may narrow it.

    Raises:
        ValueError: for an action whose reason is not written in `UNSCOPED_ACTIONS`.
    """
    without_reason = [action for action in actions if action not in UNSCOPED_ACTIONS]
    if without_reason:
        raise ValueError(f"no reason is stated for resource * with {', '.join(without_reason)}")
    return Statement(sid=sid, actions=actions, resources=["*"], condition=condition)


def use_key(scope: Scope, purpose: str, via: Sequence[str]) -> Statement:
    """May decrypt and encrypt with an environment key, through the AWS services `via` alone.

    The key is named by its alias, because its ARN is not known before it exists.
    """
    return Statement(
        sid=f"UseKey{purpose.capitalize()}",
        actions=["kms:Decrypt", "kms:GenerateDataKey"],
        resources=[scope.arn("kms", "key/*")],
        condition={
            "ForAnyValue:StringEquals": {"kms:ResourceAliases": scope.key_alias(purpose)},
            "StringEquals": {"kms:ViaService": [f"{service}.{scope.region}.amazonaws.com" for service in via]},
        },
    )


def service_role(  # noqa: PLR0913 - who, where, for whom, what, and the two of Pulumi
    resource_name: str,
    *,
    scope: Scope,
    role_name: str,
    principal: str,
    statements: Sequence[Statement],
    tags: dict[str, str],
    opts: pulumi.ResourceOptions,
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """A role that only the AWS service `principal` of this account can take, with `statements` as its one policy."""
    role = aws.iam.Role(
        resource_name,
        name=role_name,
        assume_role_policy=compact_json(_trust(scope, principal)),
        tags=tags,
        opts=opts,
    )
    policy = aws.iam.RolePolicy(
        f"{resource_name}-policy",
        name="own",
        role=role.name,
        policy=within(
            limits.IAM_INLINE_POLICY_CHARS_MAX,
            f"the policy of the role {role_name}",
            policy_text(statements),
            "give the service fewer secrets, parameters and topics, or split it",
        ),
        opts=opts,
    )
    return role, policy


def policy_text(statements: Sequence[Statement]) -> str:
    """A policy document."""
    return compact_json({"Version": "2012-10-17", "Statement": [statement.document() for statement in statements]})


def _trust(scope: Scope, principal: str) -> dict[str, Json]:
    statement: dict[str, Json] = {
        "Effect": "Allow",
        "Principal": {"Service": principal},
        "Action": "sts:AssumeRole",
    }
    if principal in SOURCE_ACCOUNT_PRINCIPALS:
        statement["Condition"] = {"StringEquals": {"aws:SourceAccount": scope.account}}
    return {"Version": "2012-10-17", "Statement": [statement]}

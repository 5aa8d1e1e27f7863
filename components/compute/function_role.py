"""What a function may do."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.access import (
    log_statement,
    talking_statements,
    trace_statement,
)
from components.concerns.delivery.functions import deployment_group_arn
from components.concerns.queues import queue_arn
from components.concerns.secrets import read_statements
from components.concerns.triggers.socket import socket_statements
from components.concerns.triggers.streams import stream_services, stream_statements
from components.iam import Statement, service_role, unscoped, use_key
from components.scope import ServiceScope
from components.stores.use import tables
from stacks import limits
from stacks.models import FunctionSpec

VPC_ACTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:UnassignPrivateIpAddresses",
)
INSIGHTS_LOG_GROUP: Final = "/aws/lambda-insights"
"""One for all functions of an account and region, so no environment owns it; the extension makes it."""


def function_role(
    name: str,
    scope: ServiceScope,
    spec: FunctionSpec,
    *,
    failed: str,
    judges: Sequence[str],
    opts: pulumi.ResourceOptions,
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """Run, log, trace, read its secrets and streams, use its queue and topics, and hand on events that failed.

    `judges` are the services whose deployments wait for the function's word.
    """
    via = ["lambda", "sqs", *stream_services(spec)]
    via += ["secretsmanager"] if scope.credentials else []
    via += ["dynamodb"] if tables(scope) else []
    via += ["sns"] if spec.publishes else []
    return service_role(
        name,
        scope=scope.scope,
        role_name=scope.name(limits.NAME_IAM_ROLE, "function"),
        principal="lambda.amazonaws.com",
        statements=[
            *_run_statements(scope, spec),
            trace_statement(),
            log_statement(scope),
            Statement(sid="Failed", actions=["sqs:SendMessage"], resources=[queue_arn(scope, failed)]),
            *read_statements(scope, spec),
            *talking_statements(scope, spec),
            *stream_statements(scope, spec),
            *socket_statements(scope, spec),
            *_judge_statements(scope, judges),
            use_key(scope.scope, "data", sorted({*via})),
        ],
        tags=dict(scope.tags),
        opts=opts,
    )


def _run_statements(scope: ServiceScope, spec: FunctionSpec) -> list[Statement]:
    """Interfaces in the VPC, and memory metrics; on shared instances both are the capacity provider's."""
    if spec.instances is not None:
        return []
    group = scope.scope.arn("logs", f"log-group:{INSIGHTS_LOG_GROUP}")
    return [
        unscoped("Network", VPC_ACTIONS),
        Statement(
            sid="Insights",
            actions=["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
            resources=[group, f"{group}:*"],
        ),
    ]


def _judge_statements(scope: ServiceScope, judges: Sequence[str]) -> list[Statement]:
    """May say of the deployments that ask it whether they go on."""
    if not judges:
        return []
    groups = [deployment_group_arn(scope.scope, service) for service in judges]
    return [Statement(sid="Judge", actions=["codedeploy:PutLifecycleEventHookExecutionStatus"], resources=groups)]

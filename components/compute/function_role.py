"""What a function may do."""

import pulumi
import pulumi_aws as aws

from components.concerns.access import (
    log_statement,
    talking_statements,
    trace_statement,
)
from components.concerns.queues import queue_arn
from components.concerns.secrets import read_statements
from components.iam import Statement, service_role, unscoped, use_key
from components.scope import ServiceScope
from stacks import limits
from stacks.models import FunctionSpec

VPC_ACTIONS = (
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:UnassignPrivateIpAddresses",
)


def function_role(
    name: str, scope: ServiceScope, spec: FunctionSpec, failed: str, opts: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """Run in the VPC, log, trace, read its secrets, use its queue and topics, and hand on events that failed."""
    via = ["lambda", "sqs"]
    via += ["secretsmanager"] if spec.secrets else []
    via += ["sns"] if spec.publishes else []
    return service_role(
        name,
        scope=scope.scope,
        role_name=scope.name(limits.NAME_IAM_ROLE, "function"),
        principal="lambda.amazonaws.com",
        statements=[
            unscoped("Network", VPC_ACTIONS),
            trace_statement(),
            log_statement(scope),
            Statement(sid="Failed", actions=["sqs:SendMessage"], resources=[queue_arn(scope, failed)]),
            *read_statements(scope, spec),
            *talking_statements(scope, spec),
            use_key(scope.scope, "data", sorted(via)),
        ],
        tags=dict(scope.tags),
        opts=opts,
    )

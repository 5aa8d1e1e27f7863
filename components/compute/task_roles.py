"""The two roles of a Fargate task: what ECS does to start it, and what its process may do."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.access import (
    key_statement,
    log_statement,
    talking_statements,
    trace_statement,
)
from components.concerns.images import pull_statements
from components.concerns.secrets import read_statements
from components.iam import service_role
from components.scope import ServiceScope
from stacks import limits
from stacks.models import FargateSpec

TASKS: Final = "ecs-tasks.amazonaws.com"
_EXECUTION: Final = "start"
_TASK: Final = "task"


def role_arns(scope: ServiceScope) -> tuple[str, str]:
    """The ARNs of both roles, for whoever hands them to ECS."""
    names = (scope.name(limits.NAME_IAM_ROLE, role) for role in (_EXECUTION, _TASK))
    execution, task = map(scope.scope.role_arn, names)
    return execution, task


def execution_role(
    name: str, scope: ServiceScope, spec: FargateSpec, opts: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """Pull the image, resolve the secrets, open the log."""
    return service_role(
        name,
        scope=scope.scope,
        role_name=scope.name(limits.NAME_IAM_ROLE, _EXECUTION),
        principal=TASKS,
        statements=[
            *pull_statements(scope),
            log_statement(scope),
            *read_statements(scope, spec),
            *key_statement(scope, spec, secrets=True, messages=False),
        ],
        tags=dict(scope.tags),
        opts=opts,
    )


def task_role(
    name: str, scope: ServiceScope, spec: FargateSpec, opts: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """Trace, write metrics to the log, and use the service's own queue and topics."""
    return service_role(
        name,
        scope=scope.scope,
        role_name=scope.name(limits.NAME_IAM_ROLE, _TASK),
        principal=TASKS,
        statements=[
            trace_statement(),
            log_statement(scope),
            *talking_statements(scope, spec),
            *key_statement(scope, spec, secrets=False, messages=True),
        ],
        tags=dict(scope.tags),
        opts=opts,
    )

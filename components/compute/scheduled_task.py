"""A task that starts by the clock: its schedule, the role that starts it, and where a start that failed waits."""

import pulumi
import pulumi_aws as aws

from components.compute.spot import shares
from components.compute.task import task_family
from components.compute.task_roles import role_arns
from components.concerns.concern import Concern
from components.concerns.queues import dead_letter_queue, queue_arn
from components.foundation.interface import Foundation
from components.iam import Statement, service_role, use_key
from components.scope import ServiceScope
from stacks import limits
from stacks.models import FargateSpec
from stacks.standards import SCHEDULE_MAX_AGE_SECONDS, SCHEDULE_RETRIES

DEAD = "schedule-dead"
"""The role of the queue that takes starts that failed for good."""


def schedule_group(scope: ServiceScope) -> str:
    """The group that the schedule is alone in: CloudWatch counts by group, and tags belong to groups."""
    return scope.name(limits.NAME_SCHEDULE)


def run_by_the_clock(  # noqa: PLR0913 - which concern, what runs when, where, behind which door, and whether
    ingress: Concern,
    spec: FargateSpec,
    task: aws.ecs.TaskDefinition,
    *,
    cluster: str,
    foundation: Foundation,
    security_group_id: pulumi.Output[str],
    is_on: bool,
) -> None:
    """Start one task at every time that the schedule names. A run that is still going on does not stop the next."""
    scope, child = ingress.scope, ingress.child
    dead = dead_letter_queue(f"{ingress.name}-{DEAD}", scope, DEAD, foundation.data_key_arn, child)
    role, policy = service_role(
        f"{ingress.name}-schedule-role",
        scope=scope.scope,
        role_name=scope.name(limits.NAME_IAM_ROLE, "schedule"),
        principal="scheduler.amazonaws.com",
        statements=_start_statements(scope, cluster),
        tags=ingress.tags,
        opts=child,
    )
    group = aws.scheduler.ScheduleGroup(
        f"{ingress.name}-schedule-group", name=schedule_group(scope), tags=ingress.tags, opts=child
    )
    aws.scheduler.Schedule(
        f"{ingress.name}-schedule",
        name=schedule_group(scope),
        group_name=group.name,
        description=f"Starts {scope.service}",
        schedule_expression=spec.schedule or "",
        schedule_expression_timezone="UTC",
        flexible_time_window={"mode": "OFF"},
        # Without an image every run would fail.
        state="ENABLED" if is_on else "DISABLED",
        target={
            "arn": foundation.cluster_arn,
            "role_arn": role.arn,
            "dead_letter_config": {"arn": dead.arn},
            "retry_policy": {
                "maximum_event_age_in_seconds": SCHEDULE_MAX_AGE_SECONDS,
                "maximum_retry_attempts": SCHEDULE_RETRIES,
            },
            "ecs_parameters": {
                "task_definition_arn": task.arn,
                "task_count": 1,
                "platform_version": "LATEST",
                "capacity_provider_strategies": [
                    {"capacity_provider": share.provider, "base": share.base, "weight": share.weight}
                    for share in shares(spec)
                ],
                "network_configuration": {
                    "assign_public_ip": False,
                    "subnets": foundation.private_subnet_ids,
                    "security_groups": [security_group_id],
                },
                "enable_ecs_managed_tags": True,
                "propagate_tags": "TASK_DEFINITION",
            },
        },
        opts=ingress.after(policy),
    )


def _start_statements(scope: ServiceScope, cluster: str) -> list[Statement]:
    """Start this one task in its cluster, with its own roles and tags; put aside what could not be started."""
    arn = scope.scope.arn
    return [
        Statement(
            sid="Start",
            actions=["ecs:RunTask"],
            resources=[arn("ecs", f"task-definition/{task_family(scope)}:*")],
            condition={"ArnEquals": {"ecs:cluster": arn("ecs", f"cluster/{cluster}")}},
        ),
        Statement(
            sid="Tag",
            actions=["ecs:TagResource"],
            resources=[arn("ecs", f"task/{cluster}/*")],
            condition={"StringEquals": {"ecs:CreateAction": "RunTask"}},
        ),
        Statement(
            sid="HandRoles",
            actions=["iam:PassRole"],
            resources=[*role_arns(scope)],
            condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        Statement(sid="PutAside", actions=["sqs:SendMessage"], resources=[queue_arn(scope, DEAD)]),
        use_key(scope.scope, "data", ["sqs"]),
    ]

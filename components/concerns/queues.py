"""Queues that lose nothing: every one has a dead-letter queue, and both are encrypted."""

import pulumi
import pulumi_aws as aws

from components.scope import ServiceScope, compact_json
from stacks import limits
from stacks.models import Queue
from stacks.source import Json
from stacks.standards import QUEUE_RETENTION_DAYS

SECONDS_PER_DAY = 86_400
ASYNC_DEAD = "failed"
"""The role of the queue that takes events which a function failed on, or never got."""
TOPICS = "sns.amazonaws.com"
RULES = "events.amazonaws.com"
"""Who sends to queues."""


def dead_letter_queue(
    resource_name: str, scope: ServiceScope, role: str, key_arn: pulumi.Output[str], opts: pulumi.ResourceOptions
) -> aws.sqs.Queue:
    """Where what could not be handled waits for a person, for the 14 days that SQS allows."""
    return aws.sqs.Queue(
        resource_name,
        name=queue_name(scope, role),
        message_retention_seconds=QUEUE_RETENTION_DAYS * SECONDS_PER_DAY,
        kms_master_key_id=key_arn,
        tags=dict(scope.tags),
        opts=opts,
    )


def work_queue(
    resource_name: str,
    scope: ServiceScope,
    plan: Queue,
    topics: list[str],
    key_arn: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> aws.sqs.Queue:
    """The queue that a service works from; `topics` (ARNs) may send to it."""
    queue = aws.sqs.Queue(
        resource_name,
        name=queue_name(scope, "queue"),
        visibility_timeout_seconds=plan.visibility_seconds,
        message_retention_seconds=plan.retention_days * SECONDS_PER_DAY,
        receive_wait_time_seconds=20,  # long polling, the most that SQS waits
        redrive_policy=compact_json(
            {"deadLetterTargetArn": queue_arn(scope, "queue-dead"), "maxReceiveCount": plan.max_receive}
        ),
        kms_master_key_id=key_arn,
        tags=dict(scope.tags),
        opts=opts,
    )
    let_send(resource_name, queue, queue_arn(scope, "queue"), TOPICS, topics, opts)
    return queue


def let_send(
    resource_name: str,
    queue: aws.sqs.Queue,
    arn: str,
    principal: str,
    sources: list[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Let an AWS service send to the queue with this ARN, on behalf of `sources` (ARNs) alone."""
    if sources:
        aws.sqs.QueuePolicy(
            f"{resource_name}-policy",
            queue_url=queue.url,
            policy=_may_send(arn, principal, sources),
            opts=pulumi.ResourceOptions(parent=opts.parent),
        )


def queue_name(scope: ServiceScope, role: str) -> str:
    """The name of one of the service's queues."""
    return scope.name(limits.NAME_SQS_QUEUE, role)


def queue_arn(scope: ServiceScope, role: str) -> str:
    """The ARN of one of the service's queues, known before it exists."""
    return scope.scope.arn("sqs", queue_name(scope, role))


def _may_send(queue: str, principal: str, sources: list[str]) -> str:
    allowed: list[Json] = [*sources]
    return compact_json(
        {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Sid": "Senders",
                    "Effect": "Allow",
                    "Principal": {"Service": principal},
                    "Action": "sqs:SendMessage",
                    "Resource": queue,
                    "Condition": {"ArnEquals": {"aws:SourceArn": allowed}},
                }
            ],
        }
    )

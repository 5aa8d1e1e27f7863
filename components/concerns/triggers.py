"""What invokes a function: its queue, events, a schedule, and the load balancer. All of them call the alias."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.delivery.functions import LIVE
from components.concerns.health import Health
from components.concerns.ingress import Ingress
from components.scope import compact_json
from stacks import limits
from stacks.models import EventPattern, FunctionSpec
from stacks.source import Json

BATCH_WINDOW_SECONDS: Final = 5
"""Needed above ten messages a batch; five seconds are not noticed behind a queue."""
SMALL_BATCH: Final = 10


class Triggers:
    """The ways into a function, each with the permission it takes; they belong to its ingress."""

    def __init__(self, ingress: Ingress, alias: aws.lambda_.Alias, spec: FunctionSpec, health: Health) -> None:
        self._name = ingress.name
        self._scope = ingress.scope
        self._tags = ingress.tags
        self._child = ingress.child
        self._alias = alias
        if ingress.queue is not None:
            self._messages(ingress.queue, spec.batch)
        if spec.events is not None:
            self._rule("events", event_pattern=compact_json(event_pattern(spec.events)))
        if spec.schedule is not None:
            self._rule("schedule", schedule_expression=spec.schedule)
        for target in health.targets:
            self._load_balancer(ingress, target.group)

    def _messages(self, queue: aws.sqs.Queue, batch: int) -> None:
        aws.lambda_.EventSourceMapping(
            f"{self._name}-from-queue",
            event_source_arn=queue.arn,
            function_name=self._alias.arn,
            batch_size=batch,
            maximum_batching_window_in_seconds=BATCH_WINDOW_SECONDS if batch > SMALL_BATCH else 0,
            function_response_types=["ReportBatchItemFailures"],
            tags=self._tags,
            opts=self._child,
        )

    def _rule(self, role: str, *, event_pattern: str | None = None, schedule_expression: str | None = None) -> None:
        rule = aws.cloudwatch.EventRule(
            f"{self._name}-{role}",
            name=self._scope.name(limits.NAME_EVENTBRIDGE_RULE, role),
            description=f"Invokes {self._scope.service}",
            event_pattern=event_pattern,
            schedule_expression=schedule_expression,
            tags=self._tags,
            opts=self._child,
        )
        aws.cloudwatch.EventTarget(
            f"{self._name}-{role}-target",
            rule=rule.name,
            target_id=LIVE,
            arn=self._alias.arn,
            retry_policy={"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 2},
            opts=self._child,
        )
        self._permit(role, "events.amazonaws.com", rule.arn)

    def _load_balancer(self, ingress: Ingress, group: aws.lb.TargetGroup) -> None:
        permission = self._permit("load-balancer", "elasticloadbalancing.amazonaws.com", group.arn)
        aws.lb.TargetGroupAttachment(
            f"{self._name}-attachment",
            target_group_arn=group.arn,
            target_id=self._alias.arn,
            opts=ingress.after(permission),
        )

    def _permit(self, role: str, principal: str, source: pulumi.Output[str]) -> aws.lambda_.Permission:
        return aws.lambda_.Permission(
            f"{self._name}-{role}-permission",
            statement_id=role,
            action="lambda:InvokeFunction",
            function=self._alias.function_name,
            qualifier=self._alias.name,
            principal=principal,
            source_arn=source,
            opts=self._child,
        )


def event_pattern(events: EventPattern) -> dict[str, Json]:
    """The EventBridge pattern of a function's events."""
    found: dict[str, Json] = {"source": [events.source], "detail-type": [events.detail_type]}
    if events.bucket is not None:
        found["detail"] = {"bucket": {"name": [events.bucket]}}
    return found

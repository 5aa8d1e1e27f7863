"""The ways into a function: its queue, topics, events, a schedule, the load balancer, and a URL of its own."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.concerns.delivery.functions import LIVE
from components.concerns.health import Health
from components.concerns.ingress import Ingress
from components.concerns.queues import ASYNC_DEAD, RULES, let_send, queue_arn
from components.concerns.triggers.permission import permit
from components.concerns.triggers.streams import read_streams
from components.scope import compact_json
from stacks import limits
from stacks.models import EventPattern, FunctionSpec
from stacks.source import Json


class Triggers:
    """The ways into a function, each with the permission it takes; they belong to its ingress."""

    address: pulumi.Output[str] | None
    """The function's own URL, if it has one."""

    def __init__(
        self,
        ingress: Ingress,
        alias: aws.lambda_.Alias,
        spec: FunctionSpec,
        health: Health,
        failed: aws.sqs.Queue,
    ) -> None:
        self._ingress = ingress
        self._alias = alias
        self._spec = spec
        self._failed = failed
        if ingress.queue is not None:
            self._messages(ingress.queue)
        if spec.events is not None:
            self._rule("events", event_pattern=compact_json(event_pattern(spec.events)))
        if spec.schedule is not None:
            self._rule("schedule", schedule_expression=spec.schedule)
        self._undelivered([role for role in ("events", "schedule") if getattr(spec, role) is not None])
        for target in health.targets:
            self._load_balancer(target.group)
        self.address = self._url() if spec.function_url else None

    def subscribe(self, topics: Mapping[str, aws.sns.Topic]) -> None:
        """Let the topics that notify the function invoke it; `topics` are those of all services.

        A function that throttles is asked again for 23 days, so there is nothing to put aside; an event that fails in
        the function goes where all of its failed events go.
        """
        for entry in self._spec.notified_by:
            role = f"from-{entry.replace('/', '-')}"
            topic = topics[entry]
            permission = permit(self._ingress, self._alias, role, "sns.amazonaws.com", topic.arn)
            aws.sns.TopicSubscription(
                f"{self._ingress.name}-{role}-directly",
                topic=topic.arn,
                protocol="lambda",
                endpoint=self._alias.arn,
                opts=self._ingress.after(permission),
            )

    def follow(self, streams: Mapping[str, pulumi.Output[str]]) -> None:
        """Read the streams that invoke the function; `streams` are those of all tables, by owner/store."""
        read_streams(self._ingress, self._alias, self._spec, self._failed.arn, streams)

    def _messages(self, queue: aws.sqs.Queue) -> None:
        aws.lambda_.EventSourceMapping(
            f"{self._ingress.name}-from-queue",
            event_source_arn=queue.arn,
            function_name=self._alias.arn,
            batch_size=self._spec.batch,
            maximum_batching_window_in_seconds=self._spec.batch_window_seconds,
            function_response_types=["ReportBatchItemFailures"],
            tags=self._ingress.tags,
            opts=self._ingress.child,
        )

    def _rule(self, role: str, *, event_pattern: str | None = None, schedule_expression: str | None = None) -> None:
        ingress, asynchronous = self._ingress, self._spec.asynchronous
        rule = aws.cloudwatch.EventRule(
            f"{ingress.name}-{role}",
            name=self._rule_name(role),
            description=f"Invokes {ingress.scope.service}",
            event_pattern=event_pattern,
            schedule_expression=schedule_expression,
            tags=ingress.tags,
            opts=ingress.child,
        )
        aws.cloudwatch.EventTarget(
            f"{ingress.name}-{role}-target",
            rule=rule.name,
            target_id=LIVE,
            arn=self._alias.arn,
            retry_policy={
                "maximum_event_age_in_seconds": asynchronous.max_age_seconds,
                "maximum_retry_attempts": limits.LAMBDA_ASYNC_RETRIES_MAX,
            },
            dead_letter_config={"arn": self._failed.arn},
            opts=ingress.child,
        )
        permit(ingress, self._alias, role, "events.amazonaws.com", rule.arn)

    def _rule_name(self, role: str) -> str:
        return self._ingress.scope.name(limits.NAME_EVENTBRIDGE_RULE, role)

    def _undelivered(self, roles: list[str]) -> None:
        """An event that the function never got goes where those go that it failed on."""
        scope = self._ingress.scope
        rules = [scope.scope.arn("events", f"rule/{self._rule_name(role)}") for role in roles]
        name = f"{scope.service}-{ASYNC_DEAD}"
        let_send(name, self._failed, queue_arn(scope, ASYNC_DEAD), RULES, rules, self._ingress.child)

    def _load_balancer(self, group: aws.lb.TargetGroup) -> None:
        ingress = self._ingress
        permission = permit(ingress, self._alias, "load-balancer", "elasticloadbalancing.amazonaws.com", group.arn)
        aws.lb.TargetGroupAttachment(
            f"{ingress.name}-attachment",
            target_group_arn=group.arn,
            target_id=self._alias.arn,
            opts=ingress.after(permission),
        )

    def _url(self) -> pulumi.Output[str]:
        """An address that asks for a signature; who may sign is in the policies of the callers."""
        url = aws.lambda_.FunctionUrl(
            f"{self._ingress.name}-url",
            function_name=self._alias.function_name,
            qualifier=self._alias.name,
            authorization_type="AWS_IAM",
            opts=self._ingress.child,
        )
        return url.function_url


def event_pattern(events: EventPattern) -> dict[str, Json]:
    """The EventBridge pattern of a function's events."""
    found: dict[str, Json] = {"source": [events.source], "detail-type": [events.detail_type]}
    if events.bucket is not None:
        found["detail"] = {"bucket": {"name": [events.bucket]}}
    return found

"""How work reaches a service: requests through the load balancer, messages through its queue, events through a rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.api_routes import container_routes
from components.concerns.concern import Concern
from components.concerns.discovery import topic_arn
from components.concerns.health import Target
from components.concerns.queues import TOPICS, dead_letter_queue, let_send, queue_arn, work_queue
from components.foundation.interface import Foundation
from components.iam import Statement
from components.scope import ServiceScope, compact_json
from stacks.models import FargateSpec, Service
from stacks.routing import path_values, split_route

ALL_TRAFFIC: Final = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class RoutePlan:
    """The load balancer's side of a service: its target groups, and the priority of its rule."""

    targets: tuple[Target, ...]
    priority: int


class Ingress(Concern):
    """A listener rule for the route, and a queue with its dead-letter queue, as far as the service has them."""

    rule: aws.lb.ListenerRule | None
    queue: aws.sqs.Queue | None

    def __init__(
        self,
        scope: ServiceScope,
        spec: Service,
        foundation: Foundation,
        plan: RoutePlan | None,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("Ingress", scope, opts)
        self._foundation = foundation
        self._spec = spec
        self.rule = self._rule(plan) if plan is not None else None
        if spec.is_behind_the_api and plan is not None:
            container_routes(self, spec, foundation.http_api)
        self.queue = self._queue()
        self.register_outputs({})

    def _rule(self, plan: RoutePlan) -> aws.lb.ListenerRule:
        host, path = split_route(self._spec.route or "/")
        conditions: list[aws.lb.ListenerRuleConditionArgsDict] = [{"path_pattern": {"values": [*path_values(path)]}}]
        if host is not None:
            conditions.append({"host_header": {"values": [host]}})
        for name, value in self._spec.headers.items():
            conditions.append({"http_header": {"http_header_name": name, "values": [value]}})
        weights = [ALL_TRAFFIC] + [0] * (len(plan.targets) - 1)
        spec = self._spec
        # When Onramp begins to shift, blue has the tasks, whatever had them before.
        stepped = ["stepped"] if isinstance(spec, FargateSpec) and spec.rollout.is_stepped else []
        return aws.lb.ListenerRule(
            f"{self.name}-rule",
            listener_arn=self._foundation.balancer_of(self._spec).listener_arn,
            priority=plan.priority,
            conditions=conditions,
            actions=[
                {
                    "type": "forward",
                    "forward": {
                        "target_groups": [
                            {"arn": target.group.arn, "weight": weight}
                            for target, weight in zip(plan.targets, weights, strict=True)
                        ],
                    },
                }
            ],
            tags=self.tags,
            # Whoever rolls out moves the weights; `pulumi up` in the middle of it must not move them back. When the
            # target groups are others (a new port), the rule is another one too, and two cannot have one priority.
            opts=pulumi.ResourceOptions(
                parent=self,
                ignore_changes=["actions"],
                replacement_trigger=[*(target.name for target in plan.targets), *stepped],
                delete_before_replace=True,
            ),
        )

    def _queue(self) -> aws.sqs.Queue | None:
        if self._spec.queue is None:
            return None
        key = self._foundation.data_key_arn
        dead = dead_letter_queue(f"{self.name}-queue-dead", self.scope, "queue-dead", key, self.child)
        sources = [topic_arn(self.scope, *entry.split("/")) for entry in self._spec.consumes]
        # What SNS cannot deliver waits where what the service could not handle does.
        let_send(f"{self.name}-queue-dead", dead, queue_arn(self.scope, "queue-dead"), TOPICS, sources, self.child)
        return work_queue(f"{self.name}-queue", self.scope, self._spec.queue, sources, key, self.after(dead))

    def subscribe(self, topics: Mapping[str, aws.sns.Topic]) -> None:
        """Deliver the topics that the service consumes into its queue; `topics` are those of all services."""
        if self.queue is None:
            return
        for entry in self._spec.consumes:
            aws.sns.TopicSubscription(
                f"{self.name}-from-{entry.replace('/', '-')}",
                topic=topics[entry].arn,
                protocol="sqs",
                endpoint=self.queue.arn,
                raw_message_delivery=True,
                redrive_policy=compact_json({"deadLetterTargetArn": queue_arn(self.scope, "queue-dead")}),
                opts=self.child,
            )


def consume_statements(scope: ServiceScope, spec: Service) -> list[Statement]:
    """May take messages from the service's own queue."""
    if spec.queue is None:
        return []
    return [
        Statement(
            sid="Consume",
            actions=[
                "sqs:ChangeMessageVisibility",
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:GetQueueUrl",
                "sqs:ReceiveMessage",
            ],
            resources=[queue_arn(scope, "queue")],
        )
    ]

"""Who hears of a deployment that failed."""

import pulumi_aws as aws

from components.concerns.concern import Concern
from components.scope import compact_json
from stacks import limits
from stacks.source import Json


def notify_failures(concern: Concern, pattern: dict[str, Json], what: str = "deployment") -> None:
    """Send every event that matches `pattern`, a `what` that failed, to the paging topic."""
    rule = aws.cloudwatch.EventRule(
        f"{concern.name}-failed",
        name=concern.scope.name(limits.NAME_EVENTBRIDGE_RULE, f"{what}-failed"),
        description=f"A {what} of {concern.scope.service} failed",
        event_pattern=compact_json(pattern),
        tags=concern.tags,
        opts=concern.child,
    )
    aws.cloudwatch.EventTarget(
        f"{concern.name}-failed-page",
        rule=rule.name,
        target_id="paging",
        arn=concern.scope.paging_topic_arn,
        opts=concern.child,
    )

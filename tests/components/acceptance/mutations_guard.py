"""What the rules of firewall, probes and budgets must see."""

from typing import Any, Final

from tests.components.acceptance.mutation import Mutation
from tests.components.acceptance.rules_guard import BUDGET, CANARY, LOGGING, SUBSCRIPTION, WEB_ACL

_LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_RATE: Final = "rules.0.statement.rateBasedStatement"


def _of(kind: str, rule: str, *changes: tuple[str, Any], name: str = "") -> list[Mutation]:
    return [Mutation(rule=rule, kind=kind, path=path, value=value, name=name) for path, value in changes]


MUTATIONS_GUARD: Final = [
    *_of(
        WEB_ACL,
        "web_acls_fit",
        ("rules.1.priority", 0),
        ("rules.1.name", "rate-limit"),
        ("rules.0.statement", {"managedRuleGroupStatement": {"name": "AWSManagedRulesCommonRuleSet"}}),
        ("rules.1.action", {"block": {}}),
        (f"{_RATE}.limit", 9),
        (f"{_RATE}.evaluationWindowSec", 30),
    ),
    *_of(LOGGING, "firewall_logs_are_called_so", ("redactedFields.0.singleHeader.name", "Authorization")),
    *_of(_LOG_GROUP, "firewall_logs_are_called_so", ("name", "/waf/prod"), name="firewall-logs"),
    *_of(
        CANARY,
        "canaries_run_in_time",
        ("schedule.expression", "rate(61 minutes)"),
        ("schedule.expression", "rate(1 minutes)"),
        ("runConfig.timeoutInSeconds", 301),
        ("runConfig.timeoutInSeconds", 10),
        ("name", "c" * 22),
        ("artifactS3Location", "s3://other/runs"),
        ("handler", "probe.main"),
    ),
    *_of(
        BUDGET,
        "budgets_tell_somebody",
        ("notifications", []),
        ("notifications.0.notificationType", "SPENT"),
        ("notifications.0.threshold", 0),
        ("notifications.0.subscriberSnsTopicArns", []),
        ("costFilters.0.values", ["Env=prod"]),
        ("costFilters.0.name", "Tag"),
    ),
    *_of(
        SUBSCRIPTION,
        "anomalies_at_once_go_to_a_topic",
        ("subscribers.0.type", "EMAIL"),
        ("thresholdExpression.ands.0.dimension.values", ["20 USD"]),
    ),
]
"""At least one for each rule."""

"""Breakages of what watches and guards the environment."""

from policies import kinds
from tests.policies.breaks import OFF, Break, added, extra, gone, put, without
from tests.policies.golden import FARGATE

_PROBE, _ALARM = f"{FARGATE}-probe", f"{FARGATE}-probe-alarm"
_EMAIL = [{"type": "EMAIL", "address": "a@example.com"}]
_BY_EMAIL = [{"thresholdType": "PERCENTAGE", "threshold": 80, "subscriberEmailAddresses": ["a@example.com"]}]

BREAKS_WATCH = (
    Break("firewall-attached", None, gone("acl-balancer")),
    Break(
        "firewall-attached",
        None,
        added(kinds.LOAD_BALANCER, "base", dropInvalidHeaderFields=True, enableDeletionProtection=True),
    ),
    Break("firewall-attached", None, extra(kinds.APP_RUNNER, "base")),
    Break("firewall-attached", None, gone("acl-balancer"), "staging"),
    Break("firewall-rules", None, put("acl", "rules.0.statement.rateBasedStatement.limit", 2001)),
    Break("firewall-rules", None, put("acl", "rules.0.action", {"count": {}})),
    Break("firewall-rules", None, put("acl", "rules.3.overrideAction", {"count": {}})),
    Break("firewall-rules", None, put("acl", "rules.1.statement.managedRuleGroupStatement.name", "Other")),
    Break("firewall-logs", None, gone("acl-logging")),
    Break("probe-missing", FARGATE, gone(_PROBE)),
    Break("probe-missing", FARGATE, put(_PROBE, "startCanary", OFF)),
    Break("probe-alarm", FARGATE, gone(_ALARM)),
    Break("probe-alarm", FARGATE, put(_ALARM, "threshold", 89)),
    Break("probe-alarm", FARGATE, put(_ALARM, "dimensions.CanaryName", "other")),
    Break("probe-alarm", FARGATE, put(_ALARM, "comparisonOperator", "GreaterThanThreshold")),
    Break("budget", None, gone("month")),
    Break("budget", None, put("month", "budgetType", "USAGE")),
    Break("budget-notice", None, put("month", "notifications", _BY_EMAIL)),
    Break("budget-notice", None, put("month", "notifications.0.threshold", 120)),
    Break("budget-notice", None, without("month", "notifications")),
    Break("cost-anomaly", None, gone("anomalies")),
    Break("cost-anomaly", None, put("anomalies", "subscribers", _EMAIL)),
)

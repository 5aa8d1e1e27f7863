"""What watches and guards the good environment: firewall, budget, and a probe of the routed service."""

from policies import kinds
from stacks.standards import FIREWALL_GROUPS, FIREWALL_RATE, REQUIRED_TAGS
from tests.policies.draft import Draft, Json

_TAGS = dict.fromkeys(REQUIRED_TAGS, "news")
_UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def guards(draft: Draft, balancer: str, topic_arn: str) -> None:
    """A firewall before the load balancer, a budget and an anomaly monitor that tell the paging topic."""
    rate: dict[str, Json] = {
        "name": "rate",
        "action": {"block": {}},
        "statement": {"rateBasedStatement": {"limit": FIREWALL_RATE, "evaluationWindowSec": 300}},
    }
    groups: list[Json] = [
        {
            "name": name,
            "overrideAction": {"none": {}},
            "statement": {"managedRuleGroupStatement": {"vendorName": "AWS", "name": name}},
        }
        for name in FIREWALL_GROUPS
    ]
    draft.add("acl", kinds.WEB_ACL, "base", name="prod-public", rules=[rate, *groups], tags=_TAGS)
    draft.add(
        "acl-balancer",
        kinds.WEB_ACL_ASSOCIATION,
        "base",
        {"resourceArn": balancer, "webAclArn": "acl"},
        resourceArn=_UNKNOWN,
        webAclArn=_UNKNOWN,
    )
    draft.add("acl-logging", kinds.WEB_ACL_LOGGING, "base", {"resourceArn": "acl"}, resourceArn=_UNKNOWN)
    notice = {"thresholdType": "PERCENTAGE", "threshold": 80, "subscriberSnsTopicArns": [topic_arn]}
    draft.add("month", kinds.BUDGET, "base", budgetType="COST", notifications=[notice], tags=_TAGS)
    draft.add("monitor", kinds.ANOMALY_MONITOR, "base", monitorType="CUSTOM", tags=_TAGS)
    draft.add(
        "anomalies",
        kinds.ANOMALY_SUBSCRIPTION,
        "base",
        {"monitorArnLists": "monitor"},
        monitorArnLists=[_UNKNOWN],
        subscribers=[{"type": "SNS", "address": topic_arn}],
        tags=_TAGS,
    )


def probe(draft: Draft, service: str, topic_arn: str) -> None:
    """A canary that runs, and its alarm."""
    draft.add(f"{service}-probe", kinds.CANARY, service, name=f"prod-{service}", startCanary=True, tags=_TAGS)
    draft.add(
        f"{service}-probe-alarm",
        kinds.METRIC_ALARM,
        service,
        name=f"prod-{service}-probe",
        metricName="SuccessPercent",
        dimensions={"CanaryName": f"prod-{service}"},
        comparisonOperator="LessThanThreshold",
        threshold=90,
        alarmActions=[topic_arn],
        tags=_TAGS,
    )

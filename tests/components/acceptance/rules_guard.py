"""WAF, Synthetics, Budgets and Cost Explorer: what their models do not say."""

import re
from collections.abc import Iterator
from typing import Final

from simulator.graph import Graph
from tests.components.acceptance.looking import Inputs, known, of, refers_to

WEB_ACL: Final = "aws:wafv2/webAcl:WebAcl"
LOGGING: Final = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
CANARY: Final = "aws:synthetics/canary:Canary"
BUDGET: Final = "aws:budgets/budget:Budget"
SUBSCRIPTION: Final = "aws:costexplorer/anomalySubscription:AnomalySubscription"
CAPACITY_UNITS: Final = {
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesCommonRuleSet": 700,
}
RATE_UNITS: Final = 2
CAPACITY_MAX: Final = 1_500
WINDOWS: Final = (60, 120, 300, 600)
LAMBDA_NAME_MAX: Final = 64
UUID_CHARS: Final = 36
RATE: Final = re.compile(r"rate\((?:1 minute|([2-9]|[1-5]\d) minutes|1 hour)\)")
COLD_START_SECONDS: Final = 15
NOTICES_MAX: Final = 10


def web_acls_fit(graph: Graph) -> Iterator[str]:
    """WAF developer guide: one action for each rule, priorities that differ, 1,500 capacity units at the base price."""
    for resource, inputs in of(graph, WEB_ACL):
        rules: list[Inputs] = inputs["rules"]
        priorities = [rule["priority"] for rule in rules]
        names = [rule["name"] for rule in rules]
        if len(set(priorities)) < len(rules) or len(set(names)) < len(rules):
            yield f"{resource.name}: priorities {priorities}, names {names}"
        units = sum(map(_units, rules))
        if units > CAPACITY_MAX:
            yield f"{resource.name}: {units} capacity units"
        yield from (f"{resource.name}: {problem}" for rule in rules for problem in _rule_problems(rule))


def _units(rule: Inputs) -> int:
    managed = rule["statement"].get("managedRuleGroupStatement")
    return CAPACITY_UNITS[managed["name"]] if managed else RATE_UNITS


def _rule_problems(rule: Inputs) -> Iterator[str]:
    is_group = "managedRuleGroupStatement" in rule["statement"]
    if is_group == ("action" in rule) or is_group != ("overrideAction" in rule):
        yield f"{rule['name']}: a group has an overrideAction, any other rule an action"
    rate = rule["statement"].get("rateBasedStatement")
    if rate and (rate["evaluationWindowSec"] not in WINDOWS or not 10 <= rate["limit"] <= 2_000_000_000):
        yield f"{rule['name']}: {rate['limit']} in {rate['evaluationWindowSec']} s"


def firewall_logs_are_called_so(graph: Graph) -> Iterator[str]:
    """WAF developer guide, logging: the log group's name starts with aws-waf-logs-; redacted headers in lower case."""
    for resource, inputs in of(graph, LOGGING):
        group = refers_to(graph, resource, "logDestinationConfigs")
        if not str(group["name"]).startswith("aws-waf-logs-"):
            yield f"{resource.name}: {group['name']}"
        headers = [field["singleHeader"]["name"] for field in inputs["redactedFields"]]
        yield from (f"{resource.name}: {header}" for header in headers if header != header.lower())


def canaries_run_in_time(graph: Graph) -> Iterator[str]:
    """Synthetics API, CreateCanary: rates of 1 to 60 minutes, runs that end before the next; Lambda, function names."""
    for resource, inputs in of(graph, CANARY):
        expression, timeout = inputs["schedule"]["expression"], inputs["runConfig"]["timeoutInSeconds"]
        rate = RATE.fullmatch(expression)
        if rate is None:
            yield f"{resource.name}: {expression}"
        elif not COLD_START_SECONDS <= timeout <= 60 * int(rate[1] or 1):
            yield f"{resource.name}: {timeout} s"
        if len(f"cwsyn-{inputs['name']}-") + UUID_CHARS > LAMBDA_NAME_MAX:
            yield f"{resource.name}: the function of {inputs['name']} has too long a name"
        if not inputs["artifactS3Location"].startswith(f"s3://{inputs['s3Bucket']}/"):
            yield f"{resource.name}: artifacts in {inputs['artifactS3Location']}"
        if not inputs["handler"].endswith(".handler"):
            yield f"{resource.name}: {inputs['handler']}"


def budgets_tell_somebody(graph: Graph) -> Iterator[str]:
    """Budgets API, Notification: 1 to 10 of them, each with a subscriber; filters by tag are user:Key$value."""
    for resource, inputs in of(graph, BUDGET):
        notices: list[Inputs] = inputs["notifications"]
        if not 1 <= len(notices) <= NOTICES_MAX:
            yield f"{resource.name}: {len(notices)} notices"
        for notice in notices:
            if notice["notificationType"] not in ("ACTUAL", "FORECASTED") or not 0 < notice["threshold"] <= 10**9:
                yield f"{resource.name}: {notice['notificationType']} at {notice['threshold']}"
            if len(notice["subscriberSnsTopicArns"]) != 1:
                yield f"{resource.name}: topics {notice['subscriberSnsTopicArns']}"
        for each in inputs["costFilters"]:
            wrong = [value for value in each["values"] if not re.fullmatch(r"(user|aws):[^$]+\$.+", value)]
            if each["name"] != "TagKeyValue" or wrong:
                yield f"{resource.name}: filter {each['name']} {wrong}"


def anomalies_at_once_go_to_a_topic(graph: Graph) -> Iterator[str]:
    """Cost Explorer API, AnomalySubscription: IMMEDIATE is for SNS alone; an impact is a number of at least 0."""
    for resource, inputs in of(graph, SUBSCRIPTION):
        types = [subscriber["type"] for subscriber in inputs["subscribers"]]
        if inputs["frequency"] == "IMMEDIATE" and types != ["SNS"]:
            yield f"{resource.name}: at once to {types}"
        for part in inputs["thresholdExpression"]["ands"]:
            (value,) = part["dimension"]["values"]
            if known(value) and not value.isdecimal():
                yield f"{resource.name}: {value}"


RULES: Final = (
    web_acls_fit,
    firewall_logs_are_called_so,
    canaries_run_in_time,
    budgets_tell_somebody,
    anomalies_at_once_go_to_a_topic,
)

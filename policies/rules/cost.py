"""Who hears that the environment costs more than it should."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from policies import kinds
from policies.expect import foundation_missing, unknown
from policies.graph import Graph, Resource
from policies.rule import ADVICE, Fail, Meta, Outcome, stack_rule
from policies.values import UNKNOWN, Value, has_unknown, number, objects, texts

_WHOLE: Final = 100
"""Percent of the budget, after which it is too late."""
_BUDGETS_URL: Final = "https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html"


@stack_rule(
    Meta(
        id="budget",
        item=None,
        title="The environment has a monthly budget",
        why="The bill comes a month after the mistake.",
        fix="add a Budget of type COST to the foundation; `budgetUsd` in onramp:environment says how much",
        severity="medium",
        url=_BUDGETS_URL,
        levels=ADVICE,
        frameworks=("COST01-BP03", "COST02-BP05"),
    )
)
def budget(graph: Graph) -> Iterator[Outcome]:
    """The foundation has a budget for cost."""
    if not any(each.get("budgetType") == "COST" for each in graph.of(kinds.BUDGET)):
        waiting = [unknown(each, "budgetType") for each in graph.of(kinds.BUDGET) if each.get("budgetType") is UNKNOWN]
        yield from waiting or foundation_missing(graph, "a budget")


@stack_rule(
    Meta(
        id="budget-notice",
        item=None,
        title="Somebody is told before the budget is spent",
        why="A budget that tells nobody is a number in a console.",
        fix="set subscriberSnsTopicArns of a notification at 100 percent or less to the paging topic",
        severity="medium",
        url="https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html",
        levels=ADVICE,
        frameworks=("COST01-BP05", "COST02-BP05"),
    )
)
def budget_notice(graph: Graph) -> Iterator[Outcome]:
    """Each budget has a notice that goes to an SNS topic of the stack, at 100 percent of it at most."""
    for each in graph.of(kinds.BUDGET):
        notices = [one for one in objects(each.get("notifications")) if _in_time(one)]
        arns = [arn for notice in notices for arn in texts(notice.get("subscriberSnsTopicArns"))]
        yield from _told(each, "notifications", arns, graph)


@stack_rule(
    Meta(
        id="cost-anomaly",
        item=None,
        title="Cost anomalies of the environment are told to somebody",
        why="A loop that costs money is far below the monthly budget on its first day.",
        fix="add an AnomalySubscription with the paging topic as SNS subscriber, and a monitor in monitorArnLists",
        severity="medium",
        url="https://docs.aws.amazon.com/cost-management/latest/userguide/manage-ad.html",
        levels=ADVICE,
        frameworks=("COST01-BP06",),
    )
)
def cost_anomaly(graph: Graph) -> Iterator[Outcome]:
    """A subscription to an anomaly monitor goes to an SNS topic of the stack."""
    subscriptions = [
        each
        for each in graph.of(kinds.ANOMALY_SUBSCRIPTION)
        if graph.is_set(each, "monitorArnLists", kinds.ANOMALY_MONITOR)
    ]
    if not subscriptions:
        yield from foundation_missing(graph, "a subscription to cost anomalies")
    for each in subscriptions:
        arns = [str(one.get("address")) for one in objects(each.get("subscribers")) if one.get("type") == "SNS"]
        yield from _told(each, "subscribers", arns, graph)


def _in_time(notice: Mapping[str, Value]) -> bool:
    threshold = number(notice.get("threshold"))
    return notice.get("thresholdType") == "PERCENTAGE" and isinstance(threshold, float) and threshold <= _WHOLE


def _told(resource: Resource, path: str, arns: Sequence[str], graph: Graph) -> Iterator[Outcome]:
    if any(graph.named(arn, kinds.TOPIC) for arn in arns):
        return
    value = resource.get(path)
    if value is UNKNOWN or has_unknown(value):
        yield unknown(resource, path)
    else:
        yield Fail(resource=resource, path=path, message=f"{resource.name} tells no topic of this stack")

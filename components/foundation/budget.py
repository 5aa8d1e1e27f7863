"""What the environment may cost in a month, and who hears of it when it costs more or all of a sudden.

AWS counts by the tag Env, and only from the day on which it is activated: in the account that pays, under Billing,
Cost allocation tags, activate `Env` (and best App, Service, Owner and CostCenter) once.
"""

import pulumi
import pulumi_aws as aws

from components.foundation.paging import Paging
from components.scope import Scope, compact_json, paging_topic_arn
from stacks import limits
from stacks.standards import ANOMALY_PERCENT, ANOMALY_USD, BUDGET_NOTICES


class Budget(pulumi.ComponentResource):
    """A monthly budget and a monitor for cost anomalies, both over what is tagged with the environment. Both are free.

    The paging topic hears of 80 percent spent, of 100 percent forecast, and of each anomaly within a day.
    """

    def __init__(self, name: str, scope: Scope, paging: Paging, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("onramp:foundation:Budget", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self, depends_on=[paging.ready])
        tags = scope.tags("foundation")
        topic = paging_topic_arn(scope)
        aws.budgets.Budget(
            f"{name}-month",
            name=scope.name(limits.NAME_BUDGET, "month"),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(scope.environment.budget_usd),
            limit_unit="USD",
            cost_filters=[{"name": "TagKeyValue", "values": [f"user:Env${scope.env}"]}],
            notifications=[
                {
                    "notification_type": kind,
                    "comparison_operator": "GREATER_THAN",
                    "threshold": float(percent),
                    "threshold_type": "PERCENTAGE",
                    "subscriber_sns_topic_arns": [topic],
                }
                for kind, percent in BUDGET_NOTICES.items()
            ],
            tags=tags,
            opts=child,
        )
        monitor = aws.costexplorer.AnomalyMonitor(
            f"{name}-monitor",
            name=f"{scope.env}-cost",
            monitor_type="CUSTOM",
            monitor_specification=compact_json({"Tags": {"Key": "Env", "Values": [scope.env]}}),
            tags=tags,
            opts=child,
        )
        aws.costexplorer.AnomalySubscription(
            f"{name}-anomalies",
            name=f"{scope.env}-cost-anomalies",
            frequency="IMMEDIATE",
            monitor_arn_lists=[monitor.arn],
            subscribers=[{"type": "SNS", "address": topic}],
            threshold_expression={
                "ands": [_at_least("ABSOLUTE", ANOMALY_USD), _at_least("PERCENTAGE", ANOMALY_PERCENT)]
            },
            tags=tags,
            opts=child,
        )
        self.register_outputs({})


def _at_least(impact: str, value: int) -> aws.costexplorer.AnomalySubscriptionThresholdExpressionAndArgsDict:
    return {
        "dimension": {
            "key": f"ANOMALY_TOTAL_IMPACT_{impact}",
            "match_options": ["GREATER_THAN_OR_EQUAL"],
            "values": [str(value)],
        }
    }

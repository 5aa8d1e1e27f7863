"""The table of what watches and guards an environment: firewall, probes, budget."""

from collections.abc import Mapping
from typing import Final

from simulator.graph import UNKNOWN
from tests.components.acceptance.reshape import LEFT_OUT
from tests.components.acceptance.row import Row

_IN_LOGGING: Final = {
    key: f"LoggingConfiguration.{key[0].upper()}{key[1:]}"
    for key in ("resourceArn", "logDestinationConfigs", "redactedFields", "loggingFilter")
}

GUARD: Final[Mapping[str, Row]] = {
    "aws:budgets/budget:Budget": Row(
        calls=("budgets:CreateBudget",),
        schema="AWS::Budgets::Budget",
        given={"AccountId": UNKNOWN},
        names={
            "name": "Budget.BudgetName",
            "budgetType": "Budget.BudgetType",
            "timeUnit": "Budget.TimeUnit",
            "limitAmount": "Budget.BudgetLimit.Amount",
            "limitUnit": "Budget.BudgetLimit.Unit",
            # A mapping by the filter's name, and a list of subscribers beside the notice: read by rules of their own.
            "costFilters": LEFT_OUT,
            "notifications": LEFT_OUT,
            "tags": "ResourceTags",
        },
        in_schema={"limitAmount": LEFT_OUT, "limitUnit": LEFT_OUT},  # a number there, and text in the provider
    ),
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": Row(
        calls=("ce:CreateAnomalyMonitor",),
        schema="AWS::CE::AnomalyMonitor",
        names={"tags": "ResourceTags"},
        in_call={
            "name": "AnomalyMonitor.MonitorName",
            "monitorType": "AnomalyMonitor.MonitorType",
            "monitorSpecification": "AnomalyMonitor.MonitorSpecification",
        },
        in_schema={"name": "MonitorName"},
    ),
    "aws:costexplorer/anomalySubscription:AnomalySubscription": Row(
        calls=("ce:CreateAnomalySubscription",),
        schema="AWS::CE::AnomalySubscription",
        names={"tags": "ResourceTags"},
        in_call={
            "name": "AnomalySubscription.SubscriptionName",
            "frequency": "AnomalySubscription.Frequency",
            "monitorArnLists": "AnomalySubscription.MonitorArnList",
            "subscribers": "AnomalySubscription.Subscribers",
            "thresholdExpression": "AnomalySubscription.ThresholdExpression",
        },
        in_schema={
            "name": "SubscriptionName",
            "monitorArnLists": "MonitorArnList",
            "thresholdExpression": LEFT_OUT,  # JSON text there
        },
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": Row(
        calls=("s3:PutObject",),
        in_call={"source": LEFT_OUT, "tags": LEFT_OUT},  # the body, and tags as the query of a URL
        no_schema="CloudFormation makes no objects",
    ),
    "aws:synthetics/canary:Canary": Row(
        calls=("synthetics:CreateCanary",),
        schema="AWS::Synthetics::Canary",
        names={"handler": "Code.Handler", "s3Bucket": "Code.S3Bucket", "s3Key": "Code.S3Key"},
        in_call={
            "startCanary": LEFT_OUT,  # a call of its own
            "deleteLambda": LEFT_OUT,  # what DeleteCanary is told
            "successRetentionPeriod": "SuccessRetentionPeriodInDays",
            "failureRetentionPeriod": "FailureRetentionPeriodInDays",
        },
        in_schema={
            "startCanary": "StartCanaryAfterCreation",
            "deleteLambda": "DeleteLambdaResourcesOnCanaryDeletion",
        },
    ),
    "aws:wafv2/webAcl:WebAcl": Row(calls=("wafv2:CreateWebACL",), schema="AWS::WAFv2::WebACL"),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Row(
        calls=("wafv2:AssociateWebACL",), schema="AWS::WAFv2::WebACLAssociation"
    ),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Row(
        calls=("wafv2:PutLoggingConfiguration",), schema="AWS::WAFv2::LoggingConfiguration", in_call=_IN_LOGGING
    ),
}

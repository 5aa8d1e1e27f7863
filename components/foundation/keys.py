"""The environment's two KMS keys: one for data at rest, one for logs. Both rotate each year."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.scope import Scope, compact_json, kept
from stacks.source import Json

DELETION_WINDOW_DAYS = 30
"""The longest that KMS offers: what a key encrypted is gone with it."""
COST_SERVICES: Final = ("budgets.amazonaws.com", "costalerts.amazonaws.com")
"""Who sends notices of budgets and of cost anomalies."""


class Keys(pulumi.ComponentResource):
    """A `data` key (secrets, images, queues, topics) and a `logs` key (logs, audit trail). 1 USD a month each."""

    data_arn: pulumi.Output[str]
    logs_arn: pulumi.Output[str]

    def __init__(self, name: str, scope: Scope, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("onramp:foundation:Keys", name, {}, opts)
        self._scope = scope
        self.data_arn = self._key(name, "data", "Secrets, images, queues and topics", _publishers(scope))
        self.logs_arn = self._key(name, "logs", "Logs and the audit trail", _log_writers(scope))
        self.register_outputs({"dataArn": self.data_arn, "logsArn": self.logs_arn})

    def _key(self, name: str, purpose: str, description: str, users: list[Json]) -> pulumi.Output[str]:
        child = kept(self._scope, self)
        key = aws.kms.Key(
            f"{name}-{purpose}",
            description=f"{description} of {self._scope.env}",
            enable_key_rotation=True,
            deletion_window_in_days=DELETION_WINDOW_DAYS,
            policy=compact_json({"Version": "2012-10-17", "Statement": [_account(self._scope), *users]}),
            tags=self._scope.tags("foundation"),
            opts=child,
        )
        aws.kms.Alias(
            f"{name}-{purpose}-alias", name=self._scope.key_alias(purpose), target_key_id=key.key_id, opts=child
        )
        return key.arn


def _account(scope: Scope) -> Json:
    """IAM of the account decides who administers and uses the key; without this, nobody could."""
    return {
        "Sid": "Account",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{scope.partition}:iam::{scope.account}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }


def _publishers(scope: Scope) -> list[Json]:
    """Who sends to encrypted topics and queues. EventBridge and alarms do not say for which account they do."""
    services: list[Json] = ["cloudwatch.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com"]
    actions: list[Json] = ["kms:Decrypt", "kms:GenerateDataKey*"]
    return [
        {
            "Sid": "Publish",
            "Effect": "Allow",
            "Principal": {"Service": services},
            "Action": actions,
            "Resource": "*",
        },
        {
            "Sid": "Costs",
            "Effect": "Allow",
            "Principal": {"Service": [*COST_SERVICES]},
            "Action": actions,
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": scope.account}},
        },
    ]


def _log_writers(scope: Scope) -> list[Json]:
    """CloudWatch Logs and CloudTrail, each for the logs of this account alone."""
    actions: list[Json] = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    trails = f"arn:{scope.partition}:cloudtrail:*:{scope.account}:trail/*"
    return [
        {
            "Sid": "Logs",
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{scope.region}.amazonaws.com"},
            "Action": actions,
            "Resource": "*",
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": scope.arn("logs", "*")}},
        },
        {
            "Sid": "Trail",
            "Effect": "Allow",
            "Principal": {"Service": "cloudtrail.amazonaws.com"},
            "Action": actions,
            "Resource": "*",
            "Condition": {"StringLike": {"kms:EncryptionContext:aws:cloudtrail:arn": trails}},
        },
    ]

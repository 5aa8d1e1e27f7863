"""The table in which rollouts write down what they are about to do, and what they have done."""

import pulumi
import pulumi_aws as aws

from components.foundation.keys import Keys
from components.scope import Scope, kept
from stacks import ledger


class Ledger(pulumi.ComponentResource):
    """A table on demand, encrypted, that can be put back to any second of the last 35 days: cents a month."""

    def __init__(self, name: str, scope: Scope, keys: Keys, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("onramp:foundation:Ledger", name, {}, opts)
        aws.dynamodb.Table(
            f"{name}-table",
            name=ledger.table_name(scope.env),
            billing_mode="PAY_PER_REQUEST",
            hash_key=ledger.HASH_KEY,
            range_key=ledger.RANGE_KEY,
            attributes=[{"name": key, "type": ledger.KEY_TYPE} for key in (ledger.HASH_KEY, ledger.RANGE_KEY)],
            point_in_time_recovery={"enabled": True},
            server_side_encryption={"enabled": True, "kms_key_arn": keys.data_arn},
            deletion_protection_enabled=scope.is_prod,
            tags=scope.tags("foundation"),
            opts=kept(scope, self),
        )
        self.register_outputs({})

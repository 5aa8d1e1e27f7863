"""DynamoDB tables."""

import pulumi_aws as aws

from components.concerns.concern import Concern
from components.foundation.interface import Foundation
from components.scope import kept
from components.stores.use import table_name
from stacks.models import TableStore


def table(concern: Concern, name: str, store: TableStore, foundation: Foundation) -> aws.dynamodb.Table:
    """A table on demand, encrypted, that can be put back to any second of the last 35 days (0.20 USD per GB)."""
    scope = concern.scope.scope
    return aws.dynamodb.Table(
        f"{concern.name}-{name}",
        name=table_name(scope, concern.scope.service, name),
        billing_mode="PAY_PER_REQUEST",
        hash_key=store.partition_key,
        range_key=store.sort_key,
        attributes=[{"name": key, "type": "N" if key in store.numbers else "S"} for key in store.keys],
        global_secondary_indexes=_indexes(store),
        stream_enabled=store.stream,
        stream_view_type="NEW_AND_OLD_IMAGES" if store.stream else None,
        ttl={"attribute_name": store.ttl, "enabled": True} if store.ttl is not None else None,
        point_in_time_recovery={"enabled": True},
        server_side_encryption={"enabled": True, "kms_key_arn": foundation.data_key_arn},
        deletion_protection_enabled=scope.is_prod,
        tags=concern.tags,
        opts=kept(scope, concern),
    )


def _indexes(store: TableStore) -> list[aws.dynamodb.TableGlobalSecondaryIndexArgsDict] | None:
    return [
        {
            "name": name,
            "hash_key": index.partition_key,
            "range_key": index.sort_key,
            "projection_type": "ALL",
        }
        for name, index in store.indexes.items()
    ] or None

"""What it takes to use a store: its name, known before it exists, the rights to it, and the variable that names it."""

from collections.abc import Sequence
from typing import Final

from components.iam import Statement
from components.scope import Scope, ServiceScope
from stacks import limits
from stacks.models import TableStore
from stacks.models.stores import variable_of

ITEM_ACTIONS: Final = (
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:DescribeTable",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
)
"""Read and write items; transactions are made of these. Nothing that changes the table itself."""
STREAM_ACTIONS: Final = (
    "dynamodb:DescribeStream",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ListStreams",
)
"""What Lambda needs of a stream that invokes a function (Lambda developer guide, DynamoDB)."""


def table_name(scope: Scope, owner: str, store: str) -> str:
    """The name of a table."""
    return scope.name(limits.NAME_DYNAMODB_TABLE, owner, store)


def table_arn(scope: Scope, owner: str, store: str) -> str:
    """The ARN of a table, known before it exists."""
    return scope.arn("dynamodb", f"table/{table_name(scope, owner, store)}")


def database_name(scope: Scope, owner: str, store: str) -> str:
    """The identifier of a database instance or cluster."""
    return scope.name(limits.NAME_RDS, owner, store)


def tables(scope: ServiceScope) -> list[tuple[str, str]]:
    """Owner and name of each table that the service uses."""
    entries = (entry.partition("/") for entry, store in scope.stores.items() if isinstance(store, TableStore))
    return [(owner, store) for owner, _, store in entries]


def store_statements(scope: ServiceScope) -> list[Statement]:
    """May read and write the items of exactly the tables that it uses, also by their indexes.

    A database asks for a password instead, and its security group lets nobody else in.
    """
    arns = [table_arn(scope.scope, owner, store) for owner, store in tables(scope)]
    if not arns:
        return []
    return [Statement(sid="Tables", actions=ITEM_ACTIONS, resources=[*arns, *(f"{arn}/index/*" for arn in arns)])]


def stream_statements(scope: Scope, entries: Sequence[str]) -> list[Statement]:
    """May read the streams of the tables `entries` (`owner/store`).

    The ARN of a stream ends with the time it was made at, which nobody knows before.
    """
    owned = (entry.partition("/") for entry in entries)
    arns = [f"{table_arn(scope, owner, store)}/stream/*" for owner, _, store in owned]
    return [Statement(sid="Streams", actions=STREAM_ACTIONS, resources=arns)] if arns else []


def store_variables(scope: ServiceScope) -> dict[str, str]:
    """`ONRAMP_TABLE_ARTICLES`: the name of each table that it uses. A database is found by its credential."""
    return {
        variable_of(store, scope.stores[f"{owner}/{store}"]): table_name(scope.scope, owner, store)
        for owner, store in tables(scope)
    }

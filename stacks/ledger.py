"""The ledger of rollouts: where it is, and its table in DynamoDB, as its maker and its user must agree on it."""

from typing import Final

from stacks import limits
from stacks.naming import physical_name

HASH_KEY: Final = "pk"
"""The stack."""
RANGE_KEY: Final = "sk"
"""`entry#<service>`, or `event#<service>#<number>` with leading zeros."""
KEY_TYPE: Final = "S"
"""Both are text. The table has no index and no time to live: history is kept."""
OUTPUT_NAME: Final = "ledger"
"""The stack's output: the address."""
OWN: Final = "dynamodb"
"""In a stack file: the table that the environment's foundation makes."""
ADDRESS_PATTERN: Final = r"dynamodb://[A-Za-z0-9_.-]{3,255}\?region=[a-z]{2}(-[a-z]+)+-\d"
"""A table's name by the DynamoDB developer guide, naming rules, and where it is."""


def table_name(environment: str) -> str:
    """The table of an environment."""
    return physical_name(limits.NAME_DYNAMODB_TABLE, environment, "rollouts")


def address_of(written: str, environment: str, region: str) -> str:
    """What a stack file says as an address: the environment's own table, or another one as it is written.

    Args:
        written: the value of `ledger`.
        environment: its short name.
        region: where the stack is.
    """
    return f"dynamodb://{table_name(environment)}?region={region}" if written == OWN else written

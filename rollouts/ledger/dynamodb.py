"""The ledger in a table of DynamoDB, for a team.

A stack is one partition: `entry#<service>` is a service's row, `event#<service>#<number>` are its events. All reads
are consistent. All writes are transactions on the condition that the row's revision is the one that was read, so a
request that is repeated, by us or by the SDK, or that arrives late, has its effect once.
"""

from collections.abc import Generator, Sequence
from typing import Final
from uuid import uuid4

from botocore.exceptions import ClientError

from rollouts.aws import Answer, Aws, code_of, reasons_of
from rollouts.errors import NoLedger
from rollouts.ledger.columns import Columns, of_event, of_row, to_event, to_row
from rollouts.ledger.rows import Row
from rollouts.ledger.store import ChangedError
from rollouts.ledger.values import Event, Key
from stacks.ledger import HASH_KEY, KEY_TYPE, RANGE_KEY

SEQ_DIGITS: Final = 12
"""So that text sorts as numbers do, for more events than there will ever be."""
_NOT_AS_EXPECTED: Final = "ConditionalCheckFailed"
_CREATE: Final = (
    "aws dynamodb create-table --table-name {table} --billing-mode PAY_PER_REQUEST "
    f"--attribute-definitions AttributeName={HASH_KEY},AttributeType={KEY_TYPE} "
    f"AttributeName={RANGE_KEY},AttributeType={KEY_TYPE} "
    f"--key-schema AttributeName={HASH_KEY},KeyType=HASH AttributeName={RANGE_KEY},KeyType=RANGE "
    "--deletion-protection-enabled"
)


class DynamoStore:
    """The table called `table`.

    Everything raises NoLedger when there is no such table, and what AWS answers when it refuses.
    """

    def __init__(self, aws: Aws, table: str) -> None:
        self._aws, self._table = aws, table

    def load(self, key: Key) -> Row:
        """The row as it is now; one with revision 0 when there is none."""
        answer = self._ask("get_item", TableName=self._table, Key=_row_key(key), ConsistentRead=True)
        return to_row(_columns(answer["Item"])) if "Item" in answer else Row(key=key)

    def swap(self, row: Row, events: Sequence[Event]) -> None:
        """Store `row` in place of the one with the revision before, and append the events: all of it, or nothing."""
        new = f"attribute_not_exists({HASH_KEY})"
        entry: Answer = {"TableName": self._table, "Item": _row_key(row.key) | _attributes(of_row(row))}
        if row.revision == 1:
            entry["ConditionExpression"] = new
        else:
            entry["ConditionExpression"] = "revision = :before"
            entry["ExpressionAttributeValues"] = _attributes({":before": row.revision - 1})
        appended: list[Answer] = [
            {
                "TableName": self._table,
                "Item": _event_key(event) | _attributes(of_event(event)),
                "ConditionExpression": new,
            }
            for event in events
        ]
        try:
            # One token for all attempts: when it was only the answer that was lost, AWS gives it again.
            items = [{"Put": put} for put in (entry, *appended)]
            self._ask("transact_write_items", TransactItems=items, ClientRequestToken=str(uuid4()))
        except ClientError as error:
            if reasons_of(error)[:1] == (_NOT_AS_EXPECTED,):
                raise ChangedError(row.key) from error
            raise

    def rows(self, stack: str) -> list[Row]:
        """The rows of all services of a stack."""
        return [to_row(columns) for columns in self._query(stack, "entry#")]

    def newest_first(self, key: Key) -> Generator[Event, None, None]:
        """Its events, read only as far as somebody asks."""
        for columns in self._query(key.stack, f"event#{key.service}#", ScanIndexForward=False):
            yield to_event(columns)

    def _query(self, stack: str, beginning: str, **more: object) -> Generator[Columns, None, None]:
        """Page by page."""
        while True:
            answer = self._ask(
                "query",
                TableName=self._table,
                KeyConditionExpression=f"{HASH_KEY} = :stack AND begins_with({RANGE_KEY}, :beginning)",
                ExpressionAttributeValues=_attributes({":stack": stack, ":beginning": beginning}),
                ConsistentRead=True,
                **more,
            )
            yield from map(_columns, answer["Items"])
            if "LastEvaluatedKey" not in answer:
                return
            more["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _ask(self, operation: str, **parameters: object) -> Answer:
        try:
            return self._aws.ask("dynamodb", operation, **parameters)
        except ClientError as error:
            if code_of(error) == "ResourceNotFoundException":
                what = f"there is no table {self._table} in the region of the ledger. To make it"
                raise NoLedger(f"{what}: {_CREATE.format(table=self._table)}") from error
            raise


def _row_key(key: Key) -> Answer:
    return _attributes({HASH_KEY: key.stack, RANGE_KEY: f"entry#{key.service}"})


def _event_key(event: Event) -> Answer:
    return _attributes({HASH_KEY: event.key.stack, RANGE_KEY: f"event#{event.key.service}#{event.seq:0{SEQ_DIGITS}}"})


def _attributes(columns: Columns) -> Answer:
    return {name: {"S": value} if isinstance(value, str) else {"N": str(value)} for name, value in columns.items()}


def _columns(item: Answer) -> Columns:
    return {name: value["S"] if "S" in value else int(value["N"]) for name, value in item.items()}

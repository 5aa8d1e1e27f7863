"""Where the tests keep a ledger: in memory, in a file, in moto's DynamoDB; and what goes wrong on the way."""

from collections.abc import Generator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal

from rollouts.aws import Aws
from rollouts.ledger import Key
from rollouts.ledger.dynamodb import DynamoStore
from rollouts.ledger.rows import Row
from rollouts.ledger.store import ChangedError, Store
from rollouts.ledger.values import Event
from simulator.world.client import Clients, Gate
from simulator.world.clock import Clock
from simulator.world.faults import Faults
from stacks.ledger import HASH_KEY, KEY_TYPE, RANGE_KEY

START: Final = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
KEY: Final = Key(stack="prod", service="news-api")
TABLE: Final = "rollouts"
LARGE_STATE: Final = "s" * 200_000
"""More than SQLite keeps in memory when it is told to keep little."""


class MemoryStore:
    """The least that a store has to do."""

    def __init__(self) -> None:
        self._rows: dict[Key, Row] = {}
        self._events: list[Event] = []

    def load(self, key: Key) -> Row:
        return self._rows.get(key, Row(key=key))

    def swap(self, row: Row, events: Sequence[Event]) -> None:
        if self.load(row.key).revision != row.revision - 1:
            raise ChangedError(row.key)
        self._rows[row.key] = row
        self._events += events

    def rows(self, stack: str) -> list[Row]:
        return [row for key, row in self._rows.items() if key.stack == stack]

    def newest_first(self, key: Key) -> Generator[Event, None, None]:
        yield from [event for event in reversed(self._events) if event.key == key]


class LostError(Exception):
    """No answer came."""


class LossyStore:
    """Loses the next swap, before it has its effect or after it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.loses: Literal["request", "answer"] | None = None
        self.load, self.rows, self.newest_first = store.load, store.rows, store.newest_first

    def swap(self, row: Row, events: Sequence[Event]) -> None:
        loses, self.loses = self.loses, None
        if loses == "request":
            raise LostError
        self._store.swap(row, events)
        if loses == "answer":
            raise LostError


class Account:
    """An AWS account with the table in it, on a clock of its own; moto must have been started."""

    def __init__(self, *, has_table: bool = True) -> None:
        self.faults = Faults()
        self.gate = Gate(self.faults)
        self.clock = Clock(START)
        self.client: Any = Clients(self.gate, {}).client("dynamodb")
        if has_table:
            self.client.create_table(
                TableName=TABLE,
                BillingMode="PAY_PER_REQUEST",
                AttributeDefinitions=[
                    {"AttributeName": name, "AttributeType": KEY_TYPE} for name in (HASH_KEY, RANGE_KEY)
                ],
                KeySchema=[
                    {"AttributeName": HASH_KEY, "KeyType": "HASH"},
                    {"AttributeName": RANGE_KEY, "KeyType": "RANGE"},
                ],
            )

    def store(self) -> DynamoStore:
        """As one process opens it."""
        return DynamoStore(Aws(lambda _: self.client, self.clock), TABLE)

    def operations(self) -> list[str]:
        """What was called, but for the making of the table."""
        return [call.operation for call in self.gate.calls if call.operation != "CreateTable"]

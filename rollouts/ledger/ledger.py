"""The ledger's operations: read, decide, swap; again when somebody else was faster."""

from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from itertools import islice, takewhile
from typing import Final

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt

from rollouts.errors import Refused
from rollouts.ledger import rows
from rollouts.ledger.columns import data_text
from rollouts.ledger.rows import Change, Claim, Row, Write
from rollouts.ledger.store import ChangedError, Store
from rollouts.ledger.values import Entry, Event, Happening, Key, Lease
from stacks import limits

ATTEMPTS: Final = 20
"""Each one that fails means that somebody else has succeeded, so this many are more than rollouts have workers."""
ROOM_BYTES: Final = 8 * 1024
"""For the keys, names and lease that an item has besides the document: our own, several times what they need."""
DOCUMENT_BYTES_MAX: Final = limits.DYNAMODB_ITEM_BYTES_MAX - ROOM_BYTES
"""Of a document, and of all that is told with it; the same in both stores, so that what was tried out also works."""
HAPPENINGS_MAX: Final = limits.DYNAMODB_TRANSACTION_ITEMS_MAX - 1
"""Of one write; the document is an item of the transaction too."""


class Ledger:
    """An opaque document per service, its history, and a fenced lease on it.

    Nothing here reads the time: callers pass it, aware and in UTC.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def acquire(self, key: Key, owner: str, ttl_seconds: int, now: datetime, *, by_force: bool = False) -> Lease:
        """Get the right to write, alone.

        `owner` is unique for each run of a process (who, where, and something random), because an owner gets its own
        lease again at once. After a crash the next run therefore is another owner: it waits until the lease has
        expired, or takes over now if a person says that the former one is dead. If it is not, no harm comes to the
        ledger: its fence is too low from here on, and its next write, renewal or release has no effect. What it has
        just asked AWS for may still happen, so whoever takes over looks at AWS again before and after it acts. The
        same holds when clocks differ by more than a lease has left.

        Raises:
            Locked: somebody else's lease is valid, and `by_force` was not asked for.
        """
        claim = Claim(owner=owner, seconds=ttl_seconds, now=now, by_force=by_force)
        lease = self._change(key, lambda row: rows.acquire(row, claim)).lease
        assert lease is not None  # noqa: S101 - for the type checker: `rows.acquire` has just set it
        return lease

    def renew(self, lease: Lease, now: datetime) -> Lease:
        """Let the lease last for its whole length from `now` on.

        Raises:
            LeaseLost: somebody else has taken over, or it was released.
        """
        renewed = self._change(lease.key, lambda row: rows.renew(row, lease, now)).lease
        assert renewed is not None  # noqa: S101 - for the type checker: `rows.renew` has just set it
        return renewed

    def release(self, lease: Lease) -> None:
        """Give it back; without effect when it is somebody else's by now."""
        self._change(lease.key, lambda row: rows.release(row, lease))

    def read(self, key: Key) -> Entry | None:
        """The document and who has the lease; None until the first document is written."""
        return _entry(self._store.load(key))

    def entries(self, stack: str) -> list[Entry]:
        """All documents of a stack, by service."""
        found = [_entry(row) for row in self._store.rows(stack)]
        return sorted((entry for entry in found if entry is not None), key=lambda entry: entry.key)

    def write(self, lease: Lease, expected_version: int, state: str, happenings: Sequence[Happening]) -> Entry:
        """Put a new document in place of version `expected_version` (0: there is none), and tell what happened.

        Both or nothing. When no answer came, the same write with the same arguments has its effect once: it is known
        by what is in it. A lease that has expired still is good for it, until somebody takes over.

        Raises:
            LeaseLost: somebody else has taken over, or the lease was released.
            VersionError: another version is there.
            Refused: more than an item or a transaction of DynamoDB holds.
        """
        _check_size(state, happenings)
        wanted = Write(lease=lease, expected=expected_version, state=state, happenings=tuple(happenings))
        row = self._change(lease.key, lambda row: rows.write(row, wanted))
        return Entry(key=row.key, version=row.version, state=row.state, lease=row.lease)

    def events(self, key: Key, rollout: str | None, limit: int) -> list[Event]:
        """The newest `limit` events of a service, or of one of its rollouts, newest last."""
        with closing(self._store.newest_first(key)) as newest:
            wanted = (event for event in newest if rollout is None or event.rollout == rollout)
            return list(islice(wanted, limit))[::-1]

    def history(self, stack: str, since: datetime) -> list[Event]:
        """What happened in a stack, oldest first: for each service, everything after the last event before `since`."""
        found: list[Event] = []
        for row in self._store.rows(stack):
            with closing(self._store.newest_first(row.key)) as newest:
                found += takewhile(lambda event: event.at >= since, newest)
        return sorted(found, key=lambda event: (event.at, event.key, event.seq))

    def _change(self, key: Key, decide: Callable[[Row], Change]) -> Row:
        def once() -> Row:
            found = self._store.load(key)
            row, events = decide(found)
            if row is not found:
                self._store.swap(row, events)
            return row

        faster = retry_if_exception_type(ChangedError)
        return Retrying(retry=faster, stop=stop_after_attempt(ATTEMPTS), reraise=True)(once)


def _entry(row: Row) -> Entry | None:
    if not row.version:
        return None
    return Entry(key=row.key, version=row.version, state=row.state, lease=row.lease)


def _check_size(state: str, happenings: Sequence[Happening]) -> None:
    sizes = {
        "the document": len(state.encode()),
        "what is told with it": sum(len(data_text(happening.data).encode()) for happening in happenings),
    }
    problems = [
        f"{what} has {size} bytes; the ledger takes {DOCUMENT_BYTES_MAX}, because an item of DynamoDB holds 400 KB"
        for what, size in sizes.items()
        if size > DOCUMENT_BYTES_MAX
    ]
    if len(happenings) > HAPPENINGS_MAX:
        problems.append(f"{len(happenings)} happenings in one write; the ledger takes {HAPPENINGS_MAX}; write in parts")
    if problems:
        raise Refused(*problems)

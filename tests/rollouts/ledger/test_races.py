"""Eight workers at once. They all read before the first of them writes, so that what they decide on is out of date."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import pytest

from rollouts.errors import LeaseLost, Locked
from rollouts.ledger import Happening, Key, Lease, Ledger, VersionError
from rollouts.ledger.rows import Row
from rollouts.ledger.store import ChangedError, Store
from rollouts.ledger.values import Event
from tests.rollouts.ledger.places import KEY, START

WORKERS = 8
TIMEOUT_SECONDS = 60


class MeetingStore:
    """Lets nobody write until everybody has read; the swaps themselves come one after the other, as DynamoDB has them.

    Moto would lose one of two transactions that overlap; SQLite and DynamoDB bring them into an order.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._meeting = Barrier(WORKERS)
        self._have_met: set[str] = set()
        self._one_at_a_time = Lock()
        self.beaten = 0
        self.rows, self.newest_first = store.rows, store.newest_first

    def load(self, key: Key) -> Row:
        return self._store.load(key)

    def swap(self, row: Row, events: Sequence[Event]) -> None:
        who = row.state + (row.lease.owner if row.lease else "")
        if who not in self._have_met:
            self._have_met.add(who)
            self._meeting.wait(TIMEOUT_SECONDS)
        with self._one_at_a_time:
            try:
                self._store.swap(row, events)
            except ChangedError:
                self.beaten += 1
                raise


def test_of_eight_workers_one_gets_the_lease(store: Store) -> None:
    meeting = MeetingStore(store)

    def work(number: int) -> Lease | None:
        try:
            return Ledger(meeting).acquire(KEY, f"w{number}", 60, START)
        except Locked:
            return None

    with ThreadPoolExecutor(WORKERS) as pool:
        won = [lease for lease in pool.map(work, range(WORKERS)) if lease is not None]
    assert [lease.fence for lease in won] == [1]
    assert store.load(KEY).lease == won[0]
    assert meeting.beaten == WORKERS - 1


def test_of_eight_who_take_over_by_force_the_last_one_may_write(store: Store) -> None:
    meeting = MeetingStore(store)

    def work(number: int) -> Lease:
        return Ledger(meeting).acquire(KEY, f"w{number}", 60, START, by_force=True)

    with ThreadPoolExecutor(WORKERS) as pool:
        leases = sorted(pool.map(work, range(WORKERS)), key=lambda lease: lease.fence)
    assert [lease.fence for lease in leases] == list(range(1, WORKERS + 1))
    ledger = Ledger(store)
    for lease in leases[:-1]:
        with pytest.raises(LeaseLost):
            ledger.write(lease, 0, "late", ())
    assert ledger.write(leases[-1], 0, "new", ()).version == 1


def test_of_eight_writes_on_one_version_one_counts(store: Store) -> None:
    lease = Ledger(store).acquire(KEY, "me", 60, START)
    meeting = MeetingStore(store)

    def work(number: int) -> bool:
        happened = Happening(at=START, kind=str(number), rollout="r1")
        try:
            Ledger(meeting).write(lease, 0, str(number), (happened,))
        except VersionError:
            return False
        return True

    with ThreadPoolExecutor(WORKERS) as pool:
        won = [number for number, has_won in enumerate(pool.map(work, range(WORKERS))) if has_won]
    ledger = Ledger(store)
    entry = ledger.read(KEY)
    assert entry is not None
    assert [entry.state] == [str(number) for number in won]
    assert [event.kind for event in ledger.events(KEY, None, 10)] == [entry.state]

"""Two owners with clocks that differ, on one service, with lost requests and lost answers, in every order.

The model knows only what must hold: who has the lease by its own reckoning, and what was told in which order.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal, TypeAlias, TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, initialize, invariant, multiple, rule
from moto import mock_aws

from rollouts.errors import LeaseLost, Locked
from rollouts.ledger import Entry, Happening, Lease, Ledger, VersionError
from rollouts.ledger.sqlite import SqliteStore
from rollouts.ledger.store import Store
from tests.rollouts.ledger.places import KEY, START, Account, LossyStore, LostError, MemoryStore

T = TypeVar("T")
Loss: TypeAlias = Literal["request", "answer"] | None
TTL_SECONDS: Final = 60
SKEW: Final = {"me": timedelta(0), "you": timedelta(seconds=45)}
"""How far each owner's clock is ahead."""
owners = st.sampled_from(sorted(SKEW))
losses = st.sampled_from([None, "request", "answer"])


@dataclass
class Model:
    """What must be in the ledger."""

    now: datetime = START
    fence: int = 0
    holder: str = ""
    """Empty when the lease was released."""
    until: datetime = START
    version: int = 0
    state: str = ""


class LedgerMachine(RuleBasedStateMachine):
    leases = Bundle("leases")

    def __init__(self) -> None:
        super().__init__()
        self.resources = ExitStack()
        self.store = LossyStore(self.make_store())
        self.ledger = Ledger(self.store)
        self.model = Model()
        self.told: list[tuple[str, str, int]] = []
        """Every happening that must be there: its kind, actor and fence."""
        self.writes = 0

    def make_store(self) -> Store:
        return MemoryStore()

    def teardown(self) -> None:
        self.resources.close()

    def asked(self, loss: Loss, operation: Callable[[], T], meanwhile: Callable[[], None] = lambda: None) -> T:
        """What comes of an operation that is asked for again when no answer came; `meanwhile` is before that."""
        self.store.loses = loss
        try:
            return operation()
        except LostError:
            meanwhile()
            return operation()
        finally:
            self.store.loses = None

    def time_of(self, owner: str) -> datetime:
        return self.model.now + SKEW[owner]

    def given(self, lease: Lease) -> Lease:
        """A lease that was given just now."""
        assert lease.fence > self.model.fence
        assert lease.until == self.time_of(lease.owner) + timedelta(seconds=TTL_SECONDS)
        self.model.fence, self.model.holder, self.model.until = lease.fence, lease.owner, lease.until
        return lease

    def acquired(self, owner: str, *, by_force: bool) -> Lease:
        return self.ledger.acquire(KEY, owner, TTL_SECONDS, self.time_of(owner), by_force=by_force)

    def is_mine(self, lease: Lease) -> bool:
        return bool(self.model.holder) and lease.fence == self.model.fence

    @initialize(target=leases)
    def begin(self) -> Lease:
        return self.given(self.acquired("me", by_force=False))

    @rule(seconds=st.integers(1, 2 * TTL_SECONDS))
    def wait(self, seconds: int) -> None:
        self.model.now += timedelta(seconds=seconds)

    @rule(target=leases, owner=owners, by_force=st.booleans(), loss=losses)
    def acquire(self, owner: str, by_force: bool, loss: Loss) -> MultipleResults[Lease]:  # noqa: FBT001 - hypothesis passes it
        holder = self.model.holder
        is_free = by_force or holder in {"", owner} or self.time_of(owner) >= self.model.until
        try:
            lease = self.asked(loss, lambda: self.acquired(owner, by_force=by_force))
        except Locked as locked:
            found = (locked.owner, locked.until)
        else:
            assert is_free
            return multiple(self.given(lease))
        assert not is_free
        assert found == (holder, self.model.until)
        return multiple()

    @rule(target=leases, lease=leases, loss=losses)
    def renew(self, lease: Lease, loss: Loss) -> MultipleResults[Lease]:
        try:
            renewed = self.asked(loss, lambda: self.ledger.renew(lease, self.time_of(lease.owner)))
        except LeaseLost:
            assert not self.is_mine(lease)
            return multiple()
        assert self.is_mine(lease)
        assert renewed.fence == lease.fence
        self.model.until = renewed.until
        return multiple(renewed)

    @rule(lease=leases, loss=losses)
    def release(self, lease: Lease, loss: Loss) -> None:
        self.asked(loss, lambda: self.ledger.release(lease))
        if self.is_mine(lease):
            self.model.holder = ""

    @rule(lease=leases, behind=st.integers(-1, 2), parts=st.integers(0, 3), loss=losses)
    def write(self, lease: Lease, behind: int, parts: int, loss: Loss) -> None:
        expected, is_mine = self.model.version - behind, self.is_mine(lease)
        write = self.new_write(lease, expected, parts)
        try:
            entry = self.asked(loss, write)
        except LeaseLost:
            assert not is_mine
        except VersionError:
            assert is_mine
            assert behind
        else:
            assert is_mine
            assert not behind
            self.count(lease, parts)
            assert (entry.version, entry.state) == (self.model.version, self.model.state)
            assert write() == entry

    @rule(lease=leases, parts=st.integers(1, 3), loss=st.sampled_from(["request", "answer"]))
    def take_over_before_the_repetition(self, lease: Lease, parts: int, loss: Loss) -> None:
        """The writer gets no answer, and before it asks again somebody else has the lease."""
        is_mine, taken = self.is_mine(lease), list[Lease]()
        other = next(owner for owner in SKEW if owner != lease.owner)
        write = self.new_write(lease, self.model.version, parts)

        def take_over() -> None:
            if is_mine and loss == "answer":
                self.count(lease, parts)
            taken.append(self.given(self.acquired(other, by_force=True)))

        try:
            self.asked(loss, write, take_over)
        except LeaseLost:
            assert taken or not is_mine
        else:
            raise AssertionError("a stale owner has written")

    def new_write(self, lease: Lease, expected: int, parts: int) -> Callable[[], Entry]:
        """A write like no other."""
        self.writes += 1
        number = self.writes
        happenings = [Happening(at=self.model.now, kind=f"{number}.{part}", rollout="r1") for part in range(parts)]
        return lambda: self.ledger.write(lease, expected, str(number), happenings)

    def count(self, lease: Lease, parts: int) -> None:
        """The newest write has had its effect."""
        self.model.version += 1
        self.model.state = str(self.writes)
        self.told += [(f"{self.writes}.{part}", lease.owner, lease.fence) for part in range(parts)]

    @invariant()
    def the_document_is_the_one_that_was_written_last(self) -> None:
        entry = self.ledger.read(KEY)
        if entry is None:
            assert not self.model.version
            return
        assert (entry.version, entry.state) == (self.model.version, self.model.state)
        assert self.ledger.entries("prod") == [entry]
        if entry.lease is None:
            assert not self.model.holder
        else:
            found = (entry.lease.owner, entry.lease.fence, entry.lease.until)
            assert found == (self.model.holder, self.model.fence, self.model.until)

    @invariant()
    def history_has_everything_once_in_order_and_without_gaps(self) -> None:
        events = self.ledger.events(KEY, None, 10_000)
        assert [event.seq for event in events] == list(range(1, len(self.told) + 1))
        assert [(event.kind, event.actor, event.fence) for event in events] == self.told
        fences = [event.fence for event in events]
        assert fences == sorted(fences)
        assert len({(event.fence, event.actor) for event in events}) == len(set(fences))
        assert self.ledger.history("prod", START) == events


class SqliteMachine(LedgerMachine):
    def make_store(self) -> Store:
        folder = self.resources.enter_context(TemporaryDirectory())
        return SqliteStore(Path(folder) / "ledger.db")


class DynamoMachine(LedgerMachine):
    def make_store(self) -> Store:
        self.resources.enter_context(mock_aws())
        return Account().store()


def limited(machine: type[LedgerMachine], *, examples: int, steps: int) -> Any:
    """What pytest runs; a store on a disk or behind a protocol takes milliseconds for each step, so it gets fewer."""
    case = machine.TestCase
    case.settings = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    return case


TestMemory = limited(LedgerMachine, examples=150, steps=40)
TestSqlite = limited(SqliteMachine, examples=8, steps=25)
TestDynamo = limited(DynamoMachine, examples=8, steps=25)

"""Whole rollouts in the rollout world: a service with two versions, a ledger in memory, and whoever rolls out."""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import pytest

from rollouts.aws import Aws
from rollouts.control import Wanted, begin, run, take
from rollouts.drivers import driver_of
from rollouts.judge import CloudWatchJudge
from rollouts.ledger import Event, Key, Ledger
from rollouts.ledger.rows import Row
from rollouts.ledger.store import Store
from rollouts.machine.tools import LEASE_SECONDS, Tools
from rollouts.preflight import Outlook, look_ahead
from rollouts.record import Rollout
from simulator.world.client import Gate
from simulator.world.clock import SkewedClock
from simulator.world.world import World
from stacks.targets import Target
from tests.rollouts.ledger.places import MemoryStore

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
BEFORE_MINUTES: Final = 70
"""More than the preflight looks back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GatedStore:
    """A ledger's store whose every access is a call of the world, so that it can be killed there."""

    store: Store
    gate: Gate

    def load(self, key: Key) -> Row:
        return self.gate.perform("ledger", "Load", {}, lambda: self.store.load(key))

    def swap(self, row: Row, events: Sequence[Event]) -> None:
        self.gate.perform("ledger", "Swap", {}, lambda: self.store.swap(row, events))

    def rows(self, stack: str) -> list[Row]:
        return self.store.rows(stack)

    def newest_first(self, key: Key) -> Generator[Event, None, None]:
        return self.store.newest_first(key)


class Enough(Exception):  # noqa: N818 - nothing went wrong
    """A test has seen what it waited for."""


def _nothing(_: Rollout) -> None:
    return


@dataclass(kw_only=True, slots=True)
class Stage:
    """One service in the world, and one ledger.

    `build` is what `pulumi up` of the candidate does to the world; it returns the service's new target.
    """

    world: World
    target: Target
    build: Callable[[], Target]
    store: Store = field(default_factory=MemoryStore)
    told: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    reconcile: Callable[[Rollout], None] = _nothing
    id: str = "r-1"

    @property
    def key(self) -> Key:
        return Key(stack="prod", service=self.target.service)

    def __post_init__(self) -> None:
        self.world.clock.advance(BEFORE_MINUTES)

    @property
    def ledger(self) -> Ledger:
        return Ledger(GatedStore(store=self.store, gate=self.world.gate))

    @property
    def aws(self) -> Aws:
        return Aws(self.world.client, self.world.clock)

    def tools(self, skew_seconds: float = 0) -> Tools:
        """As a new process has them; its clock may be wrong."""
        clock = SkewedClock(self.world.clock, skew_seconds)
        aws = Aws(self.world.client, clock)

        def tell(rollout: Rollout, kind: str, _: object) -> None:
            self.told.append((kind, rollout.phase))

        return Tools(
            clock=clock,
            drive=lambda rollout: driver_of(aws, clock, rollout),
            judge=CloudWatchJudge(aws),
            build=lambda _: self.build(),
            reconcile=self.reconcile,
            tell=tell,
        )

    def outlook(self) -> Outlook:
        """What the preflight says."""
        return look_ahead(self.aws, self.world.clock, self.target)

    def wanted(self, outlook: Outlook, actor: str = "me") -> Wanted:
        threshold = outlook.traffic.threshold if outlook.traffic else None
        slow_ms = threshold.milliseconds if threshold else None
        return Wanted(id=self.id, key=self.key, target=self.target, survey=outlook.survey, slow_ms=slow_ms, actor=actor)

    def start(self) -> Rollout:
        """Roll out until it ends, or is held."""
        tools = self.tools()
        return run(begin(self.ledger, tools, self.wanted(self.outlook())), tools, None, _nothing)

    def until(self, is_time: Callable[[Rollout], bool]) -> None:
        """Roll out until it is time to stop; then nobody is at work on it."""

        def watch(rollout: Rollout) -> None:
            if is_time(rollout):
                raise Enough

        tools = self.tools()
        with pytest.raises(Enough):
            run(begin(self.ledger, tools, self.wanted(self.outlook())), tools, None, watch)

    def resume(self, actor: str = "another process") -> Rollout:
        """Go on in a new process when the lease of the old one is over."""
        self.world.clock.sleep(LEASE_SECONDS)
        tools = self.tools()
        return run(take(self.ledger, tools, self.key, actor, by_force=False), tools, None, _nothing)

    def record(self) -> Rollout | None:
        """What the ledger has; asked behind the world's back."""
        entry = Ledger(self.store).read(self.key)
        return Rollout.model_validate_json(entry.state) if entry else None

    def record_now(self) -> Rollout:
        """The same, where there is one."""
        found = self.record()
        assert found is not None
        return found

    def events(self) -> list[Event]:
        return Ledger(self.store).events(self.key, None, 10_000)

    def operations(self) -> list[str]:
        return [f"{call.service}.{call.operation}" for call in self.world.calls]

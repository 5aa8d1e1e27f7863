"""What a rollout works with: the ledger's record under a lease, and everything that it asks of the world outside."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from pydantic import JsonValue

from rollouts.clock import Clock
from rollouts.driver import Driver
from rollouts.judge import Assessment
from rollouts.ledger import Happening, Lease, Ledger
from rollouts.machine.patience import patience_minutes
from rollouts.record import Rollout
from stacks.targets import Target

LEASE_SECONDS: Final = 120
"""How long a worker that died keeps others out: our own, several times the longest AWS call."""
GUARD_SECONDS: Final = 45
"""How much of the lease must be left when AWS is asked to change something: our own, more than a call may take."""


class Journal:
    """The record that this process works on. Every write is the whole record and what happened, or nothing.

    Raises LeaseLost as soon as somebody else has taken over; whoever gets it has touched nothing since.
    """

    def __init__(self, ledger: Ledger, lease: Lease, clock: Clock) -> None:
        self._ledger, self._clock = ledger, clock
        self.lease = lease
        entry = ledger.read(lease.key)
        if entry is None:
            raise LookupError(lease.key)
        self._version = entry.version
        self.rollout = Rollout.model_validate_json(entry.state)

    def save(self, rollout: Rollout, kind: str, **data: JsonValue) -> Rollout:
        """Keep the record and say what happened."""
        self.guard()
        happened = Happening(at=self._clock.now(), kind=kind, rollout=rollout.id, data=data)
        entry = self._ledger.write(self.lease, self._version, rollout.document, (happened,))
        self._version = entry.version
        self.rollout = rollout
        return rollout

    def renew(self) -> None:
        """Ask the ledger whether the rollout still is ours, and have the whole lease again."""
        self.lease = self._ledger.renew(self.lease, self._clock.now())

    def guard(self, seconds: int = GUARD_SECONDS) -> None:
        """See to it that so much of the lease is left; as long as it is, nobody is asked."""
        if self.lease.until - self._clock.now() < timedelta(seconds=seconds):
            self.renew()

    def release(self) -> None:
        """Let others have it. Where the ledger cannot be reached, they have it when the lease is over."""
        with suppress(Exception):
            self._ledger.release(self.lease)


class Judge(Protocol):
    """Reads what CloudWatch has counted, and asks the gates."""

    def __call__(self, rollout: Rollout, driver: Driver, now: datetime) -> Assessment:
        """What the gates say of the present step."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Tools:
    """What a rollout asks of the world outside.

    `build` updates the stack with the candidate and returns the service's new target; `reconcile` makes Pulumi's state
    agree with what is there; `tell` lets people know.
    """

    clock: Clock
    drive: Callable[[Rollout], Driver]
    judge: Judge
    build: Callable[[Rollout], Target]
    reconcile: Callable[[Rollout], None]
    tell: Callable[[Rollout, str, Mapping[str, JsonValue]], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Work:
    """One tick's view: the record, the tools, and the driver made for them."""

    journal: Journal
    tools: Tools
    driver: Driver

    @property
    def rollout(self) -> Rollout:
        """The record as it was last written."""
        return self.journal.rollout

    @property
    def now(self) -> datetime:
        """The time."""
        return self.tools.clock.now()

    def save(self, rollout: Rollout, kind: str, **data: JsonValue) -> None:
        """Keep the record, and let people know."""
        self.journal.save(rollout, kind, **data)
        self.tools.tell(rollout, kind, data)

    @property
    def patience(self) -> int:
        """Minutes that AWS may take for a change of the target."""
        return patience_minutes(self.rollout.target)

    def is_late(self, minutes: float) -> bool:
        """Whether the phase takes longer than that."""
        return self.minutes_since(self.rollout.phase_at) > minutes

    def is_stuck(self, because: str, minutes: float) -> bool:
        """Whether the phase takes longer than that, and had to wait at the look before, too.

        Nobody may have looked in between: jobs come as rarely as they like.
        """
        before = self.rollout.waits
        if because != before:
            self.save(self.rollout.but(waits=because), "waiting", reason=because)
        return bool(before) and self.is_late(minutes)

    def insist(self, because: str) -> None:
        """Wait for what is asked of AWS again at each look, however long; say so once when it takes too long."""
        if self.is_stuck(because, self.patience) and self.rollout.stuck_since is None:
            stuck = self.rollout.but(stuck_since=self.rollout.phase_at)
            self.save(stuck, "stuck", reason=f"after {self.patience} minutes: {because}")

    def minutes_since(self, moment: datetime) -> float:
        """How long ago that was."""
        return (self.now - moment).total_seconds() / 60

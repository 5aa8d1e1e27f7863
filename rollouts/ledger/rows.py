"""Who may change what in the ledger. Pure: each takes a row as it was read and returns the row to be stored instead.

A store then swaps the one for the other if nobody has been faster. A row that comes back as it was needs no swap.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from rollouts.errors import LeaseLost, Locked
from rollouts.ledger.values import Event, Happening, Key, Lease, VersionError


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """Everything that changes about one key, which is everything but its events.

    `revision` counts all changes, those of the lease too; 0 is a row that was never stored. `version` counts the
    documents. `fence` is the highest that was ever given, and outlives the lease. `token` names the last write.
    """

    key: Key
    revision: int = 0
    version: int = 0
    state: str = ""
    token: str = ""
    last_event: int = 0
    fence: int = 0
    lease: Lease | None = None


Change: TypeAlias = tuple[Row, Sequence[Event]]
"""The row to be stored, and the events that are stored with it or not at all."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """Somebody's wish for the lease; `by_force` says not to wait until it has expired."""

    owner: str
    seconds: int
    now: datetime
    by_force: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Write:
    """A new document and what happened, under a lease, in place of the version that its writer has read."""

    lease: Lease
    expected: int
    state: str
    happenings: Sequence[Happening]

    @property
    def token(self) -> str:
        """The same for the same write, whoever repeats it: a write whose answer was lost is known by it."""
        happenings = [{**asdict(happening), "at": happening.at.isoformat()} for happening in self.happenings]
        text = json.dumps([self.lease.fence, self.expected, self.state, happenings], sort_keys=True, allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()


def acquire(row: Row, claim: Claim) -> Change:
    """Give the lease, with a higher fence, also to an owner that has it already (its answer may have been lost).

    Raises:
        Locked: while somebody else's is valid.
    """
    held = row.lease
    if held is not None and held.owner != claim.owner and claim.now < held.until and not claim.by_force:
        raise Locked(held.owner, held.until)
    until = claim.now + timedelta(seconds=claim.seconds)
    lease = Lease(key=row.key, owner=claim.owner, fence=row.fence + 1, until=until, seconds=claim.seconds)
    return replace(row, revision=row.revision + 1, fence=lease.fence, lease=lease), ()


def renew(row: Row, lease: Lease, now: datetime) -> Change:
    """Let it last longer; an expired one too, as long as nobody has taken over.

    Raises:
        LeaseLost: somebody has.
    """
    _check_fence(row, lease)
    renewed = replace(lease, until=now + timedelta(seconds=lease.seconds))
    return replace(row, revision=row.revision + 1, lease=renewed), ()


def release(row: Row, lease: Lease) -> Change:
    """Give it back; nothing happens to a lease that is somebody else's by now, or was released."""
    if row.lease is None or row.lease.fence != lease.fence:
        return row, ()
    return replace(row, revision=row.revision + 1, lease=None), ()


def write(row: Row, wanted: Write) -> Change:
    """Put the new document and the events in; the same write for the second time changes nothing.

    Raises:
        LeaseLost: somebody else has taken over, or the lease was released.
        VersionError: the document is at another version than was expected.
    """
    _check_fence(row, wanted.lease)
    token, version = wanted.token, wanted.expected + 1
    if (row.version, row.token) == (version, token):
        return row, ()
    if row.version != wanted.expected:
        raise VersionError(row.key, wanted.expected, row.version)
    events = tuple(
        Event(
            at=happening.at,
            kind=happening.kind,
            rollout=happening.rollout,
            data=happening.data,
            key=row.key,
            seq=seq,
            actor=wanted.lease.owner,
            fence=wanted.lease.fence,
        )
        for seq, happening in enumerate(wanted.happenings, start=row.last_event + 1)
    )
    new = replace(
        row,
        revision=row.revision + 1,
        version=version,
        state=wanted.state,
        token=token,
        last_event=row.last_event + len(events),
    )
    return new, events


def _check_fence(row: Row, lease: Lease) -> None:
    """Time plays no part: a lease is good until somebody takes over, and never again after it."""
    if row.lease is None:
        raise LeaseLost(f"the lease of {lease.owner} on {row.key} was released")
    if row.lease.fence != lease.fence:
        raise LeaseLost(
            f"{row.lease.owner} has taken over {row.key} from {lease.owner} "
            f"(fence {row.lease.fence}, after {lease.fence})"
        )

"""What people and jobs do with a rollout: start, go on, hold, say that a step is good, abort.

Whoever gives a command takes the rollout over; the worker that had it finds that out at its next write, and stops.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from rollouts.driver import Driven, Survey
from rollouts.errors import Refused
from rollouts.ledger import Happening, Key, Lease, Ledger, VersionError
from rollouts.machine import tick
from rollouts.machine.patience import is_over
from rollouts.machine.tools import LEASE_SECONDS, Journal, Tools
from rollouts.measure import MINUTE, minute_of
from rollouts.plan import steps_of
from rollouts.record import ALL, Hold, Rollout
from stacks.targets import Target

TICK_SECONDS: Final = 15
"""Between two looks: our own; CloudWatch has a new complete minute four times more rarely."""
_OVER: Final = "There is no open rollout of {}.\n    fix: onramp rollout start"


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is to be rolled out: the service of a stack, who says so, and as which rollout."""

    id: str
    key: Key
    target: Target
    survey: Survey
    slow_ms: float | None
    actor: str


def begin(ledger: Ledger, tools: Tools, wanted: Wanted) -> Journal:
    """Open a rollout in the ledger; nothing else is touched.

    Raises:
        Refused: when there is an open one, or something that the survey found forbids it.
        Locked: when somebody else is at work on the service.
    """
    entry = ledger.read(wanted.key)
    before = Rollout.model_validate_json(entry.state) if entry is not None else None
    if before is not None and before.is_open:
        since = f"{before.started_at:%Y-%m-%d %H:%M} UTC"
        raise Refused(
            f"{before.id} of {before.service} has been open since {since} (started by {before.actor}, {before.phase}): "
            "onramp rollout resume goes on with it, onramp rollout abort goes back"
        )
    if wanted.survey.problems:
        raise Refused(*wanted.survey.problems)
    now = tools.clock.now()
    rollout = Rollout(
        id=wanted.id,
        stack=wanted.key.stack,
        service=wanted.key.service,
        actor=wanted.actor,
        started_at=now,
        phase_at=now,
        target=wanted.target,
        live=wanted.survey.live,
        former=_release_of(wanted.survey.live, wanted.target, before),
        side=wanted.survey.side,
        slow_ms=wanted.slow_ms,
        steps=steps_of(wanted.target),
    )
    lease = ledger.acquire(wanted.key, _worker(wanted.actor), LEASE_SECONDS, now)
    happened = Happening(at=now, kind="started", rollout=rollout.id, data={"live": rollout.live})
    try:
        ledger.write(lease, entry.version if entry is not None else 0, rollout.document, (happened,))
    except VersionError as error:
        ledger.release(lease)
        raise Refused(f"somebody has just rolled {rollout.service} out; look at: onramp rollout status") from error
    tools.tell(rollout, "started", {"live": rollout.live})
    return Journal(ledger, lease, tools.clock)


def _release_of(live: str, target: Target, before: Rollout | None) -> str:
    """What the stack file named for the live version, by the stack's last update or the service's last rollout."""
    if target.revision == live:
        return target.release
    if before is None:
        return ""
    return {before.live: before.former, before.candidate: before.target.release}.get(live, "")


def take(ledger: Ledger, tools: Tools, key: Key, actor: str, *, by_force: bool) -> Journal:
    """Go on with an open rollout.

    Args:
        ledger: where it is.
        tools: of the rollout.
        key: whose rollout.
        actor: who goes on.
        by_force: take it from whoever is at work on it.

    Raises:
        Refused: when there is none.
        Locked: when somebody else is at work on it.
    """
    _open(ledger, key)
    journal = _seize(ledger, tools, key, actor, by_force=by_force)
    if not journal.rollout.is_open:  # its worker has just ended it
        journal.release()
        raise Refused(_OVER.format(key.service))
    return journal


def _seize(ledger: Ledger, tools: Tools, key: Key, actor: str, *, by_force: bool) -> Journal:
    lease = ledger.acquire(key, _worker(actor), LEASE_SECONDS, tools.clock.now(), by_force=by_force)
    return Journal(ledger, lease, tools.clock)


def _open(ledger: Ledger, key: Key) -> tuple[Rollout, Lease | None]:
    """What is open, and who is at work on it, or was."""
    entry = ledger.read(key)
    if entry is None or not (rollout := Rollout.model_validate_json(entry.state)).is_open:
        raise Refused(_OVER.format(key.service))
    return rollout, entry.lease


def abort(ledger: Ledger, tools: Tools, key: Key, actor: str, reason: str) -> Journal:
    """Take all traffic off the candidate now, whoever is at work on it; that call comes before anything else.

    Neither the engine nor its state is asked. Afterwards the rollout is ours, and its way back is the usual one.
    """
    rollout, former = _open(ledger, key)
    if not rollout.may_abort:
        raise _past_abort(rollout)
    refusal: Exception | None = None
    try:
        tools.drive(rollout).zero()
    except Exception as error:  # noqa: BLE001 - whatever it is, the ledger says so, and whoever goes on tries again
        refusal = error
    journal = _seize(ledger, tools, key, actor, by_force=True)
    if not journal.rollout.may_abort:
        _give_back(journal, tools)
        raise _past_abort(journal.rollout)
    now = tools.clock.now()
    # Whoever had the lease has asked AWS for nothing after its end, by whatever clock: it was not longer than ours.
    guard_until = now + timedelta(seconds=LEASE_SECONDS) if former is not None else None
    back = journal.rollout.but(
        ending="aborted", reason=f"{reason} ({actor})", intent=None, hold=None, guard_until=guard_until
    )
    journal.save(back.to("aborting", now), "abort", reason=reason, actor=actor)
    tools.tell(journal.rollout, "abort", {"reason": reason, "actor": actor})
    if refusal is not None:
        journal.release()
        raise refusal
    return journal


def _past_abort(rollout: Rollout) -> Refused:
    if rollout.ending in {"aborted", "rolled-back"}:
        return Refused(f"{rollout.id} is on its way back ({rollout.reason}): onramp rollout resume goes on with that")
    return Refused(
        f"{rollout.id} is {rollout.phase}: it is past the point at which the traffic can be taken back at once. "
        f"To have {rollout.live} again, roll it out like any other version"
    )


def _give_back(journal: Journal, tools: Tools) -> None:
    """Between our look and the lease its worker got so far that the old version's capacity may be gone already."""
    driver = tools.drive(journal.rollout)
    try:
        if journal.rollout.ending == "promoted" and isinstance(driver, Driven):
            driver.shift(0, ALL, journal.renew)
    finally:
        journal.release()


def _worker(actor: str) -> str:
    """Who has the lease: one run of a process, so that a person at two terminals is two workers."""
    return f"{actor} ({uuid4().hex[:8]})"


def hold(journal: Journal, tools: Tools, actor: str, reason: str) -> Rollout:
    """Take no further step until somebody resumes it; a version that is judged bad is still taken back.

    Raises:
        Refused: when there is no step left to take.
    """
    if not journal.rollout.may_abort:
        raise Refused(f"{journal.rollout.id} is {journal.rollout.phase}; there is no step left that could be held")
    held = Hold(by=actor, reason=reason, at=tools.clock.now())
    rollout = journal.save(journal.rollout.but(hold=held), "held", reason=reason, actor=actor)
    tools.tell(rollout, "held", {"reason": reason, "actor": actor})
    return rollout


def release(journal: Journal, tools: Tools, actor: str) -> Rollout:
    """Let it go on: with a new deadline for the step that was held, or with new patience for what AWS does not do."""
    rollout = journal.rollout
    if rollout.hold is None and rollout.stuck_since is None:
        return rollout
    now = tools.clock.now()
    if rollout.hold is not None:
        rollout = _let_go(rollout, now).to(rollout.phase, now)
    else:
        rollout = rollout.but(phase_at=now, waits="")
    saved = journal.save(rollout, "resumed", actor=actor)
    tools.tell(saved, "resumed", {"actor": actor})
    return saved


def _let_go(rollout: Rollout, now: datetime) -> Rollout:
    """What nobody saw while it was held stays unseen: the next minute that counts is the first one after this."""
    return rollout.but(hold=None, judged_from=minute_of(now) + MINUTE if rollout.hold is not None else None)


def promote(journal: Journal, tools: Tools, actor: str, *, is_full: bool) -> Rollout:
    """Call the present step good without waiting for its sample; with `is_full`, all that remain are one.

    Raises:
        Refused: when no step is being watched.
    """
    rollout = journal.rollout
    if rollout.phase != "stepping":
        raise Refused(f"{rollout.id} is {rollout.phase}; there is no step that anybody could call good")
    steps = rollout.steps
    taken = rollout.step + (rollout.intent is not None)  # what is being written stays a step of its own
    if is_full and taken < len(steps):
        steps = (*steps[:taken], steps[-1])
    now = tools.clock.now()
    promoted = _let_go(rollout, now).but(skip=True, steps=steps).to("stepping", now)
    saved = journal.save(promoted, "promote", actor=actor, full=is_full)
    tools.tell(saved, "promote", {"actor": actor})
    return saved


def run(journal: Journal, tools: Tools, until: datetime | None, watch: Callable[[Rollout], None]) -> Rollout:
    """Tick until it has ended, is held or stuck, or it is time to stop; then let others have it.

    Args:
        journal: the rollout, which is ours.
        tools: of the rollout.
        until: when to stop at the latest; None for no limit.
        watch: told of the rollout after each tick.

    Raises:
        LeaseLost: when somebody else has taken over.
    """
    try:
        while True:
            rollout = tick(journal, tools)
            watch(rollout)
            is_held = rollout.hold is not None and rollout.phase == "stepping"
            now = tools.clock.now()
            if not rollout.is_open or is_held or is_over(rollout, now) or (until is not None and now >= until):
                return rollout
            tools.clock.sleep(TICK_SECONDS)
            journal.guard()
    finally:
        journal.release()

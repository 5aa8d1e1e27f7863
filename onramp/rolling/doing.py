"""A rollout from a command's beginning to its end: it starts or goes on, ticks, and stops cleanly wherever it is."""

import signal
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NoReturn
from uuid import uuid4

from onramp.exits import Exit, LockedError
from onramp.rolling.looking import Look
from onramp.rolling.session import Session
from onramp.rolling.trouble import readable_trouble
from rollouts import control
from rollouts.errors import LeaseLost, Locked, Refused
from rollouts.ledger import Key
from rollouts.machine.patience import is_over
from rollouts.machine.tools import Journal, Tools
from rollouts.past import person
from rollouts.record import Ending, Rollout

_CODES: Final[dict[Ending | None, Exit]] = {
    "promoted": Exit.FINE,
    "aborted": Exit.RULES_SAY_NO,
    "rolled-back": Exit.ROLLED_BACK,
    None: Exit.FINE,
}
_GOES_ON: Final = frozenset({Exit.FINE, Exit.HELD, Exit.LOCKED})


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """How long a command works.

    Args:
        minutes: at most; None for as long as it takes.
        once: one tick, and no more.
    """

    minutes: float | None
    once: bool

    def until(self, now: datetime) -> datetime | None:
        """When to stop."""
        if self.once:
            return now
        return now + timedelta(minutes=self.minutes) if self.minutes is not None else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """How a command has left a rollout; `stopped` when somebody asked it to."""

    rollout: Rollout
    code: Exit
    stopped: bool = False


def code_of(rollout: Rollout) -> Exit:
    """What a rollout as it is says to the shell."""
    if rollout.stuck_since is not None:
        return Exit.ENGINE_FAILED
    return Exit.HELD if rollout.is_open else _CODES[rollout.ending]


def worst_of(codes: Iterable[Exit]) -> Exit:
    """Of several rollouts: what goes on by itself, or with somebody else, must not hide what does not."""
    return max(codes, key=lambda code: (code not in _GOES_ON, code), default=Exit.FINE)


def start(session: Session, look: Look, limits: Limits) -> Outcome:
    """Open the rollout, and go on with it.

    Raises:
        Refused: with everything that forbids it; nothing was touched then.
    """
    if look.problems:
        raise Refused(*look.problems)
    tools, key = session.tools(look.target.region), session.key(look.target.service)
    threshold = look.outlook.traffic.threshold if look.outlook.traffic is not None else None
    wanted = control.Wanted(
        id=f"r-{tools.clock.now():%Y%m%d-%H%M%S}-{uuid4().hex[:4]}",
        key=key,
        target=look.target,
        survey=look.outlook.survey,
        slow_ms=threshold.milliseconds if threshold is not None else None,
        actor=session.actor,
    )
    return _work(session, key, tools, limits, lambda: control.begin(session.ledger, tools, wanted))


def resume(session: Session, rollout: Rollout, limits: Limits, *, take_over: bool, keep_hold: bool) -> Outcome:
    """Go on with an open rollout; one that is held is let go, unless the hold is to be kept."""
    tools, key = _tools(session, rollout)

    def begin() -> Journal:
        journal = control.take(session.ledger, tools, key, session.actor, by_force=take_over)
        if take_over:
            journal.save(journal.rollout, "taken-over", actor=session.actor)
        if not keep_hold:
            control.release(journal, tools, session.actor)
        return journal

    return _work(session, key, tools, limits, begin)


def resume_all(
    session: Session, rollouts: Sequence[Rollout], limits: Limits, *, take_over: bool, keep_hold: bool
) -> list[Outcome]:
    """Go on with several, a tick of each in turn; those that somebody else is at work on are left to him."""
    until, once = limits.until(session.around.clock.now()), Limits(minutes=None, once=True)
    outcomes: dict[str, Outcome] = {}
    waiting = [*rollouts]
    while waiting:
        # Only the first time: who takes one over or holds it from then on does so for a reason.
        is_first = not outcomes
        for rollout in waiting:
            try:
                done = resume(
                    session, rollout, once, take_over=take_over and is_first, keep_hold=keep_hold or not is_first
                )
            except Locked as locked:
                session.screen.doing(f"{rollout.service}: {locked}")
                done = Outcome(rollout=rollout, code=Exit.LOCKED)
            outcomes[rollout.service] = done
        now = session.around.clock.now()
        waiting = [done.rollout for done in outcomes.values() if _goes_on(done, now)]
        if (until is not None and now >= until) or any(done.stopped for done in outcomes.values()):
            break
        session.around.clock.sleep(control.TICK_SECONDS if waiting else 0)
    return [*outcomes.values()]


def _goes_on(done: Outcome, now: datetime) -> bool:
    rollout = done.rollout
    is_waiting = rollout.hold is not None or is_over(rollout, now) or done.code is Exit.LOCKED
    return rollout.is_open and not is_waiting


def promote(session: Session, rollout: Rollout, limits: Limits, *, is_full: bool) -> Outcome:
    """Call the present step good, and go on."""
    tools, key = _tools(session, rollout)

    def begin() -> Journal:
        journal = control.take(session.ledger, tools, key, session.actor, by_force=True)
        with _released_on_error(journal):
            control.promote(journal, tools, session.actor, is_full=is_full)
        return journal

    return _work(session, key, tools, limits, begin)


def abort(session: Session, rollout: Rollout, limits: Limits, reason: str) -> Outcome:
    """Take all traffic back now; what was asked for and is done, is fine."""
    tools, key = _tools(session, rollout)
    done = _work(session, key, tools, limits, lambda: control.abort(session.ledger, tools, key, session.actor, reason))
    is_done = done.rollout.ending == "aborted" and not done.rollout.is_open
    return Outcome(rollout=done.rollout, code=Exit.FINE if is_done else done.code, stopped=done.stopped)


def hold(session: Session, rollout: Rollout, reason: str) -> Outcome:
    """Take no further step until somebody resumes it."""
    tools, key = _tools(session, rollout)
    with readable_trouble(""):
        journal = control.take(session.ledger, tools, key, session.actor, by_force=True)
        try:
            held = control.hold(journal, tools, session.actor, reason)
        finally:
            journal.release()
    return Outcome(rollout=held, code=Exit.FINE)


def _tools(session: Session, rollout: Rollout) -> tuple[Tools, Key]:
    return session.tools(rollout.target.region), session.key(rollout.service)


def _work(session: Session, key: Key, tools: Tools, limits: Limits, begin: Callable[[], Journal]) -> Outcome:
    go_on = f"onramp rollout resume {key.stack} {key.service}"
    until = limits.until(tools.clock.now())
    try:
        with readable_trouble(go_on), _stoppable(), session.screen:
            rollout = control.run(begin(), tools, until, session.screen.ticked)
    except LeaseLost as lost:
        _lost(session, key, lost)
    except KeyboardInterrupt:
        left = session.newest(key.service)
        if left is None:
            raise
        return Outcome(rollout=left, code=Exit.HELD if left.is_open else code_of(left), stopped=True)
    return Outcome(rollout=rollout, code=code_of(rollout))


def _lost(session: Session, key: Key, lost: LeaseLost) -> NoReturn:
    """Who has it now, and what they did with it."""
    entry = session.ledger.read(key)
    newest = session.ledger.events(key, None, 1)
    who = person(entry.lease.owner) if entry is not None and entry.lease is not None else ""
    who = who or (person(newest[0].actor) if newest else "somebody else")
    did = f", and the newest that happened is `{newest[0].kind}` at {newest[0].at:%H:%M:%S} UTC" if newest else ""
    raise LockedError(
        f"{who} has taken over the rollout of {key.service}{did}. This process has touched nothing since.\n"
        f"    fix: onramp rollout status {key.stack} {key.service} shows where it is"
    ) from lost


@contextmanager
def _released_on_error(journal: Journal) -> Generator[None]:
    try:
        yield
    except BaseException:
        journal.release()
        raise


@contextmanager
def _stoppable() -> Generator[None]:
    """A request to end, as GitHub and Kubernetes send it, is the same as Ctrl+C: the lease is given back."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python lets nobody else have signals
        return

    def stop(_number: int, _frame: object) -> NoReturn:
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)

"""The version that a service's last rollout took back: nothing but another rollout may bring it live again."""

from typing import Final

from rollouts.ledger import Key, Ledger
from rollouts.past import past
from rollouts.record import Ending, Rollout
from stacks.standing import TakenBack
from stacks.targets import ExpressTarget, RunnerTarget, Target

EVENTS_MAX: Final = 2_000
"""Of a service, the newest: our own; a look a minute for a day, and the few events of those that built nothing."""
_BACK: Final[frozenset[Ending | None]] = frozenset({"aborted", "rolled-back"})


def taken_back(ledger: Ledger, newest: Rollout) -> TakenBack | None:
    """What was taken back and is not live; None while a rollout is open, and when the last version stayed.

    A rollout that has built nothing (the rules refused it, or there was nothing to do) says nothing of a version, so
    the one before it counts.

    Args:
        ledger: asked for the story of older rollouts, and only if the newest one has built nothing.
        newest: the service's newest rollout.
    """
    if newest.is_open:
        return None
    found = _told(newest) if newest.candidate else _before(ledger, newest)
    return found if found is not None and found.candidate != found.live else None


def _told(rollout: Rollout) -> TakenBack | None:
    if rollout.ending not in _BACK:
        return None
    target = rollout.target
    return TakenBack(
        id=rollout.id,
        service=rollout.service,
        live=rollout.live,
        candidate=rollout.candidate,
        release=target.release,
        former=rollout.former or _release(target, rollout.live),
        why=_line(rollout.reason),
        ended=rollout.ended_at.isoformat() if rollout.ended_at is not None else "",
        actor=rollout.actor,
    )


def _before(ledger: Ledger, newest: Rollout) -> TakenBack | None:
    """By the events: the record of a service is that of its newest rollout alone."""
    events = ledger.events(Key(stack=newest.stack, service=newest.service), None, EVENTS_MAX)
    last = next((each for each in reversed(past(events)) if each.candidate), None)
    if last is None or last.ending not in _BACK:
        return None
    target = newest.target
    is_built_last = target.revision == last.candidate
    return TakenBack(
        id=last.id,
        service=last.service,
        live=newest.live,
        candidate=last.candidate,
        release=target.release if is_built_last else _release(target, last.candidate),
        former=newest.former or _release(target, newest.live),
        why=_line(last.reason),
        ended=last.ended_at.isoformat() if last.ended_at is not None else "",
        actor=last.actor,
    )


def _release(target: Target, revision: str) -> str:
    """What the stack file names for a revision that is the address of an image; of others nobody knows it."""
    if not isinstance(target, RunnerTarget | ExpressTarget) or not target.repository:
        return ""
    return revision.partition(f"/{target.repository}")[2].removeprefix("@").removeprefix(":")


def _line(reason: str) -> str:
    return " ".join(reason.split())

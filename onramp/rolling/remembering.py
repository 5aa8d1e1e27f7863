"""What the ledger remembers: past rollouts, their recorded minutes, and what the gates would have said of them."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from onramp.exits import BadInputError
from onramp.rolling.session import Session
from rollouts.errors import Refused
from rollouts.gates import GatePlan, Look, read, replay
from rollouts.ledger import Event
from rollouts.past import Past, past
from rollouts.replaying import plan_of_recording
from stacks.models.gates import Gates
from stacks.models.watched import STEPS

_EVENTS_MAX: Final = 100_000
"""Of one rollout; a look a minute for 23 hours and a day at each of twenty steps is a third of that."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """With what to replay, as it was asked for; None is the usual."""

    steps: str | None
    detect: float | None
    error_percent: float | None
    budget_percent: float | None


def past_rollouts(session: Session, service: str | None, since: datetime) -> tuple[Past, ...]:
    """Those that anything has happened in since then, complete, the oldest first."""
    events = [
        event for event in session.ledger.history(session.asked.stack, since) if service in {None, event.key.service}
    ]
    begun = {(event.key, event.rollout) for event in events if event.kind == "started"}
    older = {(event.key, event.rollout) for event in events} - begun
    whole = [event for event in events if (event.key, event.rollout) in begun]
    for key, rollout in sorted(older):
        whole += session.ledger.events(key, rollout, _EVENTS_MAX)
    return past(whole)


def recording(session: Session, service: str | None, rollout: str) -> str:
    """The minutes that were judged in a rollout, one a line.

    Raises:
        BadInputError: when there is no such rollout.
    """
    keys = [entry.key for entry in session.ledger.entries(session.asked.stack) if service in {None, entry.key.service}]
    events: list[Event] = []
    for key in keys:
        events += session.ledger.events(key, rollout, _EVENTS_MAX)
    if not events:
        fix = f"onramp rollout history {session.asked.stack} --json has the ids"
        raise BadInputError(f"There is no rollout {rollout!r} of {session.asked.stack}.\n    fix: {fix}")
    return "".join(str(event.data.get("minutes") or "") for event in events)


def replayed(file: Path, bounds: Bounds) -> tuple[tuple[Look, ...], GatePlan]:
    """What the gates would have said after each recorded minute, and by which plan.

    Raises:
        BadInputError: when the file cannot be read, or the bounds are none.
        Refused: when its lines are no recording, or nothing can be judged like this.
    """
    try:
        minutes = read(file.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        fix = "onramp rollout history STACK SERVICE --record ROLLOUT > FILE writes one"
        raise BadInputError(f"{file} cannot be read: {error}.\n    fix: {fix}") from None
    plan = plan_of_recording(minutes, _gates(bounds), _weights(bounds.steps))
    try:
        return replay(minutes, plan), plan
    except ValueError as error:
        raise Refused(f"the minutes are not in order: {error}") from None


def _gates(bounds: Bounds) -> Gates:
    written = {
        "detect": bounds.detect,
        "errorPercent": bounds.error_percent,
        "budgetPercent": bounds.budget_percent,
    }
    try:
        return Gates.model_validate({key: value for key, value in written.items() if value is not None})
    except ValidationError as error:
        raise Refused(*(f"{each['loc'][0]}: {each['msg']}" for each in error.errors())) from None


def _weights(steps: str | None) -> tuple[float, ...]:
    if steps is None:
        return tuple(map(float, STEPS))
    try:
        return tuple(float(part) for part in steps.split(","))
    except ValueError:
        raise BadInputError(f"--steps {steps} are no percents.\n    fix: such as --steps 5,25,50,100") from None

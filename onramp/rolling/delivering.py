"""A rollout as a pipeline runs it: it begins one, or finds its own open, and leaves it only when it has ended.

People may hold it, take it over and end it meanwhile: this waits, watches what is held, and ends as the rollout does.
"""

from datetime import datetime
from typing import Final

from onramp.evaluate import find_project, load
from onramp.exits import BadInputError, EngineError, Exit, LockedError
from onramp.rolling import doing
from onramp.rolling.doing import Limits, Outcome
from onramp.rolling.looking import Look, NeverBuiltError, look, ways
from onramp.rolling.session import Session
from rollouts.drivers import driver_of
from rollouts.errors import Locked, NotBuilt, Refused
from rollouts.machine.patience import CHANGE_MINUTES
from rollouts.plan import unborn
from rollouts.record import Rollout
from rollouts.same import is_live
from stacks.targets import BEGUN_BY_UPDATE, Target

WAIT_SECONDS: Final = 60
"""Between two looks at what others are at work on, or hold: our own."""
TROUBLES_MAX: Final = 5
"""So often in a row AWS, the ledger or the engine may fail, a minute apart, before this gives up: our own."""


def check(session: Session, service: str, release: str) -> None:
    """Whether the stack file may name this release: while a rollout is open, it goes on naming what is rolled out.

    Raises:
        Refused: when it may not.
    """
    written = load(find_project(session.asked.project), session.asked.stack).images.get(service)
    newest = session.newest(service)
    if newest is None or not newest.is_open or release == written:
        return
    raise Refused(f"{newest.id} of {written} is open, and {release} is another version; {ways(newest)}")


def deliver(session: Session, service: str, limits: Limits) -> Outcome | str:
    """Take what the stack file names live, and stay until that is so, or is not.

    Returns:
        How the rollout has ended, or was left when the time was over; text when nothing had to be rolled out.

    Raises:
        Refused: when it may not begin, or another version is being rolled out.
    """
    until = limits.until(session.around.clock.now())
    newest = session.newest(service)
    if newest is not None and newest.is_open:
        session.screen.doing(f"{newest.id} is open already; this goes on with it")
        return _stay(session, newest, until, is_ours=False)
    try:
        found = look(session, service)
    except NeverBuiltError:
        return _first(session, service)
    if found.problems:
        return _live_already(session, found)
    try:
        done = doing.start(session, found, Limits(minutes=None, once=True))
    except LockedError as locked:  # after it was opened: the stack is locked, or somebody has taken it over
        session.screen.doing(str(locked))
        return _stay(session, _newest(session, service), until, is_ours=False)
    return done if done.stopped else _stay(session, done.rollout, until, is_ours=True)


def _stay(session: Session, rollout: Rollout, until: datetime | None, *, is_ours: bool) -> Outcome:
    """Go on with it until it has ended or the time is over; `is_ours` when its candidate is known to be ours."""
    clock, troubles = session.around.clock, 0
    while rollout.is_open:
        if until is not None and clock.now() >= until:
            return Outcome(rollout=rollout, code=Exit.HELD)
        if rollout.candidate and not is_ours:
            _see_that_it_is_ours(session, rollout)
            is_ours = True
        try:
            done = _resume(session, rollout, until)
        except EngineError as trouble:
            troubles += 1
            if troubles == TROUBLES_MAX or rollout.phase == "building":
                raise
            session.screen.doing(f"again in a minute: {trouble}")
        else:
            is_ours, troubles = is_ours or done is not None, 0
            if done is not None and done.stopped:
                return done
        rollout = _again(session, rollout)
        if rollout.is_open:
            clock.sleep(WAIT_SECONDS)
    return Outcome(rollout=rollout, code=doing.code_of(rollout))


def _resume(session: Session, rollout: Rollout, until: datetime | None) -> Outcome | None:
    """Go on with it as long as nobody holds it; None when somebody else was at work on it, or it has just ended."""
    minutes = (until - session.around.clock.now()).total_seconds() / 60 if until is not None else None
    limits = Limits(minutes=minutes, once=False)
    try:
        return doing.resume(session, rollout, limits, take_over=False, keep_hold=True)
    except (Locked, LockedError) as busy:
        session.screen.doing(f"waiting: {busy}")
    except Refused as ended:
        session.screen.doing(str(ended))
    return None


def _again(session: Session, rollout: Rollout) -> Rollout:
    """The same rollout as it is now; a new hold is said, because somebody has to decide."""
    newest = _newest(session, rollout.service)
    if newest.id != rollout.id:
        raise Refused(f"{rollout.id} has ended, and {newest.id} was begun by {newest.actor} before this could see how")
    if newest.hold is not None and newest.hold != rollout.hold:
        session.screen.doing(f"held by {newest.hold.by}: {newest.hold.reason}; watched until {ways(newest)}")
    return newest


def _newest(session: Session, service: str) -> Rollout:
    found = session.newest(service)
    if found is None:
        raise LookupError(service)
    return found


def _see_that_it_is_ours(session: Session, rollout: Rollout) -> None:
    """The pack refuses an update that would build another version beside an open rollout; the same has no effect."""
    try:
        session.builder().build()
    except NotBuilt as refused:
        raise Refused(f"{rollout.id} of another version is open ({refused}); {ways(rollout)}") from refused


def _live_already(session: Session, found: Look) -> str:
    """Alarms that fire and missing traffic forbid a judgement; what is live already needs none.

    So it is after a rollout that was taken back, when the former version is in the stack file again.
    """
    target, survey = found.target, found.outlook.survey
    if target.driver in BEGUN_BY_UPDATE or survey.problems:
        raise Refused(*found.problems)
    built = _built(session, target.service)
    if not is_live(session.aws(target.region), built, survey.live):
        raise Refused(*found.problems)
    return f"{target.service}: what the stack file names is live already ({survey.live}); there was nothing to roll out"


def _first(session: Session, service: str) -> str:
    """The first version of a service has no other one beside which it could go live in steps: the update takes it live.

    Raises:
        EngineError: when it is not what runs after half an hour.
    """
    target, clock = _built(session, service), session.around.clock
    rollout = unborn(target, clock.now())
    for _ in range(CHANGE_MINUTES * 60 // WAIT_SECONDS):
        if driver_of(session.aws(target.region), clock, rollout).running() == target.revision:
            return f"{service}: the first version is live ({target.revision}); the next one goes live in steps"
        clock.sleep(WAIT_SECONDS)
    raise EngineError(
        f"{service} was built for the first time; after {CHANGE_MINUTES} minutes {target.revision} is not what runs.\n"
        "    fix: look at its alarms and its log, mend it, and run this again"
    )


def _built(session: Session, service: str) -> Target:
    try:
        targets = session.builder().build()
    except NotBuilt as refused:
        raise Refused(str(refused)) from refused
    if service not in targets:
        fix = f"write its release under onramp:images of Pulumi.{session.asked.stack}.yaml"
        raise BadInputError(f"The stack has no {service} that could go live.\n    fix: {fix}")
    return targets[service]

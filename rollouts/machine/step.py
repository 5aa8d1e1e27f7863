"""The steps: intent, compare, shift, read back, settle, judge complete minutes, and only then the next one."""

from rollouts.driver import Delegated, Driven
from rollouts.errors import Drift
from rollouts.gates import write
from rollouts.machine.retreat import abort, taken_back
from rollouts.machine.tools import Work
from rollouts.record import ALL, Hold, Rollout, said

OURSELVES = "onramp"
"""Who holds a rollout when no person did."""
_MOVED_BACK = "the traffic has been moved back to the live version"


def step(work: Work) -> None:
    """Do what is next in the present step."""
    match work.driver:
        case Driven() as driver:
            _drive(work, driver)
        case Delegated() as driver:
            _follow(work, driver)
        case _:
            raise NotImplementedError(work.rollout.target.driver)


def _drive(work: Work, driver: Driven) -> None:
    rollout = work.rollout
    found = driver.weight()
    if found == 0 and rollout.weight:
        abort(work, _MOVED_BACK)
    elif found is not None and found == rollout.intent:
        _taken(work, found)
    elif found != rollout.weight:
        _drifted(work, found)
    elif (wanted := _unconditional(rollout)) is not None and rollout.hold is None:
        _shift(work, driver, wanted)
    elif rollout.step:
        _watch(work, driver)


def _unconditional(rollout: Rollout) -> float | None:
    """The share that nobody has to call good first: one that was being written already, or the first one."""
    first = rollout.next_step if not rollout.step else None
    return first.weight if rollout.intent is None and first is not None else rollout.intent


def _drifted(work: Work, found: float | None) -> None:
    """Nobody goes on until a person has looked, or it is judged bad."""
    rollout = work.rollout
    if rollout.hold is None:
        _hold(work, f"AWS has {said(found)} on the candidate, and the ledger {said(rollout.weight)}")
    elif rollout.watched_since is not None:
        _is_good(work)


def _watch(work: Work, driver: Driven) -> None:
    rollout = work.rollout
    settled = driver.settled()
    if settled.failed:
        abort(work, settled.because)
    elif not settled.done:
        _overdue(work, settled.because)
    elif rollout.watched_since is None:
        work.save(rollout.but(watched_since=work.now), "settled", weight=rollout.weight)
    elif _is_good(work):
        if rollout.next_step is None:
            work.save(work.rollout.but(ending="promoted").to("promoting", work.now), "promoting")
        else:
            _shift(work, driver, rollout.next_step.weight)


def _shift(work: Work, driver: Driven, wanted: float) -> None:
    """Move the weight; what is wanted is in the ledger before AWS is asked, and done is what was read back."""
    if work.rollout.intent is None:
        work.save(work.rollout.but(intent=wanted), "intent", weight=wanted)
    try:
        driver.shift(work.rollout.weight, wanted, work.journal.renew)
    except Drift as drift:
        _hold(work, str(drift))
        return
    if driver.weight() == wanted:
        _taken(work, wanted)


def _taken(work: Work, weight: float) -> None:
    """AWS has the share that was wanted."""
    rollout = work.rollout
    taken = rollout.but(
        weight=weight, intent=None, step=rollout.step + 1, watched_since=None, seen=(), skip=False, verdict=""
    )
    work.save(taken.to("stepping", work.now), "shifted", weight=weight)


def _follow(work: Work, driver: Delegated) -> None:
    """AWS moves the weights; we watch, answer its questions, and stop it."""
    rollout = work.rollout
    progress = driver.progress()
    if progress.state in {"rolled-back", "failed"}:
        taken_back(work, progress.because)
    elif progress.state == "succeeded":
        _promoted(work)
    elif rollout.weight and not progress.weight:
        abort(work, _MOVED_BACK)
    elif progress.weight != rollout.weight:
        step = 1 + sum(each.weight < progress.weight for each in rollout.steps) if progress.weight else 0
        moved = rollout.but(weight=progress.weight, watched_since=work.now, step=step, seen=(), skip=False)
        work.save(moved.to("stepping", work.now), "shifted", weight=progress.weight)
    elif not rollout.weight or _is_good(work):
        if progress.state == "replaced":
            _promoted(work)
        else:
            _go_on(work, driver, progress.question)


def _promoted(work: Work) -> None:
    done = work.rollout.but(ending="promoted", weight=ALL)
    work.save(done.to("promoting", work.now), "promoting")


def _go_on(work: Work, driver: Delegated, question: str | None) -> None:
    """Answer; where AWS asks nothing, what has no traffic yet, or is replaced without steps, must not take for ever."""
    rollout = work.rollout
    if question is not None:
        _answer(work, driver, question)
    elif not rollout.weight or not rollout.steps:
        _overdue(work, "AWS has not finished")


def _answer(work: Work, driver: Delegated, question: str) -> None:
    if work.rollout.hold is not None:
        return
    work.save(work.rollout.but(skip=False), "answer", question=question)
    work.journal.renew()
    driver.allow(question)


def _is_good(work: Work) -> bool:
    """Judge; whether the next step may be taken. A version that is judged bad is taken back whoever holds it."""
    rollout = work.rollout
    found = work.tools.judge(rollout, work.driver, work.now)
    verdict = found.verdict
    fresh = found.minutes[len(rollout.seen) :]
    if verdict.verdict == "unhealthy":
        abort(work, verdict.reason, minutes=write(fresh))
        return False
    if fresh:
        looked = rollout.but(seen=found.minutes, verdict=verdict.reason)
        work.save(looked, "look", verdict=verdict.verdict, reason=verdict.reason, minutes=write(fresh))
    if work.rollout.hold is not None:
        return False
    if work.rollout.skip:
        return True
    if verdict.verdict == "healthy" and len(found.minutes) >= rollout.least_minutes:
        return True
    if verdict.verdict != "healthy":
        _overdue(work, verdict.reason)
    return False


def _overdue(work: Work, because: str) -> None:
    """Past the deadline of the step, do what the stack file says."""
    rollout = work.rollout
    gates = rollout.target.gates
    if rollout.hold is not None or work.minutes_since(rollout.phase_at) <= gates.deadline_minutes:
        return
    reason = f"undecided after {gates.deadline_minutes} minutes: {because}"
    if gates.on_deadline == "abort":
        abort(work, reason)
    else:
        _hold(work, reason)


def _hold(work: Work, reason: str) -> None:
    if work.rollout.hold is None:
        hold = Hold(by=OURSELVES, reason=reason, at=work.now)
        work.save(work.rollout.but(hold=hold), "held", reason=reason)

"""The steps: intent, compare, shift, read back, settle, judge complete minutes, and only then the next one."""

from collections.abc import Mapping
from typing import Final

from rollouts.aws import REFUSALS
from rollouts.driver import Delegated, Driven, Ready
from rollouts.errors import Drift
from rollouts.gates import write
from rollouts.judge import Assessment
from rollouts.machine.retreat import abort, taken_back
from rollouts.machine.tools import Work
from rollouts.record import ALL, Hold, Rollout, said

OURSELVES: Final = "onramp"
"""Who holds a rollout when no person did."""
AGAIN_MINUTES: Final = 5
"""Complete minutes after a hold or a long pause before the step may be over: our own, what a step has by default."""
_MOVED_BACK: Final = "the traffic has been moved back to the live version"
_UNSEEN: Final[Mapping[str, object]] = {"seen": (), "judged_from": None, "healthy_at": None, "skip": False}
"""Of a new step."""


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
    elif rollout.watched_since is None:
        _settle(work, settled)
    elif _is_good(work):  # whose targets are healthy enough, the gates say from here on
        if rollout.next_step is None:
            work.save(work.rollout.but(ending="promoted").to("promoting", work.now), "promoting")
        else:
            _shift(work, driver, rollout.next_step.weight)


def _settle(work: Work, settled: Ready) -> None:
    """The minutes count from the moment at which the weight is in force; meanwhile nothing is judged."""
    if settled.done:
        work.save(work.rollout.but(watched_since=work.now, waits=""), "settled", weight=work.rollout.weight)
    elif not _given_up(work, settled.because):
        _overdue(work, settled.because)


def _given_up(work: Work, because: str) -> bool:
    """What was written does not become true: nobody knows what users get, so all of it goes back."""
    if not (work.is_late(work.patience) and work.is_stuck(because, work.patience)):
        return False
    abort(work, f"not in force after {work.patience} minutes: {because}")
    return True


def _shift(work: Work, driver: Driven, wanted: float) -> None:
    """Move the weight; what is wanted is in the ledger before AWS is asked, and done is what was read back."""
    if work.rollout.intent is None:
        work.save(work.rollout.but(intent=wanted).to("stepping", work.now), "intent", weight=wanted)
    try:
        driver.shift(work.rollout.weight, wanted, work.journal.renew)
    except Drift as drift:
        _hold(work, str(drift))
        return
    except REFUSALS as refusal:
        _not_taken(work, f"AWS refuses it: {refusal}")
        if work.rollout.phase == "stepping":
            raise
        return
    found = driver.weight()
    if found == wanted:
        _taken(work, wanted)
    else:
        _not_taken(work, f"AWS has {said(found)} on the candidate, and {said(wanted)} was asked for")


def _not_taken(work: Work, because: str) -> None:
    """While AWS takes its time, the share of the step before is still judged."""
    if not _given_up(work, because) and work.rollout.watched_since is not None:
        _is_good(work)


def _taken(work: Work, weight: float) -> None:
    """AWS has the share that was wanted."""
    rollout = work.rollout
    taken = rollout.but(weight=weight, intent=None, step=rollout.step + 1, watched_since=None, verdict="", **_UNSEEN)
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
        moved = rollout.but(weight=progress.weight, watched_since=work.now, step=step, **_UNSEEN)
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
    """Answer; where AWS asks nothing, it must not take for ever: longer than it was told to wait, it is late."""
    if question is not None:
        _answer(work, driver, question)
    else:
        _overdue(work, "AWS has not finished", besides=work.rollout.least_minutes)


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
    if verdict.verdict == "unhealthy":
        abort(work, verdict.reason, minutes=write(found.fresh))
        return False
    if found.fresh:
        healthy_at = work.now if verdict.verdict == "healthy" else rollout.healthy_at
        looked = rollout.but(
            seen=found.minutes, judged_from=found.judged_from, verdict=verdict.reason, healthy_at=healthy_at
        )
        work.save(looked, "look", verdict=verdict.verdict, reason=verdict.reason, minutes=write(found.fresh))
    if work.rollout.hold is not None:
        return False
    if work.rollout.skip:
        return True
    if verdict.verdict == "healthy" and _has_lasted(rollout, found):
        return True
    if verdict.verdict != "healthy":
        _overdue(work, verdict.reason)
    return False


def _has_lasted(rollout: Rollout, found: Assessment) -> bool:
    """Whether it was watched for as long as the step says, to the end, and not only before a gap in what was judged."""
    since = found.judged_from
    if since is not None:
        again = sum(minute.at >= since for minute in found.minutes)
        if again < min(max(rollout.least_minutes, 1), AGAIN_MINUTES):
            return False
    return found.is_current and len(found.minutes) >= rollout.least_minutes


def _overdue(work: Work, because: str, besides: int = 0) -> None:
    """Past the deadline of the step, and what AWS takes besides, do what the stack file says."""
    rollout = work.rollout
    gates = rollout.target.gates
    minutes = gates.deadline_minutes + besides
    since = max(rollout.phase_at, rollout.healthy_at or rollout.phase_at)
    if rollout.hold is not None or work.minutes_since(since) <= minutes:
        return
    reason = f"undecided after {minutes} minutes: {because}"
    if gates.on_deadline == "abort":
        abort(work, reason)
    else:
        _hold(work, reason)


def _hold(work: Work, reason: str) -> None:
    if work.rollout.hold is None:
        hold = Hold(by=OURSELVES, reason=reason, at=work.now)
        work.save(work.rollout.but(hold=hold), "held", reason=reason)

"""Back to the live version: the weight first, everything else after it."""

from pydantic import JsonValue

from rollouts.aws import REFUSALS
from rollouts.machine.tools import Work
from rollouts.record import Ending, Rollout


def abort(work: Work, reason: str, **evidence: JsonValue) -> None:
    """Take all traffic off the candidate in the very next call, and only then write down why.

    When AWS refuses even that, the ledger says so all the same, so that whoever goes on tries again. Who was asleep for
    longer than his lease asks the ledger first: by now the old version may have no capacity any more.
    """
    work.journal.guard(seconds=0)
    try:
        work.driver.zero()
    except Exception:
        _retreating(work, reason, evidence)
        raise
    _retreating(work, reason, evidence)


def _retreating(work: Work, reason: str, evidence: dict[str, JsonValue]) -> None:
    back = work.rollout.but(ending="aborted", reason=reason, intent=None, hold=None)
    work.save(back.to("aborting", work.now), "abort", reason=reason, **evidence)


def taken_back(work: Work, reason: str) -> None:
    """AWS has gone back by itself, or given up."""
    back = work.rollout.but(ending="rolled-back", reason=reason or "AWS has rolled it back", intent=None, hold=None)
    work.save(back.to("aborting", work.now), "rolled-back", reason=back.reason)


def end_without(work: Work, reason: str, ending: Ending | None = None) -> None:
    """There is nothing to do, or nothing was built that anything could be done with."""
    over = work.rollout.but(ending=ending, reason=reason, ended_at=work.now)
    work.save(over.to("ended", work.now), "ended", ending=ending or "", reason=reason)


def retreat(work: Work) -> None:
    """Wait until all traffic is back and the candidate's capacity is gone, for as long as it takes.

    While a former owner of the lease could still be at work, the weight is looked after: it could be moved once more.
    """
    rollout = work.rollout
    try:
        ready = work.driver.restore()
    except REFUSALS as refusal:
        work.insist(f"AWS refuses it: {refusal}")
        raise
    is_guarded = rollout.guard_until is not None and work.now < rollout.guard_until
    if ready.failed:
        _verify(work, rollout.but(note=ready.because))
    elif not ready.done:
        work.insist(ready.because)
    elif not is_guarded:
        _verify(work, rollout.but(weight=0.0))


def _verify(work: Work, rollout: Rollout) -> None:
    work.save(rollout.to("verifying", work.now), "restored", note=rollout.note)

"""The last phases: the old version goes; what runs is compared with what was asked for, and Pulumi's state with it."""

from typing import Final

from rollouts.driver import Driven
from rollouts.machine.tools import Work
from rollouts.record import ALL

VERIFY_MINUTES: Final = 10
"""For AWS to say the same everywhere: our own."""


def promote(work: Work) -> None:
    """Remove the old version's capacity, as long as it has no traffic."""
    driver = work.driver
    if isinstance(driver, Driven) and driver.weight() != ALL:
        work.save(work.rollout.but(ending=None).to("stepping", work.now), "not-promoted")
        return
    ready = driver.promote()
    if ready.done or ready.failed:
        note = ready.because if ready.failed else work.rollout.note
        work.save(work.rollout.but(note=note).to("verifying", work.now), "promoted", note=note)
    else:
        work.insist(ready.because)


def verify(work: Work) -> None:
    """A rollout has succeeded when what was asked for is what runs, and in no other case."""
    rollout = work.rollout
    asked = rollout.candidate if rollout.ending == "promoted" else rollout.live
    found = work.driver.running()
    if found == asked:
        work.save(rollout.to("reconciling", work.now), "verified", running=found)
    elif work.is_stuck(what := f"{found or 'no single version'} runs, and {asked} was asked for", VERIFY_MINUTES):
        if rollout.ending == "promoted":
            rollout = rollout.but(ending="rolled-back", reason=what)
        else:
            rollout = rollout.but(note="; ".join(filter(None, (rollout.note, what))))
        work.save(rollout.to("reconciling", work.now), "not-verified", running=found)


def reconcile(work: Work) -> None:
    """Make Pulumi's state agree. Going back does not depend on it: the engine or its lock may be out of reach."""
    rollout = work.rollout
    try:
        work.tools.reconcile(rollout)
    except Exception as error:
        if rollout.ending == "promoted":
            raise
        rollout = rollout.but(note=f"{rollout.note} Pulumi's state was not reconciled: {error}".strip())
    work.save(rollout.but(ended_at=work.now).to("ended", work.now), "ended", ending=rollout.ending or "")

"""The first phases: the candidate is built by Pulumi, and brought up without traffic."""

from rollouts.driver import Driven
from rollouts.errors import NotBuilt
from rollouts.machine.retreat import abort, end_without
from rollouts.machine.tools import Work
from rollouts.record import said


def build(work: Work) -> None:
    """Update the stack. A kill in the middle is no matter: the same update has no effect the second time."""
    rollout = work.rollout
    try:
        target = work.tools.build(rollout)
    except NotBuilt as error:
        end_without(work, str(error), ending="aborted")
        return
    if target.revision == rollout.live:
        end_without(work, f"the stack builds {rollout.live}, which is live already")
        return
    built = rollout.but(target=target, candidate=target.revision).to("preparing", work.now)
    work.save(built, "built", candidate=target.revision)


def prepare(work: Work) -> None:
    """Wait for the candidate's capacity, or for AWS to begin."""
    rollout, driver = work.rollout, work.driver
    if isinstance(driver, Driven) and (found := driver.weight()) != 0:
        # Not ours to take back: what was free or live when the rollout was asked for is not any more.
        stale = f"before the first step AWS has {said(found)} on the new version, so somebody has shifted meanwhile"
        end_without(work, stale, ending="aborted")
        return
    ready = driver.prepare()
    if ready.done:
        work.save(rollout.but(handle=ready.handle).to("stepping", work.now), "prepared")
    elif ready.failed:
        abort(work, ready.because)
    elif work.is_stuck(ready.because, work.patience):
        abort(work, f"not up after {work.patience} minutes: {ready.because}")

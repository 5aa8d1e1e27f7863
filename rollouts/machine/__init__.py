"""What happens in one tick of a rollout, by phase. A tick may be killed anywhere: the next one goes on, or back."""

from collections.abc import Callable, Mapping
from typing import Final

from rollouts.machine.begin import build, prepare
from rollouts.machine.finish import promote, reconcile, verify
from rollouts.machine.retreat import retreat
from rollouts.machine.step import step
from rollouts.machine.tools import Journal, Tools, Work
from rollouts.record import Phase, Rollout

_PHASES: Final[Mapping[Phase, Callable[[Work], None]]] = {
    "building": build,
    "preparing": prepare,
    "stepping": step,
    "promoting": promote,
    "aborting": retreat,
    "verifying": verify,
    "reconciling": reconcile,
}


def tick(journal: Journal, tools: Tools) -> Rollout:
    """Do what is next, which takes seconds, or as long as Pulumi needs to build the candidate.

    Raises:
        LeaseLost: when somebody else has taken over; nothing was touched since.
    """
    if journal.rollout.is_open:
        work = Work(journal=journal, tools=tools, driver=tools.drive(journal.rollout))
        _PHASES[journal.rollout.phase](work)
    return journal.rollout

"""What the Pulumi program asks before it builds: how the rollouts of its stack stand. It only reads."""

import os
from pathlib import Path

from rollouts.errors import NoLedger, RolloutError
from rollouts.place import LEDGER_VARIABLE, NO_LEDGER, place_of
from stacks.ledger import address_of
from stacks.load import Stack
from stacks.standing import OpenRollout, Standing


class LedgerSilent(RolloutError):  # noqa: N818 - said of a ledger: it is silent
    """The ledger does not answer, and somebody has to know what it says."""


def standing(root: Path, stack: Stack, *, must_know: bool) -> Standing:
    """The open rollouts of a stack, and what was taken back. Where there is no ledger, nothing is asked.

    Args:
        root: folder of Pulumi.yaml.
        stack: the loaded stack.
        must_know: whether a ledger that does not answer is an error, as it is before something is changed. A preview
            takes no credentials, so there it is only said.

    Raises:
        LedgerSilent: when it does not, with what to do.
    """
    environment = stack.environment
    written = address_of(environment.ledger, environment.name, stack.region) if environment.ledger else ""
    place = place_of(os.environ.get(LEDGER_VARIABLE), written, root)
    if place.address == NO_LEDGER or (place.file is not None and not place.file.exists()):
        return Standing()
    try:
        return _read(place.address, stack.name)
    except NoLedger:
        return Standing()  # nothing was ever begun in what was never made
    except Exception as error:  # whatever it is, nobody knows then
        silent = f"the ledger {place.address} does not answer: {error}"
        if must_know:
            raise LedgerSilent(
                f"Nobody knows which rollouts of {stack.name} are open: {silent}\n"
                "    fix: log in to the account of the ledger; when you know that no rollout is open, set "
                f"{LEDGER_VARIABLE}={NO_LEDGER} for this update"
            ) from error
        return Standing(unknown=silent)


def _read(address: str, stack: str) -> Standing:
    """One question for all services; one more for a service whose newest rollout has built nothing."""
    # Only here, because they cost a second, and most programs have no ledger to read.
    from rollouts.clock import WallClock
    from rollouts.ledger import open_ledger, read_address
    from rollouts.record import Rollout
    from rollouts.taken_back import taken_back

    place = read_address(address)
    if isinstance(place, Path) and not place.exists():
        return Standing()  # reading it would make it
    ledger = open_ledger(address, WallClock())
    newest = [Rollout.model_validate_json(entry.state) for entry in ledger.entries(stack)]
    opened = [
        OpenRollout(
            id=rollout.id,
            service=rollout.service,
            phase=rollout.phase,
            live=rollout.live,
            candidate=rollout.candidate,
            weight=rollout.weight,
            since=rollout.started_at.isoformat(),
            actor=rollout.actor,
            target=rollout.target,
        )
        for rollout in newest
        if rollout.is_open
    ]
    back = [found for rollout in newest if (found := taken_back(ledger, rollout)) is not None]
    return Standing(rollouts=tuple(opened), taken_back=tuple(back))

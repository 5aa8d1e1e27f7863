"""How rollouts stand, as facts in the graph: what is open and moves, what was taken back, and what is built now."""

from collections.abc import Mapping

import pulumi

from components.compute.service import ServiceComponent
from components.compute.targets import Facts
from stacks.standing import OpenRollout, Standing, TakenBack
from stacks.targets import BEGUN_BY_UPDATE


def state_rollouts(standing: Standing, stack: str, services: Mapping[str, ServiceComponent]) -> None:
    """State every open rollout below its service; one whose service is no longer in the stack stands alone.

    A version that was taken back is stated only where an update could bring it live: where it begins deployments by
    itself, and the stack file names the same release again.

    Only a preview does: that is where the pack refuses, and what is so today is no part of the stack's state.
    """
    if not pulumi.runtime.is_dry_run():
        return
    if standing.unknown:
        unguarded = "open rollouts are unknown, so nothing keeps an update from disturbing one"
        more = "or from bringing back what one took back"
        pulumi.log.warn(f"{unguarded}, {more}: {standing.unknown}")
    for rollout in standing.rollouts:
        component = services.get(rollout.service)
        StatedRollout(stack, rollout, component.target if component is not None else None, component)
    for taken in standing.taken_back:
        component = services.get(taken.service)
        now = component.target if component is not None else None
        if now is not None and now["driver"] in BEGUN_BY_UPDATE and now["release"] == taken.release:
            StatedReturn(stack, taken, now, component)


class StatedRollout(pulumi.ComponentResource):
    """An open rollout: `was` is the target as the ledger has it, `now` as the program builds it, absent without one."""

    def __init__(self, stack: str, rollout: OpenRollout, now: Facts | None, parent: pulumi.Resource | None) -> None:
        facts: dict[str, object] = {
            "id": rollout.id,
            "stack": stack,
            "service": rollout.service,
            "phase": rollout.phase,
            "live": rollout.live,
            "candidate": rollout.candidate,
            "weight": rollout.weight,
            "since": rollout.since,
            "actor": rollout.actor,
            "was": rollout.target.model_dump(mode="json", by_alias=True, exclude_none=True),
        }
        if now is not None:
            facts["now"] = now
        options = pulumi.ResourceOptions(parent=parent)
        super().__init__("onramp:rollout:OpenRollout", f"{rollout.service}-rollout", facts, options)
        self.register_outputs({})


class StatedReturn(pulumi.ComponentResource):
    """A version that was taken back; `revision` is the one that the program builds now."""

    def __init__(self, stack: str, taken: TakenBack, now: Facts, parent: pulumi.Resource | None) -> None:
        facts: dict[str, object] = {
            "id": taken.id,
            "stack": stack,
            "service": taken.service,
            "live": taken.live,
            "former": taken.former,
            "candidate": taken.candidate,
            "release": taken.release,
            "why": taken.why,
            "ended": taken.ended,
            "actor": taken.actor,
            "revision": now["revision"],
        }
        options = pulumi.ResourceOptions(parent=parent)
        super().__init__("onramp:rollout:TakenBack", f"{taken.service}-taken-back", facts, options)
        self.register_outputs({})

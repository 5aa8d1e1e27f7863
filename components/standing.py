"""Open rollouts, as facts in the graph: what each moves, and what the program would make of that now."""

from collections.abc import Mapping

import pulumi

from components.compute.service import ServiceComponent
from components.compute.targets import Facts
from stacks.standing import OpenRollout, Standing


def state_rollouts(standing: Standing, stack: str, services: Mapping[str, ServiceComponent]) -> None:
    """State every open rollout below its service; one whose service is no longer in the stack stands alone.

    Only a preview does: that is where the pack refuses, and what is open today is no part of the stack's state.
    """
    if not pulumi.runtime.is_dry_run():
        return
    if standing.unknown:
        unguarded = "open rollouts are unknown, so nothing keeps an update from disturbing one"
        pulumi.log.warn(f"{unguarded}: {standing.unknown}")
    for rollout in standing.rollouts:
        component = services.get(rollout.service)
        StatedRollout(stack, rollout, component.target if component is not None else None, component)


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

"""Which shares a rollout goes through: ours where we move the weights, AWS's own where AWS does."""

import math
from datetime import datetime
from typing import Final

from rollouts.record import ALL, Rollout, Step
from stacks.targets import (
    AliasTarget,
    BalancerTarget,
    CodeDeployTarget,
    EcsTarget,
    EndpointTarget,
    ExpressTarget,
    Target,
    VariantsTarget,
)

EXPRESS_PERCENT: Final = 5
EXPRESS_MINUTES: Final = 3
"""ECS developer guide, Express Mode: 5 percent for three minutes, then all, and three minutes more."""


def steps_of(target: Target) -> tuple[Step, ...]:
    """The steps of a rollout; none where AWS replaces everything without a split that could be watched.

    Our last step has all the traffic while both versions are up, so that going back takes one call.
    """
    match target:
        case BalancerTarget() | VariantsTarget():
            return _ours(target.steps, target.step_minutes, target.keep_minutes)
        case AliasTarget():
            return _ours(target.steps, target.step_minutes, target.step_minutes)
        case EcsTarget():
            return _theirs(target.strategy, target.percent, target.interval_minutes, target.bake_minutes)
        case CodeDeployTarget() | EndpointTarget():
            return _theirs(target.strategy, target.percent, target.interval_minutes, 0)
        case ExpressTarget():
            return _theirs("canary", EXPRESS_PERCENT, EXPRESS_MINUTES, EXPRESS_MINUTES)
        case _:
            return ()


def unborn(target: Target, now: datetime) -> Rollout:
    """A rollout that nobody has started, to ask a driver with."""
    return Rollout(
        id="",
        stack="",
        service=target.service,
        actor="",
        started_at=now,
        phase_at=now,
        target=target,
        live="",
        candidate=target.revision,
        steps=steps_of(target),
    )


def _ours(weights: tuple[int, ...], minutes: int, keep: int) -> tuple[Step, ...]:
    return tuple(Step(weight=weight, minutes=max(minutes, keep) if weight == ALL else minutes) for weight in weights)


def _theirs(strategy: str, percent: float, interval: int, bake: int) -> tuple[Step, ...]:
    if strategy == "rolling":
        return ()
    weights: list[float] = []
    if strategy == "canary":
        weights = [percent]
    if strategy == "linear":
        weights = [round(percent * number, 1) for number in range(1, math.ceil(ALL / percent))]
    return (*(Step(weight=weight, minutes=interval) for weight in weights), Step(weight=ALL, minutes=bake))

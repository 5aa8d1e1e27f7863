"""Which plan recorded minutes are replayed against: the gates that they have data for, with the bounds asked for."""

from collections.abc import Sequence
from typing import Final

from rollouts.errors import Refused
from rollouts.gates import SHARE as SLOW_SHARE_MAX
from rollouts.gates import AlarmGate, CountGate, Gate, GatePlan, Minute, Step, TargetGate, ValueGate, problems
from rollouts.judge import ALARMS, FAILED, SLOW, TARGETS
from rollouts.record import ALL
from stacks.models.gates import Gates

_BAD: Final = {FAILED: "failed", SLOW: "were slow"}


def plan_of_recording(minutes: Sequence[Minute], gates: Gates, weights: Sequence[float]) -> GatePlan:
    """The plan.

    Args:
        minutes: that were recorded.
        gates: with which bounds.
        weights: of the steps, in percent.

    Raises:
        Refused: when nothing can be judged like this, with everything that is wrong.
    """
    ceilings = {FAILED: gates.error_percent / ALL, SLOW: SLOW_SHARE_MAX}
    counted = sorted({name for minute in minutes for name in minute.counts})
    alarms = tuple(sorted({name for minute in minutes for name in minute.alarms}))
    found: list[Gate] = [
        CountGate(name=name, bad=_BAD.get(name, "were bad"), detect=gates.detect, ceiling=ceilings.get(name))
        for name in counted
    ]
    found += [AlarmGate(name=ALARMS, alarms=alarms)] if alarms else []
    found += [TargetGate(name=TARGETS)] if any(minute.targets is not None for minute in minutes) else []
    found += [
        ValueGate(name=each.name, least=each.least, most=each.most, minutes=each.minutes) for each in gates.metrics
    ]
    steps = tuple(Step(weight=weight, deadline_minutes=gates.deadline_minutes) for weight in weights)
    plan = GatePlan(steps=steps, gates=tuple(found), error_budget=gates.budget_percent / ALL)
    wrong = list(problems(plan))
    last = max((minute.step for minute in minutes), default=0)
    if last >= len(steps):
        wrong.append(
            f"the recording has {last + 1} steps, and the plan {len(steps)}: write --steps as it was rolled out"
        )
    if not minutes:
        wrong.append("the recording has no minute; onramp rollout history STACK SERVICE --record ROLLOUT writes one")
    if wrong:
        raise Refused(*wrong)
    return plan

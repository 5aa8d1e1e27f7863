"""The verdict on a step, and what it would have been at each minute of a recording."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, pairwise

from rollouts.gates.comparing import compare
from rollouts.gates.minutes import Minute
from rollouts.gates.plan import WHOLE, AlarmGate, CountGate, Gate, GatePlan, TargetGate, ValueGate
from rollouts.gates.states import judge_alarms, judge_targets, judge_values
from rollouts.gates.verdicts import GateVerdict, StepVerdict, combine


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What the gates said after one minute.

    Args:
        at: the beginning of the minute.
        step: its place in the plan, from 0.
        verdict: on the step so far.
    """

    at: datetime
    step: int
    verdict: StepVerdict


def judge(minutes: Sequence[Minute], *, step: int, plan: GatePlan) -> StepVerdict:
    """The verdict on a step after its complete minutes.

    Unhealthy is final: whatever minutes follow, it stays so.

    Args:
        minutes: all that were judged so far and those that are new, in order; of other steps as well.
        step: the place of the step in the plan, from 0.
        plan: a plan without problems.

    Raises:
        ValueError: when minutes are not in order, or are of a step that the plan does not have.
    """
    _check(minutes, plan)
    own = [minute for minute in minutes if minute.step == step]
    if own:
        return combine(tuple(_newest(gate, own, step, plan) for gate in plan.gates))
    return combine(
        tuple(
            GateVerdict(gate=gate.name, verdict="not-enough-evidence", reason=f"{gate.name}: no complete minute yet")
            for gate in plan.gates
        )
    )


def replay(minutes: Sequence[Minute], plan: GatePlan) -> tuple[Look, ...]:
    """What the gates would have said after each of the recorded minutes.

    Args:
        minutes: of one rollout, or of any two versions that ran side by side, in order.
        plan: a plan without problems.

    Raises:
        ValueError: when minutes are not in order, or are of a step that the plan does not have.
    """
    _check(minutes, plan)
    looks: list[Look] = []
    for step, found in groupby(minutes, key=lambda minute: minute.step):
        own = list(found)
        for minute, *verdicts in zip(own, *(_track(gate, own, step, plan) for gate in plan.gates), strict=True):
            looks.append(Look(at=minute.at, step=step, verdict=combine(tuple(verdicts))))
    return tuple(looks)


def _check(minutes: Sequence[Minute], plan: GatePlan) -> None:
    for one, other in pairwise(minutes):
        if other.at <= one.at or other.step < one.step:
            raise ValueError(f"step {other.step} at {other.at} comes after step {one.step} at {one.at}")
    for minute in minutes:
        if not 0 <= minute.step < len(plan.steps):
            raise ValueError(f"step {minute.step} at {minute.at}: the plan has {len(plan.steps)}, counted from 0")


def _track(gate: Gate, minutes: Sequence[Minute], step: int, plan: GatePlan) -> tuple[GateVerdict, ...]:
    """What a gate says after each minute of a step."""
    if isinstance(gate, CountGate):
        return _compared(gate, minutes, step, plan, first=0)
    return tuple(_newest(gate, minutes[: end + 1], step, plan) for end in range(len(minutes)))


def _compared(
    gate: CountGate, minutes: Sequence[Minute], step: int, plan: GatePlan, *, first: int
) -> tuple[GateVerdict, ...]:
    weight = plan.steps[step].weight
    return compare(
        gate,
        [minute.counts.get(gate.name) for minute in minutes],
        share=weight / WHOLE if weight < WHOLE else None,
        budget=plan.budget_of(step),
        first=first,
    )


def _newest(gate: Gate, minutes: Sequence[Minute], step: int, plan: GatePlan) -> GateVerdict:
    """What a gate says after the last of the minutes."""
    match gate:
        case CountGate():
            return _compared(gate, minutes, step, plan, first=len(minutes) - 1)[0]
        case AlarmGate():
            return judge_alarms(gate, minutes)
        case TargetGate():
            return judge_targets(gate, minutes)
        case ValueGate():
            return judge_values(gate, minutes)

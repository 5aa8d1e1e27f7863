"""Before anything starts: how long the gates will wait for their samples, and whether they can decide at all."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from rollouts.gates import power
from rollouts.gates.minutes import LATE_MINUTES
from rollouts.gates.plan import WHOLE, CountGate, GatePlan, Step

_FIRST_WEIGHTS: Final = range(5, 51, 5)
"""What is proposed, in percent; beyond half of the traffic the baseline's sample is the smaller, and nothing is won."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GateForecast:
    """One gate in one step.

    Args:
        gate: its name.
        needed: requests of the new version before it can be called healthy; None when no number is enough.
        minutes: until they have come and can be judged; None when they never will.
    """

    gate: str
    needed: int | None
    minutes: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StepForecast:
    """One step.

    Args:
        weight: share of the traffic, in percent.
        requests_per_minute: of the new version.
        gates: those that compare counts.
        minutes: until the last of them can decide; None when one never will.
        deadline_minutes: for how long evidence is waited for.
    """

    weight: float
    requests_per_minute: float
    gates: tuple[GateForecast, ...]
    minutes: int | None
    deadline_minutes: int

    @property
    def decides(self) -> bool:
        """Whether it can, before its deadline."""
        return self.minutes is not None and self.minutes <= self.deadline_minutes


@dataclass(frozen=True, kw_only=True, slots=True)
class Forecast:
    """All steps.

    Args:
        steps: in order.
        refusal: why the rollout cannot start like this, and what to do; None when its first step can decide.
        first_weight: the smallest round first weight that could, in percent; None when there is none, or no refusal.
    """

    steps: tuple[StepForecast, ...]
    refusal: str | None = None
    first_weight: int | None = None


def forecast(plan: GatePlan, *, requests_per_minute: float, rates: Mapping[str, float]) -> Forecast:
    """What to expect of each step at the traffic of now.

    Args:
        plan: a plan without problems.
        requests_per_minute: of both versions together.
        rates: share of bad requests of the version that runs, by the names of the gates that compare counts; a gate
            that is not named has seen no bad one.
    """
    steps = tuple(_step(plan, index, requests_per_minute, rates) for index in range(len(plan.steps)))
    if steps[0].decides:
        return Forecast(steps=steps)
    weight = _deciding_weight(plan, requests_per_minute, rates)
    return Forecast(steps=steps, refusal=_refusal(steps[0], weight), first_weight=weight)


def _step(plan: GatePlan, index: int, traffic: float, rates: Mapping[str, float]) -> StepForecast:
    step = plan.steps[index]
    arriving = traffic * step.weight / WHOLE
    gates = tuple(
        _gate(gate, step, plan.budget_of(index), arriving, rates.get(gate.name, 0.0)) for gate in plan.count_gates
    )
    waits = [gate.minutes for gate in gates]
    return StepForecast(
        weight=step.weight,
        requests_per_minute=arriving,
        gates=gates,
        minutes=None if None in waits else max((wait for wait in waits if wait is not None), default=LATE_MINUTES + 1),
        deadline_minutes=step.deadline_minutes,
    )


def _gate(gate: CountGate, step: Step, budget: float, arriving: float, rate: float) -> GateForecast:
    needed = None
    if step.weight < WHOLE:
        needed = power.against_baseline(gate, rate=rate, share=step.weight / WHOLE, budget=budget)
    elif gate.ceiling is not None:
        needed = power.against_ceiling(gate, ceiling=gate.ceiling, budget=budget)
    minutes = None if needed is None or arriving <= 0 else math.ceil(needed / arriving) + LATE_MINUTES
    return GateForecast(gate=gate.name, needed=needed, minutes=minutes)


def _refusal(first: StepForecast, weight: int | None) -> str:
    gets = f"the first step of {first.weight:g} percent gets {first.requests_per_minute:,.4g} requests a minute"
    waits = [f"{gate.gate} needs {_sample(gate)}" for gate in first.gates if not _in_time(gate, first)]
    remedies: list[str] = []
    if weight is not None:
        remedies.append(f"a first weight of {weight}")
    if first.minutes is not None:
        remedies.append(f"a deadline of {first.minutes} minutes")
    todo = f"write {' or '.join(remedies)}" if remedies else "send it test traffic, or promote it by hand"
    return f"{gets}, so it can never decide in {first.deadline_minutes} minutes: {', '.join(waits)}; {todo}"


def _in_time(gate: GateForecast, step: StepForecast) -> bool:
    return gate.minutes is not None and gate.minutes <= step.deadline_minutes


def _sample(gate: GateForecast) -> str:
    if gate.needed is None:
        return "more than any number: too many requests are bad already, or it has no ceiling"
    return f"{gate.needed:,}" + ("" if gate.minutes is None else f", which takes {gate.minutes} minutes")


def _deciding_weight(plan: GatePlan, traffic: float, rates: Mapping[str, float]) -> int | None:
    """The smallest of those that decide in time; steps that do not go beyond it are left out."""
    first, *later = plan.steps
    for weight in _FIRST_WEIGHTS:
        greater = (step for step in later if step.weight > weight)
        other = replace(plan, steps=(replace(first, weight=float(weight)), *greater))
        if _step(other, 0, traffic, rates).decides:
            return weight
    return None

"""What is watched, in which steps, and how often a good version may be stopped by mistake."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from rollouts.gates.budget import ERROR_BUDGET, of_gate

DETECT: Final = 2.0
"""A version whose rate is this many times the baseline's must not pass."""
AT_LEAST: Final = 0.01
"""No rate below this one must be caught: 300 requests without a bad one show that it is lower, and no fewer can."""
TOLERANCE: Final = 0.1
"""A version whose rate is a tenth above the baseline's is still a good one; decision 10 has what that costs."""
STATE_MINUTES: Final = 3
"""Minutes in a row that a state must last: the alarm of ECS Express Mode looks at three, too."""
WHOLE: Final = 100.0
"""All the traffic, in percent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CountGate:
    """Compares the share of bad requests with the concurrent baseline's, or with a ceiling where there is none.

    Args:
        name: under which minutes have its counts, such as 5xx or p99.
        bad: what happened to bad requests, for people: "failed", "were slower than 450 ms".
        detect: a version this many times as bad as the baseline is caught with the stated power.
        at_least: lowest rate that must be caught, where the baseline's is so low that a multiple of it means nothing.
        tolerance: how much worse than the baseline a good version may be: 0.1 is a tenth (of the odds, which for rates
            of a few percent is the same).
        ceiling: highest good rate where there is no baseline.
        sample: requests of the new version without which it is never healthy; more where the test needs more.
    """

    name: str
    bad: str
    detect: float = DETECT
    at_least: float = AT_LEAST
    tolerance: float = TOLERANCE
    ceiling: float | None = None
    sample: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmGate:
    """No alarm may fire.

    Args:
        name: of the gate.
        alarms: their names.
    """

    name: str
    alarms: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class TargetGate:
    """Targets of the new version pass their health checks.

    Args:
        name: of the gate.
        minutes: so many in a row with a target that fails, or without any, and the version is unhealthy.
    """

    name: str
    minutes: int = STATE_MINUTES


@dataclass(frozen=True, kw_only=True, slots=True)
class ValueGate:
    """A metric that is no count stays within bounds.

    Args:
        name: under which minutes have its value.
        least: lowest good value.
        most: highest good value.
        minutes: so many in a row outside, and the version is unhealthy; so many inside, and it is healthy.
    """

    name: str
    least: float | None = None
    most: float | None = None
    minutes: int = STATE_MINUTES


Gate = CountGate | AlarmGate | TargetGate | ValueGate


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One step of a rollout.

    Args:
        weight: share of the traffic that the new version gets, in percent; at 100 there is no baseline.
        deadline_minutes: for how long evidence is waited for.
    """

    weight: float
    deadline_minutes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class GatePlan:
    """All that is judged.

    Args:
        steps: in order; those that are not judged are left out.
        gates: all of them judge every step.
        error_budget: probability at most with which the whole rollout stops a good version: over all steps, gates that
            compare counts, and looks. Gates on states and values take part in no such promise.
    """

    steps: tuple[Step, ...]
    gates: tuple[Gate, ...]
    error_budget: float = ERROR_BUDGET

    @property
    def count_gates(self) -> tuple[CountGate, ...]:
        """Those that share the error budget."""
        return tuple(gate for gate in self.gates if isinstance(gate, CountGate))

    def budget_of(self, step: int) -> float:
        """What each of them may spend in a step, whose place is counted from 0."""
        return of_gate(self.error_budget, steps=len(self.steps), step=step, gates=len(self.count_gates))


def problems(plan: GatePlan) -> tuple[str, ...]:
    """What is wrong with a plan and what to write instead, all at once; empty when nothing is."""
    found: list[str] = []
    weights = [step.weight for step in plan.steps]
    if not weights or weights != sorted(set(weights)) or weights[0] <= 0 or weights[-1] > WHOLE:
        found.append(f"steps: weights are {weights}; write one or more that rise, above 0 and at most 100")
    if any(step.deadline_minutes < 1 for step in plan.steps):
        found.append("steps: a deadline is less than a minute; write one that a sample can arrive in")
    if not 0 < plan.error_budget < 1 / 2:
        found.append(f"error budget: {plan.error_budget:g} is not between 0 and 0.5; write 0.05 for 5 percent")
    if not plan.gates:
        found.append("gates: there is none; without one nothing is judged")
    found += [
        f"gates: {name} is there twice" for name, times in Counter(g.name for g in plan.gates).items() if times > 1
    ]
    for gate in plan.gates:
        found += [f"gate {gate.name}: {text}" for text in _of_gate(gate)]
        if isinstance(gate, CountGate) and gate.ceiling is None and WHOLE in weights:
            found.append(
                f"gate {gate.name}: at 100 percent there is no baseline; write a ceiling, or judge no such step"
            )
    return tuple(found)


def _of_gate(gate: Gate) -> list[str]:
    match gate:
        case CountGate():
            return _of_counts(gate)
        case AlarmGate():
            return [] if gate.alarms else ["it names no alarm"]
        case TargetGate():
            return [] if gate.minutes >= 1 else ["minutes must be 1 or more"]
        case ValueGate():
            bounds = [bound for bound in (gate.least, gate.most) if bound is not None]
            crossed = bounds != sorted(bounds)
            return [
                *(["it has no bound; write least or most"] if not bounds else []),
                *([f"least ({gate.least}) is above most ({gate.most})"] if crossed else []),
                *(["minutes must be 1 or more"] if gate.minutes < 1 else []),
            ]


def _of_counts(gate: CountGate) -> list[str]:
    found: list[str] = []
    if gate.tolerance < 0:
        found.append(f"tolerance ({gate.tolerance:g}) is negative; write 0 or more")
    if gate.detect <= 1 + gate.tolerance:
        found.append(f"detect ({gate.detect:g}) is within the tolerance ({gate.tolerance:g}); write more than both")
    if not 0 < gate.at_least < 1:
        found.append(f"at least ({gate.at_least:g}) is not between 0 and 1; write 0.01 for 1 percent")
    if gate.ceiling is not None and not 0 < gate.ceiling < 1:
        found.append(f"ceiling ({gate.ceiling:g}) is not between 0 and 1; write 0.01 for 1 percent")
    return found

"""The gate on counts: is the new version worse than the baseline beside it, or than the ceiling?

Every complete minute is a look at all minutes of the step so far. All of them together may spend a small part of the
budget, which stops at once what is far worse; the first at which the sample is complete is the decisive one, and may
spend the rest. Without a finding there the version is healthy, and still watched.
"""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rollouts.gates import power
from rollouts.gates.budget import DECISIVE_LOOK, WATCH
from rollouts.gates.counts import Pair, percent
from rollouts.gates.looks import Looks, beside_baseline, under_ceiling
from rollouts.gates.plan import CountGate
from rollouts.gates.verdicts import GateVerdict, Verdict

_BASELINE_PART: Final = 0.8
"""The baseline's sample is complete with this part of what its share of the traffic would bring."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Sample:
    """When the sample is complete, minute by minute.

    Args:
        needed: requests of the new version; None when no number is enough.
        beside: so many times as many of the baseline; 0 without one.
    """

    needed: tuple[int | None, ...]
    beside: float

    def complete_at(self, looks: Looks) -> int:
        """The first minute at which it is."""
        sides = zip(looks.canary[0], looks.baseline[0], self.needed, strict=True)
        return _first(n is not None and here >= n and there >= n * self.beside for here, there, n in sides)


def compare(
    gate: CountGate, pairs: Sequence[Pair | None], *, share: float | None, budget: float, first: int = 0
) -> tuple[GateVerdict, ...]:
    """What the gate says after each of the minutes of a step.

    Args:
        gate: what is compared, and how.
        pairs: counts minute by minute; None where there are none.
        share: of the traffic that the new version gets, between 0 and 1; None without a baseline, where the gate's
            ceiling counts.
        budget: what the gate may spend in this step.
        first: the place of the first minute after which anybody wants to know, from 0.
    """
    if share is not None:
        looks = beside_baseline(pairs, tolerance=gate.tolerance)
        requests = np.maximum(looks.canary[0] + looks.baseline[0], 1)
        rates = (looks.canary[1] + looks.baseline[1]) / requests
        needed = tuple(power.against_baseline(gate, rate=float(rate), share=share, budget=budget) for rate in rates)
        sample = _Sample(needed=needed, beside=_BASELINE_PART * (1 - share) / share)
    elif gate.ceiling is not None:
        looks = under_ceiling(pairs, ceiling=gate.ceiling)
        enough = power.against_ceiling(gate, ceiling=gate.ceiling, budget=budget)
        sample = _Sample(needed=(enough,) * len(pairs), beside=0.0)
    else:
        reason = f"{gate.name}: there is no baseline to compare with, and no ceiling is written"
        unknown = GateVerdict(gate=gate.name, verdict="not-enough-evidence", reason=reason, budget=budget)
        return (unknown,) * (len(pairs) - first)
    return _judge(gate, looks, sample, budget, first)


def _judge(gate: CountGate, looks: Looks, sample: _Sample, budget: float, first: int) -> tuple[GateVerdict, ...]:
    """Spend the budget over the looks, and stop at the first finding: what was found stays found."""
    decisive = sample.complete_at(looks)
    # In parts of what may be spent on each, so that both are compared with the whole budget.
    p_values = np.minimum(looks.whenever / WATCH, 1.0)
    p_values[decisive : decisive + 1] = np.minimum(p_values, looks.alone / DECISIVE_LOOK)[decisive : decisive + 1]
    p_values = np.minimum.accumulate(p_values)
    found = _first(p_values <= budget)
    verdicts: list[GateVerdict] = []
    for minute in range(min(first, found), min(len(p_values), found + 1)):
        sampled = minute >= decisive
        verdict: Verdict = "unhealthy" if minute == found else "healthy" if sampled else "not-enough-evidence"
        canary, baseline = looks.sides(minute)
        spent = budget if sampled else budget * WATCH
        reason = (
            f"{gate.name}: {_meaning(verdict, sample.needed[minute])}: {_seen(gate, looks, minute)} "
            f"(p = {p_values[minute]:.3g}, unhealthy at {budget:.3g} or less, of which {spent:.3g} is spent)"
        )
        verdicts.append(
            GateVerdict(
                gate=gate.name,
                verdict=verdict,
                reason=reason,
                canary=canary,
                baseline=baseline if baseline.total else None,
                needed=sample.needed[minute],
                p_value=float(p_values[minute]),
                spent=spent,
                budget=budget,
            )
        )
    return (*verdicts, *verdicts[-1:] * (len(p_values) - first - len(verdicts)))


def _first(holds: Iterable[bool | np.bool_]) -> int:
    """The first minute of which it holds, or one that never comes."""
    return next((minute for minute, held in enumerate(holds) if held), sys.maxsize)


def _meaning(verdict: Verdict, needed: int | None) -> str:
    match verdict:
        case "unhealthy":
            return "worse"
        case "healthy":
            return "not worse"
        case "not-enough-evidence" if needed is None:
            return "so many are bad that no sample is large enough to tell"
        case "not-enough-evidence":
            return f"{needed:,} requests are needed"


def _seen(gate: CountGate, looks: Looks, minute: int) -> str:
    canary, baseline = looks.sides(minute)
    beside = f"{baseline} beside it" if baseline.total else f"with a ceiling of {percent(gate.ceiling or 0)}"
    return f"of the new version {canary} {gate.bad}, {beside}; up to {looks.expected[minute]:,.1f} would be no worse"

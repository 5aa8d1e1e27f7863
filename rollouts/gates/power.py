"""The minimum sample: how many requests it takes until a bad version does not get through.

It is the number at which the very test that judges, at the look that the sample is complete for, catches a version that
is so bad as the gate says with a probability of at least `POWER`.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np

from rollouts.gates import distributions
from rollouts.gates.budget import DECISIVE_LOOK
from rollouts.gates.distributions import Ints
from rollouts.gates.evidence import FEWEST
from rollouts.gates.plan import CountGate

POWER: Final = 0.97
"""What is promised is 95 percent; the rest is for traffic and rates that change while the sample comes."""
MINIMUM_SAMPLE: Final = 300
"""Floor of every sample: 299 requests without a bad one show with 95 percent that fewer than 1 percent are."""
_NEVER: Final = 1 << 31
"""Requests that no step waits for."""
_RESOLUTION: Final = 200
"""Samples are found to a part in so many."""
_NEARLY: Final = 0.05
"""Rates are taken to such a part of themselves."""
_DEVIATIONS: Final = 7
_FEW: Final = 20
"""Beyond so many standard deviations, and so many more bad requests above, is less than 1e-9."""


def against_baseline(gate: CountGate, *, rate: float, share: float, budget: float) -> int | None:
    """Requests of the new version that are needed beside a baseline; None when no number is enough.

    Args:
        gate: what must be caught.
        rate: share of bad requests on both sides together. Not the baseline's own: the sample is complete when a number
            says so that does not depend on which side the bad ones fell, or the test would no longer be exact.
        share: of the requests that the new version gets, between 0 and 1.
        budget: what the gate may spend in the step; the test is that of the decisive look.
    """
    level = budget * DECISIVE_LOOK
    needed = _against_baseline(gate.detect, gate.at_least, gate.tolerance, _rough(rate), share, level)
    return None if needed is None else max(needed, gate.sample)


@cache
def against_ceiling(gate: CountGate, *, ceiling: float, budget: float) -> int | None:
    """Requests of the new version that are needed where only a ceiling is known; None when no number is enough.

    Args:
        gate: what must be caught.
        ceiling: highest good rate; a version `detect` times as bad must be caught.
        budget: what the gate may spend in the step; the test is that of the decisive look.
    """
    bad = min(1.0, gate.detect * ceiling)

    def caught(sample: int) -> float:
        seen = _likely(sample, bad)
        stopped = distributions.at_least(seen, sample, ceiling) <= budget * DECISIVE_LOOK
        return float(np.sum(distributions.exactly(seen, sample, bad), where=stopped))

    needed = _smallest(caught)
    return None if needed is None else max(needed, gate.sample)


def _rough(rate: float) -> float:
    """To the nearest few percent, so that samples which are nearly the same are computed once."""
    return math.exp(round(math.log(rate) / _NEARLY) * _NEARLY) if rate > 0 else 0.0


@cache
def _against_baseline(
    detect: float, at_least: float, tolerance: float, rate: float, share: float, level: float
) -> int | None:
    # What the sides would be if the new version were as bad as must be caught: both together are then as seen.
    good = rate / (1 + share * (detect - 1))
    bad = min(1.0, max(detect * good, at_least))
    if bad != detect * good:
        good = max(0.0, (rate - share * bad) / (1 - share))

    def caught(sample: int) -> float:
        beside = round(sample * (1 - share) / share)
        odds = (1 + tolerance) * sample
        seen = _likely(sample, bad)
        # With `seen` bad ones here, the test stops the version when the baseline has at most `spared`.
        spared = distributions.spared(seen, odds / (odds + beside), level)
        together = distributions.exactly(seen, sample, bad) * distributions.at_most(spared, beside, good)
        return float(np.sum(together))

    return _smallest(caught)


def _likely(sample: int, rate: float) -> Ints:
    """Numbers of bad requests whose probability is not negligible, without one alone, which is never evidence."""
    mean = sample * rate
    reach = _DEVIATIONS * math.sqrt(mean * (1 - rate))
    return np.arange(max(FEWEST, mean - reach), min(sample, mean + reach + _FEW) + 1, dtype=np.int64)


def _smallest(caught: Callable[[int], float]) -> int | None:
    """The smallest sample with enough power, to the resolution."""
    few, enough = MINIMUM_SAMPLE, MINIMUM_SAMPLE
    while caught(enough) < POWER:
        few, enough = enough, enough * 2
        if enough > _NEVER:
            return None
    while enough - few > math.ceil(few / _RESOLUTION):
        middle = (few + enough) // 2
        few, enough = (few, middle) if caught(middle) >= POWER else (middle, enough)
    return enough

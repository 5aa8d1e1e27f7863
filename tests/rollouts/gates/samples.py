"""Minutes, plans and drawn traffic that the tests of the gates share."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rollouts.gates import CountGate, Counts, GatePlan, Minute, Pair, Step

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
FAILED: Final = CountGate(name="5xx", bad="failed", ceiling=0.01)
PLAN: Final = GatePlan(
    steps=(Step(weight=5, deadline_minutes=60), Step(weight=50, deadline_minutes=60)),
    gates=(FAILED,),
)


def pair(canary: tuple[int, int], baseline: tuple[int, int] | None) -> Pair:
    """Requests and bad ones of both sides."""
    return Pair(
        canary=Counts(total=canary[0], bad=canary[1]),
        baseline=None if baseline is None else Counts(total=baseline[0], bad=baseline[1]),
    )


def minutes_of(*pairs: Pair, step: int = 0, first: int = 0) -> tuple[Minute, ...]:
    """One minute after the other."""
    return tuple(
        Minute(at=START + timedelta(minutes=first + i), step=step, counts={FAILED.name: found})
        for i, found in enumerate(pairs)
    )


def draw(
    random: np.random.Generator, *, minutes: int, requests: int, share: float, rates: tuple[float, float]
) -> list[Pair]:
    """Minutes of a version with the second rate beside one with the first; both have bad minutes together."""
    here = round(requests * share)
    mood: NDArray[np.float64] = np.exp(random.normal(0, 0.3, minutes))
    good, new = (np.minimum(1, rate * mood) for rate in rates)
    bad, bad_beside = random.binomial(here, new), random.binomial(requests - here, good)
    return [pair((here, int(x)), (requests - here, int(y))) for x, y in zip(bad, bad_beside, strict=True)]

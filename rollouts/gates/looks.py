"""Counts of a step, minute by minute, as looks at all minutes so far."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rollouts.gates.counts import Counts, Pair
from rollouts.gates.distributions import Floats, Ints
from rollouts.gates.evidence import at_any_look, at_one_look

_NOTHING = Counts(total=0, bad=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Looks:
    """After each minute, what the minutes so far are together.

    Args:
        canary: requests of the new version, and the bad ones of them.
        baseline: the same beside it; all zero when it is compared with a ceiling.
        expected: bad requests that the new version would have on average, as bad as it may be.
        alone: how probable so many bad ones are then, if no other look is taken.
        whenever: how probable it is then ever to see such evidence.
    """

    canary: tuple[Ints, Ints]
    baseline: tuple[Ints, Ints]
    expected: Floats
    alone: Floats
    whenever: Floats

    def sides(self, minute: int) -> tuple[Counts, Counts]:
        """The counts of the new version and of the baseline up to a minute."""
        here, beside = (
            Counts(total=int(all_[minute]), bad=int(bad[minute])) for all_, bad in (self.canary, self.baseline)
        )
        return here, beside


def beside_baseline(pairs: Sequence[Pair | None], *, tolerance: float) -> Looks:
    """Against the concurrent baseline: of the bad requests of a minute each side is expected to have its share.

    A minute in which one side had no requests compares nothing, and is left out.

    Args:
        pairs: minute by minute; None where there are no counts.
        tolerance: how much worse than the baseline a good version may be, as a part of the odds.
    """
    both = [
        (pair.canary, pair.baseline)
        if pair is not None and pair.baseline is not None and min(pair.canary.total, pair.baseline.total) > 0
        else (_NOTHING, _NOTHING)
        for pair in pairs
    ]
    here, bad, beside, bad_beside = _columns(both)
    odds = (1 + tolerance) * here
    return _looks((here, bad), (beside, bad_beside), draws=bad + bad_beside, chance=odds / np.maximum(odds + beside, 1))


def under_ceiling(pairs: Sequence[Pair | None], *, ceiling: float) -> Looks:
    """Against the highest good rate, where there is no baseline: each request may be bad with that probability.

    Args:
        pairs: minute by minute; None where there are no counts.
        ceiling: the rate.
    """
    here, bad, *beside = _columns([(_NOTHING if pair is None else pair.canary, _NOTHING) for pair in pairs])
    return _looks((here, bad), (beside[0], beside[1]), draws=here, chance=np.full(len(here), ceiling))


def _looks(canary: tuple[Ints, Ints], baseline: tuple[Ints, Ints], *, draws: Ints, chance: Floats) -> Looks:
    bad = canary[1]
    expected = np.cumsum(draws * chance)
    return Looks(
        canary=(np.cumsum(canary[0]), np.cumsum(bad)),
        baseline=(np.cumsum(baseline[0]), np.cumsum(baseline[1])),
        expected=expected,
        alone=at_one_look(np.cumsum(bad), np.cumsum(draws), expected),
        whenever=at_any_look(bad, draws, chance),
    )


def _columns(both: Sequence[tuple[Counts, Counts]]) -> tuple[Ints, Ints, Ints, Ints]:
    rows = [(here.total, here.bad, beside.total, beside.bad) for here, beside in both]
    here, bad, beside, bad_beside = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    return here, bad, beside, bad_beside

"""SciPy's distributions with the types that SciPy does not ship."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # pyright: ignore[reportMissingTypeStubs] # SciPy ships none; this file is where they are given

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_BINOMIAL: Final[Any] = stats.binom
_NEGATIVE_BINOMIAL: Final[Any] = stats.nbinom


def at_least(bad: Ints, draws: Ints | int, rate: Floats | float) -> Floats:
    """The probability of so many bad ones or more among draws that are bad at a rate."""
    return _BINOMIAL.sf(bad - 1, draws, rate)


def at_most(bad: Ints, draws: int, rate: float) -> Floats:
    """The probability of so many bad ones or fewer."""
    return _BINOMIAL.cdf(bad, draws, rate)


def exactly(bad: Ints, draws: int, rate: float) -> Floats:
    """The probability of just so many bad ones."""
    return _BINOMIAL.pmf(bad, draws, rate)


def spared(bad: Ints, share: float, level: float) -> Ints:
    """The most bad draws elsewhere beside which so many here are still surprising; -1 where none are.

    Surprising is a probability of at most `level` that as many or more are here, of draws that each are here with the
    probability `share`. That is when the failures before the success number `bad` are at most those elsewhere.
    """
    elsewhere: Floats = _NEGATIVE_BINOMIAL.ppf(level, bad, share)
    too_many: NDArray[np.bool_] = _NEGATIVE_BINOMIAL.cdf(elsewhere, bad, share) > level
    return elsewhere.astype(np.int64) - too_many

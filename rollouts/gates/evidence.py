"""How probable it is to see so many bad requests on the side of the new version, when it is not worse.

Both answers hold for bad requests that each fall to the new version with a probability of their own, because shares and
rates of minutes differ; the counts of 2x2 tables with fixed margins are such sums (V. A. Vatutin and V. G. Mikhailov,
1982). So this is Fisher's exact test over many minutes, a little on the safe side: all that is used of the sums is that
a binomial is more spread (W. Hoeffding, On the distribution of the number of successes in independent trials, 1956:
theorem 5 for the tail, theorem 3 for the bets).

A single bad request is never evidence: below two both answers are 1.
"""

from typing import Final

import numpy as np

from rollouts.gates import distributions
from rollouts.gates.distributions import Floats, Ints

FEWEST: Final = 2
TIMES_WORSE: Final = (2.0, 4.0, 10.0)
"""The odds that the watch bets on, a third each; how fast it is depends little on them (decision 10)."""
LATER_MINUTES: Final = 60
"""Bets begin anew so often: our own, small beside the bakes of many hours for which they are."""
AT_ONCE: Final = 0.75
"""The part that is bet from the first minute; it makes these bets hardly slower (decision 10)."""


def at_one_look(bad: Ints, draws: Ints, expected: Floats) -> Floats:
    """For each of several totals, if it alone is looked at: the probability of so many bad ones or more.

    Args:
        bad: that fell to the new version.
        draws: of how many.
        expected: how many would at most fall to it on average, when it is not worse.
    """
    mean = np.divide(expected, draws, out=np.zeros_like(expected), where=draws > 0)
    beyond_the_mean = bad >= np.maximum(expected + 1, FEWEST)  # where Hoeffding's bound begins
    return np.where(beyond_the_mean, distributions.at_least(bad, draws, mean), 1.0)


def at_any_look(bad: Ints, draws: Ints, chance: Floats) -> Floats:
    """After each minute, however many were and will be looked at: the probability of ever seeing such evidence.

    The bets on the new version being worse, which win nothing on average when it is not, multiply what they began with
    by k with a probability of at most 1/k, at any time (J. Ville 1939). Those from the first minute lose a little with
    each minute of a good version. So a part is set aside, for bets that begin later: they see what turns bad by then.

    Args:
        bad: that fell to the new version, minute by minute.
        draws: of how many.
        chance: with which each falls to it at most, when it is not worse.
    """
    together = np.cumsum(bad)
    odds = np.array(TIMES_WORSE)[:, np.newaxis]
    gained = together * np.log(odds) - np.cumsum(draws * np.log1p((odds - 1) * chance), axis=1)
    won = np.full(len(bad), -np.inf)
    left = 1.0
    for hour, start in enumerate(range(0, len(bad), LATER_MINUTES)):
        stake = AT_ONCE if hour == 0 else (1 - AT_ONCE) / (hour * (hour + 1))  # which together never are more than all
        before = gained[:, start - 1 : start] if start else 0.0
        alike = np.logaddexp.reduce(gained - before, axis=0) - np.log(len(odds))
        won = np.logaddexp(won, np.log(stake) + np.where(np.arange(len(bad)) < start, 0.0, alike))
        left -= stake
    logarithm = np.logaddexp(won, np.log(left))
    return np.where(together >= FEWEST, np.exp(-np.maximum(logarithm, 0.0)), 1.0)

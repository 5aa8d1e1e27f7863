"""Services as simulated rollouts meet them: how much traffic, how good the running version is, and the new one.

Traffic has waves and bursts, and errors come and go with what both versions depend on, so that minutes are alike to
those before them and vary more than chance alone.
"""

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from rollouts.gates import SHARE, CountGate
from rollouts.gates.latency import SLOWER

DAY: Final = 1_440
FAILED: Final = CountGate(name="5xx", bad="failed")
SLOW: Final = CountGate(name="p99", bad="were slow")

Rates = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Service:
    """What runs, and what comes.

    Args:
        traffic: requests a minute, on average.
        good: share of bad requests of the running version, by gate.
        new: the same of the new one.
        spread: of the running version's latencies: the deviation of their logarithms.
        slower: which requests take twice as long in the new version.
        clump: bad requests that come together on one side, on average; 1 when each comes for itself.
        even: whether the load balancer deals requests out evenly; else each goes by chance.
    """

    traffic: float
    good: Rates
    new: Rates
    spread: float
    slower: Literal["none", "all", "slowest"] = "none"
    clump: float = 1.0
    even: bool = True


class Draws:
    """Draws services, and what comes to them."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def between(self, least: float, most: float) -> float:
        """A number of whatever order between two."""
        return math.exp(self.random.uniform(math.log(least), math.log(most)))

    def service(self) -> Service:
        """A good version; a fifth of the services have little traffic."""
        traffic = self.between(30, 300) if self.random.random() < 1 / 5 else self.between(300, 30_000)
        failed, spread = self.between(0.001, 0.01), self.random.uniform(0.3, 1.0)
        good = {FAILED.name: failed, SLOW.name: beyond(spread, SLOWER)}
        return Service(traffic=traffic, good=good, new=good, spread=spread, even=bool(self.random.random() < 1 / 2))

    def failing(self) -> Service:
        """5xx doubled from 1 percent, at 300 requests a minute or more."""
        drawn = self.service()
        good = {**drawn.good, FAILED.name: 0.01}
        traffic = self.between(300, 30_000)
        return replace(drawn, traffic=traffic, good=good, new={**good, FAILED.name: 0.02})

    def slow(self) -> Service:
        """p99 doubled, of all requests or of just the slowest: then 1 percent is beyond the threshold, and no more."""
        drawn = self.service()
        spread = self.random.uniform(0.3, 1.0)
        slower: Literal["all", "slowest"] = "all" if self.random.random() < 1 / 2 else "slowest"
        good = {**drawn.good, SLOW.name: beyond(spread, SLOWER)}
        new = {**good, SLOW.name: beyond(spread, SLOWER / 2) if slower == "all" else SHARE}
        traffic = self.between(300, 30_000)
        return replace(drawn, traffic=traffic, good=good, new=new, spread=spread, slower=slower)

    def clumped(self) -> Service:
        """A good version, of which bad requests come in clumps on either side: the promise does not cover that."""
        return replace(self.service(), clump=1.5)

    def coming(self, traffic: float, count: int) -> NDArray[np.int64]:
        """Requests, minute by minute: a wave of a day, bursts, and chance."""
        times = np.arange(count) + self.random.uniform(0, DAY)
        bursts = np.where(self.random.random(count) < 1 / 50, 3.0, 1.0)
        return self.random.poisson(traffic * (1 + np.sin(2 * math.pi * times / DAY) / 2) * bursts)

    def mood(self, count: int) -> NDArray[np.float64]:
        """How much worse than usual everything is: like the minute before, and at times five times as bad for five."""
        drift = np.zeros(count)
        for i, shock in enumerate(self.random.normal(0, 0.2, count)):
            drift[i] = shock + (drift[i - 1] * 0.8 if i else 0)
        incidents = np.convolve(self.random.random(count) < 1 / 200, np.ones(5))[:count] > 0
        return np.exp(drift) * np.where(incidents, 5.0, 1.0)


def beyond(spread: float, factor: float) -> float:
    """Share of log-normal latencies beyond so many times their p99."""
    normal = NormalDist()
    return 1 - normal.cdf(normal.inv_cdf(1 - SHARE) + math.log(factor) / spread)

"""Latencies as counts in fine classes: quick to draw, to add up and to read any percentile from."""

from functools import cache
from math import exp, log
from statistics import NormalDist
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Histogram: TypeAlias = NDArray[np.int64]
"""How many requests fell into each class of `EDGES_MS`."""

CLASSES: Final = 1_400
_EDGES: Final[list[float]] = [0.1 * exp(log(1.2e6) * edge / CLASSES) for edge in range(CLASSES + 1)]
EDGES_MS: Final[NDArray[np.float64]] = np.array(_EDGES)
"""Classes of equal width on a log scale, each 1 % wide, from 0.1 ms to two minutes.

CloudWatch estimates percentiles too, and no finer.
"""
_MIDDLES_MS: Final[NDArray[np.float64]] = np.sqrt(EDGES_MS[:-1] * EDGES_MS[1:])
_ABOVE_NOTHING: Final = 1e-9
_Z99: Final = NormalDist().inv_cdf(0.99)


def draw(random: np.random.Generator, requests: int, *, median_ms: float, p99_ms: float) -> Histogram:
    """Latencies of `requests` requests, log-normal with this median and 99th percentile (milliseconds)."""
    return random.multinomial(requests, _probabilities(median_ms, p99_ms))


def percentile(histogram: Histogram, percent: float) -> float:
    """The latency (ms) that `percent` of the requests do not exceed."""
    below = np.cumsum(histogram)
    wanted = max(float(below[-1]) * percent / 100, _ABOVE_NOTHING)
    index = min(int(np.searchsorted(below, wanted)), CLASSES - 1)
    inside = (wanted - float(below[index] - histogram[index])) / float(histogram[index])
    return float(EDGES_MS[index] * (EDGES_MS[index + 1] / EDGES_MS[index]) ** inside)


def share_up_to(histogram: Histogram, limit_ms: float) -> float:
    """The percentage of the requests that took at most `limit_ms`."""
    return (
        100 * float(np.interp(limit_ms, EDGES_MS, np.concatenate(([0], np.cumsum(histogram))))) / int(histogram.sum())
    )


def total_ms(histogram: Histogram) -> float:
    """All latencies together."""
    return float(histogram @ _MIDDLES_MS)


def extremes_ms(histogram: Histogram) -> tuple[float, float]:
    """The least and the greatest latency, to the edge of their class."""
    filled = np.flatnonzero(histogram)
    return float(EDGES_MS[filled[0]]), float(EDGES_MS[filled[-1] + 1])


@cache
def _probabilities(median_ms: float, p99_ms: float) -> NDArray[np.float64]:
    normal = NormalDist(mu=log(median_ms), sigma=log(p99_ms / median_ms) / _Z99)
    below = [0.0, *(normal.cdf(log(edge)) for edge in _EDGES[1:-1]), 1.0]
    return np.diff(np.array(below, dtype=np.float64))

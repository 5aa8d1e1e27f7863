"""Latency as counts: which requests are slow."""

from dataclasses import dataclass
from typing import Final

SLOWER: Final = 1.5
"""How many times the baseline's p99 a request may take.

A version with twice the p99 has at least 1 percent of its requests beyond 1.5 times the old one, which is what the gate
must catch; the old version has far fewer there: 0.1 to 0.3 percent when latencies are log-normal (decision 10).
"""
SHARE: Final = 0.01
"""A p99 is at most a limit when at most 1 percent of the requests take longer."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Threshold:
    """From where on a request is slow.

    Args:
        milliseconds: longer is slow; for CloudWatch's percentile rank, which wants the metric's own unit, convert it.
        reason: where that comes from, for people.
    """

    milliseconds: float
    reason: str


def slow_from(*, baseline_p99: float | None, p99_max: float | None) -> Threshold | None:
    """The threshold of a rollout, fixed before it starts; both sides are counted with it.

    The limit of the stack file counts only where there is no baseline. Beside one it would be too low: when it is near
    the baseline's p99, a version of which just the slowest requests take twice as long has no more beyond it.

    Args:
        baseline_p99: of the running version before the start, in milliseconds; None when it has no traffic.
        p99_max: what the stack file allows, in milliseconds; None when it says nothing.

    Returns:
        None when there is neither.
    """
    if baseline_p99 is not None:
        reason = f"{SLOWER:g} times the p99 of {baseline_p99:.3g} ms before the start"
        return Threshold(milliseconds=SLOWER * baseline_p99, reason=reason)
    if p99_max is not None:
        return Threshold(milliseconds=p99_max, reason=f"the limit of {p99_max:g} ms")
    return None


def slow(*, total: int, rank: float) -> int:
    """How many of the requests were slow.

    Args:
        total: requests.
        rank: percent of them at or below the threshold, as CloudWatch's statistic PR says it.
    """
    return total - round(total * rank / 100)

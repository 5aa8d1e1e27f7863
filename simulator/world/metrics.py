"""The metrics of a world as CloudWatch keeps them, and when each point can be seen."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from simulator.world import latency
from simulator.world.api import AwsError
from simulator.world.clock import MINUTE, Clock
from simulator.world.latency import Histogram

USUAL_DELAY_SECONDS: Final = 60.0
"""From the end of a minute until all of its requests are counted; until then, half of them are."""

_RANK: Final = re.compile(r"PR\((?P<low>[\d.]*):(?P<high>[\d.]*)\)")
_PERCENTILE: Final = re.compile(r"p(?P<percent>\d{1,2}(\.\d+)?|100)")


class Metric(NamedTuple):
    """Which metric; dimensions in any order name the same one."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, namespace: str, name: str, dimensions: Mapping[str, str]) -> "Metric":
        """The metric with these dimensions."""
        return cls(namespace, name, frozenset(dimensions.items()))


@dataclass(frozen=True, kw_only=True, slots=True)
class Datum:
    """What is known of one minute.

    Args:
        samples: how many values there were.
        total: all of them together.
        least: the smallest.
        most: the greatest.
        histogram: for latencies, how they are distributed.
        unit_ms: what the values are counted in, for latencies: 1000 for seconds, 1 for milliseconds.
    """

    samples: int
    total: float
    least: float
    most: float
    histogram: Histogram | None = None
    unit_ms: float = 1.0

    @classmethod
    def count(cls, number: int, *, of: int | None = None) -> "Datum":
        """`number` events; with `of`, among so many samples that say 0 or 1 (as Lambda's Errors)."""
        samples = number if of is None else of
        return cls(samples=samples, total=number, least=float(number == samples), most=float(number > 0))

    @classmethod
    def gauge(cls, value: float) -> "Datum":
        """One value, such as the number of healthy hosts."""
        return cls(samples=1, total=value, least=value, most=value)

    @classmethod
    def latencies(cls, histogram: Histogram, *, unit_ms: float) -> "Datum":
        """Latencies, in units of so many milliseconds."""
        least, most = latency.extremes_ms(histogram)
        return cls(
            samples=int(histogram.sum()),
            total=latency.total_ms(histogram) / unit_ms,
            least=least / unit_ms,
            most=most / unit_ms,
            histogram=histogram,
            unit_ms=unit_ms,
        )

    def halved(self) -> "Datum | None":
        """What is there while half of it is still on its way; None is nothing."""
        if self.samples < 2:  # noqa: PLR2004 - one sample has no half
            return None
        if self.histogram is not None:
            half = self.histogram // 2
            return Datum.latencies(half, unit_ms=self.unit_ms) if half.any() else None
        return replace(self, samples=self.samples // 2, total=self.total // 2)


def merged(data: Sequence[Datum]) -> Datum:
    """Several minutes as one."""
    histograms = [datum.histogram for datum in data if datum.histogram is not None]
    return Datum(
        samples=sum(datum.samples for datum in data),
        total=sum(datum.total for datum in data),
        least=min(datum.least for datum in data),
        most=max(datum.most for datum in data),
        histogram=np.sum(histograms, axis=0) if histograms else None,
        unit_ms=data[0].unit_ms,
    )


def statistic(datum: Datum, name: str) -> float | None:
    """A statistic by CloudWatch's name; None where CloudWatch has no such statistic of this metric.

    Raises:
        AwsError: there is no statistic of this name.
    """
    plain = {
        "Sum": datum.total,
        "SampleCount": float(datum.samples),
        "Average": datum.total / datum.samples,
        "Minimum": datum.least,
        "Maximum": datum.most,
    }
    if name in plain:
        return plain[name]
    percentile, rank = _PERCENTILE.fullmatch(name), _RANK.fullmatch(name)
    if not percentile and not (rank and (rank["low"] or rank["high"])):
        raise AwsError(code="ValidationError", message=f"The value {name} for parameter Stat is not supported.")
    if datum.histogram is None:
        return None
    if percentile:
        return latency.percentile(datum.histogram, float(percentile["percent"])) / datum.unit_ms
    low, high = (float(rank[end]) * datum.unit_ms if rank and rank[end] else None for end in ("low", "high"))
    up_to_high = 100.0 if high is None else latency.share_up_to(datum.histogram, high)
    return up_to_high - (0.0 if low is None else latency.share_up_to(datum.histogram, low))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Trouble:
    metric: str
    start: datetime
    end: datetime
    late: timedelta | None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Point:
    datum: Datum
    half_at: datetime
    whole_at: datetime


class Metrics:
    """All points of a world.

    Args:
        clock: a point can be seen some time after its minute.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._points: dict[Metric, dict[datetime, _Point]] = {}
        self._troubles: list[_Trouble] = []
        self.delay_seconds = USUAL_DELAY_SECONDS

    def late(self, metric: str, *, minutes: float, seconds: float) -> None:
        """For so many minutes from now, let the points of `metric` (by name; empty is all) come `seconds` later."""
        self._trouble(metric, minutes, timedelta(seconds=seconds))

    def missing(self, metric: str, *, minutes: float) -> None:
        """For so many minutes from now, let the points of `metric` (by name; empty is all) never come."""
        self._trouble(metric, minutes, None)

    def record(self, minute: datetime, metric: Metric, datum: Datum) -> None:
        """Publish what is known of the minute that began at `minute`; nothing that never happened is published."""
        if not datum.samples:
            return
        delay = timedelta(seconds=self.delay_seconds)
        whole_at = minute + MINUTE + delay
        for trouble in self._troubles:
            if trouble.metric in ("", metric.name) and trouble.start <= minute < trouble.end:
                if trouble.late is None:
                    return
                whole_at += trouble.late
        point = _Point(datum=datum, half_at=whole_at - delay / 2, whole_at=whole_at)
        self._points.setdefault(metric, {})[minute] = point

    def read(self, metric: Metric, start: datetime, end: datetime) -> Datum | None:
        """What can be seen now of the minutes from `start` until before `end`; None is nothing."""
        points, now = self._points.get(metric), self._clock.now()
        if points is None:
            return None
        seen: list[Datum] = []
        while start < end:
            point = points.get(start)
            start += MINUTE
            if point is None or point.half_at > now:
                continue
            datum = point.datum if point.whole_at <= now else point.datum.halved()
            if datum is not None:
                seen.append(datum)
        return merged(seen) if seen else None

    def _trouble(self, metric: str, minutes: float, late: timedelta | None) -> None:
        now = self._clock.now()
        self._troubles.append(_Trouble(metric=metric, start=now, end=now + minutes * MINUTE, late=late))

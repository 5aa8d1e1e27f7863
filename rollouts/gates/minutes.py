"""One recorded minute of a step, and which minutes are complete enough to be judged."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import with_config

from rollouts.gates.counts import AS_WRITTEN, Pair

AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
"""CloudWatch API, StateValue."""

LATE_MINUTES: Final = 2
"""How long after its end a minute is judged.

The newest minute of a metric is still being filled (CloudWatch publishes a load balancer's in intervals of 60 seconds);
one more is for points that are late.
"""
_MINUTE: Final = timedelta(minutes=1)


@with_config(AS_WRITTEN)
@dataclass(frozen=True, kw_only=True, slots=True)
class Targets:
    """How many targets of the new version pass their health checks.

    Args:
        healthy: those that pass.
        unhealthy: those that do not.
    """

    healthy: int
    unhealthy: int

    def __post_init__(self) -> None:
        if min(self.healthy, self.unhealthy) < 0:
            raise ValueError(f"{self.healthy} healthy and {self.unhealthy} unhealthy targets")


@with_config(AS_WRITTEN)
@dataclass(frozen=True, kw_only=True, slots=True)
class Minute:
    """What was seen in one minute, under the names of the gates that judge it.

    Once judged, a minute stays as it is: whoever keeps minutes appends them, and changes none for a late point.

    Args:
        at: its beginning, in UTC.
        step: the place of the step in the plan, from 0.
        counts: of the gates that compare counts; a gate without data in this minute is absent.
        values: of the gates that bound a value; the same.
        alarms: states by the names of the alarms.
        targets: of the new version; None when unknown.
    """

    at: datetime
    step: int
    counts: Mapping[str, Pair] = field(default_factory=dict[str, Pair])
    values: Mapping[str, float] = field(default_factory=dict[str, float])
    alarms: Mapping[str, AlarmState] = field(default_factory=dict[str, AlarmState])
    targets: Targets | None = None

    def __post_init__(self) -> None:
        if self.at.utcoffset() != timedelta(0):
            raise ValueError(f"{self.at} is not in UTC")
        unusable = [name for name, value in self.values.items() if not math.isfinite(value)]
        if unusable:
            raise ValueError(f"no number: {', '.join(unusable)}")


def complete(minutes: Iterable[Minute], *, now: datetime, after: datetime | None = None) -> tuple[Minute, ...]:
    """Those that nothing will be added to, in order.

    Args:
        minutes: as they were read, in any order.
        now: the time.
        after: the beginning of the last minute that was judged; this and earlier ones are not judged again, whatever
            arrived for them since, because a second look at the same minute would be paid for by nobody.
    """
    last = now - (LATE_MINUTES + 1) * _MINUTE
    return tuple(sorted((m for m in minutes if m.at <= last and (after is None or m.at > after)), key=lambda m: m.at))

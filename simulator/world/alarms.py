"""Alarms: evaluated when a minute ends, or set by a test."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from simulator.world.api import WorldError
from simulator.world.clock import Clock
from simulator.world.metrics import Metric, Metrics, statistic

State = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]
Missing = Literal["missing", "notBreaching", "breaching", "ignore"]

_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """When a metric alarm is in ALARM (CloudWatch API, PutMetricAlarm; the names are AWS's).

    `datapoints_to_alarm` of the last `evaluation_periods` periods have to breach.
    """

    metric: Metric
    stat: str
    threshold: float
    comparison: str = "GreaterThanThreshold"
    period_seconds: int = 60
    evaluation_periods: int = 1
    datapoints_to_alarm: int = 1
    treat_missing_data: Missing = "missing"


@dataclass(kw_only=True, slots=True)
class Alarm:
    """An alarm and its state: a metric's (`condition`), other alarms' (`members`), or only what a test sets."""

    name: str
    condition: Condition | None
    members: frozenset[str]
    updated: datetime
    state: State = "INSUFFICIENT_DATA"
    held: bool = field(default=False)


class Alarms:
    """All alarms of a world.

    Args:
        clock: they are evaluated when a minute ends.
        metrics: what they look at; as AWS does, they see a point only when it has come.
    """

    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self._clock = clock
        self._metrics = metrics
        self._alarms: dict[str, Alarm] = {}
        clock.every_minute(self._evaluate)

    def add(self, name: str, condition: Condition | None = None, *, members: frozenset[str] = frozenset()) -> None:
        """Make an alarm; as in AWS it begins with INSUFFICIENT_DATA. `members` makes it composite: any of them."""
        if condition is not None and condition.comparison not in _COMPARISONS:
            raise WorldError(f"there is no comparison {condition.comparison}; there are {', '.join(_COMPARISONS)}")
        self._alarms[name] = Alarm(name=name, condition=condition, members=members, updated=self._clock.now())

    def set(self, name: str, state: State) -> None:
        """Set the state until the metric decides again."""
        self._change(self._alarms[name], state)

    def hold(self, name: str, state: State) -> None:
        """Set the state, and keep it whatever the metric says."""
        alarm = self._alarms[name]
        alarm.held = True
        self._change(alarm, state)

    def release(self, name: str) -> None:
        """Let the metric decide again."""
        self._alarms[name].held = False

    def all(self) -> tuple[Alarm, ...]:
        """Every alarm, by name."""
        return tuple(self._alarms[name] for name in sorted(self._alarms))

    def firing(self, names: frozenset[str]) -> frozenset[str]:
        """Those of `names` that are in ALARM now; one that does not exist is not."""
        return frozenset(name for name in names if name in self._alarms and self._alarms[name].state == "ALARM")

    def _evaluate(self, _minute: datetime) -> None:
        for alarm in self._alarms.values():
            if alarm.condition is not None and not alarm.held:
                self._change(alarm, self._judged(alarm.condition, alarm.state))
        for alarm in self._alarms.values():
            if alarm.members and not alarm.held:
                self._change(alarm, self._composed(alarm.members))

    def _change(self, alarm: Alarm, state: State) -> None:
        if alarm.state != state:
            alarm.state, alarm.updated = state, self._clock.now()

    def _judged(self, condition: Condition, before: State) -> State:
        values = self._values(condition)
        breaches = _COMPARISONS[condition.comparison]
        present = [breaches(value, condition.threshold) for value in values if value is not None]
        treat = condition.treat_missing_data
        if not present and treat in ("missing", "ignore"):
            return "INSUFFICIENT_DATA" if treat == "missing" else before
        absent = len(values) - len(present)
        bad = sum(present) + (absent if treat == "breaching" else 0)
        return "ALARM" if bad >= condition.datapoints_to_alarm else "OK"

    def _values(self, condition: Condition) -> list[float | None]:
        """The last periods, newest first, that end early enough for all of their points to have come."""
        period = timedelta(seconds=condition.period_seconds)
        end = self._clock.now() - timedelta(seconds=self._metrics.delay_seconds)
        end = end.replace(second=0, microsecond=0)
        values: list[float | None] = []
        for _ in range(condition.evaluation_periods):
            datum = self._metrics.read(condition.metric, end - period, end)
            values.append(None if datum is None else statistic(datum, condition.stat))
            end -= period
        return values

    def _composed(self, members: frozenset[str]) -> State:
        states = {self._alarms[name].state for name in members}
        if "ALARM" in states:
            return "ALARM"
        return "OK" if states == {"OK"} else "INSUFFICIENT_DATA"

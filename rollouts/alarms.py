"""The alarms of a service: quiet before a rollout, and while it goes on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rollouts.aws import Aws

_NAMES_MAX: Final = 100
"""Names in one question (CloudWatch API, DescribeAlarms)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmStates:
    """Which alarms say so, which have nothing to say yet, and which do not exist."""

    firing: tuple[str, ...]
    silent: tuple[str, ...]
    missing: tuple[str, ...]


def alarm_states(aws: Aws, names: Iterable[str]) -> AlarmStates:
    """The states of alarms, metric and composite ones."""
    wanted = sorted(set(names))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), _NAMES_MAX):
        part = wanted[start : start + _NAMES_MAX]
        answer = aws.ask(
            "cloudwatch",
            "describe_alarms",
            AlarmNames=part,
            AlarmTypes=["MetricAlarm", "CompositeAlarm"],
            MaxRecords=100,
        )
        alarms = [*answer.get("MetricAlarms", []), *answer.get("CompositeAlarms", [])]
        found |= {str(alarm["AlarmName"]): str(alarm["StateValue"]) for alarm in alarms}
    return AlarmStates(
        firing=tuple(name for name in wanted if found.get(name) == "ALARM"),
        silent=tuple(name for name in wanted if found.get(name) == "INSUFFICIENT_DATA"),
        missing=tuple(name for name in wanted if name not in found),
    )

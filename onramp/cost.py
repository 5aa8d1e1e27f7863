"""What resources cost in a month at the least: what runs all the time, from one dated price table.

What depends on use (requests, log volume, traffic) is not in the sum; the table's prices for it are named beside it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from simulator.graph import Resource

MIB_PER_GIB: Final = 1024
CPU_UNITS_PER_VCPU: Final = 1024

Prices = Mapping[str, float]


@dataclass(frozen=True, kw_only=True, slots=True)
class CostLine:
    """One kind of thing: how many, and what they cost together in USD a month."""

    what: str
    count: int
    usd: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """An estimate, by kind, and the day of its prices."""

    lines: tuple[CostLine, ...]
    as_of: str

    @property
    def total(self) -> float:
        """USD a month."""
        return sum(line.usd for line in self.lines)


@cache
def _table() -> dict[str, object]:
    text = (Path(__file__).parent / "prices.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def prices() -> Prices:
    """The price table."""
    return {name: float(value) for name, value in _table().items() if isinstance(value, int | float)}


def monthly_cost(resources: Iterable[Resource]) -> Cost:
    """What `resources` of one service cost in a month before anybody uses it."""
    found = list(resources)
    table = prices()
    lines = [_fargate(found, table), *(_flat(found, table, *each) for each in _FLAT)]
    return Cost(lines=tuple(line for line in lines if line.count), as_of=str(_table()["as_of"]))


_FLAT: Final = (
    ("secrets", "aws:secretsmanager/secret:Secret", "secret_month"),
    ("alarms", "aws:cloudwatch/metricAlarm:MetricAlarm", "alarm_month"),
    ("composite alarms", "aws:cloudwatch/compositeAlarm:CompositeAlarm", "composite_alarm_month"),
    ("dashboards", "aws:cloudwatch/dashboard:Dashboard", "dashboard_month"),
)


def _flat(resources: list[Resource], table: Prices, what: str, type_: str, price: str) -> CostLine:
    count = sum(1 for found in resources if found.type == type_)
    return CostLine(what=what, count=count, usd=count * table[price])


def _fargate(resources: list[Resource], table: Prices) -> CostLine:
    """The tasks that always run, at the size of their definition."""
    tasks = _number(resources, "aws:appautoscaling/target:Target", "minCapacity")
    vcpu = _number(resources, "aws:ecs/taskDefinition:TaskDefinition", "cpu") / CPU_UNITS_PER_VCPU
    gib = _number(resources, "aws:ecs/taskDefinition:TaskDefinition", "memory") / MIB_PER_GIB
    hourly = (vcpu * table["fargate_vcpu_hour"] + gib * table["fargate_gib_hour"]) * table["fargate_arm_factor"]
    return CostLine(what="Fargate tasks", count=int(tasks), usd=tasks * hourly * table["hours_per_month"])


def _number(resources: list[Resource], type_: str, key: str) -> float:
    return sum(float(str(found.inputs[key])) for found in resources if found.type == type_)

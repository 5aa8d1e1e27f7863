"""What resources cost in a month at the least: what runs all the time, from one dated price table.

What depends on use (requests, log volume, traffic) is not in the sum; the table's prices for it are named beside it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from onramp.pricing import Priced, Prices, priced
from simulator.graph import Resource


@dataclass(frozen=True, kw_only=True, slots=True)
class CostLine:
    """One kind of thing: how many, and what they cost together in USD a month; None when the size has no price."""

    what: str
    count: int
    usd: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Cost:
    """An estimate, by kind, and the day of its prices."""

    lines: tuple[CostLine, ...]
    as_of: str

    @property
    def total(self) -> float:
        """USD a month, of all that has a price."""
        return sum(line.usd or 0 for line in self.lines)


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
    by_kind: dict[str, list[Priced]] = {}
    for resource in found:
        one = priced(resource, found, table)
        if one is not None and one.count:
            by_kind.setdefault(one.what, []).append(one)
    lines = (_line(what, ones) for what, ones in by_kind.items())
    return Cost(lines=tuple(sorted(lines, key=lambda line: -(line.usd or 0))), as_of=str(_table()["as_of"]))


def _line(what: str, ones: list[Priced]) -> CostLine:
    known = [one.usd for one in ones if one.usd is not None]
    usd = sum(known) if len(known) == len(ones) else None
    return CostLine(what=what, count=round(sum(one.count for one in ones)), usd=usd)

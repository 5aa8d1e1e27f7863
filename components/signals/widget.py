"""The golden signals of a service as a CloudWatch dashboard: latency, traffic, errors, saturation, two by two."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from components.scope import compact_json
from stacks.source import Json

WIDTH: Final = 12
HEIGHT: Final = 6
PERIOD_SECONDS: Final = 60
"""Seed 004, dashboard: two by two widgets of 12 by 6, a point each minute."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Widget:
    """One graph: rows as CloudWatch writes them in a dashboard body."""

    title: str
    metrics: Sequence[Json]
    stat: str = "Average"


def body(region: str, widgets: Sequence[Widget]) -> str:
    """The dashboard body, two widgets in each row."""
    placed: list[Json] = [
        {
            "type": "metric",
            "x": (index % 2) * WIDTH,
            "y": (index // 2) * HEIGHT,
            "width": WIDTH,
            "height": HEIGHT,
            "properties": {
                "title": widget.title,
                "region": region,
                "view": "timeSeries",
                "period": PERIOD_SECONDS,
                "stat": widget.stat,
                "metrics": [*widget.metrics],
            },
        }
        for index, widget in enumerate(widgets)
    ]
    return compact_json({"widgets": placed})

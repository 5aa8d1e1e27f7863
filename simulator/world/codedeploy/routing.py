"""Deployment configurations: in which steps CodeDeploy shifts traffic."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

ALL: Final = 100
_PERCENT: Final = 10
_CANARY_MINUTES: Final = {"Lambda": (5, 10, 15, 30), "ECS": (5, 15)}
_LINEAR_MINUTES: Final = {"Lambda": (1, 2, 3, 10), "ECS": (1, 3)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Routing:
    """How traffic shifts (CodeDeploy API, TrafficRoutingConfig); `minutes` are between two steps."""

    type: Literal["AllAtOnce", "TimeBasedCanary", "TimeBasedLinear"] = "AllAtOnce"
    percent: int = ALL
    minutes: int = 0

    def steps(self) -> Iterator[tuple[int, int]]:
        """Each step's percent, and the minutes until the next; none after the last."""
        if self.type == "TimeBasedCanary":
            yield self.percent, self.minutes
        if self.type == "TimeBasedLinear":
            for number in range(1, math.ceil(ALL / self.percent)):
                yield self.percent * number, self.minutes
        yield ALL, 0


def predefined() -> dict[str, Routing]:
    """What every account has (CodeDeploy user guide, Working with deployment configurations)."""
    found: dict[str, Routing] = {}
    for platform in ("Lambda", "ECS"):
        name = f"CodeDeployDefault.{platform}"
        found[f"{name}AllAtOnce"] = Routing()
        for minutes in _CANARY_MINUTES[platform]:
            canary = Routing(type="TimeBasedCanary", percent=_PERCENT, minutes=minutes)
            found[f"{name}Canary{_PERCENT}Percent{minutes}Minutes"] = canary
        for minutes in _LINEAR_MINUTES[platform]:
            ending = "Minute" if minutes == 1 and platform == "Lambda" else "Minutes"
            linear = Routing(type="TimeBasedLinear", percent=_PERCENT, minutes=minutes)
            found[f"{name}Linear{_PERCENT}PercentEvery{minutes}{ending}"] = linear
    return found

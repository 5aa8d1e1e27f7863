"""On which capacity tasks run: on demand, or most of them on Spot."""

from dataclasses import dataclass
from typing import Final

from stacks.models import FargateSpec

ON_DEMAND: Final = "FARGATE"
SPOT: Final = "FARGATE_SPOT"


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """So many tasks of one provider first, and of the rest its part by weight."""

    provider: str
    base: int
    weight: int


def shares(spec: FargateSpec) -> tuple[Share, ...]:
    """The capacity of a service. Stated even without Spot: a service that has a launch type cannot move to Spot later.

    A task that starts by the clock is alone, so it is on Spot or it is not.
    """
    if spec.spot is None:
        return (Share(provider=ON_DEMAND, base=0, weight=1),)
    if spec.schedule is not None:
        return (Share(provider=SPOT, base=0, weight=1),)
    return (
        Share(provider=ON_DEMAND, base=spec.spot.on_demand_base, weight=spec.spot.on_demand_weight),
        Share(provider=SPOT, base=0, weight=spec.spot.spot_weight),
    )

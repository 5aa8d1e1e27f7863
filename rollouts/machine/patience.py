"""How long AWS may take to make true what it was asked for; then the rollout goes back, or people are told."""

from datetime import datetime, timedelta
from typing import Final

from rollouts.record import Rollout
from stacks.targets import EndpointTarget, Target, VariantsTarget

CHANGE_MINUTES: Final = 30
"""For weights, and for tasks and instances that come and go: our own, several times what each of them takes."""
ENDPOINT_MINUTES: Final = 150
"""The same for an endpoint of SageMaker's: an instance may take an hour to fetch its model and one more to pass its
first health check (SageMaker API, ProductionVariant); the rest is its own start."""


def patience_minutes(target: Target) -> int:
    """For one change of what a target runs, or of how its traffic is split."""
    return ENDPOINT_MINUTES if isinstance(target, VariantsTarget | EndpointTarget) else CHANGE_MINUTES


def is_over(rollout: Rollout, now: datetime) -> bool:
    """Whether people were told that it takes too long, and nobody has resumed it since: there is nothing else to do."""
    patience = timedelta(minutes=patience_minutes(rollout.target))
    return rollout.stuck_since is not None and now - rollout.phase_at > patience

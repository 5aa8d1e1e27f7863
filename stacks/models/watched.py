"""What the rollouts of all compute types have in common: steps that Onramp takes, and gates that judge each."""

from itertools import pairwise
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from stacks.models.base import Model
from stacks.models.gates import Gates

ALL: Final = 100
STEPS: Final = (5, 25, 50, ALL)
"""Seed 004, canary deployment: percent of the requests in each step."""
STEPPED: Final = "stepped"
"""The strategy in which Onramp moves the weights itself."""
_STEP_KEYS: Final = {"steps": "steps", "step_minutes": "stepMinutes"}


def _a_ladder(steps: tuple[int, ...]) -> tuple[int, ...]:
    if steps[-1] != ALL:
        raise ValueError(f"end with {steps[-1]}; the last step is {ALL}")
    if any(one >= other for one, other in pairwise(steps)):
        raise ValueError("must rise from step to step")
    return steps


Steps = Annotated[
    tuple[Annotated[int, Field(ge=1, le=ALL)], ...], Field(min_length=1, max_length=20), AfterValidator(_a_ladder)
]


class WatchedRollout(Model):
    """How a new version goes live, and what judges it on the way (`onramp rollout`)."""

    strategy: str
    steps: Steps = STEPS
    """Percent of the requests in each step (stepped)."""
    step_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    """Complete minutes that each step is watched at least (stepped)."""
    gates: Gates = Field(default_factory=lambda: Gates.model_validate({}))
    """What judges a new version."""

    @model_validator(mode="after")
    def _steps_are_ours(self) -> Self:
        written = [key for field, key in _STEP_KEYS.items() if field in self.model_fields_set]
        if self.strategy != STEPPED and written:
            raise ValueError(
                f"{' and '.join(written)}: AWS takes the steps of {self.strategy}; write strategy: stepped, or remove "
                f"{'it' if len(written) == 1 else 'them'}"
            )
        return self

    def least_minutes(self, keep_minutes: int) -> int:
        """How long all steps are watched at least.

        Args:
            keep_minutes: how long the former version stays after the last step.
        """
        return (len(self.steps) - 1) * self.step_minutes + max(self.step_minutes, keep_minutes)

    @property
    def is_stepped(self) -> bool:
        """Whether Onramp moves the weights."""
        return self.strategy == STEPPED

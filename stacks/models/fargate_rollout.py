"""How a new version of a container service replaces the old one, and what may stop it on the way."""

import math
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from stacks import limits
from stacks.models.base import Model, ServiceName
from stacks.models.watched import WatchedRollout

Stage = Literal[
    "reconcile-service",
    "pre-scale-up",
    "post-scale-up",
    "test-traffic-shift",
    "post-test-traffic-shift",
    "pre-production-traffic-shift",
    "production-traffic-shift",
    "post-production-traffic-shift",
]
"""The stages of a deployment at which ECS asks (ECS API, DeploymentLifecycleHook)."""

_IN_STEPS: Final = ("canary", "linear")
_STEP_KEYS: Final = {"percent": "percent", "interval_minutes": "intervalMinutes"}


class Hook(Model):
    """A function that ECS asks whether to go on."""

    stage: Stage
    """When it is asked; `pre-production-traffic-shift` is before every step of canary and linear."""
    function: ServiceName
    """A lambda service of this stack; it answers with hookStatus SUCCEEDED, FAILED or IN_PROGRESS."""


class FargateRollout(WatchedRollout):
    """How a new version replaces the old one."""

    strategy: Literal["blue-green", "canary", "linear", "rolling", "stepped"]  # pyright: ignore[reportIncompatibleVariableOverride] - models do not change
    """`blue-green` shifts at once, `canary` in two steps, `linear` in equal ones, `rolling` replaces task by task: all
    by AWS. `stepped`: Onramp shifts, in `steps` (`onramp rollout`)."""
    controller: Literal["ecs", "codedeploy"] = "ecs"
    """Who shifts: ECS itself, or CodeDeploy, whose deployments a pipeline starts."""
    percent: Annotated[float, Field(gt=0, le=100)] = 10
    """Share of requests in the first step (canary) or in every step (linear)."""
    interval_minutes: Annotated[int, Field(ge=0, le=limits.ECS_BAKE_MINUTES_MAX)] = 5
    """Time between steps, while alarms are watched (canary and linear)."""
    bake_minutes: Annotated[int, Field(ge=0, le=limits.ECS_BAKE_MINUTES_MAX)]
    """How long the old version stays ready after the last shift, while alarms are watched."""
    hooks: tuple[Hook, ...] = ()
    """Functions that may stop the deployment."""
    pause: bool = False
    """ECS waits before each shift until `onramp rollout` says that it may go on (blue-green, canary and linear)."""

    @model_validator(mode="after")
    def _steps(self) -> Self:
        if self.strategy not in _IN_STEPS:
            written = [key for field, key in _STEP_KEYS.items() if field in self.model_fields_set]
            if written:
                raise ValueError(
                    f"{' and '.join(written)}: {self.strategy} has no steps; write strategy: canary or linear, "
                    "or remove it"
                )
        elif self.controller == "ecs":
            least, most = limits.ECS_CANARY_PERCENT if self.strategy == "canary" else limits.ECS_LINEAR_PERCENT
            if not least <= self.percent <= most or not math.isclose(self.percent * 10, round(self.percent * 10)):
                raise ValueError(
                    f"percent ({self.percent:g}): ECS takes {least:g} to {most:g} in steps of 0.1 for {self.strategy}"
                )
        return self

    @model_validator(mode="after")
    def _by_codedeploy(self) -> Self:
        if self.controller != "codedeploy":
            return self
        if self.strategy == "rolling":
            raise ValueError("controller codedeploy shifts between two target groups; use blue-green, canary or linear")
        if self.hooks:
            raise ValueError("hooks are asked by ECS; CodeDeploy reads its own from the appspec of each deployment")
        if self.strategy in _IN_STEPS:
            least, most = limits.CODEDEPLOY_PERCENT
            if self.percent != int(self.percent) or not least <= self.percent <= most:
                raise ValueError(f"percent ({self.percent:g}): CodeDeploy takes whole numbers from {least} to {most}")
            if self.interval_minutes < 1:
                raise ValueError("intervalMinutes: CodeDeploy waits at least one minute between steps")
            if self.shift_minutes > limits.CODEDEPLOY_SHIFT_MINUTES_MAX:
                raise ValueError(
                    f"takes {self.shift_minutes} minutes; CodeDeploy shifts for at most "
                    f"{limits.CODEDEPLOY_SHIFT_MINUTES_MAX}: write a greater percent or a smaller intervalMinutes"
                )
        return self

    @model_validator(mode="after")
    def _watched(self) -> Self:
        if self.is_stepped and self.by_codedeploy:
            raise ValueError("controller codedeploy: with strategy stepped nobody shifts but Onramp; remove controller")
        if self.pause and (self.by_codedeploy or not self.shifts or self.is_stepped):
            raise ValueError("pause: ECS waits only where it shifts itself; use blue-green, canary or linear")
        return self

    @model_validator(mode="after")
    def _hooked(self) -> Self:
        if self.hooks and (self.strategy == "rolling" or self.is_stepped):
            raise ValueError("hooks: ECS asks functions while it shifts traffic; use blue-green, canary or linear")
        if len(set(self.hooks)) != len(self.hooks):
            raise ValueError("hooks: one function is asked twice at the same stage; keep one")
        return self

    @property
    def shifts(self) -> bool:
        """Whether there is a second target group to shift to."""
        return self.strategy != "rolling"

    @property
    def by_ecs(self) -> bool:
        """Whether ECS itself moves traffic between the two."""
        return self.shifts and not self.by_codedeploy and not self.is_stepped

    @property
    def by_codedeploy(self) -> bool:
        """Whether CodeDeploy owns what runs."""
        return self.controller == "codedeploy"

    @property
    def shift_minutes(self) -> int:
        """Minutes between the first and the last shift."""
        if self.strategy not in _IN_STEPS:
            return 0
        steps = 1 if self.strategy == "canary" else math.ceil(100 / self.percent) - 1
        return steps * self.interval_minutes

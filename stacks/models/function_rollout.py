"""How a new version of a function goes live."""

import math
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from stacks import limits
from stacks.models.base import Model, ServiceName
from stacks.models.watched import WatchedRollout


class FunctionHooks(Model):
    """Functions of this stack that CodeDeploy asks whether a shift may begin, and whether it went well.

    They answer with codedeploy:PutLifecycleEventHookExecutionStatus within an hour, or the deployment fails.
    """

    before: ServiceName | None = None
    """Asked before the first invocation reaches the new version."""
    after: ServiceName | None = None
    """Asked when all invocations reach the new version."""

    @property
    def named(self) -> tuple[ServiceName, ...]:
        """Those that are named, each once."""
        return tuple(dict.fromkeys(name for name in (self.before, self.after) if name is not None))


class FunctionRollout(WatchedRollout):
    """How the alias `live` moves to a new version."""

    strategy: Literal["canary", "linear", "all-at-once", "stepped"]  # pyright: ignore[reportIncompatibleVariableOverride] - models do not change
    """`canary` in two steps, `linear` in equal ones, `all-at-once`: by CodeDeploy. `stepped`: Onramp shifts, in `steps`
    (`onramp rollout`)."""
    percent: Annotated[int, Field(ge=1, le=99)] = 10
    """Share of invocations in the first step (canary) or in every step (linear)."""
    interval_minutes: Annotated[int, Field(ge=1, le=2880)] = 5
    """Time between steps, while alarms are watched."""
    hooks: FunctionHooks | None = None
    """Functions that judge a new version before and after its traffic."""

    @model_validator(mode="after")
    def _asked_by_codedeploy(self) -> Self:
        if self.is_stepped and self.hooks is not None:
            raise ValueError("hooks are asked by CodeDeploy; with strategy stepped Onramp shifts and asks its gates")
        return self

    @model_validator(mode="after")
    def _ends_in_time(self) -> Self:
        if self.is_stepped:
            return self
        steps = 1 if self.strategy == "canary" else math.ceil(100 / self.percent) - 1
        minutes = steps * self.interval_minutes
        if self.strategy != "all-at-once" and minutes > limits.CODEDEPLOY_SHIFT_MINUTES_MAX:
            raise ValueError(
                f"takes {minutes} minutes; CodeDeploy shifts for at most {limits.CODEDEPLOY_SHIFT_MINUTES_MAX}: "
                "write a greater percent or a smaller intervalMinutes"
            )
        return self

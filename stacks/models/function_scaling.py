"""How many executions of a function run at once, and on what."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from stacks import limits, standards
from stacks.models.base import Model, Range


class Provisioned(Range):
    """Executions that are kept warm on the alias `live`; paid for whether they run or not.

    While a rollout shifts, the old and the new version each keep theirs.
    """

    min: Annotated[int, Field(ge=1)]
    """Kept at least."""
    max: Annotated[int, Field(ge=1)]
    """Kept at most."""
    utilization: Annotated[float, Field(ge=0.1, le=0.9)] = standards.SCALE_PROVISIONED_UTILIZATION
    """Share of them in use that autoscaling holds; the rest is headroom until more are warm."""


class FunctionScaling(Model):
    """How many executions run at once."""

    max: Annotated[int, Field(ge=1, le=limits.LAMBDA_ACCOUNT_CONCURRENCY)]
    """Reserved concurrency: never more, and always available. With `instances` it only sets the alarm's measure."""
    provisioned: Provisioned | None = None
    """Executions kept warm, for functions that must not wait for a cold start."""

    @model_validator(mode="after")
    def _within_what_is_reserved(self) -> Self:
        if self.provisioned is not None and self.provisioned.max > self.max:
            raise ValueError(
                f"provisioned.max ({self.provisioned.max}) is more than max ({self.max}); "
                "what is kept warm is part of what is reserved"
            )
        return self


class FunctionInstances(Model):
    """Lambda Managed Instances: the function runs on the EC2 instances of the environment's `capacity`."""

    concurrency: Annotated[int, Field(ge=1, le=limits.LAMBDA_INSTANCE_CONCURRENCY_MAX)] = standards.INSTANCE_CONCURRENCY
    """Invocations that one execution environment works on at once; the code must bear it."""
    memory_gib_per_vcpu: Annotated[float, Field(ge=2, le=8)] = 2
    """GiB of memory for each vCPU: 2 for computing, 4 for most things, 8 for caches."""

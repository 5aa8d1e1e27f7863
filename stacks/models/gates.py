"""What a rollout asks of a new version before it gives it more traffic."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from stacks.models.base import Model

SAMPLE_MIN: Final = 300
"""Requests in which a p99, or one failure in a hundred, shows at all with 95 percent probability (299: 1 - 0.99^n)."""


DimensionName = Annotated[str, StringConstraints(pattern=r"^[^:].{0,254}$")]
DimensionValue = Annotated[str, StringConstraints(min_length=1, max_length=1024)]
"""CloudWatch API, Dimension."""


class MetricGate(Model):
    """A CloudWatch metric of the service's own that must stay within bounds while a rollout goes on."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    """What it is called in reports."""
    namespace: Annotated[str, StringConstraints(pattern=r"^[^:].{0,254}$")]
    metric: Annotated[str, StringConstraints(min_length=1, max_length=255)]
    dimensions: Annotated[dict[DimensionName, DimensionValue], Field(max_length=30, default_factory=dict)]
    statistic: Annotated[str, StringConstraints(pattern=r"^(Sum|Average|Minimum|Maximum|p\d{1,2}(\.\d{1,2})?)$")] = (
        "Average"
    )
    least: float | None = None
    """It must be at least this."""
    most: float | None = None
    """It must be at most this."""
    minutes: Annotated[int, Field(ge=1, le=60)] = 3
    """Complete minutes out of bounds in a row before it counts."""

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.least is None and self.most is None:
            raise ValueError("has no bound; write least, most, or both")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ValueError(f"least ({self.least:g}) is greater than most ({self.most:g})")
        return self


class Gates(Model):
    """How a new version is judged against the live one, minute by minute, and what happens when nobody can tell."""

    budget_percent: Annotated[float, Field(gt=0, le=20)] = 5
    """Of a hundred rollouts of good versions, how many may be aborted at most: the whole rollout, not each look."""
    detect: Annotated[float, Field(ge=1.2, le=20)] = 2
    """How many times as many bad requests as the live version's are caught with 95 percent probability."""
    error_percent: Annotated[float, Field(gt=0, le=100)] = 1
    """Failed requests in percent that no version may exceed, whatever the live one does."""
    latency_p99_ms: Annotated[int, Field(ge=1)] | None = None
    """99th percentile of the response time in ms that no version may exceed; unset, that of the service's alarms."""
    sample_min: Annotated[int, Field(ge=SAMPLE_MIN)] = SAMPLE_MIN
    """Requests to the new version without which no step is good."""
    deadline_minutes: Annotated[int, Field(ge=5, le=1440)] = 120
    """How long a step may take to be judged."""
    on_deadline: Literal["hold", "abort"] = "abort"
    """What happens then: wait for a person, or go back."""
    metrics: tuple[MetricGate, ...] = ()
    """Metrics of the service's own."""

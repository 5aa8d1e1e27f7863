"""A Lambda function: invoked by events, a schedule, a queue, or the load balancer."""

import math
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from stacks import limits, standards
from stacks.models.base import Model, UrlPath
from stacks.models.common import Service

SCHEDULE_PATTERN: Final = (
    r"^(rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)|cron\(\S+( \S+){5}\))$"
)


class FunctionScaling(Model):
    """How many executions run at once."""

    max: Annotated[int, Field(ge=1, le=limits.LAMBDA_ACCOUNT_CONCURRENCY)]
    """Reserved concurrency: never more, and always available."""


class FunctionHealth(Model):
    """How the load balancer finds out that the function answers (functions with a route)."""

    path: UrlPath = standards.HEALTH_PATH
    interval_seconds: Annotated[
        int, Field(ge=limits.ELB_HEALTH_INTERVAL_SECONDS[0], le=limits.ELB_HEALTH_INTERVAL_SECONDS[1])
    ] = 35
    """Each check is an invocation; 35 seconds is what AWS takes by default for functions."""
    timeout_seconds: Annotated[
        int, Field(ge=limits.ELB_HEALTH_TIMEOUT_SECONDS[0], le=limits.ELB_HEALTH_TIMEOUT_SECONDS[1])
    ] = standards.HEALTH_TIMEOUT_SECONDS


class FunctionRollout(Model):
    """How the alias `live` moves to a new version."""

    strategy: Literal["canary", "linear", "all-at-once"]
    percent: Annotated[int, Field(ge=1, le=99)] = 10
    """Share of invocations in the first step (canary) or in every step (linear)."""
    interval_minutes: Annotated[int, Field(ge=1, le=2880)] = 5
    """Time between steps, while alarms are watched."""

    @model_validator(mode="after")
    def _ends_in_time(self) -> Self:
        steps = 1 if self.strategy == "canary" else math.ceil(100 / self.percent) - 1
        minutes = steps * self.interval_minutes
        if self.strategy != "all-at-once" and minutes > limits.CODEDEPLOY_SHIFT_MINUTES_MAX:
            raise ValueError(
                f"takes {minutes} minutes; CodeDeploy shifts for at most {limits.CODEDEPLOY_SHIFT_MINUTES_MAX}: "
                "write a greater percent or a smaller intervalMinutes"
            )
        return self


class EventPattern(Model):
    """Events of the default bus that invoke the function."""

    source: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_./-]+$", max_length=256)]
    """Who sends them, such as aws.s3."""
    detail_type: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    """What they say, such as Object Created."""
    bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None = None
    """Only events of this S3 bucket (which must send its events to EventBridge)."""


class FunctionSpec(Service):
    """A Lambda function."""

    compute_type: ClassVar[str] = "lambda"

    compute: Literal["lambda"]
    handler: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_./:-]+$", max_length=128)]
    """Module and function, such as app.handler."""
    runtime: Annotated[str, Field(json_schema_extra={"enum": list(limits.LAMBDA_RUNTIMES)})]
    """A Lambda runtime, such as python3.13."""
    source: Annotated[str, StringConstraints(min_length=1)]
    """Folder of the code, relative to the project; it becomes the zip."""
    memory: Annotated[int, Field(ge=limits.LAMBDA_MEMORY_MIB_MIN, le=limits.LAMBDA_MEMORY_MIB_MAX)]
    """Memory in MiB; CPU grows with it."""
    timeout: Annotated[int, Field(ge=1, le=limits.LAMBDA_TIMEOUT_SECONDS_MAX)]
    """Seconds until an invocation is ended."""
    ephemeral_mib: Annotated[int, Field(ge=limits.LAMBDA_EPHEMERAL_MIB_MIN, le=limits.LAMBDA_EPHEMERAL_MIB_MAX)] = (
        limits.LAMBDA_EPHEMERAL_MIB_MIN
    )
    """Size of /tmp in MiB."""
    schedule: Annotated[str, StringConstraints(pattern=SCHEDULE_PATTERN)] | None = None
    """rate(5 minutes) or cron(0 3 * * ? *)."""
    events: EventPattern | None = None
    """Events that invoke it."""
    batch: Annotated[int, Field(ge=1, le=limits.LAMBDA_BATCH_MAX)] = 10
    """Messages per invocation (functions that consume)."""
    scaling: FunctionScaling
    health: FunctionHealth
    rollout: FunctionRollout

    @field_validator("schedule")
    @classmethod
    def _one_kind_of_day(cls, value: str | None) -> str | None:
        if value is not None and value.startswith("cron("):
            _, _, day_of_month, _, day_of_week, _ = value.split(" ")
            if (day_of_month == "?") == (day_of_week == "?"):
                raise ValueError("exactly one of the third and fifth field must be ?, as in cron(0 3 * * ? *)")
        return value

    @field_validator("runtime")
    @classmethod
    def _known_runtime(cls, value: str) -> str:
        if value not in limits.LAMBDA_RUNTIMES:
            raise ValueError(f"allowed: {', '.join(limits.LAMBDA_RUNTIMES)}")
        return value

    @field_validator("source")
    @classmethod
    def _inside_the_project(cls, value: str) -> str:
        if value.startswith("/") or ".." in value.split("/"):
            raise ValueError("must be a folder inside the project, such as ./services/thumbnails")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.queue is not None:
            least = limits.SQS_LAMBDA_VISIBILITY_FACTOR * self.timeout
            if self.queue.visibility_seconds < least:
                raise ValueError(
                    f"queue.visibilitySeconds ({self.queue.visibility_seconds}) must be at least six times the "
                    f"timeout: {least}"
                )
        if self.discovery.cloud_map:
            raise ValueError("discovery.cloudMap is for containers; a function is called by its ARN")
        return self

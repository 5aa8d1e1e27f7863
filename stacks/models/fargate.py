"""A container service on ECS with Fargate: behind the load balancer, internal, or a queue worker."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, field_validator, model_validator

from stacks import limits, standards
from stacks.models.base import Model, UrlPath
from stacks.models.common import Service


class FargateScaling(Model):
    """How many tasks run, and what makes it more or fewer."""

    min: Annotated[int, Field(ge=1, le=5000)]
    """Tasks that always run; two or more in prod."""
    max: Annotated[int, Field(ge=1, le=5000)]
    """Tasks at most."""
    cpu_percent: Annotated[int, Field(ge=1, le=100)] = standards.SCALE_CPU_PERCENT
    """Average CPU to keep."""
    memory_percent: Annotated[int, Field(ge=1, le=100)] = standards.SCALE_MEMORY_PERCENT
    """Average memory to keep."""
    requests_per_target: Annotated[int, Field(ge=1)] = standards.SCALE_REQUESTS_PER_TARGET
    """Requests per minute and task to keep (services with a route)."""
    messages_per_task: Annotated[int, Field(ge=1)] = standards.SCALE_MESSAGES_PER_TASK
    """Waiting messages per running task to keep (queue workers)."""
    out_seconds: Annotated[int, Field(ge=0, le=3600)] = standards.SCALE_OUT_SECONDS
    """Pause after adding tasks."""
    in_seconds: Annotated[int, Field(ge=0, le=3600)] = standards.SCALE_IN_SECONDS
    """Pause after removing tasks."""

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is greater than max ({self.max})")
        return self


class FargateHealth(Model):
    """How the load balancer and ECS find out that a task works."""

    path: UrlPath = standards.HEALTH_PATH
    """Asked by the load balancer and, within the task, by ECS."""
    interval_seconds: Annotated[
        int, Field(ge=limits.ELB_HEALTH_INTERVAL_SECONDS[0], le=limits.ELB_HEALTH_INTERVAL_SECONDS[1])
    ] = standards.HEALTH_INTERVAL_SECONDS
    timeout_seconds: Annotated[
        int, Field(ge=limits.ELB_HEALTH_TIMEOUT_SECONDS[0], le=limits.ELB_HEALTH_TIMEOUT_SECONDS[1])
    ] = standards.HEALTH_TIMEOUT_SECONDS
    healthy_count: Annotated[int, Field(ge=limits.ELB_HEALTH_COUNT[0], le=limits.ELB_HEALTH_COUNT[1])] = (
        standards.HEALTH_HEALTHY_COUNT
    )
    unhealthy_count: Annotated[int, Field(ge=limits.ELB_HEALTH_COUNT[0], le=limits.ELB_HEALTH_COUNT[1])] = (
        standards.HEALTH_UNHEALTHY_COUNT
    )
    start_seconds: Annotated[int, Field(ge=0, le=limits.ECS_CONTAINER_START_PERIOD_SECONDS_MAX)] = (
        standards.HEALTH_START_SECONDS
    )
    """How long the process may take to start before failures count."""
    grace_seconds: Annotated[int, Field(ge=0, le=2_147_483_647)] = standards.HEALTH_GRACE_SECONDS
    """How long ECS ignores a failing load balancer check after a task has started."""
    command: tuple[str, ...] | None = None
    """Health check within the container; by default it asks `path` on `port`, and a worker writes /tmp/healthy."""

    @field_validator("command")
    @classmethod
    def _runs_something(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and (len(value) < 2 or value[0] not in ("CMD", "CMD-SHELL")):  # noqa: PLR2004 - the kind, and what runs
            raise ValueError('must start with CMD or CMD-SHELL, such as ["CMD-SHELL", "test -f /tmp/healthy"]')
        return value

    @model_validator(mode="after")
    def _timeout_within_interval(self) -> Self:
        if self.timeout_seconds >= self.interval_seconds:
            raise ValueError(f"timeoutSeconds ({self.timeout_seconds}) must be less than intervalSeconds")
        return self


class FargateRollout(Model):
    """How a new version replaces the old one."""

    strategy: Literal["blue-green", "rolling"]
    """`blue-green` shifts at once and watches for `bakeMinutes`; `rolling` replaces task by task."""
    bake_minutes: Annotated[int, Field(ge=0, le=limits.ECS_BAKE_MINUTES_MAX)]
    """How long the old version stays ready after the shift, while alarms are watched."""


class FargateSpec(Service):
    """A service on ECS with Fargate."""

    compute_type: ClassVar[str] = "fargate"
    can_be_behind_the_api: ClassVar[bool] = True

    compute: Literal["fargate"]
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """Where the container listens; none for a worker."""
    cpu: Annotated[int, Field(json_schema_extra={"enum": list(limits.FARGATE_MEMORY_MIB)})]
    """CPU units of a task; 1024 is one vCPU."""
    memory: int
    """Memory of a task in MiB; AWS allows certain amounts per CPU size."""
    ephemeral_gib: (
        Annotated[int, Field(ge=limits.FARGATE_EPHEMERAL_GIB_MIN, le=limits.FARGATE_EPHEMERAL_GIB_MAX)] | None
    ) = None
    """Disk of a task in GiB; 20 are there anyway."""
    scaling: FargateScaling
    health: FargateHealth
    rollout: FargateRollout

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.route is not None and self.port is None:
            raise ValueError("a service with a route needs a port")
        if self.rollout.strategy == "blue-green" and self.route is None:
            raise ValueError("rollout.strategy blue-green needs a route; use rolling")
        if self.port is not None and self.port in standards.SIDECAR_PORTS:
            raise ValueError(
                f"port {self.port} belongs to a sidecar of the task ({standards.SIDECAR_PORTS[self.port]})"
            )
        if self.discovery.cloud_map and self.port is None:
            raise ValueError("discovery.cloudMap needs a port")
        return self

    @property
    def has_image(self) -> bool:
        """Always."""
        return True

    @property
    def is_callable(self) -> bool:
        """Whether it listens; a worker does not."""
        return self.listens

    @property
    def listens(self) -> bool:
        """Whether it has a port."""
        return self.port is not None

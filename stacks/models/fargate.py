"""A container service on ECS with Fargate: behind a load balancer, internal, a queue worker, or run by the clock."""

from typing import Annotated, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, StringConstraints, field_validator, model_validator

from stacks import limits, standards
from stacks.models.base import Model, Range, UrlPath
from stacks.models.common import Discovery, Service, Telemetry
from stacks.models.fargate_rollout import FargateRollout
from stacks.models.schedule import Schedule


class FargateScaling(Range):
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


class FargateDiscovery(Discovery):
    """How other services find this one, and how long a connection between them may last."""

    alias: Annotated[str, StringConstraints(pattern=limits.SERVICE_NAME_PATTERN, max_length=63)] | None = None
    """What callers of Service Connect call it; its own name unless written."""
    alias_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """The port that they call; `port` unless written."""
    idle_seconds: Annotated[int, Field(ge=0, le=limits.SERVICE_CONNECT_TIMEOUT_SECONDS_MAX)] | None = None
    """After how long Service Connect closes a connection that nothing goes through; 0 is never, AWS takes 300."""
    request_seconds: Annotated[int, Field(ge=0, le=limits.SERVICE_CONNECT_TIMEOUT_SECONDS_MAX)] | None = None
    """How long Service Connect waits for an answer; 0 is for ever, AWS takes 15."""

    @model_validator(mode="after")
    def _connected(self) -> Self:
        written = {"alias", "alias_port", "idle_seconds", "request_seconds"} & self.model_fields_set
        if written and not self.service_connect:
            raise ValueError("alias, aliasPort, idleSeconds and requestSeconds are Service Connect's, which is off")
        return self


class FargateTelemetry(Telemetry):
    """Traces, logs and metrics."""

    log_router: bool = False
    """Logs go through Fluent Bit (FireLens) in a container of the task, which parses and filters them."""


class Spot(Model):
    """How many tasks run on spare capacity, at 70 percent off, with two minutes' notice before they are stopped."""

    on_demand_base: Annotated[int, Field(ge=0, le=limits.ECS_CAPACITY_BASE_MAX)] = standards.SPOT_ON_DEMAND_BASE
    """Tasks that are on demand in any case; two or more in prod."""
    on_demand_weight: Annotated[int, Field(ge=0, le=limits.ECS_CAPACITY_WEIGHT_MAX)] = standards.SPOT_ON_DEMAND_WEIGHT
    """Of the tasks above the base, this share is on demand."""
    spot_weight: Annotated[int, Field(ge=1, le=limits.ECS_CAPACITY_WEIGHT_MAX)] = standards.SPOT_WEIGHT
    """And this share is on Spot."""


def _spelled_out(value: object) -> object:
    """`spot: true` is all defaults, `spot: false` is no Spot."""
    if value is True:
        return dict[str, object]()
    return None if value is False else value


class FargateSpec(Service):
    """A service on ECS with Fargate."""

    compute_type: ClassVar[str] = "fargate"
    watched: ClassVar[tuple[str, ...]] = ("cpuPercent", "http5xx", "latencyP99Ms", "memoryPercent", "queueAgeSeconds")
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
    schedule: Schedule | None = None
    """rate(5 minutes) or cron(0 3 * * ? *): a task that starts by the clock and ends; nothing runs in between."""
    spot: Annotated[Spot | None, BeforeValidator(_spelled_out, json_schema_input_type=bool | Spot | None)] = None
    """`true` runs most tasks above the first two on Spot, for work that survives being stopped."""
    scaling: FargateScaling
    health: FargateHealth
    rollout: FargateRollout

    discovery: FargateDiscovery  # pyright: ignore[reportIncompatibleVariableOverride] - models do not change
    telemetry: FargateTelemetry  # pyright: ignore[reportIncompatibleVariableOverride] - models do not change

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.route is not None and self.port is None:
            raise ValueError("a service with a route needs a port")
        if self.rollout.shifts and self.route is None:
            raise ValueError(f"rollout.strategy {self.rollout.strategy} needs a route; use rolling")
        if self.port is not None and self.port in standards.SIDECAR_PORTS:
            raise ValueError(
                f"port {self.port} belongs to a sidecar of the task ({standards.SIDECAR_PORTS[self.port]})"
            )
        if self.discovery.cloud_map and self.port is None:
            raise ValueError("discovery.cloudMap needs a port")
        if self.discovery.alias_port is not None and self.port is None:
            raise ValueError("discovery.aliasPort needs a port that it leads to")
        return self

    @model_validator(mode="after")
    def _codedeploy_can_shift_it(self) -> Self:
        if not self.rollout.by_codedeploy:
            return self
        if self.discovery.service_connect:
            raise ValueError("rollout.controller codedeploy: ECS has no Service Connect then; use cloudMap, or ecs")
        if self.spot is not None:
            raise ValueError("spot: CodeDeploy cannot change capacity providers; use rollout.controller ecs")
        return self

    @model_validator(mode="after")
    def _onramp_can_shift_it(self) -> Self:
        if not self.rollout.is_stepped:
            return self
        around = "the candidate's tasks would get work before the first step, and after an abort"
        if self.discovery.service_connect:
            raise ValueError(
                "rollout.strategy stepped: two ECS services cannot share one name in Service Connect; remove "
                "discovery.serviceConnect, or let ECS shift (blue-green, canary or linear)"
            )
        if self.discovery.cloud_map:
            raise ValueError(
                f"rollout.strategy stepped: DNS knows no weights, so {around}; remove discovery.cloudMap, and let "
                "others call the route"
            )
        if self.queue is not None:
            raise ValueError(
                f"rollout.strategy stepped: a queue knows no weights, so {around}; make what takes messages a service "
                "of its own"
            )
        return self

    @model_validator(mode="after")
    def _runs_by_the_clock(self) -> Self:
        if self.schedule is None:
            return self
        kept_busy = [key for key in ("port", "route", "queue") if getattr(self, key) is not None]
        if kept_busy:
            raise ValueError(
                f"schedule: a task that ends cannot have {' and '.join(kept_busy)}; "
                "make the part that waits for work a service of its own"
            )
        if self.discovery.service_connect:
            raise ValueError("schedule: Service Connect is for tasks that ECS keeps running; set serviceConnect: false")
        if self.spot is not None and self.spot.model_fields_set:
            raise ValueError("schedule: there is one task at a time, on demand or on Spot; write spot: true")
        return self

    @property
    def has_image(self) -> bool:
        """Always."""
        return True

    @property
    def waits_for_rollout(self) -> bool:
        """Where Onramp shifts, where ECS asks it before each shift, and where CodeDeploy waits for a deployment."""
        rollout = self.rollout
        return self.schedule is None and (rollout.is_stepped or rollout.pause or rollout.by_codedeploy)

    @property
    def rollout_minutes(self) -> int:
        """Steps or shifts, and the time for which the former version stays."""
        rollout = self.rollout
        keep = rollout.bake_minutes
        return rollout.least_minutes(keep) if rollout.is_stepped else rollout.shift_minutes + keep

    @property
    def is_callable(self) -> bool:
        """Whether it listens; a worker does not."""
        return self.listens

    @property
    def listens(self) -> bool:
        """Whether it has a port."""
        return self.port is not None

    def ecs_names(self, name: str) -> tuple[str, ...]:
        """What ECS calls the service called `name`: there are two where Onramp shifts between them, blue first."""
        return (f"{name}-blue", f"{name}-green") if self.rollout.is_stepped else (name,)

    def connects_to(self, called: "FargateSpec") -> bool:
        """Whether it reaches `called` through Service Connect, which both must be part of."""
        return self.discovery.service_connect and called.discovery.service_connect

    def connect_address(self, name: str) -> tuple[str, int] | None:
        """What callers of Service Connect call the service called `name`: host and port; None when they cannot."""
        if self.port is None or not self.discovery.service_connect:
            return None
        return self.discovery.alias or name, self.discovery.alias_port or self.port

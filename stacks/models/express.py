"""A web service on ECS Express Mode, the successor of App Runner, under the same keys."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal, NamedTuple, Self

from pydantic import Field, model_validator

from stacks import limits, standards
from stacks.models.base import Model, Range, UrlPath
from stacks.models.web import WebService

_TASKS_MAX: Final = limits.EXPRESS_TASKS_MAX
_DECIDED_BY_AWS: Final[Mapping[str, str]] = {
    "rollout": "cannot be set: ECS rolls out by itself, 5 percent for 3 minutes, then all, and back on an alarm",
    "health.intervalSeconds": "cannot be set: the load balancer is AWS's, and so is how often it asks",
    "health.timeoutSeconds": "cannot be set: the load balancer is AWS's, and so is how long it waits",
    "health.healthyCount": "cannot be set: the load balancer is AWS's, and so is when a task is healthy",
    "health.unhealthyCount": "cannot be set: the load balancer is AWS's, and so is when a task is not",
    "scaling.concurrency": "cannot be set: ECS scales on cpuPercent, memoryPercent or requestsPerTarget",
}
"""Keys of App Runner and Fargate that an Express service has no say in, and why."""


class ScalingMetric(NamedTuple):
    """What ECS keeps near a value, as its API calls it."""

    name: str
    value: int


class ExpressScaling(Range):
    """How many tasks run, and what makes it more or fewer: one metric, CPU unless another one is written."""

    min: Annotated[int, Field(ge=1, le=_TASKS_MAX)]
    """Tasks that always run; two or more in prod."""
    max: Annotated[int, Field(ge=1, le=_TASKS_MAX)]
    """Tasks at most."""
    cpu_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Average CPU to keep; 70 when no metric is written."""
    memory_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    """Average memory to keep."""
    requests_per_target: Annotated[int, Field(ge=1)] | None = None
    """Requests per minute and task to keep."""

    @model_validator(mode="after")
    def _one_metric(self) -> Self:
        if len(self._written()) > 1:
            raise ValueError("ECS scales an Express service on one metric; keep one of them")
        return self

    @property
    def metric(self) -> ScalingMetric:
        """The metric that scales it."""
        return next(iter(self._written()), ScalingMetric("AVERAGE_CPU", standards.SCALE_CPU_PERCENT))

    def _written(self) -> list[ScalingMetric]:
        values = {
            "AVERAGE_CPU": self.cpu_percent,
            "AVERAGE_MEMORY": self.memory_percent,
            "REQUEST_COUNT_PER_TARGET": self.requests_per_target,
        }
        return [ScalingMetric(name, value) for name, value in values.items() if value is not None]


class ExpressHealth(Model):
    """How AWS's load balancer finds out that a task works; how often and how patiently is AWS's choice."""

    path: UrlPath = standards.HEALTH_PATH
    """Asked by the load balancer."""


class ExpressSpec(WebService):
    """A web service on ECS Express Mode: AWS adds load balancer, certificate and canary deployment."""

    compute_type: ClassVar[str] = "express"
    watched: ClassVar[tuple[str, ...]] = ("cpuPercent", "memoryPercent")
    foreign_keys: ClassVar[Mapping[str, str]] = _DECIDED_BY_AWS

    compute: Literal["express"]
    port: Annotated[int, Field(ge=1, le=65535)]
    """Where the container listens."""
    public: bool = True
    """Whether it is reached from the internet; then AWS puts its tasks into the public subnets as well."""
    cpu: Annotated[int, Field(json_schema_extra={"enum": list(limits.EXPRESS_MEMORY_MIB)})]
    """CPU units of a task; 1024 is one vCPU (x86)."""
    memory: int
    """Memory of a task in MiB; AWS allows certain amounts per CPU size."""
    scaling: ExpressScaling
    health: ExpressHealth

    @property
    def has_address_of_its_own(self) -> bool:
        """Never: AWS makes its address up, so callers ask Cloud Map."""
        return False

"""A web service on App Runner, for accounts that used it before AWS closed it to new customers."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, Literal

from pydantic import AfterValidator, Field

from stacks import limits, standards
from stacks.models.base import Model, Range, UrlPath
from stacks.models.gates import Gates
from stacks.models.ranges import between, bounds
from stacks.models.web import WebService

_HEALTH_MAX = limits.APP_RUNNER_HEALTH_MAX
_INSTANCES_MAX = limits.APP_RUNNER_INSTANCES_MAX
_CONCURRENCY_MAX = limits.APP_RUNNER_CONCURRENCY_MAX

_DECIDED_BY_APP_RUNNER: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("scaling.cpuPercent", "scaling.memoryPercent", "scaling.requestsPerTarget"),
        "cannot be set: App Runner scales on requests at once and on nothing else; write scaling.concurrency",
    ),
    "rollout.bakeMinutes": "cannot be set: App Runner replaces all instances at once and watches nothing afterwards",
}
"""Keys of Fargate and Express that an App Runner service has no say in, and why."""

HealthNumber = Annotated[
    int,
    AfterValidator(between(1, _HEALTH_MAX, "App Runner's health check takes no other value")),
    Field(json_schema_extra=bounds(1, _HEALTH_MAX)),
]
"""Seconds or checks, 1 to 20 (App Runner API, HealthCheckConfiguration)."""
Instances = Annotated[
    int,
    AfterValidator(between(1, _INSTANCES_MAX, "App Runner runs that many instances of a service and no more")),
    Field(json_schema_extra=bounds(1, _INSTANCES_MAX)),
]
Concurrency = Annotated[
    int,
    AfterValidator(between(1, _CONCURRENCY_MAX, "App Runner sends that many requests to an instance and no more")),
    Field(json_schema_extra=bounds(1, _CONCURRENCY_MAX)),
]


class AppRunnerScaling(Range):
    """How many instances run. App Runner scales on requests at once, and on nothing else."""

    min: Instances
    """Instances that are always ready; two or more in prod."""
    max: Instances
    """Instances at most."""
    concurrency: Concurrency = standards.APP_RUNNER_CONCURRENCY
    """Requests at once to one instance before another one starts."""


class AppRunnerHealth(Model):
    """How App Runner finds out that an instance works: an HTTP request to `path`."""

    path: UrlPath = standards.HEALTH_PATH
    """Asked by App Runner."""
    interval_seconds: HealthNumber = standards.APP_RUNNER_HEALTH_INTERVAL_SECONDS
    timeout_seconds: HealthNumber = standards.APP_RUNNER_HEALTH_TIMEOUT_SECONDS
    healthy_count: HealthNumber = standards.APP_RUNNER_HEALTH_HEALTHY_COUNT
    unhealthy_count: HealthNumber = standards.APP_RUNNER_HEALTH_UNHEALTHY_COUNT


class AppRunnerRollout(Model):
    """How a new version gets in. App Runner replaces all instances at once, whichever way it is."""

    strategy: Literal["approved", "automatic"]
    """`approved`: `pulumi up` deploys what onramp:images names; `automatic`: a push to the tag `live` does."""
    gates: Gates = Field(default_factory=lambda: Gates.model_validate({}))
    """What judges a new version while `onramp rollout` watches it."""


class AppRunnerSpec(WebService):
    """A web service on App Runner, which takes no new customers since 2026-04-30; Express is its successor."""

    compute_type: ClassVar[str] = "apprunner"
    watched: ClassVar[tuple[str, ...]] = ("cpuPercent", "http5xx", "latencyP99Ms", "memoryPercent")
    foreign_keys: ClassVar[Mapping[str, str]] = _DECIDED_BY_APP_RUNNER

    compute: Literal["apprunner"]
    port: Annotated[int, Field(ge=1, le=65535)]
    """Where the container listens."""
    public: bool = True
    """Whether it is reached from the internet, at <service>.<domain>; false, and only from inside the VPC."""
    cpu: Annotated[int, Field(json_schema_extra={"enum": list(limits.APP_RUNNER_MEMORY_MIB)})]
    """CPU units of an instance; 1024 is one vCPU (x86)."""
    memory: int
    """Memory of an instance in MiB; App Runner has certain amounts per CPU size."""
    scaling: AppRunnerScaling
    health: AppRunnerHealth
    rollout: AppRunnerRollout

    @property
    def is_public(self) -> bool:
        """Whether it is at <service>.<domain>."""
        return self.public

    @property
    def has_address_of_its_own(self) -> bool:
        """Whether callers know its address before it exists; without it, they ask Cloud Map."""
        return self.public

"""The keys that mean the same thing for every compute type."""

import re
from datetime import date
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from stacks import limits, standards
from stacks.models.base import Model, ServiceName, TagValue

Item = Literal["HLTH-1", "OBS-4", "SECR-6"]
SecretKind = Literal["postgres", "redis"]
_ENTRY_PATTERN: Final = r"^(?:[a-z][a-z0-9-]*/)?[A-Z][A-Z0-9_]{0,63}$"
_KIND_BY_WORD: Final[tuple[tuple[str, SecretKind | None], ...]] = (
    ("REDIS", "redis"),
    ("CACHE", "redis"),
    ("DATABASE", "postgres"),
    ("DB", "postgres"),
    ("POSTGRES", "postgres"),
)

SecretEntry = Annotated[str, StringConstraints(pattern=_ENTRY_PATTERN)]
"""`DATABASE_URL` is the service's own; `orders/DATABASE_URL` is the one that the service `orders` owns."""

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
TopicEntry = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*/[a-z][a-z0-9-]{0,39}$")]
"""A topic that a service publishes: `orders/order-placed`."""

Route = Annotated[
    str,
    StringConstraints(pattern=r"^([a-z0-9*?][a-z0-9.*?-]*\.[a-z]+)?/[A-Za-z0-9_.$/~*?@:&+-]*$", max_length=128),
]
"""What the load balancer sends to the service: `/news/*`, or with a host `news.example.com/*`.

A host has a dot and ends in letters; without them AWS refuses it, and it is a path that lost its slash.
"""

ConfigKey = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
ConfigValue = Annotated[str, StringConstraints(min_length=1, max_length=limits.SSM_VALUE_CHARS_MAX)]


class SecretRef(Model):
    """One credential a service reads: whose it is and what it is called in the process environment."""

    owner: str
    name: str

    @property
    def kind(self) -> SecretKind | None:
        """What the credential opens, by the words of its name; None when nothing can rotate it for us."""
        words = re.split(r"_", self.name)
        return next((kind for word, kind in _KIND_BY_WORD if word in words), None)


class Discovery(Model):
    """How other services find this one."""

    service_connect: bool = True
    """Reachable by its name within the environment (containers only)."""
    cloud_map: bool = False
    """Registered in Cloud Map, for callers outside the cluster (containers only)."""


class Telemetry(Model):
    """Traces, logs and metrics."""

    retention_days: Annotated[int, Field(json_schema_extra={"enum": list(limits.LOG_RETENTION_DAYS)})]
    """Days that logs are kept."""
    sampling_percent: Annotated[float, Field(ge=0, le=100)]
    """Share of requests traced, on top of the first one each second."""


class Alarms(Model):
    """When somebody is called. Thresholds may be stricter than the defaults; the pack refuses looser ones."""

    cpu_percent: Annotated[int, Field(ge=1, le=100)] = standards.ALARM_CPU_PERCENT
    """Average CPU of the service over two periods of five minutes (containers)."""
    memory_percent: Annotated[int, Field(ge=1, le=100)] = standards.ALARM_MEMORY_PERCENT
    """Average memory of the service over two periods of five minutes (containers)."""
    http_5xx: Annotated[int, Field(ge=1, alias="http5xx")] = standards.ALARM_HTTP_5XX_COUNT
    """Server errors in five minutes (services with a route)."""
    latency_p99_ms: Annotated[int, Field(ge=1)] = standards.ALARM_LATENCY_P99_MS
    """99th percentile of the response time in ms, over two periods of five minutes (services with a route)."""
    error_percent: Annotated[float, Field(gt=0, le=100)] = standards.ALARM_ERROR_PERCENT
    """Failed invocations in percent over five minutes (functions)."""
    duration_percent: Annotated[int, Field(ge=1, le=100)] = standards.ALARM_DURATION_PERCENT
    """99th percentile of the duration, in percent of the timeout (functions)."""
    queue_age_seconds: Annotated[int, Field(ge=60, le=limits.SQS_RETENTION_SECONDS_MAX)] = (
        standards.ALARM_QUEUE_AGE_SECONDS
    )
    """Age of the oldest message (services that consume)."""


class Queue(Model):
    """The service's own queue, with its dead-letter queue."""

    visibility_seconds: Annotated[int, Field(ge=0, le=limits.SQS_VISIBILITY_SECONDS_MAX)] = (
        standards.QUEUE_VISIBILITY_SECONDS
    )
    """How long a message is hidden while it is worked on; longer than the work takes."""
    max_receive: Annotated[int, Field(ge=1, le=1000)] = standards.QUEUE_MAX_RECEIVE
    """Attempts before a message goes to the dead-letter queue."""
    retention_days: Annotated[int, Field(ge=1, le=14)] = standards.QUEUE_RETENTION_DAYS
    """Days that a message waits."""


class Attestation(Model):
    """A statement that only people can make, with its evidence."""

    by: TagValue
    """Who says so."""
    on: date
    """The day it was said; a statement expires after 180 days."""
    evidence: Annotated[str, StringConstraints(min_length=10, max_length=500)]
    """Where it can be seen: a pull request, a test, a dashboard."""


class Service(Model):
    """What every service has, whatever it runs on."""

    compute_type: ClassVar[str]
    """The value of `compute` that chooses this model."""
    owner: TagValue
    """The team that answers for the service; the environment's unless written."""
    cost_center: TagValue
    """Who pays; the environment's unless written."""
    data_class: TagValue
    """What a leak would be of; the environment's unless written."""
    route: Route | None = None
    """Public path, `/news/*`, or host and path, `news.example.com/*`; none, and nothing outside reaches it."""
    secrets: tuple[SecretEntry, ...] = ()
    """Credentials: each a rotated Secrets Manager secret, given to the process by reference."""
    config: dict[ConfigKey, ConfigValue] = Field(default_factory=dict)
    """Settings that are not secret: each a Parameter Store parameter under /org/service/env/."""
    publishes: tuple[Name, ...] = ()
    """Topics that the service owns and sends to."""
    consumes: tuple[TopicEntry, ...] = ()
    """Topics of services that are delivered into this service's queue."""
    queue: Queue | None = None
    """A queue of the service's own; made with these defaults when it consumes topics."""
    calls: tuple[ServiceName, ...] = ()
    """Services that it calls by name; opens exactly those doors."""
    discovery: Discovery
    telemetry: Telemetry
    alarms: Alarms
    attest: dict[Item, Attestation] = Field(default_factory=dict[Item, Attestation])
    """Checklist items that only people can know."""

    @model_validator(mode="after")
    def _delivered_somewhere(self) -> Self:
        if self.consumes and self.queue is None:
            raise ValueError("a service that consumes topics needs its queue; remove `queue: null`")
        return self

    @model_validator(mode="after")
    def _routable(self) -> Self:
        wildcards = sum(map((self.route or "").count, "*?"))
        if wildcards > limits.ELB_RULE_WILDCARDS_MAX:
            raise ValueError(f"route has {wildcards} wildcards; AWS takes {limits.ELB_RULE_WILDCARDS_MAX} in one rule")
        return self

    @model_validator(mode="after")
    def _variables_of_its_own(self) -> Self:
        """Two values for one variable: ECS refuses them, and elsewhere one of them would silently win."""
        names = [*(entry.rpartition("/")[2] for entry in dict.fromkeys(self.secrets)), *self.config]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} would be set twice; rename one of them")
        wired = [name for name in names if name.startswith(standards.TECHNICAL_VARIABLES)]
        if wired:
            raise ValueError(f"{', '.join(wired)}: variables with this beginning wire the process up; rename it")
        nested = [key for key, value in self.config.items() if "{{" in value]
        if nested:
            raise ValueError(f"{', '.join(nested)}: Parameter Store refuses values with {{{{")
        return self

    def secret_refs(self, name: str) -> tuple[SecretRef, ...]:
        """The secrets that the service called `name` reads, each with its owner."""
        return tuple(
            SecretRef.model_construct(owner=owner or name, name=key)
            for owner, _, key in (entry.rpartition("/") for entry in self.secrets)
        )

    @property
    def has_image(self) -> bool:
        """Whether `onramp:images` says which version of it runs."""
        return False

    @property
    def is_callable(self) -> bool:
        """Whether other services can call it by name."""
        return True

    @property
    def listens(self) -> bool:
        """Whether its callers come through a port inside the VPC, rather than through an API of AWS."""
        return False

    @property
    def has_queue(self) -> bool:
        """Whether messages reach the service through a queue of its own."""
        return self.queue is not None

"""The keys that mean the same thing for every compute type."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from stacks import limits, standards
from stacks.models.base import Model, ServiceName, TagValue
from stacks.models.secrets import SecretEntry, SecretRef
from stacks.models.stores import Store, StoreEntry, StoreName, TableStore, database_secret
from stacks.models.waivers import Waivers
from stacks.routing import REQUEST_PATTERN, api_route_keys, is_pattern, rule_values, split_route

Item = Literal["HLTH-1", "OBS-4", "SECR-6"]

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

HeaderName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=limits.ELB_HEADER_NAME_CHARS_MAX)]
HeaderValue = Annotated[str, StringConstraints(pattern=r"^[ -~]+$", max_length=limits.ELB_CONDITION_CHARS_MAX)]
"""What a header must be, in any case of letters; `*` and `?` stand for other characters."""

IngressKind = Literal["load-balancer", "api-gateway"]
Auth = Literal["none", "iam"]
HTTP_FORBIDDEN: Final = 403
ConfigKey = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,63}$")]
ConfigValue = Annotated[str, StringConstraints(min_length=1, max_length=limits.SSM_VALUE_CHARS_MAX)]


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
    """99th percentile of the response time in ms, over two periods of five minutes (routes and endpoints)."""
    error_percent: Annotated[float, Field(gt=0, le=100)] = standards.ALARM_ERROR_PERCENT
    """Failed invocations in percent over five minutes (functions)."""
    duration_percent: Annotated[int, Field(ge=1, le=100)] = standards.ALARM_DURATION_PERCENT
    """99th percentile of the duration, in percent of the timeout (functions)."""
    overhead_ms: Annotated[int, Field(ge=1)] = standards.ALARM_OVERHEAD_MS
    """What SageMaker adds to the time of a model, in ms, over two periods of five minutes (endpoints)."""
    queue_age_seconds: Annotated[int, Field(ge=60, le=limits.SQS_RETENTION_SECONDS_MAX)] = (
        standards.ALARM_QUEUE_AGE_SECONDS
    )
    """Age of the oldest message or stream record (services that consume)."""


def alarm_keys(fields: Iterable[str]) -> list[str]:
    """Fields of `Alarms` as a stack file spells them."""
    return sorted(str(Alarms.model_fields[field].alias) for field in fields)


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


class ProbePlan(Model):
    """How the service is asked from the internet (where it has an address there, and `probes: true` is on)."""

    enabled: bool
    """Whether it is asked; unless written, as the environment's `probes` says."""
    path: Annotated[str, StringConstraints(pattern=REQUEST_PATTERN, max_length=1024)]
    """What is asked for, with its query; the route without its wildcards, or `/`, unless written."""
    status_below: Annotated[int, Field(ge=200, le=600)]
    """Answers below this are good: 300 (success) for a written path, 500 (no server error) for the route."""
    every_minutes: Annotated[int, Field(ge=1, le=limits.SYNTHETICS_MINUTES_MAX)] = standards.PROBE_MINUTES
    """Time between two runs: 0.0012 USD each, 10 USD a month at five minutes."""


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
    watched: ClassVar[tuple[str, ...]]
    """The keys of `alarms` that watch something here."""
    foreign_keys: ClassVar[Mapping[str, str]] = {}
    """Keys of other compute types that this one has no say in, by dotted path, and why."""
    can_be_behind_the_api: ClassVar[bool] = False
    """Whether the environment's HTTP API can send it requests."""
    owner: TagValue
    """The team that answers for the service; the environment's unless written."""
    cost_center: TagValue
    """Who pays; the environment's unless written."""
    data_class: TagValue
    """What a leak would be of; the environment's unless written."""
    route: Route | None = None
    """Public path, `/news/*`, or host and path, `news.example.com/*`; none, and nothing outside reaches it."""
    headers: dict[HeaderName, HeaderValue] = Field(default_factory=dict[HeaderName, HeaderValue])
    """Only requests with these headers, `{x-version: beta}`; the same route without them goes to another service."""
    ingress: IngressKind = "load-balancer"
    """What answers on the route: the public load balancer, or the HTTP API of the environment (`api:`)."""
    auth: Auth = "none"
    """Who may call through the HTTP API: everybody, or whoever signs with an IAM identity of the account (`iam`)."""
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
    stores: dict[StoreName, Store] = Field(default_factory=dict[str, Store])
    """Tables and databases that the service owns and uses."""
    uses: tuple[StoreEntry, ...] = ()
    """Stores of other services that it reads and writes, each as `owner/store`."""
    tools: tuple[Name, ...] = ()
    """Tools of the agent that the service is, which its model chooses among; more than eight are too many."""
    discovery: Discovery
    telemetry: Telemetry
    alarms: Alarms
    probe: ProbePlan | None = None
    """Asks from the internet, as users do; services with a public address have one."""
    attest: dict[Item, Attestation] = Field(default_factory=dict[Item, Attestation])
    """Checklist items that only people can know."""
    waive: Waivers = ()
    """Rules that the service may break for a while: who has agreed, why, and until when."""

    @model_validator(mode="after")
    def _alarms_that_watch_something(self) -> Self:
        foreign = [key for key in alarm_keys(self.alarms.model_fields_set) if key not in self.watched]
        if foreign:
            raise ValueError(
                f"alarms.{', alarms.'.join(foreign)}: a {self.compute_type} service has nothing that it would watch; "
                f"its alarms are {', '.join(self.watched)}"
            )
        return self

    @model_validator(mode="after")
    def _delivered_somewhere(self) -> Self:
        if self.consumes and self.queue is None:
            raise ValueError("a service that consumes topics needs its queue; remove `queue: null`")
        return self

    @model_validator(mode="after")
    def _routable(self) -> Self:
        if self.headers and self.route is None:
            raise ValueError("headers narrow a route; write the route as well")
        if self.headers and not self.has_target_groups:
            raise ValueError("headers: only the rules of a load balancer ask for them; remove them")
        if "host" in {name.lower() for name in self.headers}:
            raise ValueError("headers: AWS matches the host in the route; write news.example.com/*")
        values = [*rule_values(self.route or "/"), *self.headers.values()]
        if len(values) > limits.ELB_RULE_VALUES_MAX:
            raise ValueError(
                f"route and headers are {len(values)} values; AWS takes {limits.ELB_RULE_VALUES_MAX} in one rule"
            )
        wildcards = sum(text.count("*") + text.count("?") for text in (self.route or "", *self.headers.values()))
        if wildcards > limits.ELB_RULE_WILDCARDS_MAX:
            raise ValueError(f"route has {wildcards} wildcards; AWS takes {limits.ELB_RULE_WILDCARDS_MAX} in one rule")
        return self

    @model_validator(mode="after")
    def _through_the_api(self) -> Self:
        """What an HTTP API cannot do is refused, with what can."""
        if self.ingress != "api-gateway":
            if self.auth != "none":
                raise ValueError("auth is what the HTTP API asks for; write ingress: api-gateway as well, or remove it")
            return self
        if not self.can_be_behind_the_api:
            raise ValueError(f"ingress api-gateway is for fargate and lambda; {self.compute_type} has its own address")
        if self.route is None:
            raise ValueError("ingress api-gateway needs a route, such as /news/*")
        if self.headers:
            raise ValueError("headers: an HTTP API routes by path alone; use ingress: load-balancer")
        host, path = split_route(self.route)
        if host is not None:
            raise ValueError(f"the HTTP API has one domain, api.<domain>; write the route without {host}")
        if self.headers:
            raise ValueError("an HTTP API routes by path alone; remove headers, or use ingress: load-balancer")
        api_route_keys(path)
        return self

    @model_validator(mode="after")
    def _can_be_probed(self) -> Self:
        if self.probe is None:
            return self
        if not self.is_public:
            raise ValueError("probe asks from the internet, and nothing there reaches this service; remove probe")
        host, _ = split_route(self.route or "/")
        if self.probe.enabled and host is not None and is_pattern(host):
            raise ValueError(f"probe cannot know which host of {host} to ask; write probe: {{enabled: false}}")
        if self.probe.enabled and self.auth == "iam" and self.probe.status_below <= HTTP_FORBIDDEN:
            raise ValueError("probe signs nothing, so auth: iam answers it with 403; write probe.statusBelow: 500")
        return self

    @model_validator(mode="after")
    def _variables_of_its_own(self) -> Self:
        """Two values for one variable: ECS refuses them, and elsewhere one of them would silently win."""
        databases = [database_secret(name) for name, store in self.stores.items() if not isinstance(store, TableStore)]
        secrets = (entry.rpartition("/")[2] for entry in dict.fromkeys(self.secrets))
        names = [*secrets, *databases, *self.config]
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

    @property
    def is_behind_the_api(self) -> bool:
        """Whether its requests come through the environment's HTTP API."""
        return self.ingress == "api-gateway"

    @property
    def has_target_groups(self) -> bool:
        """Whether a load balancer sends it requests; in front of a container, the HTTP API has an internal one."""
        return self.route is not None

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
    def waits_for_rollout(self) -> bool:
        """Whether a new version goes live by `onramp rollout` alone: an update builds it, and it gets no traffic."""
        return False

    @property
    def rollout_minutes(self) -> int:
        """How long the rollout of a good version takes at least, where it waits for one."""
        return 0

    @property
    def is_callable(self) -> bool:
        """Whether other services can call it by name."""
        return True

    @property
    def is_in_network(self) -> bool:
        """Whether it has addresses in the VPC, and a security group around them."""
        return True

    @property
    def is_traced(self) -> bool:
        """Whether X-Ray can follow a request through it."""
        return True

    @property
    def listens(self) -> bool:
        """Whether its callers come through a port inside the VPC, rather than through an API of AWS."""
        return False

    @property
    def is_public(self) -> bool:
        """Whether it answers to the internet at an address that is known before it exists."""
        return self.route is not None

    @property
    def is_probed(self) -> bool:
        """Whether it is asked from the internet, as users ask."""
        return self.probe is not None and self.probe.enabled

    @property
    def why_no_database(self) -> str | None:
        """Why no database can let it in, and only it; None where its security group is its own."""
        return None

    @property
    def has_queue(self) -> bool:
        """Whether messages reach the service through a queue of its own."""
        return self.queue is not None

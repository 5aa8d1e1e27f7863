"""The environment: what its services share, and what AWS must be told about it."""

import ipaddress
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from stacks import limits
from stacks.ledger import ADDRESS_PATTERN, OWN
from stacks.models.base import Model, SecretReference, TagValue
from stacks.models.common import Attestation, Item
from stacks.models.pipeline import PipelinePlan
from stacks.models.waivers import Waivers
from stacks.standards import (
    API_BURST,
    API_RATE,
    CAPACITY_INSTANCE_TYPES,
    CAPACITY_VCPU_MAX,
    ZONES_DEFAULT,
    ZONES_MIN,
    Tier,
)

Domain = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=limits.ACM_DOMAIN_CHARS_MAX
    ),
]
Origin = Annotated[str, StringConstraints(pattern=r"^(\*|https?://[a-z0-9.-]+(:[0-9]{1,5})?)$", max_length=253)]
"""Where a page comes from: scheme, host and port, without a path; `*` is everywhere."""


InstanceType = Annotated[str, StringConstraints(pattern=r"^[cmr][6-8]gd?\.(metal|large|(2|4|8|12|16|24)?xlarge)$")]
"""An EC2 instance type with a Graviton processor, such as m7g.large."""

PRIVATE_BLOCKS: Final = tuple(map(ipaddress.IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""Where a VPC may lie (RFC 1918); Python calls more private than EC2 takes, such as 127.0.0.0/8."""


class Paging(Model):
    """Who is called. The value is the name or ARN of the Secrets Manager secret that holds the integration URL."""

    pagerduty: SecretReference | None = None
    """Secret with the PagerDuty integration URL (https://events.pagerduty.com/integration/...)."""
    opsgenie: SecretReference | None = None
    """Secret with the Opsgenie integration URL."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.pagerduty is None) == (self.opsgenie is None):
            raise ValueError("name exactly one of pagerduty and opsgenie")
        return self

    @property
    def provider(self) -> str:
        """`pagerduty` or `opsgenie`."""
        return "pagerduty" if self.pagerduty is not None else "opsgenie"

    @property
    def secret(self) -> str:
        """Name or ARN of the secret with the integration URL."""
        return self.pagerduty or self.opsgenie or ""


class NetworkPlan(Model):
    """The address plan: a /16 with one /24 per zone for load balancers, services and databases each."""

    cidr: str = "10.0.0.0/16"
    """The /16 of the VPC; private address space."""
    zones: Annotated[int, Field(ge=ZONES_MIN, le=ZONES_DEFAULT)] = ZONES_DEFAULT
    """Availability zones to spread over."""
    nat_per_zone: bool
    """One NAT gateway per zone (prod), or one for all (dev): 33 USD a month each."""

    @field_validator("cidr")
    @classmethod
    def _private_16(cls, value: str) -> str:
        try:
            network = ipaddress.IPv4Network(value)
        except ValueError as error:
            raise ValueError(f"not a network: {error}") from None
        if network.prefixlen != 16 or not any(map(network.subnet_of, PRIVATE_BLOCKS)):  # noqa: PLR2004 - the plan's /16
            raise ValueError("must be a private /16, such as 10.0.0.0/16")
        return value


class ApiPlan(Model):
    """The public HTTP API of the environment at api.<domain>, for services with `ingress: api-gateway`."""

    rate: Annotated[int, Field(ge=1)] = API_RATE
    """Requests a second over all routes; more are turned away with 429."""
    burst: Annotated[int, Field(ge=1, le=limits.HTTP_API_BURST_MAX)] = API_BURST
    """Requests at once on top of that."""
    cors_origins: tuple[Origin, ...] = ()
    """Sites whose pages may call the API from a browser, such as https://example.com; `*` is refused in prod."""


class CapacityPlan(Model):
    """EC2 instances that functions with `instances` share. They trust one another: nothing isolates them there.

    The instances of the pool cost their EC2 price and 15 percent, as long as any function is published on it.
    """

    max_vcpu: Annotated[int, Field(ge=limits.LAMBDA_CAPACITY_VCPU[0], le=limits.LAMBDA_CAPACITY_VCPU[1])] = (
        CAPACITY_VCPU_MAX
    )
    """vCPUs of all instances together, at most."""
    instance_types: Annotated[tuple[InstanceType, ...], Field(min_length=1)] = CAPACITY_INSTANCE_TYPES
    """Kinds of instances that Lambda may choose from; Graviton (arm64) ones."""


class FoundationReference(Model):
    """Where the shared part of the environment lives when another stack owns it."""

    stack: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+){0,2}$")]
    """The stack that owns the foundation: `prod`, or `org/project/prod`."""


class Environment(Model):
    """One environment of one account and region. Everything not written here comes from the tier."""

    tier: Tier
    """Decides all defaults: dev is cheap, staging behaves as prod, prod survives a zone."""
    owner: TagValue
    """The team that answers for it; the Owner tag of everything."""
    cost_center: TagValue
    """The CostCenter tag of everything."""
    domain: Domain
    """A Route 53 public hosted zone of this account; the load balancer answers at services.<domain>."""
    paging: Paging
    """Where alarms go."""
    name: Annotated[str, StringConstraints(pattern=limits.SERVICE_NAME_PATTERN, max_length=16)]
    """Short name in all physical names and the Env tag; unless written, the name of the stack with the foundation."""
    org: Annotated[str, StringConstraints(pattern=limits.SERVICE_NAME_PATTERN, max_length=32)]
    """First part of /org/service/env/key and the App tag; the first label of the domain unless written."""
    data_class: TagValue = "internal"
    """The DataClass tag: what the worst leak would be of."""
    account: Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")] | None = None
    """The AWS account. When it is not written, AWS is asked at `pulumi preview`, and a stand-in is shown embedded."""
    runbooks: Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=512)]
    """Base URL of the runbooks; each alarm names the page of its service."""
    network: NetworkPlan
    """Addresses, zones and NAT."""
    foundation: FoundationReference | None = None
    """Set when another stack owns the foundation; unset, this stack builds it."""
    api: ApiPlan | None = None
    """A public HTTP API; `{}` builds it with these defaults, and without the key there is none."""
    capacity: CapacityPlan | None = None
    """A shared pool of instances for functions with `instances`; `{}` takes the defaults, and none is built without."""
    web_sockets: bool = False
    """Services have WebSocket APIs: API Gateway gets the role to log them, one setting for account and region."""
    firewall: bool
    """A web firewall before what is public: 10 USD a month and 0.60 USD for each million requests."""
    probes: bool
    """Whether routes are asked from the internet; a service changes it for itself with `probe.enabled`."""
    budget_usd: Annotated[int, Field(ge=1, le=10_000_000)]
    """What the environment may cost in a month, by its tag Env, which must be activated as a cost allocation tag."""
    pipeline: PipelinePlan | None = None
    """Delivery by CodePipeline, one for each service; without the key there is none."""
    ledger: Annotated[str, StringConstraints(pattern=rf"^({OWN}|{ADDRESS_PATTERN})$")] | None = None
    """Where rollouts are written down: `dynamodb` is a table of the foundation; or the address of a table."""
    quotas: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    """Service quotas that AWS has raised for this account, by quota name (see `onramp explain`)."""
    attest: dict[Item, Attestation] = Field(default_factory=dict[Item, Attestation])
    """Checklist items that only people can know, stated for all services; what a service states itself comes first."""
    waive: Waivers = ()
    """Rules that what all services share may break for a while; those of a service are waived next to it."""

    @model_validator(mode="after")
    def _named_origins(self) -> Self:
        if self.tier == "prod" and self.api is not None and "*" in self.api.cors_origins:
            raise ValueError("api.corsOrigins: in prod, name the sites; `*` lets every page on the internet call")
        return self

    @model_validator(mode="after")
    def _promoted(self) -> Self:
        if self.pipeline is None:
            return self
        if self.pipeline.promotes_from == self.name:
            raise ValueError("pipeline.promotesFrom: an environment cannot promote from itself")
        if self.tier == "prod" and self.pipeline.promotes_from is None:
            raise ValueError(
                "pipeline.promotesFrom: prod runs what another environment has run; name that environment, such as "
                "staging"
            )
        return self

    @field_validator("name", "org")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        reserved = next((prefix for prefix in limits.RESERVED_PREFIXES if value.startswith(prefix)), None)
        if reserved is not None:
            raise ValueError(f"AWS keeps names that start with {reserved} for itself")
        return value

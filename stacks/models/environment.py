"""The environment: what its services share, and what AWS must be told about it."""

import ipaddress
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from stacks import limits
from stacks.models.base import Model, TagValue
from stacks.standards import ZONES_DEFAULT, ZONES_MIN, Tier

Domain = Annotated[
    str,
    StringConstraints(
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$", max_length=limits.ACM_DOMAIN_CHARS_MAX
    ),
]
SecretReference = Annotated[
    str,
    StringConstraints(
        pattern=r"^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?[A-Za-z0-9/_+=.@-]+$", max_length=512
    ),
]
"""Name or ARN of a Secrets Manager secret; a URL is refused, because the stack file is no place for a secret."""


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
    quotas: dict[str, Annotated[int, Field(ge=1)]] = Field(default_factory=dict)
    """Service quotas that AWS has raised for this account, by quota name (see `onramp explain`)."""

    @field_validator("name", "org")
    @classmethod
    def _not_reserved(cls, value: str) -> str:
        reserved = next((prefix for prefix in limits.RESERVED_PREFIXES if value.startswith(prefix)), None)
        if reserved is not None:
            raise ValueError(f"AWS keeps names that start with {reserved} for itself")
        return value

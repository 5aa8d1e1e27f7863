"""Where resources are built: the names, ARNs and tags that one environment gives to everything in it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from stacks.models import Environment, SecretRef, Service, Store, TableStore
from stacks.models.stores import database_secret
from stacks.naming import physical_name
from stacks.source import Json
from stacks.standards import Tier

MANAGED_BY = "onramp"


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """One environment in one account and region. All names and ARNs are plain text, so they are known at preview."""

    environment: Environment
    region: str
    account: str

    @property
    def env(self) -> str:
        """The environment's short name, first part of all physical names."""
        return self.environment.name

    @property
    def tier(self) -> Tier:
        """dev, staging or prod."""
        return self.environment.tier

    @property
    def is_prod(self) -> bool:
        """Whether losing something here is losing it for users."""
        return self.environment.tier == "prod"

    @property
    def partition(self) -> str:
        """First part of ARNs: China and GovCloud have their own."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    def name(self, limit: int, *parts: str) -> str:
        """A physical name of at most `limit` characters that starts with the environment."""
        return physical_name(limit, self.env, *parts)

    def arn(self, service: str, resource: str) -> str:
        """The ARN of `resource` of an AWS service in this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def role_arn(self, name: str) -> str:
        """The ARN of a role of this account."""
        return f"arn:{self.partition}:iam::{self.account}:role/{name}"

    def parameter_path(self, service: str) -> str:
        """Where a service's configuration and secrets live: /org/service/env."""
        return f"/{self.environment.org}/{service}/{self.env}"

    def own_domain(self, service: str) -> str:
        """The public name of a service that has one to itself."""
        return f"{service}.{self.environment.domain}"

    @property
    def dns_namespace(self) -> str:
        """The private DNS zone in which Cloud Map lists services."""
        return f"{self.env}.{self.environment.org}.internal"

    def key_alias(self, purpose: str) -> str:
        """The alias of one of the environment's KMS keys."""
        return f"alias/{self.env}-{purpose}"

    def tags(self, service: str, spec: Service | None = None) -> dict[str, str]:
        """The seven tags of everything that belongs to `service`; `spec` overrides the environment's owner and cost."""
        owned = spec or self.environment
        return {
            "App": self.environment.org,
            "Env": self.env,
            "Owner": owned.owner,
            "CostCenter": owned.cost_center,
            "DataClass": owned.data_class,
            "Service": service,
            "ManagedBy": MANAGED_BY,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceScope:
    """One service within its environment: the same, with the service's own name and tags filled in."""

    scope: Scope
    service: str
    tags: Mapping[str, str]
    callees: Mapping[str, Service]
    """The services that it calls."""
    stores: Mapping[str, Store]
    """The stores that it reads and writes, its own and those of others, as `owner/store`."""
    secrets: tuple[SecretRef, ...]
    """The secrets that it names itself, whoever owns them."""

    @classmethod
    def of(
        cls, scope: Scope, name: str, spec: Service, callees: Mapping[str, Service], used: Mapping[str, Store]
    ) -> "ServiceScope":
        """The scope of the service called `name`; `used` are the stores of others."""
        own = {f"{name}/{store}": model for store, model in spec.stores.items()}
        return cls(
            scope=scope,
            service=name,
            tags=scope.tags(name, spec),
            callees=callees,
            stores={**own, **used},
            secrets=spec.secret_refs(name),
        )

    @property
    def own_stores(self) -> Mapping[str, Store]:
        """The stores that the service owns, by their own names."""
        split = {entry: entry.partition("/") for entry in self.stores}
        return {split[entry][2]: model for entry, model in self.stores.items() if split[entry][0] == self.service}

    @property
    def credentials(self) -> tuple[SecretRef, ...]:
        """Every secret that it reads: those that it names, and those of the databases that it uses."""
        databases = (entry.partition("/") for entry, model in self.stores.items() if not isinstance(model, TableStore))
        return (
            *self.secrets,
            *(SecretRef.model_construct(owner=owner, name=database_secret(store)) for owner, _, store in databases),
        )

    def name(self, limit: int, *parts: str) -> str:
        """A physical name of at most `limit` characters: environment, service, role."""
        return self.scope.name(limit, self.service, *parts)

    @property
    def log_group(self) -> str:
        """The service's log group."""
        return f"/onramp/{self.scope.env}/{self.service}"

    @property
    def paging_topic_arn(self) -> str:
        """Where its alarms go."""
        return paging_topic_arn(self.scope)


def kept(scope: Scope, parent: pulumi.Resource) -> pulumi.ResourceOptions:
    """Options of what holds data: in prod, an update that would delete it is refused, and AWS keeps it in any case."""
    return pulumi.ResourceOptions(parent=parent, protect=scope.is_prod, retain_on_delete=scope.is_prod)


def paging_topic_name(scope: Scope) -> str:
    """The environment's paging topic."""
    return f"{scope.env}-paging"


def paging_topic_arn(scope: Scope) -> str:
    """ARN of the environment's paging topic."""
    return scope.arn("sns", paging_topic_name(scope))


def within(limit: int, what: str, text: str, fix: str) -> str:
    """`text`, when AWS takes one of its size.

    Raises:
        pulumi.RunError: when `what` is longer than `limit` bytes.
    """
    size = len(text.encode())
    if size > limit:
        raise pulumi.RunError(f"{what} has {size:,} bytes, and AWS takes {limit:,}.\n    fix: {fix}")
    return text


def compact_json(value: Json | Sequence[Mapping[str, Json]] | Mapping[str, Json]) -> str:
    """JSON text as AWS stores it, so that a preview shows no difference that is only white space."""
    return json.dumps(value, separators=(",", ":"))

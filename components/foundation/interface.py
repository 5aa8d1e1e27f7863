"""What services may know of the foundation. It is the same whether this stack builds it or another one does."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, cast

import pulumi

from stacks.models import Service

OUTPUT_NAME: Final = "foundation"
"""The stack output under which a foundation is published."""


API: Final = "api"
"""Where in that output the HTTP API is, if there is one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Balancer:
    """A load balancer, as the services behind it use it."""

    security_group_id: pulumi.Output[str]
    suffix: pulumi.Output[str]
    """The LoadBalancer dimension of its metrics."""
    listener_arn: pulumi.Output[str]
    """The HTTPS listener."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Api:
    """The public HTTP API of one environment, with the internal load balancer that its VPC link leads to."""

    id: pulumi.Output[str]
    execution_arn: pulumi.Output[str]
    """What invokes a function, as the function's permission names it."""
    log_group: pulumi.Output[str]
    """The name of its access log."""
    vpc_link_id: pulumi.Output[str]
    load_balancer_security_group_id: pulumi.Output[str]
    load_balancer_suffix: pulumi.Output[str]
    listener_arn: pulumi.Output[str]

    def published(self) -> dict[str, pulumi.Output[str]]:
        """What another stack needs in order to put services behind the API."""
        return {name: getattr(self, name) for name in PUBLISHED_API}


PUBLISHED_API: Final = tuple(field.name for field in fields(Api))
"""The keys of the API within the published output."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Foundation:
    """The shared parts of one environment, as services use them."""

    owner: str
    """`own`, or the stack that built it."""
    vpc_id: pulumi.Output[str]
    vpc_cidr: pulumi.Output[str]
    """All addresses inside the VPC."""
    private_subnet_ids: pulumi.Output[Sequence[str]]
    database_subnet_group: pulumi.Output[str]
    """The name of the group of isolated subnets, for databases."""
    public_subnet_ids: pulumi.Output[Sequence[str]]
    """For load balancers, and for what AWS puts beside them."""
    load_balancer_security_group_id: pulumi.Output[str]
    load_balancer_suffix: pulumi.Output[str]
    """The LoadBalancer dimension of its metrics."""
    listener_arn: pulumi.Output[str]
    """The HTTPS listener."""
    namespace_arn: pulumi.Output[str]
    """The Service Connect namespace."""
    namespace_id: pulumi.Output[str]
    """The same namespace, as Cloud Map's API calls it: services without DNS are entered there."""
    cluster_arn: pulumi.Output[str]
    """The ECS cluster, once it has its capacity providers."""
    dns_namespace_id: pulumi.Output[str]
    """The Cloud Map namespace with private DNS."""
    data_key_arn: pulumi.Output[str]
    """Encrypts secrets, images, queues and topics."""
    logs_key_arn: pulumi.Output[str]
    """Encrypts logs."""
    web_acl_arn: pulumi.Output[str]
    """The firewall; empty where it is off."""
    probe_bucket: pulumi.Output[str]
    """Holds the code and the artifacts of probes; empty where they are off."""
    capacity_provider_arn: pulumi.Output[str]
    """The instances that functions share; empty where there are none."""
    socket_logs_role_arn: pulumi.Output[str]
    """What lets API Gateway log WebSocket APIs; empty where there are none."""
    api: Api | None
    """None when the environment has no HTTP API, or nobody here needs it."""

    @property
    def http_api(self) -> Api:
        """The HTTP API, for a service that is behind it.

        Raises:
            pulumi.RunError: when the environment has none.
        """
        if self.api is None:
            raise pulumi.RunError("This environment has no HTTP API.\n    fix: write `api: {}` in onramp:environment")
        return self.api

    def balancer_of(self, spec: Service) -> Balancer:
        """The load balancer that sends requests to a service: the public one, or the one behind the HTTP API."""
        found = self.http_api if spec.is_behind_the_api else self
        return Balancer(
            security_group_id=found.load_balancer_security_group_id,
            suffix=found.load_balancer_suffix,
            listener_arn=found.listener_arn,
        )

    def published(self) -> dict[str, object]:
        """What another stack needs in order to build on this foundation; outputs, and those of the API within."""
        parts: dict[str, object] = {name: getattr(self, name) for name in PUBLISHED}
        return parts if self.api is None else {**parts, API: self.api.published()}


PUBLISHED: Final = tuple(field.name for field in fields(Foundation) if field.name not in ("owner", API))
"""The keys of the published output that are always there, in the order of the class."""


def referenced(stack: str, *, needs_api: bool) -> Foundation:
    """The foundation that another stack built and published.

    Args:
        stack: its name: `prod`, or `org/project/prod`.
        needs_api: whether a service of this stack is behind the HTTP API; nobody else asks whether there is one.

    Raises:
        pulumi.RunError: when that stack does not exist, or publishes no foundation or an older one.
    """
    reference = pulumi.StackReference(stack)
    published = reference.get_output(OUTPUT_NAME).apply(lambda found: _whole(stack, found))

    def part(name: str) -> pulumi.Output[Any]:
        return published.apply(lambda found: found[name])

    api = None
    if needs_api:
        of_api = published.apply(lambda found: _api(stack, found))
        api = Api(**{name: of_api.apply(lambda found, key=name: found[key]) for name in PUBLISHED_API})
    return Foundation(owner=stack, api=api, **{name: part(name) for name in PUBLISHED})


def _whole(stack: str, found: object) -> dict[str, Any]:
    """What the other stack publishes, when all of it is there."""
    known = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    return _complete(stack, OUTPUT_NAME, PUBLISHED, known)


def _api(stack: str, found: dict[str, Any]) -> dict[str, Any]:
    """The HTTP API among what the other stack publishes."""
    if API not in found:
        raise pulumi.RunError(
            f"The stack {stack} publishes no `{OUTPUT_NAME}.{API}`: its environment has no HTTP API.\n"
            f"    fix: write `api: {{}}` in its onramp:environment, and run `pulumi up --stack {stack}`."
        )
    return _complete(stack, f"{OUTPUT_NAME}.{API}", PUBLISHED_API, found[API])


def _complete(stack: str, where: str, names: Sequence[str], known: dict[str, Any]) -> dict[str, Any]:
    missing = ", ".join(f"`{where}.{name}`" for name in names if name not in known)
    if missing:
        raise pulumi.RunError(
            f"The stack {stack} publishes no {missing}: it has no foundation of its own, or an older one.\n"
            f"    fix: run `pulumi up --stack {stack}` with this version of Onramp, or correct environment.foundation."
        )
    return known

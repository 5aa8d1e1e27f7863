"""What services may know of the foundation. It is the same whether this stack builds it or another one does."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, cast

import pulumi

OUTPUT_NAME: Final = "foundation"
"""The stack output under which a foundation is published."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Foundation:
    """The shared parts of one environment, as services use them."""

    owner: str
    """`own`, or the stack that built it."""
    vpc_id: pulumi.Output[str]
    vpc_cidr: pulumi.Output[str]
    """All addresses inside the VPC."""
    private_subnet_ids: pulumi.Output[Sequence[str]]
    load_balancer_security_group_id: pulumi.Output[str]
    load_balancer_suffix: pulumi.Output[str]
    """The LoadBalancer dimension of its metrics."""
    listener_arn: pulumi.Output[str]
    """The HTTPS listener."""
    namespace_arn: pulumi.Output[str]
    """The Service Connect namespace."""
    dns_namespace_id: pulumi.Output[str]
    """The Cloud Map namespace with private DNS."""
    data_key_arn: pulumi.Output[str]
    """Encrypts secrets, images, queues and topics."""
    logs_key_arn: pulumi.Output[str]
    """Encrypts logs."""

    def published(self) -> dict[str, pulumi.Output[str] | pulumi.Output[Sequence[str]]]:
        """What another stack needs in order to build on this foundation."""
        return {name: getattr(self, name) for name in PUBLISHED}


PUBLISHED: Final = tuple(field.name for field in fields(Foundation) if field.name != "owner")
"""The keys of the published output, in the order of the class."""


def referenced(stack: str) -> Foundation:
    """The foundation that another stack built and published.

    Args:
        stack: its name: `prod`, or `org/project/prod`.

    Raises:
        pulumi.RunError: when that stack does not exist, or publishes no foundation or an older one.
    """
    reference = pulumi.StackReference(stack)
    published: pulumi.Output[object] = reference.get_output(OUTPUT_NAME)

    def part(name: str) -> pulumi.Output[Any]:
        return published.apply(lambda found: _required(stack, name, found))

    return Foundation(owner=stack, **{name: part(name) for name in PUBLISHED})


def _required(stack: str, name: str, found: object) -> object:
    if isinstance(found, dict) and name in found:
        return cast("dict[str, object]", found)[name]
    raise pulumi.RunError(
        f"The stack {stack} publishes no `{OUTPUT_NAME}.{name}`: it has no foundation of its own, or an older one.\n"
        f"    fix: run `pulumi up --stack {stack}` with this version of Onramp, or correct environment.foundation."
    )

"""A service's security group: who may come in, and where it may go, chained to other groups where there are."""

import pulumi
import pulumi_aws as aws

from components.foundation.interface import Balancer, Foundation
from components.scope import ServiceScope
from stacks import limits
from stacks.standards import HTTPS_PORT, STORE_PORTS


class Doors:
    """The security group of one service. Nothing comes in but what is opened here."""

    group_id: pulumi.Output[str]

    def __init__(
        self, name: str, scope: ServiceScope, port: int | None, foundation: Foundation, opts: pulumi.ResourceOptions
    ) -> None:
        self._name = name
        self._tags = dict(scope.tags)
        self._opts = opts
        self.port = port
        self.group_id = aws.ec2.SecurityGroup(
            name,
            name=scope.name(limits.NAME_SECURITY_GROUP, "tasks"),
            description=f"{scope.service} in {scope.scope.env}",
            vpc_id=foundation.vpc_id,
            tags=self._tags,
            opts=opts,
        ).id
        self._out("https", HTTPS_PORT, "AWS and the internet over HTTPS", "0.0.0.0/0")
        for kind in sorted({secret.kind for secret in scope.secrets if secret.kind is not None}):
            # What a secret opens is not ours, and somewhere in the VPC; a store of ours has a group to be chained to.
            self._out(kind, STORE_PORTS[kind], f"{kind} inside the VPC", foundation.vpc_cidr)

    def behind(self, balancer: Balancer) -> None:
        """Let the load balancer in, and let it out to here: both ends name the other's group."""
        self._chain("load-balancer", source=balancer.security_group_id, target=self.group_id, port=self.port)

    def call(self, called: str, other: "Doors") -> None:
        """Open the way from this service to `other`."""
        self._chain(called, source=self.group_id, target=other.group_id, port=other.port)

    def reach(self, entry: str, store_group_id: pulumi.Output[str]) -> None:
        """Open the way from this service to the database `entry` (`owner/store`)."""
        # An underscore stands in neither name, so that no service is called as a store is.
        who = entry.replace("/", "_")
        self._chain(who, source=self.group_id, target=store_group_id, port=STORE_PORTS["postgres"])

    def _chain(self, who: str, *, source: pulumi.Output[str], target: pulumi.Output[str], port: int | None) -> None:
        name = f"{self._name}-{who}"
        chain(name, who, source=source, target=target, port=port, tags=self._tags, opts=self._opts)

    def _out(self, role: str, port: int, description: str, cidr: pulumi.Input[str]) -> None:
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-to-{role}",
            security_group_id=self.group_id,
            cidr_ipv4=cidr,
            description=description,
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            tags=self._tags,
            opts=self._opts,
        )


def chain(  # noqa: PLR0913 - called what, with whom, from, to, where, and the two of every resource
    name: str,
    who: str,
    *,
    source: pulumi.Output[str],
    target: pulumi.Output[str],
    port: int | None,
    tags: dict[str, str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Open a way between two groups: each end names the other's group, and no address."""
    ends = (
        ("in", aws.vpc.SecurityGroupIngressRule, target, source),
        ("out", aws.vpc.SecurityGroupEgressRule, source, target),
    )
    for way, rule, here, there in ends:
        rule(
            f"{name}-{way}",
            security_group_id=here,
            referenced_security_group_id=there,
            description=f"Chained with {who}",
            ip_protocol="tcp",
            from_port=port,
            to_port=port,
            tags=tags,
            opts=opts,
        )

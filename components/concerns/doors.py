"""A service's security group: who may come in, and where it may go, chained to other groups where there are."""

import pulumi
import pulumi_aws as aws

from components.foundation.interface import Foundation
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
        for store, store_port in STORE_PORTS.items():
            self._out(store, store_port, f"{store} inside the VPC", foundation.vpc_cidr)

    def behind(self, foundation: Foundation) -> None:
        """Let the load balancer in, and let it out to here: both ends name the other's group."""
        balancer = foundation.load_balancer_security_group_id
        self._chain("load-balancer", source=balancer, target=self.group_id, port=self.port)

    def call(self, called: str, other: "Doors") -> None:
        """Open the way from this service to `other`."""
        self._chain(called, source=self.group_id, target=other.group_id, port=other.port)

    def _chain(self, who: str, *, source: pulumi.Output[str], target: pulumi.Output[str], port: int | None) -> None:
        ends = (
            ("in", aws.vpc.SecurityGroupIngressRule, target, source),
            ("out", aws.vpc.SecurityGroupEgressRule, source, target),
        )
        for way, rule, here, there in ends:
            rule(
                f"{self._name}-{who}-{way}",
                security_group_id=here,
                referenced_security_group_id=there,
                description=f"Chained with {who}",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                tags=self._tags,
                opts=self._opts,
            )

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

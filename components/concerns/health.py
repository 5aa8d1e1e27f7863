"""How we find out that a service answers: the load balancer's target groups, and a probe from the internet."""

from dataclasses import dataclass
from typing import Final, Literal

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.concerns.probe import probe_route
from components.foundation.interface import Foundation
from components.scope import ServiceScope
from stacks import limits
from stacks.models import FargateSpec, FunctionSpec
from stacks.naming import fingerprint

DRAIN_SECONDS: Final = 30
"""How long a task that leaves may finish what it is answering; long requests are not what a route is for."""
HEALTHY_STATUS: Final = "200"

Color = Literal["blue", "green"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A target group: what Pulumi made, and the name that metrics know it by."""

    color: Color
    name: str
    group: aws.lb.TargetGroup


class Health(Concern):
    """One target group, or a blue and a green one, that ask the service's health path. A worker has none."""

    targets: tuple[Target, ...]

    def __init__(
        self,
        scope: ServiceScope,
        spec: FargateSpec | FunctionSpec,
        foundation: Foundation,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("Health", scope, opts)
        self._foundation = foundation
        self.targets = ()
        if spec.has_target_groups:
            self.targets = tuple(self._target(color, spec) for color in _colors(spec))
        probe_route(self, spec, foundation)
        self.register_outputs({})

    def _target(self, color: Color, spec: FargateSpec | FunctionSpec) -> Target:
        name = target_name(self.scope, spec, color)
        group = (
            self._function_group(name, color, spec)
            if isinstance(spec, FunctionSpec)
            else self._container_group(name, color, spec)
        )
        return Target(color=color, name=name, group=group)

    def _container_group(self, name: str, color: Color, spec: FargateSpec) -> aws.lb.TargetGroup:
        return aws.lb.TargetGroup(
            f"{self.name}-{color}",
            name=name,
            target_type="ip",
            port=spec.port,
            protocol="HTTP",
            vpc_id=self._foundation.vpc_id,
            deregistration_delay=DRAIN_SECONDS,
            health_check={
                "enabled": True,
                "path": spec.health.path,
                "protocol": "HTTP",
                "interval": spec.health.interval_seconds,
                "timeout": spec.health.timeout_seconds,
                "healthy_threshold": spec.health.healthy_count,
                "unhealthy_threshold": spec.health.unhealthy_count,
                "matcher": HEALTHY_STATUS,
            },
            tags=self.tags,
            opts=self.child,
        )

    def _function_group(self, name: str, color: Color, spec: FunctionSpec) -> aws.lb.TargetGroup:
        return aws.lb.TargetGroup(
            f"{self.name}-{color}",
            name=name,
            target_type="lambda",
            health_check={
                "enabled": True,
                "path": spec.health.path,
                "interval": spec.health.interval_seconds,
                "timeout": spec.health.timeout_seconds,
                "matcher": HEALTHY_STATUS,
            },
            tags=self.tags,
            opts=self.child,
        )


def target_name(scope: ServiceScope, spec: FargateSpec | FunctionSpec, color: Color) -> str:
    """The name of a target group; it changes with everything that AWS cannot change in place, so both can exist."""
    port = spec.port if isinstance(spec, FargateSpec) else None
    return scope.name(limits.NAME_TARGET_GROUP, color, fingerprint(f"{spec.compute}/{port}"))


def _colors(spec: FargateSpec | FunctionSpec) -> tuple[Color, ...]:
    if isinstance(spec, FargateSpec) and spec.rollout.shifts:
        return ("blue", "green")
    return ("blue",)

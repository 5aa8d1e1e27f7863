"""The ECS service that keeps tasks running, and how it is deployed: by ECS itself, or by CodeDeploy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.compute.deployment import deployment, patience
from components.compute.sides import Side
from components.compute.spot import ON_DEMAND, shares
from components.concerns.alerting import Alerting
from components.concerns.delivery.containers import ContainerDelivery
from components.concerns.discovery import Discovery, service_connect
from components.concerns.health import Health
from components.concerns.ingress import Ingress
from components.foundation.interface import Foundation
from components.scope import ServiceScope
from stacks.models import FargateRollout, FargateSpec

_CODEDEPLOY_OWNS: Final = ("taskDefinition", "loadBalancers")
"""What a deployment of CodeDeploy changes, and an update must not change back."""
_ROLLOUT_OWNS: Final = ("taskDefinition",)
"""What a rollout of ours changes; with it, which of two sides runs what."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Concerns:
    """What a running service is tied to; all of it is there before the service is."""

    health: Health
    discovery: Discovery
    ingress: Ingress
    alerting: Alerting
    delivery: ContainerDelivery


def ecs_service(  # noqa: PLR0913 - which service, what it runs, which side, where, tied to what, and after what
    scope: ServiceScope,
    spec: FargateSpec,
    task: aws.ecs.TaskDefinition,
    *,
    side: Side,
    foundation: Foundation,
    security_group_id: pulumi.Output[str],
    concerns: Concerns,
    before: Sequence[pulumi.Resource],
    is_rolled_out: bool,
    opts: pulumi.ResourceOptions,
) -> aws.ecs.Service:
    """Keep the tasks of one side running.

    `before` is what its deployments need and no property names; `is_rolled_out`, whether a rollout of it is open.
    """
    rollout = spec.rollout
    by_codedeploy = rollout.by_codedeploy
    alarms, delivery = concerns.alerting, concerns.delivery
    after = [*alarms.rollback_alarms, concerns.ingress.rule, *delivery.policies, *before]
    registry = concerns.discovery.registry
    return aws.ecs.Service(
        f"{scope.service}-service{side.suffix}",
        name=side.name,
        cluster=foundation.cluster_arn,
        task_definition=task.arn,
        # CodeDeploy cannot force a deployment, without which capacity providers cannot be changed.
        launch_type=ON_DEMAND if by_codedeploy else None,
        capacity_provider_strategies=None if by_codedeploy else _capacity(spec),
        force_new_deployment=None if by_codedeploy else True,
        platform_version="LATEST",
        desired_count=side.tasks,
        network_configuration={
            "assign_public_ip": False,
            "subnets": foundation.private_subnet_ids,
            "security_groups": [security_group_id],
        },
        deployment_controller={"type": "CODE_DEPLOY" if by_codedeploy else "ECS"},
        deployment_configuration=None if by_codedeploy else deployment(scope, rollout, delivery.hook_role_arn),
        deployment_minimum_healthy_percent=None if by_codedeploy else 100,
        deployment_maximum_percent=None if by_codedeploy else 200,
        deployment_circuit_breaker=None if by_codedeploy else {"enable": True, "rollback": True},
        # The alarms count both sides; a rollout of ours asks them, and moves the traffic back.
        alarms=None
        if by_codedeploy or rollout.is_stepped
        else {"enable": True, "rollback": True, "alarm_names": list(alarms.rollback_names)},
        load_balancers=_load_balancers(scope, spec, side, concerns),
        health_check_grace_period_seconds=spec.health.grace_seconds if side.targets else None,
        service_connect_configuration=None if by_codedeploy else service_connect(scope, spec, foundation),
        service_registries={"registry_arn": registry.arn} if registry else None,
        availability_zone_rebalancing=None if by_codedeploy else "ENABLED",
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        # A deployment that asks is answered by `onramp rollout`, which an update must not wait for.
        wait_for_steady_state=not rollout.pause,
        tags=dict(scope.tags),
        # Autoscaling owns the number of tasks.
        opts=pulumi.ResourceOptions(
            parent=opts.parent,
            depends_on=[resource for resource in after if resource is not None],
            ignore_changes=["desiredCount", *_owned(rollout, is_rolled_out=is_rolled_out)],
            replacement_trigger=side.anew or None,
            delete_before_replace=True if side.anew else None,
            custom_timeouts=patience(rollout),
        ),
    )


def _owned(rollout: FargateRollout, *, is_rolled_out: bool) -> tuple[str, ...]:
    """What others than Pulumi change.

    Where an update begins the deployment and waits for its end, an open rollout begins it in its place: it would see
    nothing of it otherwise, before it is over.
    """
    if rollout.by_codedeploy:
        return _CODEDEPLOY_OWNS
    return _ROLLOUT_OWNS if rollout.is_stepped or (is_rolled_out and not rollout.pause) else ()


def _capacity(spec: FargateSpec) -> list[aws.ecs.ServiceCapacityProviderStrategyArgsDict]:
    return [{"capacity_provider": share.provider, "base": share.base, "weight": share.weight} for share in shares(spec)]


def _load_balancers(
    scope: ServiceScope, spec: FargateSpec, side: Side, concerns: Concerns
) -> list[aws.ecs.ServiceLoadBalancerArgsDict] | None:
    if not side.targets or spec.port is None:
        return None
    blue, *others = side.targets
    entry: aws.ecs.ServiceLoadBalancerArgsDict = {
        "target_group_arn": blue.group.arn,
        "container_name": scope.service,
        "container_port": spec.port,
    }
    role, rule = concerns.delivery.role, concerns.ingress.rule
    if others and role is not None and rule is not None:
        entry["advanced_configuration"] = {
            "alternate_target_group_arn": others[0].group.arn,
            "production_listener_rule": rule.arn,
            "role_arn": role.arn,
        }
    return [entry]

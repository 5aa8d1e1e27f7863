"""The ECS service that keeps tasks running, and how it is deployed: by ECS itself, or by CodeDeploy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.compute.deployment import deployment, patience
from components.compute.spot import ON_DEMAND, shares
from components.concerns.alerting import Alerting
from components.concerns.delivery.containers import ContainerDelivery
from components.concerns.discovery import Discovery, service_connect
from components.concerns.health import Health
from components.concerns.ingress import Ingress
from components.foundation.interface import Foundation
from components.scope import ServiceScope
from stacks.models import FargateSpec

_CODEDEPLOY_OWNS: Final = ("taskDefinition", "loadBalancers")
"""What a deployment of CodeDeploy changes, and an update must not change back."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Concerns:
    """What a running service is tied to; all of it is there before the service is."""

    health: Health
    discovery: Discovery
    ingress: Ingress
    alerting: Alerting
    delivery: ContainerDelivery


def ecs_service(  # noqa: PLR0913 - which service, what it runs, how many, where, tied to what, and after what
    scope: ServiceScope,
    spec: FargateSpec,
    task: aws.ecs.TaskDefinition,
    *,
    tasks: int,
    foundation: Foundation,
    security_group_id: pulumi.Output[str],
    concerns: Concerns,
    before: Sequence[pulumi.Resource],
    opts: pulumi.ResourceOptions,
) -> aws.ecs.Service:
    """Keep at least `tasks` tasks running. `before` is what its deployments need and no property names."""
    rollout = spec.rollout
    by_codedeploy = rollout.by_codedeploy
    alarms, delivery = concerns.alerting, concerns.delivery
    after = [*alarms.rollback_alarms, concerns.ingress.rule, *delivery.policies, *before]
    ignored = ["desiredCount", *(_CODEDEPLOY_OWNS if by_codedeploy else ())]
    registry = concerns.discovery.registry
    return aws.ecs.Service(
        f"{scope.service}-service",
        name=scope.service,
        cluster=foundation.cluster_arn,
        task_definition=task.arn,
        # CodeDeploy cannot force a deployment, without which capacity providers cannot be changed.
        launch_type=ON_DEMAND if by_codedeploy else None,
        capacity_provider_strategies=None if by_codedeploy else _capacity(spec),
        force_new_deployment=None if by_codedeploy else True,
        platform_version="LATEST",
        desired_count=tasks,
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
        alarms=None
        if by_codedeploy
        else {"enable": True, "rollback": True, "alarm_names": list(alarms.rollback_names)},
        load_balancers=_load_balancers(scope, spec, concerns),
        health_check_grace_period_seconds=spec.health.grace_seconds if concerns.health.targets else None,
        service_connect_configuration=None if by_codedeploy else service_connect(scope, spec, foundation),
        service_registries={"registry_arn": registry.arn} if registry else None,
        availability_zone_rebalancing=None if by_codedeploy else "ENABLED",
        enable_ecs_managed_tags=True,
        propagate_tags="SERVICE",
        wait_for_steady_state=True,
        tags=dict(scope.tags),
        # Autoscaling owns the number of tasks.
        opts=pulumi.ResourceOptions(
            parent=opts.parent,
            depends_on=[resource for resource in after if resource is not None],
            ignore_changes=ignored,
            custom_timeouts=patience(rollout),
        ),
    )


def _capacity(spec: FargateSpec) -> list[aws.ecs.ServiceCapacityProviderStrategyArgsDict]:
    return [{"capacity_provider": share.provider, "base": share.base, "weight": share.weight} for share in shares(spec)]


def _load_balancers(
    scope: ServiceScope, spec: FargateSpec, concerns: Concerns
) -> list[aws.ecs.ServiceLoadBalancerArgsDict] | None:
    if not concerns.health.targets or spec.port is None:
        return None
    blue, *others = concerns.health.targets
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

"""The task of a container service: its containers, its size and its two roles."""

import pulumi
import pulumi_aws as aws

from components.compute.containers import SCRATCH, container_definitions
from components.compute.task_roles import execution_role, task_role
from components.concerns.images import image_uri
from components.concerns.observability import Observability
from components.scope import ServiceScope
from stacks import limits
from stacks.models import FargateSpec


def task_family(scope: ServiceScope) -> str:
    """The name that all versions of the task have in common."""
    return scope.name(limits.NAME_ECS)


def task_definition(
    scope: ServiceScope,
    spec: FargateSpec,
    released: str | None,
    observability: Observability,
    opts: pulumi.ResourceOptions,
) -> aws.ecs.TaskDefinition:
    """The version of the task that runs the `released` image."""
    name = scope.service
    execution, reads = execution_role(f"{name}-execution", scope, spec, opts)
    role, acts = task_role(f"{name}-task", scope, spec, opts)
    disk = spec.ephemeral_gib
    return aws.ecs.TaskDefinition(
        f"{name}-task-definition",
        family=task_family(scope),
        cpu=str(spec.cpu),
        memory=str(spec.memory),
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        runtime_platform={"cpu_architecture": "ARM64", "operating_system_family": "LINUX"},
        execution_role_arn=execution.arn,
        task_role_arn=role.arn,
        container_definitions=container_definitions(scope, spec, image_uri(scope, released)),
        volumes=[{"name": SCRATCH}],
        ephemeral_storage={"size_in_gib": disk} if disk is not None else None,
        # A rollout goes back to an older version, which ECS starts only while it is registered.
        skip_destroy=True if spec.schedule is None else None,
        tags=dict(scope.tags),
        opts=pulumi.ResourceOptions(parent=opts.parent, depends_on=[reads, acts, observability.log_group]),
    )

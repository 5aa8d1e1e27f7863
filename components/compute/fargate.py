"""A container service on ECS with Fargate."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.compute.containers import SCRATCH, container_definitions
from components.compute.scaling import scale
from components.compute.service import Placement, ServiceComponent
from components.compute.task_roles import execution_role, task_role
from components.concerns.alerting import Alerting
from components.concerns.delivery.containers import ContainerDelivery
from components.concerns.discovery import Discovery, service_connect
from components.concerns.doors import Doors
from components.concerns.health import Health
from components.concerns.images import Images, image_uri
from components.concerns.ingress import Ingress, RoutePlan
from components.concerns.observability import Observability
from components.concerns.queues import queue_name
from components.concerns.secrets import Secrets
from components.foundation.cluster import cluster_name
from components.foundation.interface import Foundation
from components.scope import Scope
from components.signals import containers, queues, routes
from components.signals.alarm import Alarm
from components.signals.widget import Widget
from stacks import limits
from stacks.models import FargateSpec
from stacks.source import Json


class FargateService(ServiceComponent):
    """Tasks on Fargate (arm64) with all eight concerns.

    A 256/512 task costs 9 USD a month at the list price, alarms and dashboard 4 USD. Without a released image the
    service exists and runs no task, so that the repository is there to push to.
    """

    ingress: Ingress

    def __init__(
        self,
        name: str,
        scope: Scope,
        spec: FargateSpec,
        foundation: Foundation,
        placement: Placement,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        own: dict[str, Json] = {"port": spec.port, "healthPath": spec.health.path}
        super().__init__(name, scope, spec, foundation, placement, own, opts)
        self._spec = spec
        self._cluster = cluster_name(scope)
        self._build(placement.priority)
        self.register_outputs({"service": name})

    def subscribe(self, topics: Mapping[str, aws.sns.Topic]) -> None:
        """Deliver what it consumes into its queue."""
        self.ingress.subscribe(topics)

    def _build(self, priority: int | None) -> None:
        scope, spec, foundation, child = self._scope, self._spec, self._foundation, self._child
        Images(scope, foundation, child)
        Secrets(scope, spec, foundation, child)
        self.doors = Doors(f"{self.name}-sg", scope, spec.port, foundation, child)
        if spec.route is not None and spec.port is not None:
            self.doors.behind(foundation)
        health = Health(scope, spec, foundation, child)
        self.discovery = Discovery(scope, spec, foundation, child)
        plan = RoutePlan(targets=health.targets, priority=priority) if priority is not None else None
        self.ingress = Ingress(scope, spec, foundation, plan, child)
        observability = Observability(scope, spec, foundation, self._widgets(health), child)
        alerting = Alerting(scope, self._alarms(health), child)
        shifting = [target.name for target in health.targets] if len(health.targets) > 1 else []
        service_arn = scope.scope.arn("ecs", f"service/{self._cluster}/{self.name}")
        delivery = ContainerDelivery(scope, service_arn=service_arn, targets=shifting, opts=child)
        task = self._task(observability)
        service = self._service(task, health, alerting, delivery)
        scale(
            self.name,
            scope,
            spec,
            cluster=self._cluster,
            service=service,
            balancer=foundation.load_balancer_suffix,
            targets=health.targets,
            floor=self._tasks,
            opts=child,
        )

    @property
    def _tasks(self) -> int:
        """How many tasks run at least: none before there is an image to run."""
        return self._spec.scaling.min if self._placement.released is not None else 0

    def _widgets(self, health: Health) -> list[Widget]:
        widgets = routes.widgets([target.name for target in health.targets]) if health.targets else []
        widgets += containers.widgets(self._cluster, self.name)
        if self._spec.queue is not None:
            widgets += queues.widgets(queue_name(self._scope, "queue"), queue_name(self._scope, "queue-dead"))
        return widgets

    def _alarms(self, health: Health) -> list[Alarm]:
        alarms = self._spec.alarms
        found = containers.alarms(alarms, self._cluster, self.name, is_routed=bool(health.targets))
        if health.targets:
            suffixes = [target.group.arn_suffix for target in health.targets]
            found += routes.alarms(alarms, self._foundation.load_balancer_suffix, suffixes)
        if self._spec.queue is not None:
            found += queues.alarms(alarms, queue_name(self._scope, "queue"), queue_name(self._scope, "queue-dead"))
        return found

    def _task(self, observability: Observability) -> aws.ecs.TaskDefinition:
        spec = self._spec
        execution, reads = execution_role(f"{self.name}-execution", self._scope, spec, self._child)
        role, acts = task_role(f"{self.name}-task", self._scope, spec, self._child)
        disk = spec.ephemeral_gib
        return aws.ecs.TaskDefinition(
            f"{self.name}-task-definition",
            family=self._scope.name(limits.NAME_ECS),
            cpu=str(spec.cpu),
            memory=str(spec.memory),
            network_mode="awsvpc",
            requires_compatibilities=["FARGATE"],
            runtime_platform={"cpu_architecture": "ARM64", "operating_system_family": "LINUX"},
            execution_role_arn=execution.arn,
            task_role_arn=role.arn,
            container_definitions=container_definitions(
                self._scope, spec, image_uri(self._scope, self._placement.released)
            ),
            volumes=[{"name": SCRATCH}],
            ephemeral_storage={"size_in_gib": disk} if disk is not None else None,
            tags=dict(self._scope.tags),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[reads, acts, observability.log_group]),
        )

    def _service(
        self, task: aws.ecs.TaskDefinition, health: Health, alerting: Alerting, delivery: ContainerDelivery
    ) -> aws.ecs.Service:
        spec = self._spec
        deployment: aws.ecs.ServiceDeploymentConfigurationArgsDict = {"strategy": "ROLLING"}
        if spec.rollout.strategy == "blue-green":
            deployment = {"strategy": "BLUE_GREEN", "bake_time_in_minutes": str(spec.rollout.bake_minutes)}
        before = [*alerting.rollback_alarms, self.ingress.rule, delivery.policy]
        return aws.ecs.Service(
            f"{self.name}-service",
            name=self.name,
            cluster=self._scope.scope.arn("ecs", f"cluster/{self._cluster}"),
            task_definition=task.arn,
            launch_type="FARGATE",
            platform_version="LATEST",
            desired_count=self._tasks,
            network_configuration={
                "assign_public_ip": False,
                "subnets": self._foundation.private_subnet_ids,
                "security_groups": [self.doors.group_id],
            },
            deployment_controller={"type": "ECS"},
            deployment_configuration=deployment,
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_circuit_breaker={"enable": True, "rollback": True},
            alarms={"enable": True, "rollback": True, "alarm_names": list(alerting.rollback_names)},
            load_balancers=self._load_balancers(health, delivery),
            health_check_grace_period_seconds=spec.health.grace_seconds if health.targets else None,
            service_connect_configuration=service_connect(self._scope, spec, self._foundation),
            service_registries={"registry_arn": self.discovery.registry.arn} if self.discovery.registry else None,
            availability_zone_rebalancing="ENABLED",
            enable_ecs_managed_tags=True,
            propagate_tags="SERVICE",
            wait_for_steady_state=True,
            tags=dict(self._scope.tags),
            # Autoscaling owns the number of tasks.
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[resource for resource in before if resource is not None],
                ignore_changes=["desiredCount"],
            ),
        )

    def _load_balancers(
        self, health: Health, delivery: ContainerDelivery
    ) -> list[aws.ecs.ServiceLoadBalancerArgsDict] | None:
        if not health.targets or self._spec.port is None:
            return None
        blue, *others = health.targets
        entry: aws.ecs.ServiceLoadBalancerArgsDict = {
            "target_group_arn": blue.group.arn,
            "container_name": self.name,
            "container_port": self._spec.port,
        }
        if others and delivery.role is not None and self.ingress.rule is not None:
            entry["advanced_configuration"] = {
                "alternate_target_group_arn": others[0].group.arn,
                "production_listener_rule": self.ingress.rule.arn,
                "role_arn": delivery.role.arn,
            }
        return [entry]

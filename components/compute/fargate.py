"""A container service on ECS with Fargate: it keeps tasks running, or a schedule starts one."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.compute.ecs_service import Concerns, ecs_service
from components.compute.scaling import scale
from components.compute.scheduled_task import DEAD, run_by_the_clock, schedule_group
from components.compute.service import Placement, ServiceComponent
from components.compute.sides import sides
from components.compute.targets import fargate_target
from components.compute.task import task_definition, task_family
from components.compute.task_roles import role_arns
from components.concerns.alerting import Alerting
from components.concerns.delivery.codedeploy import hand_over
from components.concerns.delivery.containers import RUN_FAILED, ContainerDelivery
from components.concerns.discovery import Discovery
from components.concerns.doors import Doors
from components.concerns.health import Health
from components.concerns.images import Images
from components.concerns.ingress import Ingress, RoutePlan
from components.concerns.observability import Observability
from components.concerns.probe import probe_alarms
from components.concerns.queues import queue_name
from components.concerns.secrets import Secrets
from components.foundation.cluster import cluster_name
from components.foundation.interface import Foundation
from components.scope import Scope
from components.signals import containers, queues, routes, schedules
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
        own: dict[str, Json] = {
            "port": spec.port,
            "healthPath": spec.health.path,
            "schedule": spec.schedule,
            "stepped": spec.rollout.is_stepped or None,
            "tasks": spec.scaling.min if spec.rollout.is_stepped else None,
        }
        super().__init__(name, scope, spec, foundation, placement, own, opts)
        self._spec = spec
        self._cluster = cluster_name(scope)
        self._build()
        self.register_outputs({"service": name})

    def subscribe(self, topics: Mapping[str, aws.sns.Topic]) -> None:
        """Deliver what it consumes into its queue."""
        self.ingress.subscribe(topics)

    def _build(self) -> None:
        scope, spec, foundation, child = self._scope, self._spec, self._foundation, self._child
        Images(scope, foundation, child)
        Secrets(scope, spec, foundation, child)
        self.doors = Doors(f"{self.name}-sg", scope, spec.port, foundation, child)
        if spec.route is not None and spec.port is not None:
            self.doors.behind(foundation.balancer_of(spec))
        health = Health(scope, spec, foundation, child)
        self.discovery = Discovery(scope, spec, foundation, child)
        priority = self._placement.priority
        plan = RoutePlan(targets=health.targets, priority=priority) if priority is not None else None
        self.ingress = Ingress(scope, spec, foundation, plan, child)
        observability = Observability(scope, spec, foundation, self._widgets(health), child)
        alerting = Alerting(scope, self._alarms(health), child)
        shifting = [target.name for target in health.targets] if spec.rollout.by_ecs else []
        delivery = ContainerDelivery(scope, spec, cluster=self._cluster, targets=shifting, opts=child)
        task = task_definition(scope, spec, self._placement.released, observability, child)
        if spec.schedule is not None:
            self._start_by_the_clock(task)
            return
        self._keep_running(
            task,
            Concerns(
                health=health, discovery=self.discovery, ingress=self.ingress, alerting=alerting, delivery=delivery
            ),
        )

    def _keep_running(self, task: aws.ecs.TaskDefinition, concerns: Concerns) -> None:
        scope, spec, foundation, child = self._scope, self._spec, self._foundation, self._child
        # None before there is an image to run.
        tasks = spec.scaling.min if self._placement.released is not None else 0
        balancer = foundation.balancer_of(spec)
        services: list[aws.ecs.Service] = []
        for side in sides(self.name, spec, concerns.health.targets, tasks):
            service = ecs_service(
                scope,
                spec,
                task,
                side=side,
                foundation=foundation,
                security_group_id=self.doors.group_id,
                concerns=concerns,
                before=self._placement.asked,
                is_rolled_out=self._placement.is_rolled_out,
                opts=child,
            )
            scale(scope, spec, side, cluster=self._cluster, service=service, balancer=balancer.suffix, opts=child)
            services.append(service)
        if self._placement.released is not None:
            self.target = fargate_target(
                self._about(concerns.alerting),
                spec,
                cluster=self._cluster,
                task=task,
                rule=concerns.ingress.rule,
                groups=concerns.health.targets,
                balancer=balancer.suffix,
            )
        if spec.rollout.by_codedeploy:
            hand_over(
                concerns.delivery,
                spec,
                cluster=self._cluster,
                roles=role_arns(scope),
                service=services[0],
                listener_arn=balancer.listener_arn,
                targets=concerns.health.targets,
                alerting=concerns.alerting,
            )

    def _start_by_the_clock(self, task: aws.ecs.TaskDefinition) -> None:
        run_by_the_clock(
            self.ingress,
            self._spec,
            task,
            cluster=self._cluster,
            foundation=self._foundation,
            security_group_id=self.doors.group_id,
            is_on=self._placement.released is not None,
        )

    def _widgets(self, health: Health) -> list[Widget]:
        if self._spec.schedule is not None:
            return schedules.widgets(
                cluster=self._cluster,
                family=task_family(self._scope),
                group=schedule_group(self._scope),
                failed=self._failed_runs,
            )
        widgets = routes.widgets([target.name for target in health.targets]) if health.targets else []
        widgets += containers.widgets(self._cluster, self._spec.ecs_names(self.name))
        if self._spec.queue is not None:
            widgets += queues.widgets(queue_name(self._scope, "queue"), queue_name(self._scope, "queue-dead"))
        return widgets

    def _alarms(self, health: Health) -> list[Alarm]:
        alarms = self._spec.alarms
        if self._spec.schedule is not None:
            return schedules.alarms(
                alarms,
                cluster=self._cluster,
                family=task_family(self._scope),
                group=schedule_group(self._scope),
                failed=self._failed_runs,
                dead=queue_name(self._scope, DEAD),
            )
        names = self._spec.ecs_names(self.name)
        found = containers.alarms(alarms, self._cluster, names, is_routed=bool(health.targets))
        if health.targets:
            suffixes = [target.group.arn_suffix for target in health.targets]
            found += routes.alarms(alarms, self._foundation.balancer_of(self._spec).suffix, suffixes)
        if self._spec.queue is not None:
            found += queues.alarms(alarms, queue_name(self._scope, "queue"), queue_name(self._scope, "queue-dead"))
        return [*found, *probe_alarms(self._scope, self._spec)]

    @property
    def _failed_runs(self) -> str:
        """The rule that sees runs that failed."""
        return self._scope.name(limits.NAME_EVENTBRIDGE_RULE, RUN_FAILED)

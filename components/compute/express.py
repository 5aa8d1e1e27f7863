"""A web service on ECS Express Mode."""

import pulumi
import pulumi_aws as aws

from components.compute.service import Placement, ServiceComponent
from components.compute.targets import express_target
from components.compute.web import process_role, wiring
from components.concerns.access import key_statement, log_statement
from components.concerns.alerting import Alerting
from components.concerns.delivery.express import ExpressDelivery
from components.concerns.discovery import Discovery
from components.concerns.doors import Doors
from components.concerns.images import Images, image_uri, pull_statements
from components.concerns.observability import Observability
from components.concerns.secrets import Secrets, process_references, read_statements
from components.foundation.cluster import cluster_name
from components.foundation.interface import Foundation
from components.iam import service_role
from components.scope import Scope
from components.signals import express
from stacks import limits
from stacks.models import ExpressSpec
from stacks.source import Json

_TASKS = "ecs-tasks.amazonaws.com"


class ExpressService(ServiceComponent):
    """Tasks on Fargate (x86) behind a load balancer that AWS makes, certifies, scales and rolls out by itself.

    A 256/512 task costs 9 USD a month at the list price; 25 services share one load balancer (16 USD). Before the first
    release there is no service: ECS cannot make one without an image that starts.
    """

    def __init__(
        self,
        name: str,
        scope: Scope,
        spec: ExpressSpec,
        foundation: Foundation,
        placement: Placement,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        own: dict[str, Json] = {
            "port": spec.port,
            "healthPath": spec.health.path,
            "public": spec.public,
            "unreleased": True if placement.released is None else None,
        }
        # Moved from App Runner or back, the service keeps its repository, its secrets and its parameters.
        moved = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="onramp:compute:AppRunnerService")])
        super().__init__(name, scope, spec, foundation, placement, own, pulumi.ResourceOptions.merge(opts, moved))
        self._spec = spec
        self._cluster = cluster_name(scope)
        self._build()
        self.register_outputs({"service": name})

    def _build(self) -> None:
        scope, spec, foundation, child = self._scope, self._spec, self._foundation, self._child
        Images(scope, foundation, child)
        secrets = Secrets(scope, spec, foundation, child)
        # AWS adds a group of its own, which lets its load balancer in.
        self.doors = Doors(f"{self.name}-sg", scope, None, foundation, child)
        self.discovery = Discovery(scope, spec, foundation, child)
        observability = Observability(scope, spec, foundation, express.widgets(self._cluster, self.name), child)
        alerting = Alerting(scope, express.alarms(spec.alarms, self._cluster, self.name), child)
        service_arn = scope.scope.arn("ecs", f"service/{self._cluster}/{self.name}")
        delivery = ExpressDelivery(scope, service_arn, child)
        if self._placement.released is not None:
            service = self._service(secrets, observability, delivery)
            self.discovery.announce(service.ingress_paths[0].endpoint)
            self.target = express_target(self._about(alerting), spec, self._cluster)

    def _service(
        self, secrets: Secrets, observability: Observability, delivery: ExpressDelivery
    ) -> aws.ecs.ExpressGatewayService:
        scope, spec, child = self._scope, self._spec, self._child
        execution, starts = self._execution_role()
        role, acts = process_role(f"{self.name}-process", scope, spec, _TASKS, child)
        subnets = self._foundation.public_subnet_ids if spec.public else self._foundation.private_subnet_ids
        metric = spec.scaling.metric
        return aws.ecs.ExpressGatewayService(
            f"{self.name}-service",
            service_name=self.name,
            cluster=self._cluster,
            cpu=str(spec.cpu),
            memory=str(spec.memory),
            health_check_path=spec.health.path,
            execution_role_arn=execution.arn,
            task_role_arn=role.arn,
            infrastructure_role_arn=delivery.role.arn,
            primary_container=self._container(),
            # AWS derives from the subnets whether its load balancer faces the internet.
            network_configurations=[{"subnets": subnets, "security_groups": [self.doors.group_id]}],
            scaling_targets=[
                {
                    "min_task_count": spec.scaling.min,
                    "max_task_count": spec.scaling.max,
                    "auto_scaling_metric": metric.name,
                    "auto_scaling_target_value": metric.value,
                }
            ],
            wait_for_steady_state=True,
            tags=dict(scope.tags),
            # The policies stay until the service has drained: ECS takes its load balancer down with them.
            opts=pulumi.ResourceOptions(
                parent=self, depends_on=[secrets, observability.log_group, starts, acts, delivery.policy]
            ),
        )

    def _container(self) -> aws.ecs.ExpressGatewayServicePrimaryContainerArgsDict:
        scope, spec = self._scope, self._spec
        # There is no sidecar to hand traces to: the SDK in the image sends them to X-Ray itself.
        exporter = {
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"https://xray.{scope.scope.region}.amazonaws.com/v1/traces",
            "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/protobuf",
            "OTEL_TRACES_SAMPLER": "parentbased_traceidratio",
            "OTEL_TRACES_SAMPLER_ARG": f"{spec.telemetry.sampling_percent / 100:g}",
        }
        references = process_references(scope, spec)
        return {
            "image": image_uri(scope, self._placement.released),
            "container_port": spec.port,
            "environments": [
                {"name": name, "value": value} for name, value in sorted(wiring(scope, spec, exporter).items())
            ],
            "secrets": [{"name": name, "value_from": arn} for name, arn in references.items()],
            "aws_logs_configurations": [{"log_group": scope.log_group, "log_stream_prefix": self.name}],
        }

    def _execution_role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        """Pull the image, resolve the secrets, open the log."""
        scope, spec = self._scope, self._spec
        return service_role(
            f"{self.name}-execution",
            scope=scope.scope,
            role_name=scope.name(limits.NAME_IAM_ROLE, "start"),
            principal=_TASKS,
            statements=[
                *pull_statements(scope),
                log_statement(scope),
                *read_statements(scope, spec),
                *key_statement(scope, spec, secrets=True, messages=False),
            ],
            tags=dict(scope.tags),
            opts=self._child,
        )

"""A web service on App Runner, for accounts that may still use it."""

import pulumi
import pulumi_aws as aws

from components.compute.service import Placement, ServiceComponent
from components.compute.targets import runner_target
from components.compute.web import process_role, wiring
from components.concerns.alerting import Alerting
from components.concerns.delivery.runner import RunnerDelivery
from components.concerns.discovery import Discovery
from components.concerns.doors import Doors
from components.concerns.images import Images, image_uri
from components.concerns.probe import probe_alarms
from components.concerns.runner_ingress import RunnerIngress
from components.concerns.runner_observability import RunnerObservability
from components.concerns.secrets import Secrets, process_references
from components.foundation.interface import Foundation
from components.scope import Scope
from components.signals import apprunner
from stacks import limits
from stacks.models import AppRunnerSpec
from stacks.source import Json
from stacks.standards import APP_RUNNER_LIVE_TAG

_COLLECTOR = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4317"}
"""The ADOT collector that App Runner runs beside the process (App Runner developer guide, tracing)."""


class AppRunnerService(ServiceComponent):
    """Instances behind App Runner's own load balancer, with all eight concerns.

    An instance of 0.25 vCPU and 0.5 GB that waits costs 3 USD a month. App Runner cannot make a service without an
    image, so before the first release there is the repository to push to, and everything else that needs no service.
    """

    def __init__(
        self,
        name: str,
        scope: Scope,
        spec: AppRunnerSpec,
        foundation: Foundation,
        placement: Placement,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        own: dict[str, Json] = {
            "port": spec.port,
            "healthPath": spec.health.path,
            "public": spec.public,
            "unreleased": True if placement.released is None else None,
            "maxInstances": spec.scaling.max,
            "minInstances": spec.scaling.min,
        }
        # Moved to Express or back, the service keeps its repository, its secrets and its parameters.
        moved = pulumi.ResourceOptions(aliases=[pulumi.Alias(type_="onramp:compute:ExpressService")])
        super().__init__(name, scope, spec, foundation, placement, own, pulumi.ResourceOptions.merge(opts, moved))
        self._spec = spec
        self._service_name = self._scope.name(limits.NAME_APP_RUNNER, "app")
        self._build()
        self.register_outputs({"service": name})

    def _build(self) -> None:
        scope, spec, foundation, child = self._scope, self._spec, self._foundation, self._child
        follows = spec.rollout.strategy == "automatic"
        Images(scope, foundation, child, moving_tag=APP_RUNNER_LIVE_TAG if follows else "")
        secrets = Secrets(scope, spec, foundation, child)
        # Requests come from App Runner; only what the process itself opens passes the VPC.
        self.doors = Doors(f"{self.name}-sg", scope, None, foundation, child)
        self.discovery = Discovery(scope, spec, foundation, child)
        observability = RunnerObservability(scope, spec, apprunner.widgets(self._service_name), child)
        delivery = RunnerDelivery(scope, self._service_name, child)
        if self._placement.released is None:
            return
        service = self._service(secrets, observability, delivery)
        ingress = RunnerIngress(scope, spec, foundation, service, child)
        self.discovery.announce(ingress.url)
        observability.keep_logs(service, self._service_name)
        found = apprunner.alarms(spec.alarms, spec.scaling, self._service_name, service.service_id)
        alerting = Alerting(scope, [*found, *probe_alarms(scope, spec)], child)
        self.target = runner_target(self._about(alerting), spec, service)

    def _service(
        self, secrets: Secrets, observability: RunnerObservability, delivery: RunnerDelivery
    ) -> aws.apprunner.Service:
        scope, spec, child = self._scope, self._spec, self._child
        role, acts = process_role(f"{self.name}-process", scope, spec, "tasks.apprunner.amazonaws.com", child)
        return aws.apprunner.Service(
            f"{self.name}-service",
            service_name=self._service_name,
            source_configuration=self._source(delivery),
            instance_configuration={
                "cpu": str(spec.cpu),
                "memory": str(spec.memory),
                "instance_role_arn": role.arn,
            },
            health_check_configuration={
                "protocol": "HTTP",
                "path": spec.health.path,
                "interval": spec.health.interval_seconds,
                "timeout": spec.health.timeout_seconds,
                "healthy_threshold": spec.health.healthy_count,
                "unhealthy_threshold": spec.health.unhealthy_count,
            },
            auto_scaling_configuration_arn=self._scaling().arn,
            observability_configuration={
                "observability_enabled": True,
                "observability_configuration_arn": observability.traces.arn,
            },
            network_configuration={
                "egress_configuration": {"egress_type": "VPC", "vpc_connector_arn": self._connector().arn},
                "ingress_configuration": {"is_publicly_accessible": spec.public},
                "ip_address_type": "IPV4",
            },
            # Another key would be another service, so it is there from the beginning.
            encryption_configuration={"kms_key": self._foundation.data_key_arn},
            tags=dict(scope.tags),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[secrets, acts, delivery.policy]),
        )

    def _source(self, delivery: RunnerDelivery) -> aws.apprunner.ServiceSourceConfigurationArgsDict:
        scope, spec = self._scope, self._spec
        return {
            "auto_deployments_enabled": spec.rollout.strategy == "automatic",
            "authentication_configuration": {"access_role_arn": delivery.role.arn},
            "image_repository": {
                "image_repository_type": "ECR",
                "image_identifier": image_uri(scope, self._placement.released),
                "image_configuration": {
                    "port": str(spec.port),
                    "runtime_environment_variables": wiring(scope, spec, _COLLECTOR),
                    "runtime_environment_secrets": process_references(scope, spec),
                },
            },
        }

    def _scaling(self) -> aws.apprunner.AutoScalingConfigurationVersion:
        return aws.apprunner.AutoScalingConfigurationVersion(
            f"{self.name}-scaling",
            auto_scaling_configuration_name=self._scope.name(limits.NAME_APP_RUNNER_CONFIGURATION, "scaling"),
            min_size=self._spec.scaling.min,
            max_size=self._spec.scaling.max,
            max_concurrency=self._spec.scaling.concurrency,
            tags=dict(self._scope.tags),
            opts=self._child,
        )

    def _connector(self) -> aws.apprunner.VpcConnector:
        return aws.apprunner.VpcConnector(
            f"{self.name}-connector",
            vpc_connector_name=self._scope.name(limits.NAME_APP_RUNNER, "connector"),
            subnets=self._foundation.private_subnet_ids,
            security_groups=[self.doors.group_id],
            tags=dict(self._scope.tags),
            opts=self._child,
        )

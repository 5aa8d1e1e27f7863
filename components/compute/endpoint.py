"""A model on SageMaker: an endpoint in one of its forms, or a batch transform."""

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from components.compute.endpoint_batch import (
    TRANSFORM_LOGS,
    TransformDelivery,
    TransformObservability,
    failed_rule_name,
    start_by_schedule,
)
from components.compute.endpoint_config import build_config
from components.compute.endpoint_models import Network, build_model
from components.compute.endpoint_role import OwnRole, model_role
from components.compute.endpoint_scaling import scale_variant
from components.compute.service import Placement, ServiceComponent
from components.compute.targets import endpoint_target
from components.concerns.alerting import Alerting
from components.concerns.delivery.endpoints import EndpointDelivery, deployment_config, endpoint_name
from components.concerns.discovery import Discovery
from components.concerns.doors import Doors
from components.concerns.images import Images
from components.concerns.observability import Observability
from components.concerns.queues import dead_letter_queue, queue_name
from components.concerns.secrets import Secrets
from components.foundation.bucket import LogBucket, bucket_arn, bucket_name_of
from components.foundation.interface import Foundation
from components.scope import Scope
from components.signals import endpoints, transforms
from stacks.models import EndpointSpec
from stacks.models.endpoint import MAIN
from stacks.models.endpoint_parts import BatchPlan
from stacks.source import Json

CAPTURED: Final = "captured"
ANSWERS: Final = "answers"
"""Where in the service's bucket requests and answers are kept, and where a transform job writes."""
UNSTARTED: Final = "unstarted"
"""The role of the queue that takes starts which failed for good."""


_ROLLOUT_OWNS: Final = ("endpointConfigName", "deploymentConfig")
"""What a rollout of ours changes: an update makes the model and its configuration, and leaves the traffic alone."""


class SageMakerEndpoint(ServiceComponent):
    """A model behind a name, with the concerns that apply to it; SageMaker itself asks it for its health.

    Costs its instances (ml.m5.large: 84 USD a month each), or what a serverless endpoint computes. Until a version is
    released there is no endpoint, so that its repository, role and bucket are there to train against. An instance count
    starts at `scaling.min` with every new version: SageMaker's update, as the provider calls it, knows no other.
    """

    def __init__(
        self,
        name: str,
        scope: Scope,
        spec: EndpointSpec,
        foundation: Foundation,
        placement: Placement,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        self._is_released = placement.released is not None or not spec.has_image
        super().__init__(name, scope, spec, foundation, placement, _own_facts(spec, released=self._is_released), opts)
        self._spec = spec
        self._endpoint_name = endpoint_name(scope, name)
        self._logs = f"/aws/sagemaker/Endpoints/{self._endpoint_name}" if spec.is_endpoint else TRANSFORM_LOGS
        self._build()
        self.register_outputs({"service": name})

    def _build(self) -> None:
        scope, spec, foundation, child = self._scope, self._spec, self._foundation, self._child
        if any(source.has_own_repository for source in spec.sources):
            Images(scope, foundation, child)
        Secrets(scope, spec, foundation, child)
        self.discovery = Discovery(scope, spec, foundation, child)
        network = self._network()
        bucket = self._bucket()
        role = model_role(
            f"{self.name}-model-role",
            scope,
            spec,
            logs=self._logs,
            writes=bucket_arn(scope.scope, self._purpose, "/*") if bucket else None,
            opts=child,
        )
        models = self._models(role, network)
        if spec.batch is not None:
            self._transform(spec.batch, models)
            return
        self._serve(models, bucket)

    def _network(self) -> Network | None:
        if not self._spec.is_in_network:
            return None
        self.doors = Doors(f"{self.name}-sg", self._scope, None, self._foundation, self._child)
        return Network(subnets=self._foundation.private_subnet_ids, group_id=self.doors.group_id)

    @property
    def _purpose(self) -> str:
        """What tells the bucket of this service from those of others."""
        return f"{self._scope.service}-models"

    def _bucket(self) -> LogBucket | None:
        """What is captured, or what a transform job answers; serverless inference keeps nothing."""
        if self._spec.capture is None and self._spec.batch is None:
            return None
        return LogBucket(
            f"{self.name}-models",
            self._scope.scope,
            self._purpose,
            [],
            service=self._scope,
            key_arn=self._foundation.data_key_arn,
            opts=self._child,
        )

    def _models(self, role: OwnRole, network: Network | None) -> Mapping[str, aws.sagemaker.Model]:
        """The model of each variant; none before a version is released.

        An old model outlives its update, see `_outlived`.
        """
        if not self._is_released:
            return {}
        return {
            variant: build_model(
                self._scope,
                self._spec,
                variant,
                released=self._placement.released,
                role=role,
                network=network,
                opts=self._outlived,
            )
            for variant in self._spec.by_variant
        }

    @property
    def _outlived(self) -> pulumi.ResourceOptions:
        """A model or a configuration stays in AWS when Pulumi replaces it, in every tier, and costs nothing there.

        The update that makes the new ones would delete the old ones at its end, while a rollout may still go back.
        """
        return pulumi.ResourceOptions(parent=self, retain_on_delete=True)

    def _serve(self, models: Mapping[str, aws.sagemaker.Model], bucket: LogBucket | None) -> None:
        scope, spec, child = self._scope, self._spec, self._child
        watched = endpoints.watched(spec, self._endpoint_name)
        widgets = [widget for each in watched for widget in endpoints.widgets(each)]
        observability = Observability(scope, spec, self._foundation, widgets, child, log_group=self._logs)
        alarms = [alarm for each in watched for alarm in endpoints.alarms(spec.alarms, each)]
        alerting = Alerting(scope, alarms, child)
        delivery = EndpointDelivery(scope, self._endpoint_name, is_guarded=spec.is_guarded, opts=child)
        if not models:
            return
        config = build_config(
            scope,
            spec,
            models=models,
            captured=f"s3://{bucket_name_of(scope.scope, self._purpose)}/{CAPTURED}",
            key_arn=self._foundation.data_key_arn,
            opts=pulumi.ResourceOptions.merge(
                self._outlived, pulumi.ResourceOptions(depends_on=[bucket.ready] if bucket else [])
            ),
        )
        endpoint = aws.sagemaker.Endpoint(
            f"{self.name}-endpoint",
            name=self._endpoint_name,
            endpoint_config_name=config.name,
            deployment_config=deployment_config(spec.rollout, [*alerting.rollback_names, delivery.brake_name]),
            tags=dict(scope.tags),
            opts=pulumi.ResourceOptions(
                parent=self,
                depends_on=[*alerting.rollback_alarms, *delivery.brakes, observability.log_group],
                ignore_changes=[*_ROLLOUT_OWNS] if spec.is_stepped or self._placement.is_rolled_out else None,
            ),
        )
        self.target = endpoint_target(
            self._about(alerting), spec, self._endpoint_name, config.name, brake=delivery.brake_name
        )
        if spec.scaling is not None:
            for variant in models:
                scale_variant(self.name, scope, spec.scaling, endpoint=endpoint, variant=variant, opts=child)

    def _transform(self, plan: BatchPlan, models: Mapping[str, aws.sagemaker.Model]) -> None:
        """A job by schedule, and who hears when it fails; there is no endpoint."""
        scope, spec, child = self._scope, self._spec, self._child
        rule, dead = failed_rule_name(scope), queue_name(scope, UNSTARTED)
        TransformObservability(scope, transforms.widgets(rule, dead), child)
        Alerting(scope, transforms.alarms(rule, dead), child)
        TransformDelivery(scope, child)
        failed = dead_letter_queue(f"{self.name}-{UNSTARTED}", scope, UNSTARTED, self._foundation.data_key_arn, child)
        if models:
            start_by_schedule(
                f"{self.name}-schedule",
                scope,
                spec,
                plan,
                model=models[MAIN].name,
                output=f"s3://{bucket_name_of(scope.scope, self._purpose)}/{ANSWERS}",
                dead=failed,
                opts=child,
            )


def _own_facts(spec: EndpointSpec, *, released: bool) -> dict[str, Json]:
    """What rules ask of endpoints alone."""
    return {
        "form": spec.form,
        "unreleased": not released or None,
        "stepped": spec.is_stepped or None,
        "isolated": spec.isolated,
        "packageGroups": [*sorted({source.group for source in spec.sources if source.group})],
        "instances": [*spec.instance_types],
        "ownRepository": any(source.has_own_repository for source in spec.sources),
    }

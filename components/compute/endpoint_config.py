"""Which models an endpoint serves, on what, and with which share of the requests."""

from collections.abc import Mapping
from typing import TypeAlias

import pulumi
import pulumi_aws as aws

from components.compute.endpoint_models import stem
from components.scope import ServiceScope
from stacks import instances
from stacks.models import EndpointSpec

_Variant: TypeAlias = aws.sagemaker.EndpointConfigurationProductionVariantArgsDict


def build_config(
    scope: ServiceScope,
    spec: EndpointSpec,
    *,
    models: Mapping[str, aws.sagemaker.Model],
    captured: str,
    key_arn: pulumi.Output[str],
    opts: pulumi.ResourceOptions,
) -> aws.sagemaker.EndpointConfiguration:
    """An endpoint configuration; it cannot be changed, so Pulumi ends its name as it ends that of a model.

    Args:
        scope: the service.
        spec: what it serves.
        models: by variant.
        captured: where in S3 requests and answers are kept.
        key_arn: what volumes and captures are encrypted with.
        opts: of Pulumi.
    """
    percent = spec.capture.percent if spec.capture is not None else None
    return aws.sagemaker.EndpointConfiguration(
        stem(scope, "config"),
        production_variants=[_variant(spec, variant, model.name) for variant, model in models.items()],
        kms_key_arn=key_arn if has_sealed_volumes(spec) else None,
        data_capture_config=_capture(percent, captured, key_arn) if percent is not None else None,
        tags=dict(scope.tags),
        opts=opts,
    )


def has_sealed_volumes(spec: EndpointSpec) -> bool:
    """Whether a key of ours encrypts the volumes; one instance type with disks of its own, and SageMaker refuses it."""
    kinds = spec.instance_types
    return bool(kinds) and not any(map(instances.has_local_disk, kinds))


def _variant(spec: EndpointSpec, variant: str, model: pulumi.Output[str]) -> _Variant:
    found: _Variant = {"variant_name": variant, "model_name": model}
    if spec.serverless is not None:
        found["serverless_config"] = {
            "memory_size_in_mb": spec.serverless.memory,
            "max_concurrency": spec.serverless.concurrency,
        }
        if spec.serverless.provisioned is not None:
            found["serverless_config"]["provisioned_concurrency"] = spec.serverless.provisioned
        return found
    found["initial_variant_weight"] = spec.variants[variant].weight if variant in spec.variants else 1.0
    found["instance_type"] = spec.instance_of(variant) or ""
    found["initial_instance_count"] = spec.scaling.min if spec.scaling is not None else 1
    if spec.health is not None:
        found["container_startup_health_check_timeout_in_seconds"] = spec.health.start_seconds
        found["model_data_download_timeout_in_seconds"] = spec.health.download_seconds
    return found


def _capture(
    percent: int, captured: str, key_arn: pulumi.Output[str]
) -> aws.sagemaker.EndpointConfigurationDataCaptureConfigArgsDict:
    """Both sides of a share of the requests; text is kept as text, so that a query can read it."""
    return {
        "enable_capture": True,
        "initial_sampling_percentage": percent,
        "destination_s3_uri": captured,
        "kms_key_id": key_arn,
        "capture_options": [{"capture_mode": "Input"}, {"capture_mode": "Output"}],
        "capture_content_type_header": {
            "csv_content_types": ["text/csv"],
            "json_content_types": ["application/json"],
        },
    }

"""The table of SageMaker: models, endpoint configurations, endpoints."""

from collections.abc import Mapping
from typing import Final

from tests.components.acceptance.row import Row

_VARIANT: Final = "productionVariants"

MODELS: Final[Mapping[str, Row]] = {
    "aws:sagemaker/endpoint:Endpoint": Row(
        calls=("sagemaker:CreateEndpoint",),
        schema="AWS::SageMaker::Endpoint",
        names={"name": "EndpointName"},
    ),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": Row(
        calls=("sagemaker:CreateEndpointConfig",),
        schema="AWS::SageMaker::EndpointConfig",
        names={"name": "EndpointConfigName", "kmsKeyArn": "KmsKeyId"},
        in_call={f"{_VARIANT}.volumeSizeInGb": "VolumeSizeInGB"},
    ),
    "aws:sagemaker/model:Model": Row(
        calls=("sagemaker:CreateModel",),
        schema="AWS::SageMaker::Model",
        names={"name": "ModelName"},
    ),
}
"""By type token."""

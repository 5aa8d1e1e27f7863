"""Models on SageMaker, and the endpoints that serve them."""

from collections.abc import Mapping
from typing import Final

from simulator.shapes.shape import Shape, named
from stacks import limits

MODELS: Final[Mapping[str, Shape]] = {
    "aws:sagemaker/endpoint:Endpoint": named("sagemaker", "endpoint/{name}", "name", limits.NAME_SAGEMAKER),
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": named(
        "sagemaker", "endpoint-config/{name}", "name", limits.NAME_SAGEMAKER
    ),
    "aws:sagemaker/model:Model": named("sagemaker", "model/{name}", "name", limits.NAME_SAGEMAKER),
}

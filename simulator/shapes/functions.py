"""What is around functions: shared instances, addresses of their own, executions kept warm, images, WebSocket APIs."""

from collections.abc import Mapping
from typing import Final

from simulator.shapes.shape import Shape, by_arn
from stacks import limits

FUNCTIONS: Final[Mapping[str, Shape]] = {
    "aws:apigateway/account:Account": Shape(
        id="api-gateway-account", computed={"apiKeyVersion": "4", "features": ["UsagePlans"], "throttleSettings": []}
    ),
    "aws:apigatewayv2/deployment:Deployment": Shape(id="{alnum6}", computed={"autoDeployed": False}),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": Shape(
        id="{repository}", computed={"registryId": "{account}"}, unique=("repository",)
    ),
    "aws:lambda/capacityProvider:CapacityProvider": by_arn(
        "lambda", "capacity-provider:{name}", "name", limits.NAME_CAPACITY_PROVIDER
    ),
    "aws:lambda/functionUrl:FunctionUrl": Shape(
        id="{functionName}/{qualifier}",
        computed={
            "functionArn": "arn:{partition}:lambda:{region}:{account}:function:{functionName}:{qualifier}",
            "functionUrl": "https://{hex16}.lambda-url.{region}.on.aws/",
            "urlId": "{hex16}",
        },
        unique=("functionName", "qualifier"),
    ),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": Shape(
        id="{functionName},{qualifier}", unique=("functionName", "qualifier")
    ),
}

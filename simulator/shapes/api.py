"""The HTTP API: its stage, its address, its way into the VPC, and what each service adds to it."""

from collections.abc import Mapping
from typing import Final

from simulator.shapes.shape import Shape
from stacks import limits

_ARN: Final = "arn:{partition}:apigateway:{region}::"

API: Final[Mapping[str, Shape]] = {
    "aws:apigatewayv2/api:Api": Shape(
        id="{alnum10}",
        computed={
            "arn": f"{_ARN}/apis/{{id}}",
            "apiEndpoint": "https://{id}.execute-api.{region}.{suffix}",
            "executionArn": "arn:{partition}:execute-api:{region}:{account}:{id}",
        },
        name="name",
        limit=limits.NAME_HTTP_API,
        unique=("name",),
    ),
    "aws:apigatewayv2/apiMapping:ApiMapping": Shape(id="{alnum6}", unique=("domainName", "apiMappingKey")),
    "aws:apigatewayv2/domainName:DomainName": Shape(
        id="{domainName}",
        computed={"arn": f"{_ARN}/domainnames/{{domainName}}", "apiMappingSelectionExpression": "$request.basepath"},
        within={
            "domainNameConfiguration": {
                "hostedZoneId": "Z{alnum14}",
                "targetDomainName": "d-{alnum10}.execute-api.{region}.{suffix}",
            }
        },
        unique=("domainName",),
    ),
    "aws:apigatewayv2/integration:Integration": Shape(id="{alnum6}"),
    "aws:apigatewayv2/route:Route": Shape(id="{alnum6}", unique=("apiId", "routeKey")),
    "aws:apigatewayv2/stage:Stage": Shape(
        id="{name}",
        computed={
            "arn": f"{_ARN}/apis/{{apiId}}/stages/{{name}}",
            "deploymentId": "{alnum6}",
            "executionArn": "arn:{partition}:execute-api:{region}:{account}:{apiId}/{name}",
            "invokeUrl": "https://{apiId}.execute-api.{region}.{suffix}/",
        },
        unique=("apiId", "name"),
    ),
    "aws:apigatewayv2/vpcLink:VpcLink": Shape(
        id="{alnum6}", computed={"arn": f"{_ARN}/vpclinks/{{id}}"}, name="name", limit=limits.NAME_HTTP_API
    ),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Shape(
        id="{name}", name="name", limit=limits.NAME_METRIC_FILTER, unique=("name", "logGroupName")
    ),
}

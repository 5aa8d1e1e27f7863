"""The table of the HTTP API and its way into the VPC."""

from collections.abc import Mapping
from typing import Final

from tests.components.acceptance.row import Row

API: Final[Mapping[str, Row]] = {
    "aws:apigatewayv2/api:Api": Row(calls=("apigatewayv2:CreateApi",), schema="AWS::ApiGatewayV2::Api"),
    "aws:apigatewayv2/apiMapping:ApiMapping": Row(
        calls=("apigatewayv2:CreateApiMapping",), schema="AWS::ApiGatewayV2::ApiMapping"
    ),
    "aws:apigatewayv2/domainName:DomainName": Row(
        calls=("apigatewayv2:CreateDomainName",), schema="AWS::ApiGatewayV2::DomainName"
    ),
    "aws:apigatewayv2/integration:Integration": Row(
        calls=("apigatewayv2:CreateIntegration",),
        schema="AWS::ApiGatewayV2::Integration",
        names={"timeoutMilliseconds": "TimeoutInMillis"},
    ),
    "aws:apigatewayv2/route:Route": Row(calls=("apigatewayv2:CreateRoute",), schema="AWS::ApiGatewayV2::Route"),
    "aws:apigatewayv2/stage:Stage": Row(
        calls=("apigatewayv2:CreateStage",), schema="AWS::ApiGatewayV2::Stage", names={"name": "StageName"}
    ),
    "aws:apigatewayv2/vpcLink:VpcLink": Row(calls=("apigatewayv2:CreateVpcLink",), schema="AWS::ApiGatewayV2::VpcLink"),
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": Row(
        calls=("logs:PutMetricFilter",),
        schema="AWS::Logs::MetricFilter",
        names={
            "name": "FilterName",
            "pattern": "FilterPattern",
            "metricTransformation": "MetricTransformations",
            "metricTransformation.name": "MetricName",
            "metricTransformation.namespace": "MetricNamespace",
            "metricTransformation.value": "MetricValue",
        },
    ),
}

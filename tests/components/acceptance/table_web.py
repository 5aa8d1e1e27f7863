"""The table of App Runner and Express services, and of what others find them by."""

from collections.abc import Mapping
from typing import Final

from tests.components.acceptance.reshape import LEFT_OUT
from tests.components.acceptance.row import Row

_EXPRESS: Final = {
    "scalingTargets": "scalingTarget",
    "networkConfigurations": "networkConfiguration",
    "primaryContainer.awsLogsConfigurations": "awsLogsConfiguration",
    "primaryContainer.environments": "environment",
    "waitForSteadyState": LEFT_OUT,  # what the provider does, no part of the service
}
"""The provider has lists of one where AWS has the block itself."""

WEB: Final[Mapping[str, Row]] = {
    "aws:apprunner/autoScalingConfigurationVersion:AutoScalingConfigurationVersion": Row(
        calls=("apprunner:CreateAutoScalingConfiguration",), schema="AWS::AppRunner::AutoScalingConfiguration"
    ),
    "aws:apprunner/customDomainAssociation:CustomDomainAssociation": Row(
        calls=("apprunner:AssociateCustomDomain",), no_schema="CloudFormation has no custom domains of App Runner"
    ),
    "aws:apprunner/observabilityConfiguration:ObservabilityConfiguration": Row(
        calls=("apprunner:CreateObservabilityConfiguration",), schema="AWS::AppRunner::ObservabilityConfiguration"
    ),
    "aws:apprunner/service:Service": Row(
        calls=("apprunner:CreateService",),
        schema="AWS::AppRunner::Service",
    ),
    "aws:apprunner/vpcConnector:VpcConnector": Row(
        calls=("apprunner:CreateVpcConnector",), schema="AWS::AppRunner::VpcConnector"
    ),
    "aws:apprunner/vpcIngressConnection:VpcIngressConnection": Row(
        calls=("apprunner:CreateVpcIngressConnection",),
        schema="AWS::AppRunner::VpcIngressConnection",
        names={"name": "VpcIngressConnectionName"},
    ),
    "aws:ecs/expressGatewayService:ExpressGatewayService": Row(
        calls=("ecs:CreateExpressGatewayService",), schema="AWS::ECS::ExpressGatewayService", names=_EXPRESS
    ),
    "aws:servicediscovery/instance:Instance": Row(
        calls=("servicediscovery:RegisterInstance",),
        schema="AWS::ServiceDiscovery::Instance",
        in_schema={"attributes": "InstanceAttributes"},
    ),
}

"""The table of what is around functions."""

from collections.abc import Mapping
from typing import Final

from tests.components.acceptance.reshape import LEFT_OUT
from tests.components.acceptance.row import Row

FUNCTIONS: Final[Mapping[str, Row]] = {
    "aws:apigateway/account:Account": Row(
        calls=("apigateway:UpdateAccount",),
        schema="AWS::ApiGateway::Account",
        in_call={"cloudwatchRoleArn": "patchOperations.value"},
    ),
    "aws:apigatewayv2/deployment:Deployment": Row(
        calls=("apigatewayv2:CreateDeployment",),
        schema="AWS::ApiGatewayV2::Deployment",
        names={"triggers": LEFT_OUT},  # when the provider makes another one
    ),
    "aws:ecr/repositoryPolicy:RepositoryPolicy": Row(
        calls=("ecr:SetRepositoryPolicy",),
        names={"repository": "repositoryName", "policy": "policyText"},
        no_schema="the schema of the repository has its policy",
    ),
    "aws:lambda/capacityProvider:CapacityProvider": Row(
        calls=("lambda:CreateCapacityProvider",),
        schema="AWS::Lambda::CapacityProvider",
        names={
            "name": "CapacityProviderName",
            "capacityProviderScalingConfigs": "CapacityProviderScalingConfig",
            # An empty list is none: Lambda takes one of the two lists, and policies in manual mode alone.
            "capacityProviderScalingConfigs.scalingPolicies": LEFT_OUT,
            "instanceRequirements.excludedInstanceTypes": LEFT_OUT,
        },
    ),
    "aws:lambda/functionUrl:FunctionUrl": Row(
        calls=("lambda:CreateFunctionUrlConfig",),
        schema="AWS::Lambda::Url",
        names={"authorizationType": "AuthType"},
        in_schema={"functionName": "TargetFunctionArn"},
    ),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": Row(
        calls=("lambda:PutProvisionedConcurrencyConfig",),
        no_schema="the schema of the alias has it",
    ),
}

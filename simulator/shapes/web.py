"""Web services that AWS fronts by itself, App Runner and Express, and how others find them."""

from collections.abc import Mapping
from typing import Final

from simulator.shapes.shape import Shape, arn, by_arn
from stacks import limits

_URL: Final = "{alnum10}.{region}.awsapprunner.com"

WEB: Final[Mapping[str, Shape]] = {
    "aws:apprunner/autoScalingConfigurationVersion:AutoScalingConfigurationVersion": by_arn(
        "apprunner",
        "autoscalingconfiguration/{autoScalingConfigurationName}/{serial}/{hex16}",
        # A change makes the next version of the same name.
        unique=("autoScalingConfigurationName", "minSize", "maxSize", "maxConcurrency"),
        autoScalingConfigurationRevision="{serial}",
        latest=True,
        status="active",
    ),
    "aws:apprunner/customDomainAssociation:CustomDomainAssociation": Shape(
        id="{domainName},{serviceArn}",
        computed={
            "certificateValidationRecords": [
                {
                    "name": f"_{number}.{{domainName}}.",
                    "type": "CNAME",
                    "value": f"_{number}.{{hex16}}.acm-validations.aws.",
                    "status": "SUCCESS",
                }
                for number in range(2)
            ],
            "dnsTarget": _URL,
            "status": "active",
        },
        unique=("domainName",),
    ),
    "aws:apprunner/observabilityConfiguration:ObservabilityConfiguration": by_arn(
        "apprunner",
        "observabilityconfiguration/{observabilityConfigurationName}/{serial}/{hex16}",
        unique=("observabilityConfigurationName",),
        latest=True,
        observabilityConfigurationRevision="{serial}",
        status="active",
    ),
    "aws:apprunner/service:Service": by_arn(
        "apprunner",
        "service/{serviceName}/{hex32}",
        name="serviceName",
        limit=limits.NAME_APP_RUNNER,
        serviceId="{hex32}",
        serviceUrl=_URL,
        status="RUNNING",
    ),
    "aws:apprunner/vpcConnector:VpcConnector": by_arn(
        "apprunner",
        "vpcconnector/{vpcConnectorName}/{serial}/{hex16}",
        unique=("vpcConnectorName",),
        status="active",
        vpcConnectorRevision="{serial}",
    ),
    "aws:apprunner/vpcIngressConnection:VpcIngressConnection": by_arn(
        "apprunner",
        "vpcingressconnection/{name}/{hex16}",
        name="name",
        limit=limits.NAME_APP_RUNNER,
        domainName="{alnum10}.vpce.{region}.awsapprunner.com",
        status="AVAILABLE",
    ),
    "aws:ecs/expressGatewayService:ExpressGatewayService": Shape(
        id=arn("ecs", "service/{cluster}/{serviceName}"),
        computed={
            "currentDeployment": arn("ecs", "service-deployment/{cluster}/{serviceName}/{hex16}"),
            "ingressPaths": [{"accessType": "PUBLIC", "endpoint": "https://{serviceName}-{hex16}.ecs.{region}.on.aws"}],
            "serviceArn": "{id}",
            "serviceRevisionArn": arn("ecs", "service-revision/{cluster}/{serviceName}/{serial}"),
        },
        name="serviceName",
        limit=limits.NAME_ECS,
        unique=("serviceName", "cluster"),
        moving=("currentDeployment", "serviceRevisionArn"),
    ),
    "aws:servicediscovery/instance:Instance": Shape(id="{instanceId}", unique=("serviceId", "instanceId")),
}

"""Containers, functions, their images and how they are deployed and scaled."""

from collections.abc import Mapping
from typing import Final

from simulator.shapes.shape import Shape, arn, by_arn, named
from stacks import limits

_INVOKE: Final = "arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations"
_STARTED: Final = "2026-01-01T00:00:00Z"

COMPUTE: Final[Mapping[str, Shape]] = {
    "aws:appautoscaling/policy:Policy": Shape(
        id="{name}",
        computed={"arn": arn("autoscaling", "scalingPolicy:{uuid}:resource/{resourceId}:policyName/{name}")},
        unique=("name", "resourceId", "scalableDimension"),
    ),
    "aws:appautoscaling/target:Target": Shape(
        id="{resourceId}",
        computed={"arn": arn("application-autoscaling", "scalable-target/{hex17}")},
        unique=("resourceId", "scalableDimension"),
    ),
    "aws:codedeploy/application:Application": Shape(
        id="{applicationId}:{name}",
        computed={"applicationId": "{uuid}", "arn": arn("codedeploy", "application:{name}")},
        name="name",
        limit=limits.NAME_CODEDEPLOY,
    ),
    "aws:codedeploy/deploymentConfig:DeploymentConfig": named(
        "codedeploy",
        "deploymentconfig:{deploymentConfigName}",
        "deploymentConfigName",
        limits.NAME_CODEDEPLOY,
        deploymentConfigId="{uuid}",
    ),
    "aws:codedeploy/deploymentGroup:DeploymentGroup": Shape(
        id="{uuid}",
        computed={
            "arn": arn("codedeploy", "deploymentgroup:{appName}/{deploymentGroupName}"),
            "deploymentGroupId": "{id}",
        },
        unique=("appName", "deploymentGroupName"),
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Shape(
        id="{repository}", computed={"registryId": "{account}"}, unique=("repository",)
    ),
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": Shape(
        id="{account}", computed={"registryId": "{account}"}
    ),
    "aws:ecr/repository:Repository": named(
        "ecr",
        "repository/{name}",
        registryId="{account}",
        repositoryUrl="{account}.dkr.ecr.{region}.{suffix}/{name}",
    ),
    "aws:ecs/cluster:Cluster": by_arn("ecs", "cluster/{name}", "name", limits.NAME_ECS),
    "aws:ecs/service:Service": by_arn(
        "ecs", "service/{cluster>/}/{name}", "name", limits.NAME_ECS, unique=("name", "cluster")
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Shape(
        id="{family}",
        computed={
            "arn": arn("ecs", "task-definition/{family}:{serial}"),
            "arnWithoutRevision": arn("ecs", "task-definition/{family}"),
            "revision": "{serial}",
        },
    ),
    "aws:lambda/alias:Alias": by_arn(
        "lambda", "function:{functionName}:{name}", unique=("functionName", "name"), invokeArn=_INVOKE
    ),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Shape(
        id="{uuid}",
        computed={
            "arn": arn("lambda", "event-source-mapping:{id}"),
            "functionArn": "{functionName}",
            "state": "Enabled",
            "uuid": "{id}",
        },
        unique=("eventSourceArn", "functionName"),
    ),
    "aws:lambda/function:Function": Shape(
        id="{name}",
        computed={
            "arn": arn("lambda", "function:{name}"),
            "invokeArn": _INVOKE,
            "lastModified": _STARTED,
            "version": "{serial:d}",
            "qualifiedArn": "{arn}:{version}",
        },
        name="name",
        limit=limits.NAME_LAMBDA_FUNCTION,
        moving=("lastModified", "version", "qualifiedArn"),
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": Shape(
        id="{functionName}", unique=("functionName", "qualifier")
    ),
    "aws:lambda/permission:Permission": Shape(
        id="{statementId}", name="statementId", unique=("function", "statementId")
    ),
    "aws:serverlessrepository/cloudFormationStack:CloudFormationStack": Shape(
        id=arn("cloudformation", "stack/serverlessrepo-{name}/{uuid}"),
        computed={"outputs": {}, "semanticVersion": "1.1.658"},
        name="name",
        limit=limits.NAME_CLOUDFORMATION_STACK,
    ),
}

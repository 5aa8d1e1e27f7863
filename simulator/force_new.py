"""Writes force_new.json: which properties of each type take a new resource when they change.

The outside source is CloudFormation's own resource schemas (createOnlyProperties), which cfn-lint carries; their names
are matched with the inputs of the pulumi_aws classes. What CloudFormation has no resource or no word for is in BY_HAND,
each with its reason. Run it after an update of either package: `python -m simulator.force_new`.
"""

import importlib
import inspect
import json
import re
import sys
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Final, cast

from simulator.graph import Json
from simulator.shapes import SHAPES

TARGET: Final = Path(__file__).with_name("force_new.json")

CLOUDFORMATION: Final[Mapping[str, str]] = {
    "aws:accessanalyzer/analyzer:Analyzer": "AWS::AccessAnalyzer::Analyzer",
    "aws:acm/certificate:Certificate": "AWS::CertificateManager::Certificate",
    "aws:apigatewayv2/api:Api": "AWS::ApiGatewayV2::Api",
    "aws:apigatewayv2/apiMapping:ApiMapping": "AWS::ApiGatewayV2::ApiMapping",
    "aws:apigatewayv2/deployment:Deployment": "AWS::ApiGatewayV2::Deployment",
    "aws:apigatewayv2/domainName:DomainName": "AWS::ApiGatewayV2::DomainName",
    "aws:apigatewayv2/integration:Integration": "AWS::ApiGatewayV2::Integration",
    "aws:apigatewayv2/route:Route": "AWS::ApiGatewayV2::Route",
    "aws:apigatewayv2/stage:Stage": "AWS::ApiGatewayV2::Stage",
    "aws:apigatewayv2/vpcLink:VpcLink": "AWS::ApiGatewayV2::VpcLink",
    "aws:appautoscaling/policy:Policy": "AWS::ApplicationAutoScaling::ScalingPolicy",
    "aws:appautoscaling/target:Target": "AWS::ApplicationAutoScaling::ScalableTarget",
    "aws:apprunner/autoScalingConfigurationVersion:AutoScalingConfigurationVersion": (
        "AWS::AppRunner::AutoScalingConfiguration"
    ),
    "aws:apprunner/observabilityConfiguration:ObservabilityConfiguration": "AWS::AppRunner::ObservabilityConfiguration",
    "aws:apprunner/service:Service": "AWS::AppRunner::Service",
    "aws:apprunner/vpcConnector:VpcConnector": "AWS::AppRunner::VpcConnector",
    "aws:apprunner/vpcIngressConnection:VpcIngressConnection": "AWS::AppRunner::VpcIngressConnection",
    "aws:cloudtrail/trail:Trail": "AWS::CloudTrail::Trail",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "AWS::CloudWatch::CompositeAlarm",
    "aws:cloudwatch/dashboard:Dashboard": "AWS::CloudWatch::Dashboard",
    "aws:cloudwatch/eventRule:EventRule": "AWS::Events::Rule",
    "aws:cloudwatch/logGroup:LogGroup": "AWS::Logs::LogGroup",
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": "AWS::Logs::MetricFilter",
    "aws:cloudwatch/metricAlarm:MetricAlarm": "AWS::CloudWatch::Alarm",
    "aws:cloudwatch/queryDefinition:QueryDefinition": "AWS::Logs::QueryDefinition",
    "aws:codebuild/project:Project": "AWS::CodeBuild::Project",
    "aws:codedeploy/application:Application": "AWS::CodeDeploy::Application",
    "aws:codedeploy/deploymentConfig:DeploymentConfig": "AWS::CodeDeploy::DeploymentConfig",
    "aws:codedeploy/deploymentGroup:DeploymentGroup": "AWS::CodeDeploy::DeploymentGroup",
    "aws:codepipeline/pipeline:Pipeline": "AWS::CodePipeline::Pipeline",
    "aws:dynamodb/table:Table": "AWS::DynamoDB::Table",
    "aws:ec2/eip:Eip": "AWS::EC2::EIP",
    "aws:ec2/flowLog:FlowLog": "AWS::EC2::FlowLog",
    "aws:ec2/natGateway:NatGateway": "AWS::EC2::NatGateway",
    "aws:ec2/route:Route": "AWS::EC2::Route",
    "aws:ec2/routeTable:RouteTable": "AWS::EC2::RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation": "AWS::EC2::SubnetRouteTableAssociation",
    "aws:ec2/securityGroup:SecurityGroup": "AWS::EC2::SecurityGroup",
    "aws:ec2/subnet:Subnet": "AWS::EC2::Subnet",
    "aws:ec2/vpc:Vpc": "AWS::EC2::VPC",
    "aws:ec2/vpcEndpoint:VpcEndpoint": "AWS::EC2::VPCEndpoint",
    "aws:ecr/repository:Repository": "AWS::ECR::Repository",
    "aws:ecs/cluster:Cluster": "AWS::ECS::Cluster",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": "AWS::ECS::ClusterCapacityProviderAssociations",
    "aws:ecs/expressGatewayService:ExpressGatewayService": "AWS::ECS::ExpressGatewayService",
    "aws:ecs/service:Service": "AWS::ECS::Service",
    "aws:ecs/taskDefinition:TaskDefinition": "AWS::ECS::TaskDefinition",
    "aws:iam/role:Role": "AWS::IAM::Role",
    "aws:iam/rolePolicy:RolePolicy": "AWS::IAM::RolePolicy",
    "aws:kms/alias:Alias": "AWS::KMS::Alias",
    "aws:lambda/alias:Alias": "AWS::Lambda::Alias",
    "aws:lambda/capacityProvider:CapacityProvider": "AWS::Lambda::CapacityProvider",
    "aws:lambda/eventSourceMapping:EventSourceMapping": "AWS::Lambda::EventSourceMapping",
    "aws:lambda/function:Function": "AWS::Lambda::Function",
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": "AWS::Lambda::EventInvokeConfig",
    "aws:lambda/functionUrl:FunctionUrl": "AWS::Lambda::Url",
    "aws:lambda/permission:Permission": "AWS::Lambda::Permission",
    "aws:lb/listener:Listener": "AWS::ElasticLoadBalancingV2::Listener",
    "aws:lb/listenerRule:ListenerRule": "AWS::ElasticLoadBalancingV2::ListenerRule",
    "aws:lb/loadBalancer:LoadBalancer": "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "aws:lb/targetGroup:TargetGroup": "AWS::ElasticLoadBalancingV2::TargetGroup",
    "aws:rds/cluster:Cluster": "AWS::RDS::DBCluster",
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": "AWS::RDS::DBClusterParameterGroup",
    "aws:rds/instance:Instance": "AWS::RDS::DBInstance",
    "aws:rds/parameterGroup:ParameterGroup": "AWS::RDS::DBParameterGroup",
    "aws:rds/subnetGroup:SubnetGroup": "AWS::RDS::DBSubnetGroup",
    "aws:route53/record:Record": "AWS::Route53::RecordSet",
    "aws:s3/bucket:Bucket": "AWS::S3::Bucket",
    "aws:s3/bucketPolicy:BucketPolicy": "AWS::S3::BucketPolicy",
    "aws:sagemaker/endpoint:Endpoint": "AWS::SageMaker::Endpoint",
    "aws:sagemaker/model:Model": "AWS::SageMaker::Model",
    "aws:scheduler/schedule:Schedule": "AWS::Scheduler::Schedule",
    "aws:scheduler/scheduleGroup:ScheduleGroup": "AWS::Scheduler::ScheduleGroup",
    "aws:secretsmanager/secret:Secret": "AWS::SecretsManager::Secret",
    "aws:secretsmanager/secretRotation:SecretRotation": "AWS::SecretsManager::RotationSchedule",
    "aws:servicediscovery/httpNamespace:HttpNamespace": "AWS::ServiceDiscovery::HttpNamespace",
    "aws:servicediscovery/instance:Instance": "AWS::ServiceDiscovery::Instance",
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": "AWS::ServiceDiscovery::PrivateDnsNamespace",
    "aws:servicediscovery/service:Service": "AWS::ServiceDiscovery::Service",
    "aws:sns/topic:Topic": "AWS::SNS::Topic",
    "aws:sns/topicSubscription:TopicSubscription": "AWS::SNS::Subscription",
    "aws:sqs/queue:Queue": "AWS::SQS::Queue",
    "aws:ssm/parameter:Parameter": "AWS::SSM::Parameter",
    "aws:synthetics/canary:Canary": "AWS::Synthetics::Canary",
    "aws:wafv2/webAcl:WebAcl": "AWS::WAFv2::WebACL",
    "aws:wafv2/webAclAssociation:WebAclAssociation": "AWS::WAFv2::WebACLAssociation",
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": "AWS::WAFv2::LoggingConfiguration",
    "aws:xray/samplingRule:SamplingRule": "AWS::XRay::SamplingRule",
}

RENAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "aws:acm/certificate:Certificate": {"DomainValidationOptions": "validationOptions"},
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": {"FilterName": "name"},
    "aws:cloudwatch/metricAlarm:MetricAlarm": {"AlarmName": "name"},
    "aws:codedeploy/deploymentGroup:DeploymentGroup": {"ApplicationName": "appName"},
    "aws:ec2/flowLog:FlowLog": {"DeliverLogsPermissionArn": "iamRoleArn", "ResourceId": "vpcId"},
    "aws:ec2/natGateway:NatGateway": {"PrivateIpAddress": "privateIp"},
    "aws:ec2/securityGroup:SecurityGroup": {"GroupDescription": "description", "GroupName": "name"},
    "aws:ecr/repository:Repository": {"EncryptionConfiguration": "encryptionConfigurations"},
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": {"Cluster": "clusterName"},
    "aws:ecs/service:Service": {"Role": "iamRole"},
    "aws:iam/rolePolicy:RolePolicy": {"PolicyName": "name", "RoleName": "role"},
    "aws:lambda/functionUrl:FunctionUrl": {"TargetFunctionArn": "functionName"},
    "aws:lambda/permission:Permission": {"FunctionName": "function", "PrincipalOrgID": "principalOrgId"},
    "aws:lb/loadBalancer:LoadBalancer": {"Scheme": "internal", "Type": "loadBalancerType"},
    "aws:dynamodb/table:Table": {"ImportSourceSpecification": "importTable"},
    "aws:rds/cluster:Cluster": {
        "DBClusterIdentifier": "clusterIdentifier",
        "DBSubnetGroupName": "dbSubnetGroupName",
        "SourceDBClusterIdentifier": "restoreToPointInTime",
    },
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": {"DBClusterParameterGroupName": "name"},
    "aws:rds/instance:Instance": {
        "CustomIAMInstanceProfile": "customIamInstanceProfile",
        "DBClusterIdentifier": "identifier",  # one outside of a cluster has none but its own
        "DBInstanceIdentifier": "identifier",
        "DBName": "dbName",
        "DBSubnetGroupName": "dbSubnetGroupName",
        "MasterUsername": "username",
    },
    "aws:rds/parameterGroup:ParameterGroup": {"DBParameterGroupName": "name"},
    "aws:rds/subnetGroup:SubnetGroup": {"DBSubnetGroupName": "name"},
    "aws:route53/record:Record": {"HostedZoneId": "zoneId"},
    "aws:s3/bucket:Bucket": {"BucketName": "bucket", "BucketNamePrefix": "bucketPrefix"},
    "aws:sns/topicSubscription:TopicSubscription": {"TopicArn": "topic"},
    "aws:wafv2/webAclAssociation:WebAclAssociation": {"WebACLArn": "webAclArn"},
    "aws:xray/samplingRule:SamplingRule": {"SamplingRule": "version"},
}
"""Where the provider calls a property neither as CloudFormation does nor without the type's name in front."""

ABSENT: Final = frozenset(
    {
        "CertificateExport",
        "DBSystemId",
        "HostedZoneName",
        "InferenceAccelerators",
        "LogGroupName",
        "ResourceType",
        "RestoreToTime",
        "RestoreType",
        "ScalingTargetId",
        "SourceDbClusterResourceId",
        "SourceRegion",
        "TransferAddress",
        "UseLatestRestorableTime",
        "VpcEncryptionControl",
    }
)
"""CloudFormation properties that the provider does not have."""
IN_PLACE: Final = frozenset({"Tags"})
"""What CloudFormation makes some resources anew for, and the provider changes with TagResource."""

_UPSERT: Final = "the setting of one thing: another thing's setting is another resource"
_IDENTITY: Final = "part of the resource's identity in its API"
BY_HAND: Final[Mapping[str, Mapping[str, str]]] = {
    "aws:apprunner/customDomainAssociation:CustomDomainAssociation": dict.fromkeys(
        ("domainName", "enableWwwSubdomain", "serviceArn"), "there is AssociateCustomDomain, and no update of it"
    ),
    "aws:budgets/budget:Budget": {"name": _IDENTITY, "accountId": _IDENTITY},
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": dict.fromkeys(
        ("monitorType", "monitorDimension", "monitorSpecification"), "UpdateAnomalyMonitor takes the name alone"
    ),
    "aws:costexplorer/anomalySubscription:AnomalySubscription": {"accountId": _IDENTITY, "name": _IDENTITY},
    "aws:s3/bucketObjectv2:BucketObjectv2": {"bucket": _IDENTITY, "key": _IDENTITY},
    "aws:acm/certificateValidation:CertificateValidation": {
        "certificateArn": "waits for this one certificate",
        "validationRecordFqdns": "is only looked at while waiting",
    },
    "aws:cloudwatch/logMetricFilter:LogMetricFilter": {"logGroupName": _IDENTITY},
    "aws:cloudwatch/eventTarget:EventTarget": {"rule": _IDENTITY, "targetId": _IDENTITY, "eventBusName": _IDENTITY},
    "aws:dynamodb/table:Table": {
        "hashKey": "UpdateTable has no keys: other keys are another table",
        "rangeKey": "the same",
    },
    "aws:ec2/securityGroupRule:SecurityGroupRule": dict.fromkeys(
        ("type", "fromPort", "toPort", "protocol", "cidrBlocks", "securityGroupId", "sourceSecurityGroupId"),
        "a rule of this older kind is revoked and authorised anew; its description alone can change",
    ),
    "aws:apigatewayv2/deployment:Deployment": {"triggers": "a deployment is a copy of the routes at its time"},
    "aws:ecr/repositoryPolicy:RepositoryPolicy": {"repository": _UPSERT},
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": {
        "functionName": _IDENTITY,
        "qualifier": _IDENTITY,
    },
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {"repository": _UPSERT, "policy": "has no update in the provider"},
    "aws:ecs/service:Service": {"launchType": "UpdateService has no launch type"},
    "aws:kms/key:Key": {
        "customerMasterKeySpec": "UpdateKey does not exist: a key is what it was made as",
        "keyUsage": "the same",
        "multiRegion": "the same",
    },
    "aws:lambda/permission:Permission": {"qualifier": _IDENTITY, "statementId": _IDENTITY},
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": dict.fromkeys(
        ("targetGroupArn", "targetId", "port"), "a registration has no update, only DeregisterTargets"
    ),
    "aws:rds/cluster:Cluster": {
        "availabilityZones": "ModifyDBCluster has none",
        "engine": "the same",
        "masterUsername": "the same",
    },
    "aws:rds/clusterInstance:ClusterInstance": {
        "availabilityZone": "an instance of a cluster is not moved",
        "clusterIdentifier": _IDENTITY,
        "customIamInstanceProfile": "a schema of CloudFormation covers it only for instances outside of clusters",
        "dbSubnetGroupName": "that of its cluster",
        "engine": "that of its cluster",
    },
    "aws:rds/instance:Instance": {
        "availabilityZone": "ModifyDBInstance has none",
        "engine": "the same",
    },
    "aws:route53/record:Record": {"name": _IDENTITY, "type": _IDENTITY},
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": {"bucket": _UPSERT},
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": {"bucket": _UPSERT},
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": {"bucket": _UPSERT},
    "aws:s3/bucketVersioning:BucketVersioning": {"bucket": _UPSERT},
    "aws:scheduler/schedule:Schedule": {"groupName": _IDENTITY},
    "aws:sagemaker/endpointConfiguration:EndpointConfiguration": dict.fromkeys(
        ("name", "productionVariants", "shadowProductionVariants", "dataCaptureConfig", "kmsKeyArn"),
        "there is no UpdateEndpointConfig; CloudFormation has more properties than the provider",
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": {
        "secretId": _IDENTITY,
        "secretString": "a version never changes: PutSecretValue makes another",
        "secretStringWoVersion": "the same, for a value that is only written",
    },
    "aws:serverlessrepository/cloudFormationStack:CloudFormationStack": {"name": _IDENTITY, "applicationId": _IDENTITY},
    "aws:servicediscovery/service:Service": {
        "dnsConfig.namespaceId": "UpdateService takes records and TTLs alone",
        "dnsConfig.routingPolicy": "the same",
    },
    "aws:sns/topicPolicy:TopicPolicy": {"arn": _UPSERT},
    "aws:sqs/queuePolicy:QueuePolicy": {"queueUrl": _UPSERT},
    "aws:xray/samplingRule:SamplingRule": {"ruleName": _IDENTITY},
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": {
        "securityGroupId": "the rest: ModifySecurityGroupRules"
    },
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": {
        "securityGroupId": "the rest: ModifySecurityGroupRules"
    },
}
"""What forces a new resource, and why: from the service's API reference and the provider's documentation."""


class UnmatchedError(Exception):
    """A CloudFormation property that no input of the provider's matches; say so in RENAMED or ABSENT."""


def table() -> dict[str, Json]:
    """By type: where the list is from, and the properties.

    Raises:
        UnmatchedError: CloudFormation names a property that nobody has matched yet.
    """
    found: dict[str, Json] = {}
    for kind in sorted(SHAPES):
        sources = [CLOUDFORMATION[kind]] if kind in CLOUDFORMATION else []
        properties = {*BY_HAND.get(kind, ()), *(_matched(kind, sources[0]) if sources else ())}
        if properties:
            from_: list[Json] = [*sources, *(["by hand"] if kind in BY_HAND else [])]
            found[kind] = {"from": from_, "properties": [*sorted(properties)]}
    return found


def _matched(kind: str, cloudformation: str) -> Iterator[str]:
    inputs, renamed = _inputs(kind), RENAMED.get(kind, {})
    for name in _create_only(cloudformation) - ABSENT - IN_PLACE:
        camel = name[0].lower() + name[1:]
        # QueueName of a Queue is name.
        short = re.sub(f"^{kind.rpartition(':')[2]}", "", name, flags=re.IGNORECASE)
        candidates = (renamed.get(name), camel, short[:1].lower() + short[1:])
        match = next((one for one in candidates if one in inputs), None)
        if match is None:
            raise UnmatchedError(f"{kind}: {cloudformation} has {name}; the provider has {', '.join(sorted(inputs))}")
        yield match


def _create_only(cloudformation: str) -> set[str]:
    schemas = files("cfnlint").joinpath("data", "schemas")
    index = cast("dict[str, str]", json.loads(schemas.joinpath("providers", "us-east-1.json").read_text()))
    text = schemas.joinpath("resources", f"{index[cloudformation]}.json").read_text()
    paths = cast("list[str]", json.loads(text).get("createOnlyProperties", []))
    return {path.split("/")[2] for path in paths}


def _inputs(kind: str) -> set[str]:
    _, module, name = kind.split(":")
    package = module.partition("/")[0]
    package = importlib.import_module(f"pulumi_aws.{'lambda_' if package == 'lambda' else package}")
    # The generated classes keep the names of their inputs here and nowhere else.
    parameters = inspect.signature(getattr(package, name)._internal_init).parameters  # noqa: SLF001 - see above
    return {_camel(parameter) for parameter in parameters}


def _camel(snake: str) -> str:
    first, *rest = snake.split("_")
    return first + "".join(word.capitalize() for word in rest)


def render() -> str:
    """The whole file."""
    return json.dumps(table(), indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(f"{TARGET.name}: {TARGET.write_text(render())} characters\n")

"""The table of what a service consists of: compute, delivery, messages, alarms, secrets."""

from collections.abc import Mapping
from typing import Final

from simulator.graph import UNKNOWN
from tests.components.acceptance.reshape import LEFT_OUT
from tests.components.acceptance.row import Row

_QUEUE_ATTRIBUTES: Final = {
    key: f"Attributes.{name}"
    for key, name in {
        "visibilityTimeoutSeconds": "VisibilityTimeout",
        "messageRetentionSeconds": "MessageRetentionPeriod",
        "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds",
        "redrivePolicy": "RedrivePolicy",
        "kmsMasterKeyId": "KmsMasterKeyId",
    }.items()
}
_RULE_KEYS: Final = (
    "ruleName", "priority", "fixedRate", "reservoirSize", "serviceName", "serviceType", "host", "httpMethod",
    "urlPath", "version", "resourceArn",
)  # fmt: skip
_SAMPLING_RULE: Final = {key: f"SamplingRule.{key}" for key in _RULE_KEYS}

SERVICES: Final[Mapping[str, Row]] = {
    "aws:appautoscaling/policy:Policy": Row(
        calls=("application-autoscaling:PutScalingPolicy",),
        schema="AWS::ApplicationAutoScaling::ScalingPolicy",
        names={"name": "PolicyName"},
    ),
    "aws:appautoscaling/target:Target": Row(
        calls=("application-autoscaling:RegisterScalableTarget",),
        schema="AWS::ApplicationAutoScaling::ScalableTarget",
        in_schema={"tags": LEFT_OUT},
    ),
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": Row(
        calls=("cloudwatch:PutCompositeAlarm",), schema="AWS::CloudWatch::CompositeAlarm"
    ),
    "aws:cloudwatch/dashboard:Dashboard": Row(calls=("cloudwatch:PutDashboard",), schema="AWS::CloudWatch::Dashboard"),
    "aws:cloudwatch/eventRule:EventRule": Row(calls=("events:PutRule",), schema="AWS::Events::Rule"),
    "aws:cloudwatch/eventTarget:EventTarget": Row(
        calls=("events:PutTargets",),
        schema="AWS::Events::Rule",
        names={
            "targetId": "Targets.Id",
            "arn": "Targets.Arn",
            "retryPolicy": "Targets.RetryPolicy",
            "deadLetterConfig": "Targets.DeadLetterConfig",
            "roleArn": "Targets.RoleArn",
            "inputTransformer": "Targets.InputTransformer",
            "inputTransformer.inputPaths": "InputPathsMap",
        },
        in_schema={"rule": LEFT_OUT},  # the targets are part of their rule there
        given_in_schema={"EventPattern": {"source": ["any"]}},
    ),
    "aws:cloudwatch/logGroup:LogGroup": Row(
        calls=("logs:CreateLogGroup", "logs:PutRetentionPolicy"),
        schema="AWS::Logs::LogGroup",
        names={"name": "logGroupName"},
    ),
    "aws:cloudwatch/metricAlarm:MetricAlarm": Row(
        calls=("cloudwatch:PutMetricAlarm",),
        schema="AWS::CloudWatch::Alarm",
        names={
            "name": "AlarmName",
            "metricQueries": "Metrics",
            "metricQueries.metric": "MetricStat",
            "metricQueries.metric.metricName": "Metric.MetricName",
            "metricQueries.metric.namespace": "Metric.Namespace",
            "metricQueries.metric.dimensions": "Metric.Dimensions",
        },
    ),
    "aws:cloudwatch/queryDefinition:QueryDefinition": Row(
        calls=("logs:PutQueryDefinition",), schema="AWS::Logs::QueryDefinition"
    ),
    "aws:codedeploy/application:Application": Row(
        calls=("codedeploy:CreateApplication",),
        schema="AWS::CodeDeploy::Application",
        names={"name": "applicationName"},
    ),
    "aws:codedeploy/deploymentConfig:DeploymentConfig": Row(
        calls=("codedeploy:CreateDeploymentConfig",),
        schema="AWS::CodeDeploy::DeploymentConfig",
        in_call={
            "trafficRoutingConfig.timeBasedCanary.percentage": "canaryPercentage",
            "trafficRoutingConfig.timeBasedCanary.interval": "canaryInterval",
            "trafficRoutingConfig.timeBasedLinear.percentage": "linearPercentage",
            "trafficRoutingConfig.timeBasedLinear.interval": "linearInterval",
        },
        in_schema={
            "trafficRoutingConfig.timeBasedCanary.percentage": "CanaryPercentage",
            "trafficRoutingConfig.timeBasedCanary.interval": "CanaryInterval",
            "trafficRoutingConfig.timeBasedLinear.percentage": "LinearPercentage",
            "trafficRoutingConfig.timeBasedLinear.interval": "LinearInterval",
        },
    ),
    "aws:codedeploy/deploymentGroup:DeploymentGroup": Row(
        calls=("codedeploy:CreateDeploymentGroup",),
        schema="AWS::CodeDeploy::DeploymentGroup",
        names={
            "appName": "applicationName",
            "alarmConfiguration.alarms": "alarms[].name",
            "blueGreenDeploymentConfig": "blueGreenDeploymentConfiguration",
            "ecsService": "ecsServices",
            "loadBalancerInfo.targetGroupPairInfo": "targetGroupPairInfoList",
        },
    ),
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": Row(
        calls=("ecr:PutLifecyclePolicy",),
        schema="AWS::ECR::Repository",
        in_call={"repository": "repositoryName", "policy": "lifecyclePolicyText"},
        in_schema={"repository": LEFT_OUT, "policy": "LifecyclePolicy.LifecyclePolicyText"},
    ),
    "aws:ecr/repository:Repository": Row(
        calls=("ecr:CreateRepository",),
        schema="AWS::ECR::Repository",
        names={"name": "repositoryName"},
        in_schema={
            f"imageTagMutabilityExclusionFilters.{key}": f"ImageTagMutabilityExclusionFilter{member}"
            for key, member in (("filter", "Value"), ("filterType", "Type"))
        },
    ),
    "aws:ecs/service:Service": Row(
        calls=("ecs:CreateService",),
        schema="AWS::ECS::Service",
        names={
            "name": "serviceName",
            "waitForSteadyState": LEFT_OUT,  # what the provider does, no part of the service
            "forceNewDeployment": LEFT_OUT,  # said on updates
            "capacityProviderStrategies": "capacityProviderStrategy",
            "alarms": "deploymentConfiguration.alarms",
            "deploymentCircuitBreaker": "deploymentConfiguration.deploymentCircuitBreaker",
            "deploymentMaximumPercent": "deploymentConfiguration.maximumPercent",
            "deploymentMinimumHealthyPercent": "deploymentConfiguration.minimumHealthyPercent",
            "networkConfiguration": "networkConfiguration.awsvpcConfiguration",
        },
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Row(
        calls=("ecs:RegisterTaskDefinition",),
        schema="AWS::ECS::TaskDefinition",
        names={"skipDestroy": LEFT_OUT},  # said to the provider, for when another version comes
        in_schema={"ephemeralStorage.sizeInGib": "SizeInGiB"},
    ),
    "aws:iam/role:Role": Row(
        calls=("iam:CreateRole",),
        schema="AWS::IAM::Role",
        names={"name": "RoleName", "assumeRolePolicy": "AssumeRolePolicyDocument"},
    ),
    "aws:iam/rolePolicy:RolePolicy": Row(
        calls=("iam:PutRolePolicy",),
        schema="AWS::IAM::RolePolicy",
        names={"name": "PolicyName", "role": "RoleName", "policy": "PolicyDocument"},
    ),
    "aws:lambda/alias:Alias": Row(calls=("lambda:CreateAlias",), schema="AWS::Lambda::Alias"),
    "aws:lambda/eventSourceMapping:EventSourceMapping": Row(
        calls=("lambda:CreateEventSourceMapping",),
        schema="AWS::Lambda::EventSourceMapping",
        names={"destinationConfig.onFailure.destinationArn": "Destination"},
    ),
    "aws:lambda/function:Function": Row(
        calls=("lambda:CreateFunction", "lambda:PutFunctionConcurrency"),
        schema="AWS::Lambda::Function",
        names={"name": "FunctionName"},
        in_call={"code": "Code.ZipFile", "imageUri": "Code.ImageUri", "kmsKeyArn": "KMSKeyArn"},
        in_schema={"code": LEFT_OUT, "imageUri": LEFT_OUT, "publish": LEFT_OUT},  # versions are a type there
        given_in_schema={"Code": {"S3Bucket": "a-bucket", "S3Key": "a-key"}},
    ),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": Row(
        calls=("lambda:PutFunctionEventInvokeConfig",),
        schema="AWS::Lambda::EventInvokeConfig",
    ),
    "aws:lambda/permission:Permission": Row(
        calls=("lambda:AddPermission",),
        schema="AWS::Lambda::Permission",
        names={"function": "FunctionName"},
        in_schema={
            "qualifier": LEFT_OUT,  # part of the function's name there
            "statementId": LEFT_OUT,  # CloudFormation makes it up
        },
    ),
    "aws:lb/listenerRule:ListenerRule": Row(
        calls=("elbv2:CreateRule",),
        schema="AWS::ElasticLoadBalancingV2::ListenerRule",
        names={
            "actions.forward": "ForwardConfig",
            "actions.forward.targetGroups.arn": "TargetGroupArn",
            "conditions.pathPattern": "PathPatternConfig",
            "conditions.hostHeader": "HostHeaderConfig",
            "conditions.httpHeader": "HttpHeaderConfig",
        },
    ),
    "aws:lb/targetGroup:TargetGroup": Row(
        calls=("elbv2:CreateTargetGroup",),
        schema="AWS::ElasticLoadBalancingV2::TargetGroup",
        names={
            "healthCheck": LEFT_OUT,
            "healthCheck.enabled": "/HealthCheckEnabled",
            "healthCheck.path": "/HealthCheckPath",
            "healthCheck.protocol": "/HealthCheckProtocol",
            "healthCheck.interval": "/HealthCheckIntervalSeconds",
            "healthCheck.timeout": "/HealthCheckTimeoutSeconds",
            "healthCheck.healthyThreshold": "/HealthyThresholdCount",
            "healthCheck.unhealthyThreshold": "/UnhealthyThresholdCount",
            "healthCheck.matcher": "/Matcher.HttpCode",
            "deregistrationDelay": LEFT_OUT,  # an attribute: key and value, of a call of its own
        },
    ),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": Row(
        calls=("elbv2:RegisterTargets",),
        names={"targetId": "Targets.Id"},
        no_schema="the schema of the target group has its targets, as the call does",
    ),
    "aws:secretsmanager/secret:Secret": Row(
        calls=("secretsmanager:CreateSecret", "secretsmanager:DeleteSecret"),
        schema="AWS::SecretsManager::Secret",
        given={"SecretId": UNKNOWN},
        in_schema={"recoveryWindowInDays": LEFT_OUT},  # said on deletion
    ),
    "aws:secretsmanager/secretRotation:SecretRotation": Row(
        calls=("secretsmanager:RotateSecret",),
        schema="AWS::SecretsManager::RotationSchedule",
        in_schema={"rotateImmediately": "RotateImmediatelyOnUpdate"},
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Row(
        calls=("secretsmanager:PutSecretValue",),
        names={"secretStringWo": "SecretString", "secretStringWoVersion": LEFT_OUT},  # when the provider writes again
        no_schema="CloudFormation writes a value with its secret",
    ),
    "aws:serverlessrepository/cloudFormationStack:CloudFormationStack": Row(
        calls=("serverlessrepo:CreateCloudFormationChangeSet",),
        names={"name": "StackName", "parameters": "ParameterOverrides"},
        no_schema="CloudFormation has it as a macro, AWS::Serverless::Application, without limits",
    ),
    "aws:servicediscovery/service:Service": Row(
        calls=("servicediscovery:CreateService",), schema="AWS::ServiceDiscovery::Service"
    ),
    "aws:sns/topic:Topic": Row(
        calls=("sns:CreateTopic",),
        schema="AWS::SNS::Topic",
        in_call={"kmsMasterKeyId": "Attributes.KmsMasterKeyId", "displayName": "Attributes.DisplayName"},
        in_schema={"name": "TopicName"},
    ),
    "aws:sns/topicSubscription:TopicSubscription": Row(
        calls=("sns:Subscribe",),
        schema="AWS::SNS::Subscription",
        names={"topic": "TopicArn", "endpointAutoConfirms": LEFT_OUT},  # how long the provider waits
        in_call={
            "rawMessageDelivery": "Attributes.RawMessageDelivery",
            "redrivePolicy": "Attributes.RedrivePolicy",
        },
    ),
    "aws:sqs/queue:Queue": Row(
        calls=("sqs:CreateQueue",),
        schema="AWS::SQS::Queue",
        in_call={"name": "QueueName", **_QUEUE_ATTRIBUTES},
        in_schema={
            "name": "QueueName",
            **{key: target.removeprefix("Attributes.") for key, target in _QUEUE_ATTRIBUTES.items()},
        },
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Row(
        calls=("sqs:SetQueueAttributes",),
        schema="AWS::SQS::QueueInlinePolicy",
        in_call={"policy": "Attributes.Policy"},
        in_schema={"policy": "PolicyDocument", "queueUrl": "Queue"},
    ),
    "aws:ssm/parameter:Parameter": Row(calls=("ssm:PutParameter",), schema="AWS::SSM::Parameter"),
    "aws:xray/samplingRule:SamplingRule": Row(
        calls=("xray:CreateSamplingRule",),
        schema="AWS::XRay::SamplingRule",
        names=_SAMPLING_RULE,
    ),
}

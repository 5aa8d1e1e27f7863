"""The resource types that rules speak of, by the names of their tokens."""

from typing import Final

STACK: Final = "pulumi:pulumi:Stack"
STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"
FARGATE_SERVICE: Final = "onramp:compute:FargateService"
LAMBDA_FUNCTION: Final = "onramp:compute:LambdaFunction"
FOUNDATION: Final = "onramp:foundation:Foundation"

VPC_COMPONENT: Final = "awsx:ec2:Vpc"
SUBNET: Final = "aws:ec2/subnet:Subnet"
VPC_ENDPOINT: Final = "aws:ec2/vpcEndpoint:VpcEndpoint"
FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
SECURITY_GROUP: Final = "aws:ec2/securityGroup:SecurityGroup"
SECURITY_GROUP_RULE: Final = "aws:ec2/securityGroupRule:SecurityGroupRule"
INGRESS_RULE: Final = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"

CLUSTER: Final = "aws:ecs/cluster:Cluster"
ECS_SERVICE: Final = "aws:ecs/service:Service"
TASK_DEFINITION: Final = "aws:ecs/taskDefinition:TaskDefinition"
REPOSITORY: Final = "aws:ecr/repository:Repository"
LIFECYCLE_POLICY: Final = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
REGISTRY_SCANNING: Final = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
DISCOVERY_SERVICE: Final = "aws:servicediscovery/service:Service"

FUNCTION: Final = "aws:lambda/function:Function"
FUNCTION_URL: Final = "aws:lambda/functionUrl:FunctionUrl"
FUNCTION_PERMISSION: Final = "aws:lambda/permission:Permission"
ALIAS: Final = "aws:lambda/alias:Alias"
DEPLOYMENT_CONFIG: Final = "aws:codedeploy/deploymentConfig:DeploymentConfig"
DEPLOYMENT_GROUP: Final = "aws:codedeploy/deploymentGroup:DeploymentGroup"

LOAD_BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
LISTENER: Final = "aws:lb/listener:Listener"
LISTENER_RULE: Final = "aws:lb/listenerRule:ListenerRule"
TARGET_GROUP: Final = "aws:lb/targetGroup:TargetGroup"
API_INTEGRATION: Final = "aws:apigatewayv2/integration:Integration"

ROLE: Final = "aws:iam/role:Role"
ROLE_POLICY: Final = "aws:iam/rolePolicy:RolePolicy"
ROLE_ATTACHMENT: Final = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
MANAGED_POLICY: Final = "aws:iam/policy:Policy"

LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
SAMPLING_RULE: Final = "aws:xray/samplingRule:SamplingRule"
DASHBOARD: Final = "aws:cloudwatch/dashboard:Dashboard"
METRIC_ALARM: Final = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE_ALARM: Final = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
EVENT_RULE: Final = "aws:cloudwatch/eventRule:EventRule"
EVENT_TARGET: Final = "aws:cloudwatch/eventTarget:EventTarget"

SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type token, not a password
SECRET_ROTATION: Final = "aws:secretsmanager/secretRotation:SecretRotation"  # noqa: S105 - a type token, not a password
ROTATION_APPLICATION: Final = "aws:serverlessrepository/cloudFormationStack:CloudFormationStack"
PARAMETER: Final = "aws:ssm/parameter:Parameter"

TOPIC: Final = "aws:sns/topic:Topic"
TOPIC_SUBSCRIPTION: Final = "aws:sns/topicSubscription:TopicSubscription"
ANALYZER: Final = "aws:accessanalyzer/analyzer:Analyzer"
TRAIL: Final = "aws:cloudtrail/trail:Trail"

"""What AWS allows. Each number is a limit of the service, with where AWS writes it down; nothing here is our choice."""

from collections.abc import Mapping
from typing import Final


def _gib(*values: float) -> tuple[int, ...]:
    return tuple(int(value * 1024) for value in values)


FARGATE_MEMORY_MIB: Final[Mapping[int, tuple[int, ...]]] = {
    256: _gib(0.5, 1, 2),
    512: _gib(*range(1, 5)),
    1024: _gib(*range(2, 9)),
    2048: _gib(*range(4, 17)),
    4096: _gib(*range(8, 31)),
    8192: _gib(*range(16, 61, 4)),
    16384: _gib(*range(32, 121, 8)),
}
"""Legal memory (MiB) for each Fargate CPU size (1024 = one vCPU): ECS developer guide, task CPU and memory."""

FARGATE_CPU_UNITS_PER_VCPU: Final = 1_024

APP_RUNNER_MEMORY_MIB: Final[Mapping[int, tuple[int, ...]]] = {
    256: _gib(0.5, 1),
    512: _gib(1),
    1024: _gib(2, 3, 4),
    2048: _gib(4, 6),
    4096: _gib(8, 10, 12),
}
"""Legal memory (MiB) for each App Runner CPU size: App Runner developer guide, vCPU and memory of an instance."""
APP_RUNNER_HEALTH_MAX: Final = 20
"""Of seconds and of counts of its health check; the least is 1 (App Runner API, HealthCheckConfiguration)."""
APP_RUNNER_INSTANCES_MAX: Final = 25
"""Instances of one service (App Runner API, CreateAutoScalingConfiguration)."""
APP_RUNNER_CONCURRENCY_MAX: Final = 200
"""Requests at once to one instance (the same page)."""

_EXPRESS_CPU_MAX: Final = 4_096
_EXPRESS_MEMORY_MIB_MAX: Final = 8_192
EXPRESS_MEMORY_MIB: Final[Mapping[int, tuple[int, ...]]] = {
    cpu: tuple(mib for mib in legal if mib <= _EXPRESS_MEMORY_MIB_MAX)
    for cpu, legal in FARGATE_MEMORY_MIB.items()
    if cpu <= _EXPRESS_CPU_MAX
}
"""Fargate's sizes as far as an Express service takes them: 256 to 4096 units, 512 to 8192 MiB (provider, ECS API)."""
EXPRESS_TASKS_MAX: Final = 5_000
"""Tasks of one service (ECS developer guide, service quotas)."""
FARGATE_EPHEMERAL_GIB_MIN: Final = 21
"""20 GiB are always there; the API takes 21 and more (ECS API, EphemeralStorage)."""
FARGATE_EPHEMERAL_GIB_MAX: Final = 200

LAMBDA_MEMORY_MIB_MIN: Final = 128
LAMBDA_MEMORY_MIB_MAX: Final = 10_240
LAMBDA_TIMEOUT_SECONDS_MAX: Final = 900
LAMBDA_EPHEMERAL_MIB_MIN: Final = 512
LAMBDA_EPHEMERAL_MIB_MAX: Final = 10_240
LAMBDA_BATCH_MAX: Final = 10_000
LAMBDA_BATCH_WINDOW_SECONDS_MAX: Final = 300
LAMBDA_STREAM_BATCH: Final = 100
LAMBDA_STREAM_RETRIES_MAX: Final = 10_000
LAMBDA_STREAM_AGE_SECONDS: Final = (60, 604_800)
LAMBDA_PARALLELIZATION_MAX: Final = 10
"""Event source mappings; a batch of 100 is what AWS takes by default (Lambda API, CreateEventSourceMapping)."""
LAMBDA_ASYNC_RETRIES_MAX: Final = 2
LAMBDA_ASYNC_AGE_SECONDS: Final = (60, 21_600)
"""Lambda API, PutFunctionEventInvokeConfig."""
LAMBDA_INSTANCE_MEMORY_MIB_MIN: Final = 2_048
LAMBDA_INSTANCE_CONCURRENCY_MAX: Final = 1_600
LAMBDA_INSTANCE_RUNTIMES: Final = (
    "python3.13", "python3.14", "nodejs22.x", "nodejs24.x", "java21", "java25", "provided.al2023",
)  # fmt: skip
LAMBDA_CAPACITY_VCPU: Final = (2, 15_000)
"""Lambda Managed Instances (Lambda developer guide; API, CreateCapacityProvider and CapacityProviderConfig)."""
SNAP_START_RUNTIMES: Final = ("python3.12", "python3.13", "python3.14", "java")
"""Beginnings of the runtimes that start from a snapshot (Lambda developer guide, SnapStart)."""
LAMBDA_ACCOUNT_CONCURRENCY: Final = 1_000
"""Concurrent executions of an account and region, before any raise (Lambda quotas, L-B99A9384)."""
LAMBDA_UNRESERVED_CONCURRENCY: Final = 100
"""Executions that cannot be reserved: always left for functions without a reservation (Lambda developer guide)."""

LAMBDA_RUNTIMES: Final = (
    "python3.11",
    "python3.12",
    "python3.13",
    "python3.14",
    "nodejs22.x",
    "nodejs24.x",
    "java17",
    "java21",
    "java25",
    "provided.al2023",
)
"""Runtimes that Lambda still updates and for which AWS publishes an ADOT layer or none is needed."""

LOG_RETENTION_DAYS: Final = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
"""The only retentions that CloudWatch Logs takes (API, PutRetentionPolicy)."""

SUBNET_RESERVED_ADDRESSES: Final = 5
"""The first four addresses of a subnet and its last one are AWS's (VPC user guide, subnet CIDR blocks)."""
EVENTBRIDGE_TARGETS_MAX: Final = 5
"""Targets of one rule (EventBridge quotas)."""

SQS_BATCH_WITHOUT_WINDOW: Final = 10
"""Messages that SQS hands out at once; more take a window (Lambda developer guide, SQS)."""
SQS_RETENTION_SECONDS_MAX: Final = 1_209_600
SQS_VISIBILITY_SECONDS_MAX: Final = 43_200
SQS_LAMBDA_VISIBILITY_FACTOR: Final = 6
"""A queue that feeds a function hides messages for at least six times its timeout (Lambda developer guide, SQS)."""

ECS_BAKE_MINUTES_MAX: Final = 1_440
ECS_PAUSE_MINUTES_MAX: Final = 20_160
"""A deployment waits for an answer for two weeks at most (ECS API, DeploymentLifecycleHook)."""
ECS_CANARY_PERCENT: Final = (0.1, 100.0)
ECS_LINEAR_PERCENT: Final = (3.0, 100.0)
"""Share of requests in a step, by tenths (ECS API, CanaryConfiguration and LinearConfiguration)."""
ECS_CAPACITY_BASE_MAX: Final = 100_000
ECS_CAPACITY_WEIGHT_MAX: Final = 1_000
"""ECS API, CapacityProviderStrategyItem."""
SERVICE_CONNECT_TIMEOUT_SECONDS_MAX: Final = 2_147_483_647
"""Any whole number (ECS API, TimeoutConfiguration)."""
ECS_CONTAINER_START_PERIOD_SECONDS_MAX: Final = 300
ELB_HEALTH_INTERVAL_SECONDS: Final = (5, 300)
ELB_HEALTH_TIMEOUT_SECONDS: Final = (2, 120)
ELB_HEALTH_COUNT: Final = (2, 10)
ELB_LISTENER_PRIORITY: Final = (1, 50_000)
ELB_RULE_VALUES_MAX: Final = 5
"""Values in all conditions of one rule (quotas of Application Load Balancers)."""
ELB_HEADER_NAME_CHARS_MAX: Final = 40
ELB_CONDITION_CHARS_MAX: Final = 128
"""ELB API, HttpHeaderConditionConfig."""
ELB_RULE_WILDCARDS_MAX: Final = 5
"""`*` and `?` in all conditions of one rule (quotas of Application Load Balancers)."""

HTTP_API_TIMEOUT_SECONDS: Final = 30
"""An HTTP API waits this long for an answer, and no longer (API Gateway developer guide, quotas of HTTP APIs)."""
HTTP_API_BURST_MAX: Final = 5_000
"""Requests at once that an account and region has, and no raise changes (API Gateway developer guide, quotas)."""
HTTP_API_RATE: Final = 10_000
"""Requests a second of all APIs of an account and region, before any raise (the same page)."""
SOCKET_RATE_MAX: Final = 10_000
SOCKET_BURST_MAX: Final = 5_000
"""Messages of all APIs of an account and region together, before any raise (the same page)."""
SOCKET_TIMEOUT_SECONDS: Final = 29
"""A WebSocket API waits this long for an answer (API Gateway developer guide, quotas of WebSocket APIs)."""

SYNTHETICS_MINUTES_MAX: Final = 60
"""Between two runs of a canary (Synthetics API, CanaryScheduleInput)."""

ACM_DOMAIN_CHARS_MAX: Final = 64
"""The first name of a certificate is its common name (ACM API, RequestCertificate)."""
SSM_VALUE_CHARS_MAX: Final = 4_096
"""Of a standard parameter; an empty value is refused, and so is one with `{{` (SSM API, PutParameter)."""
CODEDEPLOY_PERCENT: Final = (1, 99)
"""Of a canary or a step (CodeDeploy user guide, deployment configurations)."""
CODEDEPLOY_SHIFT_MINUTES_MAX: Final = 48 * 60
"""Between the first and the last shift of a function's traffic (CodeDeploy user guide, quotas)."""
LAMBDA_ENVIRONMENT_BYTES_MAX: Final = 4_096
"""Of all environment variables of a function together (Lambda developer guide, quotas)."""
IAM_INLINE_POLICY_CHARS_MAX: Final = 10_240
"""Of all inline policies of a role together (IAM user guide, quotas)."""
ECS_TASK_DEFINITION_BYTES_MAX: Final = 65_536
"""Of a task definition (ECS developer guide, service quotas)."""

AURORA_ACU: Final = (0.5, 128.0)
AURORA_ACU_STEP: Final = 0.5
AURORA_GIB_PER_ACU: Final = 2
"""Capacity of an instance of Aurora Serverless v2 and its memory (Aurora user guide, Serverless v2, capacity)."""
AURORA_SMALL_CONNECTIONS_MAX: Final = 2_000
"""Connections of Aurora PostgreSQL when the least capacity is below one ACU (the same guide, max_connections)."""
POSTGRES_BYTES_PER_CONNECTION: Final = 9_531_392
POSTGRES_CONNECTIONS_MAX: Final = 5_000
"""The default of max_connections: memory by the one, at most the other (RDS user guide, quotas, connections)."""
RDS_MEMORY_GIB: Final[Mapping[str, int]] = {
    "t4g.micro": 1,
    "t4g.small": 2,
    "t4g.medium": 4,
    "t4g.large": 8,
    "t4g.xlarge": 16,
    "t4g.2xlarge": 32,
    "m7g.large": 8,
    "m7g.xlarge": 16,
    "m7g.2xlarge": 32,
    "m7g.4xlarge": 64,
    "m7g.8xlarge": 128,
    "m7g.12xlarge": 192,
    "m7g.16xlarge": 256,
    "r7g.large": 16,
    "r7g.xlarge": 32,
    "r7g.2xlarge": 64,
    "r7g.4xlarge": 128,
    "r7g.8xlarge": 256,
    "r7g.12xlarge": 384,
    "r7g.16xlarge": 512,
}
"""Graviton sizes of RDS for PostgreSQL without `db.`, and their memory (RDS user guide, DB instance classes)."""
RDS_STORAGE_GIB: Final = (20, 65_536)
"""A gp3 disk (RDS user guide, storage)."""
DYNAMODB_INDEXES_MAX: Final = 20
"""Global secondary indexes of a table, before any raise (DynamoDB developer guide, quotas)."""
DYNAMODB_ITEM_BYTES_MAX: Final = 400 * 1024
"""Names and values of an item together (the same page)."""
DYNAMODB_TRANSACTION_ITEMS_MAX: Final = 100
"""Of one transaction (DynamoDB API, TransactWriteItems)."""

SAGEMAKER_INSTANCES_MAX: Final = 1_000
"""Far above what an account has before any raise (SageMaker quotas, instances for endpoint usage)."""
SAGEMAKER_SERVERLESS_MIB: Final = (1_024, 2_048, 3_072, 4_096, 5_120, 6_144)
SAGEMAKER_SERVERLESS_CONCURRENCY_MAX: Final = 200
"""SageMaker API, ProductionVariantServerlessConfig."""
SAGEMAKER_PIPELINE_CONTAINERS: Final = (2, 15)
"""Containers of an inference pipeline (SageMaker developer guide, inference pipelines)."""
SAGEMAKER_ROLLBACK_ALARMS_MAX: Final = 10
"""SageMaker API, AutoRollbackConfig."""
SAGEMAKER_VARIANTS: Final = (2, (SAGEMAKER_ROLLBACK_ALARMS_MAX - 1) // 2)
"""An endpoint takes ten variants (SageMaker API); two alarms of each guard a deployment, and one stops it: that leaves
four."""
SAGEMAKER_START_SECONDS: Final = (60, 3_600)
"""Patience with a container that starts, or a model that downloads (SageMaker API, ProductionVariant)."""
SAGEMAKER_SHIFT_PERCENT_MAX: Final = 50
SAGEMAKER_SHIFT_PERCENT_MIN: Final[Mapping[str, int]] = {"linear": 10, "rolling": 5}
"""Of the fleet in one step (SageMaker API, TrafficRoutingConfig and RollingUpdatePolicy)."""
SAGEMAKER_WAIT_SECONDS_MAX: Final = 3_600
SAGEMAKER_DEPLOYMENT_SECONDS_MAX: Final = 14_400
"""SageMaker's API takes twice as much; the aws provider stops here (sagemaker.Endpoint, deploymentConfig)."""
SAGEMAKER_TRANSFORM_MIB_MAX: Final = 100
"""Concurrent requests times the size of one (SageMaker API, CreateTransformJob, MaxPayloadInMB)."""

# Lengths of names, by the API reference of each service.
NAME_SAGEMAKER: Final = 63
AUTONAME_CHARS: Final = 8
"""A hyphen and seven hexadecimal digits: what the aws provider appends to the name of a resource that was given no
physical one (pulumi-terraform-bridge, SetAutonaming)."""
NAME_SCHEDULE: Final = 64
NAME_IAM_ROLE: Final = 64
NAME_LAMBDA_FUNCTION: Final = 64
NAME_LAMBDA_STATEMENT: Final = 100
NAME_TARGET_GROUP: Final = 32
NAME_LOAD_BALANCER: Final = 32
NAME_XRAY_RULE: Final = 32
NAME_SQS_QUEUE: Final = 80
NAME_CODEBUILD: Final = 150
CODEBUILD_MINUTES_MAX: Final = 2_160
"""Longest build (CodeBuild API, CreateProject, timeoutInMinutes)."""
CODEPIPELINE_BUILD_MINUTES_MAX: Final = 480
"""How long CodePipeline waits for a build (its user guide, quotas: build and test actions, eight hours)."""
NAME_CODEPIPELINE: Final = 100
NAME_EVENTBRIDGE_RULE: Final = 64
NAME_CODEDEPLOY: Final = 100
NAME_ECS: Final = 255
NAME_APP_RUNNER: Final = 40
NAME_APP_RUNNER_CONFIGURATION: Final = 32
NAME_ALARM: Final = 255
NAME_DASHBOARD: Final = 255
NAME_SNS_TOPIC: Final = 256
NAME_SECURITY_GROUP: Final = 255
NAME_CLOUDFORMATION_STACK: Final = 128 - len("serverlessrepo-")
"""The Serverless Application Repository puts its name in front of a stack's (CloudFormation API, CreateStack)."""
NAME_S3_BUCKET: Final = 63
NAME_WEB_ACL: Final = 128
NAME_BUDGET: Final = 100
NAME_CANARY: Final = 21
"""Synthetics takes 255, but its function is cwsyn-<name>-<36 characters>, and a function has 64."""
NAME_RDS: Final = 63
NAME_RDS_PARAMETER_GROUP: Final = 255
NAME_RDS_SUBNET_GROUP: Final = 255
NAME_DYNAMODB_TABLE: Final = 255
NAME_HTTP_API: Final = 128
NAME_METRIC_FILTER: Final = 512
NAME_API_STAGE: Final = 128
NAME_CAPACITY_PROVIDER: Final = 64

RESERVED_PREFIXES: Final = ("aws", "ssm", "sg-", "amzn", "sthree", "xn-")
"""Beginnings that Parameter Store, security groups or S3 refuse."""

SERVICE_NAME_MAX: Final = 60
"""A service's name: longer ones would leave no room for the environment in the 64 characters of a role or function."""
SERVICE_NAMES_TAKEN: Final = ("adot", "cloudwatch-agent", "log-router")
"""The containers beside every container service: ECS refuses two of one name in a task."""
SERVICE_NAME_PATTERN: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
"""Lower case, digits and single hyphens: the smallest common alphabet of ECR, ALB, Cloud Map and S3."""

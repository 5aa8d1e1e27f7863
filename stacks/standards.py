"""What our specification asks for: the numbers that components build with and rules judge by, each stated once.

The seed sections named here are those of the documents the project was specified in; docs/architecture.md lists them.
"""

from collections.abc import Mapping
from typing import Final, Literal

Tier = Literal["dev", "staging", "prod"]
TIERS: Final[tuple[Tier, ...]] = ("dev", "staging", "prod")

LOG_RETENTION_DAYS: Final[Mapping[Tier, int]] = {"dev": 30, "staging": 30, "prod": 90}
"""Seed 000 section 9, Observability: 30 days in dev, 90 in prod."""

ECR_KEEP_IMAGES: Final[Mapping[Tier, int]] = {"dev": 5, "staging": 10, "prod": 30}
"""Seed 000 section 6.4."""
ECR_ENHANCED_SCANNING: Final[Mapping[Tier, bool]] = {"dev": False, "staging": True, "prod": True}
"""Seed 000 section 6.1: basic on push in dev, Inspector (continuous) from staging on."""

SECRET_ROTATION_DAYS: Final = 30
"""Seed 002, security: credentials rotate every 30 days."""
ADMIN_SUFFIX: Final = "_ADMIN"
"""Ends the name of the administrator's secret with which two database users alternate."""
SECRET_RECOVERY_DAYS: Final = 7
"""The least that Secrets Manager knows; our own, because no document says how long a mistake takes to be seen."""
SECRET_CACHE_SECONDS: Final = 300
"""How long the Lambda extension may serve a cached secret; its own default, stated so that a rotation is bounded."""

TRACE_SAMPLING_PERCENT: Final[Mapping[Tier, float]] = {"dev": 100.0, "staging": 25.0, "prod": 5.0}
"""Dev sees every request; 5 percent plus one request a second is what X-Ray itself does unless told otherwise."""

HEALTH_PATH: Final = "/health"
HEALTH_INTERVAL_SECONDS: Final = 30
HEALTH_TIMEOUT_SECONDS: Final = 5
HEALTH_HEALTHY_COUNT: Final = 2
HEALTH_UNHEALTHY_COUNT: Final = 3
HEALTH_START_SECONDS: Final = 60
HEALTH_GRACE_SECONDS: Final = 60
"""Seed 002: /health every 30 s, 5 s timeout, 2 up, 3 down, start period and grace of 60 s."""

APP_RUNNER_HEALTH_INTERVAL_SECONDS: Final = 5
APP_RUNNER_HEALTH_TIMEOUT_SECONDS: Final = 2
APP_RUNNER_HEALTH_HEALTHY_COUNT: Final = 1
APP_RUNNER_HEALTH_UNHEALTHY_COUNT: Final = 5
"""Seed 000 section 2.3, App Runner: every 5 s, 2 s timeout, 1 up, 5 down."""
APP_RUNNER_CONCURRENCY: Final = 100
"""Requests at once to an instance before another one starts; App Runner's own default, stated so that it stays."""
APP_RUNNER_CLOSED: Final = "2026-04-30"
"""AWS: App Runner availability change; existing customers go on, without new features."""
PIPELINE_ROLLOUT_MINUTES: Final = 450
"""How long a pipeline stays with a rollout: our own, CodePipeline's eight hours less what comes before and after it."""
APP_RUNNER_LIVE_TAG: Final = "live"
"""The one tag that may move, and the one that automatic deployment follows."""

SCALE_CPU_PERCENT: Final = 70
SCALE_MEMORY_PERCENT: Final = 75
SCALE_REQUESTS_PER_TARGET: Final = 1_000
SCALE_OUT_SECONDS: Final = 60
SCALE_IN_SECONDS: Final = 300
SCALE_MESSAGES_PER_TASK: Final = 100
"""Seed 004, autoscaling (CPU 70, memory 75, 1,000 requests per target, 60 s out, 300 s in); seed 002, worker (100)."""
SCALE_PROVISIONED_UTILIZATION: Final = 0.70
"""Seed 002, provisioned concurrency: 70 percent of it in use."""
INSTANCE_CONCURRENCY: Final = 4
CAPACITY_VCPU_MAX: Final = 64
CAPACITY_INSTANCE_TYPES: Final = ("m6g.large", "m6g.xlarge", "m7g.large", "m7g.xlarge")
"""Seed 003, the shared pool of managed instances: Graviton, 64 vCPU, four invocations at once."""

TASKS_MIN_PROD: Final = 2
"""Seed 002, containers, and seed 004, autoscaling: at least two in production."""
SPOT_ON_DEMAND_BASE: Final = 2
SPOT_ON_DEMAND_WEIGHT: Final = 1
SPOT_WEIGHT: Final = 4
"""Seed 002, Fargate Spot: two tasks always on demand, and of those above them four of five on Spot."""
SPOT_ON_DEMAND_BASE_PROD_MIN: Final = 2
"""Spot may take all its tasks at once; two on demand are left to answer, in two zones."""

ALARM_CPU_PERCENT: Final = 80
ALARM_MEMORY_PERCENT: Final = 80
ALARM_ERROR_PERCENT: Final = 1.0
ALARM_DURATION_PERCENT: Final = 80
ALARM_CONCURRENCY_PERCENT: Final = 80
ALARM_HTTP_5XX_COUNT: Final = 10
ALARM_LATENCY_P99_MS: Final = 1_000
ALARM_QUEUE_AGE_SECONDS: Final = 900
"""Seed 000 sections 8.1, 8.2 and 8.5; seed 004 for 5xx (10 in 5 minutes) and p99 (1 s)."""

ALARM_FUNCTION_MEMORY_WARNING_PERCENT: Final = 70
ALARM_FUNCTION_MEMORY_PERCENT: Final = 90
"""Seed 000 section 8.1: a warning at 70 percent of a function's memory, critical at 90."""

STREAM_RETRIES: Final = 3
STREAM_MAX_AGE_SECONDS: Final = 3_600
"""As many attempts as a queue has, and as old as an event may get: our own, because AWS has no end by itself."""
ASYNC_MAX_AGE_SECONDS: Final = 3_600
"""Seed 002, asynchronous invocation."""
BATCH_WINDOW_SECONDS: Final = 5
"""Above ten messages a batch; five seconds are not noticed behind a queue."""
SOCKET_RATE: Final = 500
SOCKET_BURST: Final = 1_000
"""Our own: those of the HTTP API."""

ALARM_DATABASE_CPU_PERCENT: Final = 80
ALARM_DATABASE_CONNECTIONS_PERCENT: Final = 80
ALARM_DATABASE_FREE_STORAGE_PERCENT: Final = 20
ALARM_DATABASE_LAG_SECONDS: Final = 30
"""Seed 000 section 8.3."""
ALARM_DATABASE_LATENCY_MS: Final = 100
"""99th percentile of one read or write of the disk; our own, because the seed leaves it to each service."""

DATABASE_BACKUP_DAYS: Final[Mapping[Tier, int]] = {"dev": 7, "staging": 7, "prod": 35}
"""Seed 002, RDS: 7 to 35 days."""
DATABASE_ZONES: Final[Mapping[Tier, int]] = {"dev": 1, "staging": 1, "prod": 2}
"""Seed 002, RDS: a second zone for what is in production."""
POSTGRES_MAJOR: Final = "17"
"""The major version of all databases; AWS takes care of the minor one."""
BYTES_PER_GIB: Final = 1_024**3

ALARM_PROBE_SUCCESS_PERCENT: Final = 90
PROBE_MINUTES: Final = 5
PROBE_STATUS_SERVER_ERROR: Final = 500
PROBE_STATUS_SUCCESS_END: Final = 300
"""Our own: two periods of five minutes below 90 percent. A route answers with anything but a server error; a path that
somebody wrote for a probe answers with success."""

BUDGET_NOTICES: Final[Mapping[Literal["ACTUAL", "FORECASTED"], int]] = {"ACTUAL": 80, "FORECASTED": 100}
"""Percent of the budget: the first leaves time to act, the second says before the money is gone that it will be."""
ANOMALY_USD: Final = 20
ANOMALY_PERCENT: Final = 40
"""A cost anomaly is both: 40 percent above the expected is AWS's own default, 20 USD a quarter of the dev budget."""

ALARM_OVERHEAD_MS: Final = 500
"""Seed 000 section 8.4: what SageMaker adds to the time of a model."""
ALARM_MODEL_CACHE_PERCENT: Final = 50
"""Our own: when most requests wait for their model to load, the instances are too small for the models."""
BRAKE_NAMESPACE: Final = "Onramp"
BRAKE_METRIC: Final = "Brake"
BRAKE_MISSING_DATA: Final = "ignore"
"""What the brake of an endpoint watches: nobody ever sends this metric, so the alarm stays as it is put."""
ENDPOINT_START_SECONDS: Final = 600
"""Our own: a gigabyte of weights is loaded by then, and a container that hangs is not waited for an hour."""

SCHEDULE_RETRIES: Final = 2
SCHEDULE_MAX_AGE_SECONDS: Final = 3_600
"""As an asynchronous invocation: after an hour the next run is nearer than this one."""

QUEUE_RETENTION_DAYS: Final = 14
QUEUE_VISIBILITY_SECONDS: Final = 300
QUEUE_MAX_RECEIVE: Final = 3
"""Seed 001, messaging: 14 days, 300 seconds, three attempts, then the dead-letter queue."""

AGENT_TOOLS_MANY: Final = 8
AGENT_TOOLS_FORBIDDEN: Final = 15
"""Seed 003, tools of an agent: up to 8 can be managed, 15 and more are a fault of the architecture."""

CONTAINER_USER: Final = "1001:1001"
"""Seed 001, containers: never root."""

HTTPS_PORT: Final = 443
STORE_PORTS: Final[Mapping[str, int]] = {"postgres": 5432, "redis": 6379}
"""Where stores listen, unless somebody moved them."""

TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""Seed 002, security: TLS 1.2 or newer."""
API_TLS_POLICY: Final = "TLS_1_2"
"""The same, as API Gateway calls it."""

FIREWALL_RATE: Final = 2_000
FIREWALL_RATE_SECONDS: Final = 300
FIREWALL_GROUPS: Final = (
    "AWSManagedRulesAmazonIpReputationList",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesSQLiRuleSet",
    "AWSManagedRulesCommonRuleSet",
)
"""Seed 002, web application firewall: 2,000 requests of an address in five minutes, and AWS's groups of rules."""

API_RATE: Final = 500
API_BURST: Final = 1_000
"""Our own: a twentieth of what an account has a second, so that one API cannot starve the others."""

ZONES_DEFAULT: Final = 3
ZONES_MIN: Final = 2
SubnetKind = Literal["public", "private", "isolated"]
SUBNET_THIRD_OCTETS: Final[Mapping[SubnetKind, int]] = {
    "public": 1,
    "private": 11,
    "isolated": 21,
}
"""Seed 002, network: a /16 with /24 subnets; public 10.0.1-3, private 10.0.11-13, databases 10.0.21-23."""

ENDPOINT_SERVICES_INTERFACE: Final = ("secretsmanager", "ecr.api", "ecr.dkr", "ssm", "sqs", "sts", "logs")
ENDPOINT_SERVICES_GATEWAY: Final = ("s3", "dynamodb")
"""Seed 001, VPC endpoints, and seed 000 section 9, compliance."""

REQUIRED_TAGS: Final = ("App", "Env", "Owner", "CostCenter", "DataClass", "Service", "ManagedBy")
"""Seed 001, tags, with Service and ManagedBy added by the design."""

UNSCOPED_ACTIONS: Final[Mapping[str, str]] = {
    "xray:PutTraceSegments": "X-Ray segments have no resource type",
    "xray:PutTelemetryRecords": "X-Ray telemetry has no resource type",
    "xray:GetSamplingRules": "sampling rules are read as a list",
    "xray:GetSamplingTargets": "sampling targets are read as a list",
    "ecr:GetAuthorizationToken": "the registry token belongs to no repository",
    "inspector-scan:ScanSbom": "a scan of a software bill of materials has no resource type",
    "elasticloadbalancing:DescribeListeners": "describe calls have no resource type",
    "elasticloadbalancing:DescribeRules": "describe calls have no resource type",
    "elasticloadbalancing:DescribeTargetGroups": "describe calls have no resource type",
    "elasticloadbalancing:DescribeTargetHealth": "describe calls have no resource type",
    "cloudwatch:DescribeAlarms": "alarms are read as a list",
    "servicediscovery:DiscoverInstances": "it has no resource type; conditions name what may be asked for",
    "elasticloadbalancing:DescribeLoadBalancers": "describe calls have no resource type",
    "ec2:DescribeAccountAttributes": "describe calls have no resource type",
    "ec2:DescribeRouteTables": "describe calls have no resource type",
    "ec2:DescribeSecurityGroups": "describe calls have no resource type",
    "ec2:DescribeSubnets": "describe calls have no resource type",
    "ec2:DescribeVpcs": "describe calls have no resource type",
    "logs:DescribeLogGroups": "log groups are found as a list",
    "cloudwatch:PutMetricData": "metrics have no resource type; a condition names the namespace",
    "sagemaker:ListModelPackages": "model packages are read as a list",
    "s3:ListAllMyBuckets": "a probe finds its bucket in the list (CloudWatch user guide, roles for canaries)",
    "ec2:CreateNetworkInterface": "Lambda makes its interface before it has a name",
    "ec2:DescribeNetworkInterfaces": "describe calls have no resource type",
    "ec2:DeleteNetworkInterface": "Lambda's interfaces have generated ids",
    "ec2:CreateNetworkInterfacePermission": "SageMaker's interfaces have generated ids",
    "ec2:DeleteNetworkInterfacePermission": "SageMaker's interfaces have generated ids",
    "ec2:DescribeDhcpOptions": "describe calls have no resource type",
    "ec2:AssignPrivateIpAddresses": "Lambda's interfaces have generated ids",
    "ec2:UnassignPrivateIpAddresses": "Lambda's interfaces have generated ids",
    "ec2:DescribeAvailabilityZones": "describe calls have no resource type",
    "ec2:DescribeCapacityReservations": "describe calls have no resource type",
    "ec2:DescribeInstanceStatus": "describe calls have no resource type",
    "ec2:DescribeInstanceTypeOfferings": "describe calls have no resource type",
    "ec2:DescribeInstanceTypes": "describe calls have no resource type",
    "ec2:DescribeInstances": "describe calls have no resource type",
    "ec2:DescribeVpcEncryptionControls": "describe calls have no resource type",
}
"""Actions that may stand with resource `*`, and the reason (service authorization reference; Lambda in a VPC)."""

SIDECAR_PORTS: Final[Mapping[int, str]] = {
    2000: "ADOT, X-Ray daemon protocol",
    4317: "ADOT, OTLP over gRPC",
    4318: "ADOT, OTLP over HTTP",
    13133: "ADOT, health",
    24224: "Fluent Bit, forward protocol",
    25888: "CloudWatch agent, embedded metrics",
}
"""Ports that the sidecars of a task listen on; the containers of a task share one network."""

TECHNICAL_VARIABLES: Final = (
    "AWS_", "OTEL_", "OPENTELEMETRY_", "PARAMETERS_SECRETS_", "SECRETS_MANAGER_", "SSM_PARAMETER_STORE_", "ONRAMP_",
    "CW_CONFIG_CONTENT", "AOT_CONFIG_CONTENT",
)  # fmt: skip
"""Prefixes of environment variables that wire a process up; everything else is configuration or a secret."""

ATTESTATION_DAYS: Final = 180
"""How long a statement of people counts."""

IMAGE_UNRELEASED: Final = "unreleased"
"""The tag shown for a container service whose first image has not been pushed; such a service runs no task."""

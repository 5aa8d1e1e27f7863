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

SCALE_CPU_PERCENT: Final = 70
SCALE_MEMORY_PERCENT: Final = 75
SCALE_REQUESTS_PER_TARGET: Final = 1_000
SCALE_OUT_SECONDS: Final = 60
SCALE_IN_SECONDS: Final = 300
SCALE_MESSAGES_PER_TASK: Final = 100
"""Seed 004, autoscaling (CPU 70, memory 75, 1,000 requests per target, 60 s out, 300 s in); seed 002, worker (100)."""

ALARM_CPU_PERCENT: Final = 80
ALARM_MEMORY_PERCENT: Final = 80
ALARM_ERROR_PERCENT: Final = 1.0
ALARM_DURATION_PERCENT: Final = 80
ALARM_CONCURRENCY_PERCENT: Final = 80
ALARM_HTTP_5XX_COUNT: Final = 10
ALARM_LATENCY_P99_MS: Final = 1_000
ALARM_QUEUE_AGE_SECONDS: Final = 900
"""Seed 000 sections 8.1, 8.2 and 8.5; seed 004 for 5xx (10 in 5 minutes) and p99 (1 s)."""

QUEUE_RETENTION_DAYS: Final = 14
QUEUE_VISIBILITY_SECONDS: Final = 300
QUEUE_MAX_RECEIVE: Final = 3
"""Seed 001, messaging: 14 days, 300 seconds, three attempts, then the dead-letter queue."""

CONTAINER_USER: Final = "1001:1001"
"""Seed 001, containers: never root."""

HTTPS_PORT: Final = 443
STORE_PORTS: Final[Mapping[str, int]] = {"postgres": 5432, "redis": 6379}
"""Where stores listen, unless somebody moved them."""

TLS_POLICY: Final = "ELBSecurityPolicy-TLS13-1-2-2021-06"
"""Seed 002, security: TLS 1.2 or newer."""

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
ENDPOINT_SERVICES_GATEWAY: Final = ("s3",)
"""Seed 001, VPC endpoints, and seed 000 section 9, compliance."""

REQUIRED_TAGS: Final = ("App", "Env", "Owner", "CostCenter", "DataClass", "Service", "ManagedBy")
"""Seed 001, tags, with Service and ManagedBy added by the design."""

UNSCOPED_ACTIONS: Final[Mapping[str, str]] = {
    "xray:PutTraceSegments": "X-Ray segments have no resource type",
    "xray:PutTelemetryRecords": "X-Ray telemetry has no resource type",
    "xray:GetSamplingRules": "sampling rules are read as a list",
    "xray:GetSamplingTargets": "sampling targets are read as a list",
    "ecr:GetAuthorizationToken": "the registry token belongs to no repository",
    "elasticloadbalancing:DescribeListeners": "describe calls have no resource type",
    "elasticloadbalancing:DescribeRules": "describe calls have no resource type",
    "elasticloadbalancing:DescribeTargetGroups": "describe calls have no resource type",
    "elasticloadbalancing:DescribeTargetHealth": "describe calls have no resource type",
    "cloudwatch:DescribeAlarms": "alarms are read as a list",
    "ec2:CreateNetworkInterface": "Lambda makes its interface before it has a name",
    "ec2:DescribeNetworkInterfaces": "describe calls have no resource type",
    "ec2:DeleteNetworkInterface": "Lambda's interfaces have generated ids",
    "ec2:AssignPrivateIpAddresses": "Lambda's interfaces have generated ids",
    "ec2:UnassignPrivateIpAddresses": "Lambda's interfaces have generated ids",
}
"""Actions that may stand with resource `*`, and the reason (service authorization reference; Lambda in a VPC)."""

SIDECAR_PORTS: Final[Mapping[int, str]] = {
    2000: "ADOT, X-Ray daemon protocol",
    4317: "ADOT, OTLP over gRPC",
    4318: "ADOT, OTLP over HTTP",
    13133: "ADOT, health",
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

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

SQS_RETENTION_SECONDS_MAX: Final = 1_209_600
SQS_VISIBILITY_SECONDS_MAX: Final = 43_200
SQS_LAMBDA_VISIBILITY_FACTOR: Final = 6
"""A queue that feeds a function hides messages for at least six times its timeout (Lambda developer guide, SQS)."""

ECS_BAKE_MINUTES_MAX: Final = 1_440
ECS_CONTAINER_START_PERIOD_SECONDS_MAX: Final = 300
ELB_HEALTH_INTERVAL_SECONDS: Final = (5, 300)
ELB_HEALTH_TIMEOUT_SECONDS: Final = (2, 120)
ELB_HEALTH_COUNT: Final = (2, 10)
ELB_LISTENER_PRIORITY: Final = (1, 50_000)
ELB_RULE_WILDCARDS_MAX: Final = 5
"""`*` and `?` in all conditions of one rule (quotas of Application Load Balancers)."""

ACM_DOMAIN_CHARS_MAX: Final = 64
"""The first name of a certificate is its common name (ACM API, RequestCertificate)."""
SSM_VALUE_CHARS_MAX: Final = 4_096
"""Of a standard parameter; an empty value is refused, and so is one with `{{` (SSM API, PutParameter)."""
CODEDEPLOY_SHIFT_MINUTES_MAX: Final = 48 * 60
"""Between the first and the last shift of a function's traffic (CodeDeploy user guide, quotas)."""
LAMBDA_ENVIRONMENT_BYTES_MAX: Final = 4_096
"""Of all environment variables of a function together (Lambda developer guide, quotas)."""
IAM_INLINE_POLICY_CHARS_MAX: Final = 10_240
"""Of all inline policies of a role together (IAM user guide, quotas)."""
ECS_TASK_DEFINITION_BYTES_MAX: Final = 65_536
"""Of a task definition (ECS developer guide, service quotas)."""

# Lengths of names, by the API reference of each service.
NAME_IAM_ROLE: Final = 64
NAME_LAMBDA_FUNCTION: Final = 64
NAME_TARGET_GROUP: Final = 32
NAME_LOAD_BALANCER: Final = 32
NAME_XRAY_RULE: Final = 32
NAME_SQS_QUEUE: Final = 80
NAME_EVENTBRIDGE_RULE: Final = 64
NAME_CODEDEPLOY: Final = 100
NAME_ECS: Final = 255
NAME_ALARM: Final = 255
NAME_DASHBOARD: Final = 255
NAME_SNS_TOPIC: Final = 256
NAME_SECURITY_GROUP: Final = 255
NAME_CLOUDFORMATION_STACK: Final = 128
NAME_S3_BUCKET: Final = 63

RESERVED_PREFIXES: Final = ("aws", "ssm", "sg-", "amzn", "sthree", "xn-")
"""Beginnings that Parameter Store, security groups or S3 refuse."""

SERVICE_NAME_MAX: Final = 60
"""A service's name: longer ones would leave no room for the environment in the 64 characters of a role or function."""
SERVICE_NAMES_TAKEN: Final = ("adot", "cloudwatch-agent")
"""The containers beside every container service: ECS refuses two of one name in a task."""
SERVICE_NAME_PATTERN: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
"""Lower case, digits and single hyphens: the smallest common alphabet of ECR, ALB, Cloud Map and S3."""

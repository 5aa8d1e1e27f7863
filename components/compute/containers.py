"""The containers of a Fargate task, as plain values: the service itself, and what stands beside it."""

from typing import Final

from components.concerns.calls import call_variables
from components.concerns.secrets import process_references
from components.scope import ServiceScope, compact_json, within
from stacks import limits
from stacks.models import FargateSpec
from stacks.source import Json
from stacks.standards import CONTAINER_USER

ADOT_IMAGE: Final = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3"
AGENT_IMAGE: Final = "public.ecr.aws/cloudwatch-agent/cloudwatch-agent:1.300056.0b1123"
ROUTER_IMAGE: Final = "public.ecr.aws/aws-observability/aws-for-fluent-bit:2.32.5"
"""Sidecars by exact version: a task must start tomorrow as it starts today."""
ROUTER: Final = "log-router"
ADOT_CONFIG: Final = "--config=/etc/ecs/ecs-default-config.yaml"
"""Comes with the image: OTLP in, X-Ray out."""
AGENT_CONFIG: Final = '{"logs":{"metrics_collected":{"emf":{}}}}'
SCRATCH: Final = "tmp"
WORKER_HEALTHY_MINUTES: Final = 2
"""A worker touches /tmp/healthy after every message or empty poll; older than this, it hangs."""
SPOT_STOP_SECONDS: Final = 120
"""The notice that Spot gives, and the most that Fargate waits after SIGTERM (ECS developer guide, Fargate Spot)."""


def container_definitions(scope: ServiceScope, spec: FargateSpec, image: str) -> str:
    """The task's containers as the JSON text that ECS takes; known at preview, so that rules can read it."""
    containers: list[Json] = [_service(scope, spec, image), _adot(scope), _agent(scope)]
    if spec.telemetry.log_router:
        containers.append(_router(scope))
    return within(
        limits.ECS_TASK_DEFINITION_BYTES_MAX,
        f"the task definition of {scope.service}",
        compact_json(containers),
        "give the service fewer secrets and parameters, or split it",
    )


def _service(scope: ServiceScope, spec: FargateSpec, image: str) -> dict[str, Json]:
    found: dict[str, Json] = {
        "name": scope.service,
        "image": image,
        "essential": True,
        "user": CONTAINER_USER,
        "readonlyRootFilesystem": True,
        "mountPoints": [{"sourceVolume": SCRATCH, "containerPath": "/tmp", "readOnly": False}],  # noqa: S108 - the volume
        "linuxParameters": {"initProcessEnabled": True},
        "environment": _wiring(scope, spec),
        "secrets": [{"name": name, "valueFrom": arn} for name, arn in process_references(scope, spec).items()],
        "logConfiguration": _routed_logs(scope) if spec.telemetry.log_router else _logs(scope, "app"),
    }
    command = _health_command(spec)
    if command is not None:
        found["healthCheck"] = {
            "command": command,
            "interval": spec.health.interval_seconds,
            "timeout": spec.health.timeout_seconds,
            "retries": spec.health.unhealthy_count,
            "startPeriod": spec.health.start_seconds,
        }
    if spec.telemetry.log_router:
        found["dependsOn"] = [{"containerName": ROUTER, "condition": "START"}]
    if spec.spot is not None:
        found["stopTimeout"] = SPOT_STOP_SECONDS
    if spec.port is not None:
        found["portMappings"] = [
            {"name": scope.service, "containerPort": spec.port, "protocol": "tcp", "appProtocol": "http"}
        ]
    return found


def _health_command(spec: FargateSpec) -> list[Json] | None:
    if spec.health.command is not None:
        return [*spec.health.command]
    if spec.schedule is not None:
        return None  # a task that ends is judged by how it ends
    if spec.port is None:
        return ["CMD-SHELL", f'test -n "$(find /tmp/healthy -mmin -{WORKER_HEALTHY_MINUTES})"']
    url = f"http://127.0.0.1:{spec.port}{spec.health.path}"
    # Images carry curl or wget, seldom both; a service with neither states `health.command`.
    return ["CMD-SHELL", f"curl -fsS {url} || wget -qO /dev/null {url} || exit 1"]


def _wiring(scope: ServiceScope, spec: FargateSpec) -> list[Json]:
    values = {
        "AWS_EMF_AGENT_ENDPOINT": "tcp://127.0.0.1:25888",
        "AWS_EMF_LOG_GROUP_NAME": scope.log_group,
        "AWS_EMF_SERVICE_NAME": scope.service,
        "ONRAMP_ENVIRONMENT": scope.scope.env,
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4317",
        "OTEL_PROPAGATORS": "xray,tracecontext,baggage",
        "OTEL_RESOURCE_ATTRIBUTES": f"deployment.environment={scope.scope.env}",
        "OTEL_SERVICE_NAME": scope.service,
        **call_variables(scope, spec),
    }
    return [{"name": name, "value": value} for name, value in values.items()]


def _adot(scope: ServiceScope) -> dict[str, Json]:
    return {
        "name": "adot",
        "image": ADOT_IMAGE,
        "essential": False,
        "command": [ADOT_CONFIG],
        "healthCheck": {"command": ["CMD", "/healthcheck"], "interval": 30, "timeout": 5, "retries": 3},
        "logConfiguration": _logs(scope, "adot"),
    }


def _agent(scope: ServiceScope) -> dict[str, Json]:
    return {
        "name": "cloudwatch-agent",
        "image": AGENT_IMAGE,
        "essential": False,
        "environment": [{"name": "CW_CONFIG_CONTENT", "value": AGENT_CONFIG}],
        "logConfiguration": _logs(scope, "agent"),
    }


def _logs(scope: ServiceScope, stream: str) -> dict[str, Json]:
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": scope.log_group,
            "awslogs-region": scope.scope.region,
            "awslogs-stream-prefix": stream,
            # A log service that is slow must not stop the process that writes.
            "mode": "non-blocking",
            "max-buffer-size": "25m",
        },
    }


def _routed_logs(scope: ServiceScope) -> dict[str, Json]:
    """What the process writes, by way of Fluent Bit into the same group; the task's role writes it."""
    return {
        "logDriver": "awsfirelens",
        "options": {
            "Name": "cloudwatch_logs",
            "region": scope.scope.region,
            "log_group_name": scope.log_group,
            "log_stream_prefix": "app/",
            "auto_create_group": "false",
        },
    }


def _router(scope: ServiceScope) -> dict[str, Json]:
    return {
        "name": ROUTER,
        "image": ROUTER_IMAGE,
        # Essential, as AWS advises: a task whose logs go nowhere shall not look well.
        "essential": True,
        "firelensConfiguration": {"type": "fluentbit"},
        "logConfiguration": _logs(scope, "router"),
    }

"""What the process of a service may do in AWS: the sum of its concerns, with one statement for the key behind them."""

from components.concerns.calls import call_statements
from components.concerns.discovery import publish_statements
from components.concerns.ingress import consume_statements
from components.iam import Statement, unscoped, use_key
from components.scope import ServiceScope
from components.stores.use import store_statements, tables
from stacks.models import Service

TRACE_ACTIONS = (
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
)


def talking_statements(scope: ServiceScope, spec: Service) -> list[Statement]:
    """Queue, topics, the services that it calls, and the tables that it uses."""
    return [
        *consume_statements(scope, spec),
        *publish_statements(scope, spec),
        *call_statements(scope),
        *store_statements(scope),
    ]


def trace_statement() -> Statement:
    """Send traces and learn what to sample."""
    return unscoped("Trace", TRACE_ACTIONS)


def log_statement(scope: ServiceScope) -> Statement:
    """Write to the service's own log group."""
    group = scope.scope.arn("logs", f"log-group:{scope.log_group}")
    return Statement(sid="Log", actions=["logs:CreateLogStream", "logs:PutLogEvents"], resources=[group, f"{group}:*"])


def key_statement(scope: ServiceScope, spec: Service, *, secrets: bool, messages: bool) -> list[Statement]:
    """Use the data key through exactly the services that the process uses it through."""
    via = [
        name
        for name, used in (
            ("secretsmanager", secrets and bool(scope.credentials)),
            ("dynamodb", messages and bool(tables(scope))),
            ("sqs", messages and (spec.queue is not None)),
            ("sns", messages and bool(spec.publishes)),
        )
        if used
    ]
    return [use_key(scope.scope, "data", via)] if via else []

"""What the two web services that AWS fronts by itself share: how their process is wired up, and what it may do."""

import pulumi
import pulumi_aws as aws

from components.concerns.access import key_statement, talking_statements, trace_statement
from components.concerns.calls import call_variables
from components.concerns.secrets import read_statements
from components.iam import Statement, service_role
from components.scope import ServiceScope
from stacks import limits
from stacks.models import AppRunnerSpec, ExpressSpec

WebSpec = AppRunnerSpec | ExpressSpec


def wiring(scope: ServiceScope, spec: WebSpec, exporter: dict[str, str]) -> dict[str, str]:
    """The plain variables of the process; `exporter` says where its traces go."""
    return {
        "ONRAMP_ENVIRONMENT": scope.scope.env,
        "OTEL_LOGS_EXPORTER": "none",
        "OTEL_METRICS_EXPORTER": "none",
        "OTEL_PROPAGATORS": "xray,tracecontext,baggage",
        "OTEL_RESOURCE_ATTRIBUTES": f"deployment.environment={scope.scope.env}",
        "OTEL_SERVICE_NAME": scope.service,
        **exporter,
        **call_variables(scope, spec),
    }


def process_role(
    name: str, scope: ServiceScope, spec: WebSpec, principal: str, opts: pulumi.ResourceOptions
) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
    """The role of the process: trace, and use what the service is wired to.

    App Runner resolves secrets with this role, ECS with another one.
    """
    resolves = isinstance(spec, AppRunnerSpec)
    reads: list[Statement] = read_statements(scope, spec) if resolves else []
    return service_role(
        name,
        scope=scope.scope,
        role_name=scope.name(limits.NAME_IAM_ROLE, "process"),
        principal=principal,
        statements=[
            trace_statement(),
            *talking_statements(scope, spec),
            *reads,
            *key_statement(scope, spec, secrets=resolves, messages=True),
        ],
        tags=dict(scope.tags),
        opts=opts,
    )

"""A Lambda function."""

from collections.abc import Mapping

import pulumi
import pulumi_aws as aws

from components.compute.function_role import function_role
from components.compute.service import Placement, ServiceComponent
from components.concerns.alerting import Alerting
from components.concerns.calls import call_variables
from components.concerns.delivery.functions import LIVE, FunctionDelivery
from components.concerns.discovery import Discovery
from components.concerns.doors import Doors
from components.concerns.health import Health
from components.concerns.ingress import Ingress, RoutePlan
from components.concerns.observability import Observability
from components.concerns.queues import dead_letter_queue, queue_name
from components.concerns.secrets import Secrets, process_references
from components.concerns.triggers import Triggers
from components.foundation.interface import Foundation
from components.scope import Scope, ServiceScope, compact_json, within
from components.signals import functions, queues, routes
from components.signals.alarm import Alarm
from components.signals.widget import Widget
from stacks import layers, limits
from stacks.models import FunctionSpec
from stacks.source import Json
from stacks.standards import SECRET_CACHE_SECONDS

ASYNC_DEAD = "failed"
"""The role of the queue that takes events which failed for good."""


class LambdaFunction(ServiceComponent):
    """A function (arm64, in the VPC, traced) behind the alias `live`, with the concerns that apply to it.

    Costs what it runs (0.20 USD per million and 0.0000133 USD per GB-second), and 4 USD a month for being watched.
    """

    ingress: Ingress

    def __init__(
        self,
        name: str,
        scope: Scope,
        spec: FunctionSpec,
        foundation: Foundation,
        placement: Placement,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        own: dict[str, Json] = {"timeout": spec.timeout, "healthPath": spec.health.path}
        super().__init__(name, scope, spec, foundation, placement, own, opts)
        self._spec = spec
        self._function_name = self._scope.name(limits.NAME_LAMBDA_FUNCTION)
        self._build(placement.priority)
        self.register_outputs({"service": name})

    def subscribe(self, topics: Mapping[str, aws.sns.Topic]) -> None:
        """Deliver what it consumes into its queue."""
        self.ingress.subscribe(topics)

    def _build(self, priority: int | None) -> None:
        scope, spec, foundation, child = self._scope, self._spec, self._foundation, self._child
        Secrets(scope, spec, foundation, child)
        self.doors = Doors(f"{self.name}-sg", scope, None, foundation, child)
        health = Health(scope, spec, foundation, child)
        self.discovery = Discovery(scope, spec, foundation, child)
        plan = RoutePlan(targets=health.targets, priority=priority) if priority is not None else None
        self.ingress = Ingress(scope, spec, foundation, plan, child)
        observability = Observability(scope, spec, foundation, self._widgets(health), child)
        function, failed = self._function(observability)
        alias = self._alias(function)
        self._failures(alias, failed)
        Triggers(self.ingress, alias, spec, health)
        alerting = Alerting(scope, self._alarms(health), child)
        FunctionDelivery(scope, spec.rollout, self._function_name, alerting, child)

    def _widgets(self, health: Health) -> list[Widget]:
        widgets = functions.widgets(self._function_name)
        if health.targets:
            widgets += routes.widgets([target.name for target in health.targets])
        if self._spec.queue is not None:
            widgets += queues.widgets(queue_name(self._scope, "queue"), queue_name(self._scope, "queue-dead"))
        return widgets

    def _alarms(self, health: Health) -> list[Alarm]:
        spec = self._spec
        found = functions.alarms(spec.alarms, self._function_name, spec.timeout, spec.scaling.max)
        found.append(queues.dead_letter_alarm("failed-events", queue_name(self._scope, ASYNC_DEAD)))
        if health.targets:
            suffixes = [target.group.arn_suffix for target in health.targets]
            found += routes.alarms(spec.alarms, self._foundation.load_balancer_suffix, suffixes)
        if spec.queue is not None:
            found += queues.alarms(spec.alarms, queue_name(self._scope, "queue"), queue_name(self._scope, "queue-dead"))
        return found

    def _function(self, observability: Observability) -> tuple[aws.lambda_.Function, aws.sqs.Queue]:
        spec, scope = self._spec, self._scope
        failed = dead_letter_queue(
            f"{self.name}-{ASYNC_DEAD}", scope, ASYNC_DEAD, self._foundation.data_key_arn, self._child
        )
        role, policy = function_role(f"{self.name}-role", scope, spec, ASYNC_DEAD, self._child)
        function = aws.lambda_.Function(
            f"{self.name}-function",
            name=self._function_name,
            role=role.arn,
            handler=spec.handler,
            runtime=spec.runtime,
            architectures=["arm64"],
            code=pulumi.FileArchive(spec.source),
            memory_size=spec.memory,
            timeout=spec.timeout,
            ephemeral_storage={"size": spec.ephemeral_mib},
            reserved_concurrent_executions=spec.scaling.max,
            layers=[layers.adot_layer(scope.scope.region, spec.runtime), layers.secrets_layer(scope.scope.region)],
            environment={"variables": function_variables(scope, spec)},
            kms_key_arn=self._foundation.data_key_arn,
            tracing_config={"mode": "Active"},
            logging_config={"log_format": "JSON", "log_group": scope.log_group},
            dead_letter_config={"target_arn": failed.arn},
            vpc_config={"subnet_ids": self._foundation.private_subnet_ids, "security_group_ids": [self.doors.group_id]},
            publish=True,
            tags=dict(scope.tags),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, observability.log_group]),
        )
        return function, failed

    def _failures(self, alias: aws.lambda_.Alias, failed: aws.sqs.Queue) -> None:
        """What happens to an event that fails; AWS keeps this by qualifier, and everything calls the alias."""
        aws.lambda_.FunctionEventInvokeConfig(
            f"{self.name}-failures",
            function_name=alias.function_name,
            qualifier=alias.name,
            maximum_retry_attempts=2,
            maximum_event_age_in_seconds=3600,
            destination_config={"on_failure": {"destination": failed.arn}},
            opts=self._child,
        )

    def _alias(self, function: aws.lambda_.Function) -> aws.lambda_.Alias:
        return aws.lambda_.Alias(
            f"{self.name}-alias",
            name=LIVE,
            description="What everything calls; a rollout moves it",
            function_name=function.name,
            function_version=function.version,
            # Whoever rolls out moves the alias; `pulumi up` publishes a version and leaves the traffic where it is.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["functionVersion", "routingConfig"]),
        )


def function_variables(scope: ServiceScope, spec: FunctionSpec) -> Mapping[str, str]:
    """How the process is wired up: tracing, the secrets extension, and under which name each secret is found.

    A function reads `ONRAMP_REF_DATABASE_URL` and asks the extension on localhost:2773 for what it names.
    """
    language = layers.language(spec.runtime)
    ttl = str(SECRET_CACHE_SECONDS)
    variables = {
        "ONRAMP_ENVIRONMENT": scope.scope.env,
        "OTEL_SERVICE_NAME": scope.service,
        "OTEL_PROPAGATORS": "xray,tracecontext,baggage",
        "PARAMETERS_SECRETS_EXTENSION_CACHE_ENABLED": "true",
        "SECRETS_MANAGER_TTL": ttl,
        "SSM_PARAMETER_STORE_TTL": ttl,
    }
    variables |= call_variables(scope, spec)
    variables |= {f"ONRAMP_REF_{name}": arn for name, arn in process_references(scope, spec).items()}
    if language in layers.ADOT_WRAPPERS:
        variables["AWS_LAMBDA_EXEC_WRAPPER"] = layers.ADOT_WRAPPERS[language]
    within(
        limits.LAMBDA_ENVIRONMENT_BYTES_MAX,
        f"the environment of the function {scope.service}",
        compact_json(variables),
        "give it fewer secrets and parameters, or split it",
    )
    return dict(sorted(variables.items()))

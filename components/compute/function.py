"""A Lambda function."""

from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from components.compute.function_code import Surroundings, function_of
from components.compute.function_role import function_role
from components.compute.function_scaling import keep_warm
from components.compute.service import Placement, ServiceComponent
from components.compute.targets import function_target
from components.concerns.alerting import Alerting
from components.concerns.api_routes import errors_metric, errors_namespace, function_routes
from components.concerns.delivery.functions import LIVE, FunctionDelivery
from components.concerns.discovery import Discovery, topic_arn
from components.concerns.doors import Doors
from components.concerns.health import Health
from components.concerns.images import Images, lambda_pulls
from components.concerns.ingress import Ingress, RoutePlan
from components.concerns.observability import Observability
from components.concerns.probe import probe_alarms
from components.concerns.queues import ASYNC_DEAD, dead_letter_queue, queue_name
from components.concerns.secrets import Secrets
from components.concerns.triggers.socket import web_socket
from components.concerns.triggers.ways import Triggers
from components.foundation.capacity import provider_name
from components.foundation.interface import Foundation
from components.scope import Scope
from components.signals import api, functions, queues, routes
from components.signals.alarm import Alarm
from components.signals.widget import Widget
from stacks import limits
from stacks.models import FunctionSpec
from stacks.source import Json


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
        super().__init__(name, scope, spec, foundation, placement, _facts(scope, spec, placement), opts)
        self._spec = spec
        self._function_name = self._scope.name(limits.NAME_LAMBDA_FUNCTION)
        self._triggers: Triggers | None = None
        self._addresses: dict[str, pulumi.Output[str] | None] = {}
        self._build(placement.priority)
        self.register_outputs(
            {"service": name, **{key: url for key, url in self._addresses.items() if url is not None}}
        )

    def subscribe(self, topics: Mapping[str, aws.sns.Topic]) -> None:
        """Deliver what it consumes into its queue, and let topics that notify it invoke it."""
        self.ingress.subscribe(topics)
        if self._triggers is not None:
            self._triggers.subscribe(topics)

    def follow(self, streams: Mapping[str, pulumi.Output[str]]) -> None:
        """Let the streams of tables invoke it."""
        if self._triggers is not None:
            self._triggers.follow(streams)

    def _build(self, priority: int | None) -> None:
        scope, spec, foundation, child = self._scope, self._spec, self._foundation, self._child
        pulls = lambda_pulls(Images(scope, foundation, child), self._function_name) if spec.is_image else None
        Secrets(scope, spec, foundation, child)
        self.doors = Doors(f"{self.name}-sg", scope, None, foundation, child)
        health = Health(scope, spec, foundation, child)
        self.discovery = Discovery(scope, spec, foundation, child)
        plan = RoutePlan(targets=health.targets, priority=priority) if priority is not None else None
        self.ingress = Ingress(scope, spec, foundation, plan, child)
        observability = Observability(scope, spec, foundation, self._widgets(health), child)
        alerting = Alerting(scope, self._alarms(health), child)
        FunctionDelivery(scope, spec.rollout, self._function_name, alerting, child)
        failed = dead_letter_queue(f"{self.name}-{ASYNC_DEAD}", scope, ASYNC_DEAD, foundation.data_key_arn, child)
        role, policy = function_role(
            f"{self.name}-role", scope, spec, failed=ASYNC_DEAD, judges=self._placement.judges, opts=child
        )
        if self._has_code:
            around = Surroundings(
                scope=scope,
                foundation=foundation,
                doors=self.doors,
                role=role,
                failed=failed.arn,
                released=self._placement.released,
            )
            before = (policy, observability.log_group, pulls)
            alias = self._alias(around, alerting, after=[resource for resource in before if resource is not None])
            self._invoked(alias, health, failed)

    @property
    def _has_code(self) -> bool:
        """Whether there is something to run: AWS makes no function of an image that has not been pushed."""
        return self._placement.released is not None or not self._spec.is_image

    def _invoked(self, alias: aws.lambda_.Alias, health: Health, failed: aws.sqs.Queue) -> None:
        """Everything that calls the alias, and what becomes of what fails."""
        spec, ingress = self._spec, self.ingress
        self._asynchronous(alias, failed.arn)
        self._triggers = Triggers(ingress, alias, spec, health, failed)
        self._addresses = {"url": self._triggers.address, "socket": web_socket(ingress, alias, spec, self._foundation)}
        if spec.is_behind_the_api:
            function_routes(ingress, spec, self._foundation.http_api, alias)
        if spec.scaling.provisioned is not None:
            keep_warm(self.name, self._scope, alias, spec.scaling.provisioned, self._child)

    def _widgets(self, health: Health) -> list[Widget]:
        widgets = functions.widgets(self._function_name, _memory(self._scope.scope, self._spec, self._function_name))
        if health.targets:
            widgets += routes.widgets([target.name for target in health.targets])
        if self._spec.is_behind_the_api:
            widgets += api.widgets(errors_namespace(self._scope), errors_metric(self._scope))
        if self._spec.queue is not None:
            widgets += queues.widgets(queue_name(self._scope, "queue"), queue_name(self._scope, "queue-dead"))
        return widgets

    def _alarms(self, health: Health) -> list[Alarm]:
        spec = self._spec
        found = functions.alarms(spec, self._function_name, _memory(self._scope.scope, spec, self._function_name))
        found.append(queues.dead_letter_alarm("failed-events", queue_name(self._scope, ASYNC_DEAD)))
        if health.targets:
            suffixes = [target.group.arn_suffix for target in health.targets]
            found += routes.alarms(spec.alarms, self._foundation.load_balancer_suffix, suffixes)
        if spec.is_behind_the_api:
            errors = errors_namespace(self._scope), errors_metric(self._scope)
            found += api.alarms(spec.alarms, *errors, self._function_name)
        if spec.queue is not None:
            found += queues.alarms(spec.alarms, queue_name(self._scope, "queue"), queue_name(self._scope, "queue-dead"))
        return [*found, *probe_alarms(self._scope, spec)]

    def _asynchronous(self, alias: aws.lambda_.Alias, failed: pulumi.Output[str]) -> None:
        """What happens to events that nobody waits for; AWS keeps this by qualifier, and everything calls the alias."""
        plan = self._spec.asynchronous
        destinations: aws.lambda_.FunctionEventInvokeConfigDestinationConfigArgsDict = {
            "on_failure": {"destination": failed}
        }
        if plan.on_success is not None:
            topic = topic_arn(self._scope, self.name, plan.on_success)
            destinations["on_success"] = {"destination": topic}
        aws.lambda_.FunctionEventInvokeConfig(
            f"{self.name}-failures",
            function_name=alias.function_name,
            qualifier=alias.name,
            maximum_retry_attempts=plan.retries,
            maximum_event_age_in_seconds=plan.max_age_seconds,
            destination_config=destinations,
            opts=self._child,
        )

    def _alias(self, around: Surroundings, alerting: Alerting, after: Sequence[pulumi.Resource]) -> aws.lambda_.Alias:
        function = function_of(
            f"{self.name}-function", self._spec, around, pulumi.ResourceOptions(parent=self, depends_on=after)
        )
        hooks = _judged_by(self._scope.scope, self._spec)
        self.target = function_target(self._about(alerting), self._spec, function.version, hooks)
        return aws.lambda_.Alias(
            f"{self.name}-alias",
            name=LIVE,
            description="What everything calls; a rollout moves it",
            function_name=function.name,
            function_version=function.version,
            # Whoever rolls out moves the alias; `pulumi up` publishes a version and leaves the traffic where it is.
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["functionVersion", "routingConfig"]),
        )


def _facts(scope: Scope, spec: FunctionSpec, placement: Placement) -> dict[str, Json]:
    """What is stated of functions alone; what does not apply is absent."""
    found: dict[str, Json] = {
        "timeout": spec.timeout,
        "healthPath": spec.health.path,
        "hooks": {**_judged_by(scope, spec)},
        "judges": [*placement.judges],
        "notifiedBy": [*spec.notified_by],
        "streams": [*spec.streams],
        "stepped": spec.rollout.is_stepped,
        "unreleased": spec.is_image and placement.released is None,
    }
    return {key: value for key, value in found.items() if value}


def _judged_by(scope: Scope, spec: FunctionSpec) -> Mapping[str, str]:
    """The functions that an AppSpec names, by event: who rolls out writes them there."""
    hooks = spec.rollout.hooks
    named = (("BeforeAllowTraffic", hooks.before), ("AfterAllowTraffic", hooks.after)) if hooks is not None else ()
    return {event: scope.name(limits.NAME_LAMBDA_FUNCTION, hook) for event, hook in named if hook is not None}


def _memory(scope: Scope, spec: FunctionSpec, function: str) -> functions.Memory:
    """Where the memory of the function is measured."""
    provider = provider_name(scope) if spec.instances is not None else None
    return functions.Memory.of(function, provider)

"""What the stack tells whoever rolls a service out (`stacks.targets`): spelled as the output is, names as text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import pulumi
import pulumi_aws as aws

from components.concerns.alerting import Alerting
from components.concerns.delivery.functions import LIVE, application_name
from components.concerns.health import Target
from components.concerns.images import image_uri, repository_name
from components.scope import ServiceScope
from stacks import limits
from stacks.models import AppRunnerSpec, EndpointSpec, ExpressSpec, FargateSpec, FunctionSpec, Service
from stacks.models.endpoint import MAIN
from stacks.models.gates import Gates
from stacks.models.watched import ALL, WatchedRollout

Facts: TypeAlias = Mapping[str, object]
"""A target: text, numbers, and outputs where only AWS knows."""

_MILLISECONDS: Final = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What is told of every service: whose it is, which of its alarms end a rollout, and what is released of it."""

    scope: ServiceScope
    alerting: Alerting
    released: str | None


def fargate_target(  # noqa: PLR0913 - what is told of a container service: about it, and all of its parts
    about: About,
    spec: FargateSpec,
    *,
    cluster: str,
    task: aws.ecs.TaskDefinition,
    rule: aws.lb.ListenerRule | None,
    groups: Sequence[Target],
    balancer: pulumi.Input[str],
) -> Facts:
    """A service that Onramp, ECS or CodeDeploy moves to another task definition."""
    rollout, name = spec.rollout, about.scope.service
    colors = {target.color: target.group.arn for target in groups}
    found = {**_common(about, spec, rollout.gates, task.arn), "cluster": cluster}
    if groups:
        found["balancer"] = balancer
    if rollout.shifts:
        found["groups"] = colors
    if rollout.is_stepped:
        blue, green = spec.ecs_names(name)
        return {
            **found,
            **_steps(rollout),
            "driver": "balancer",
            "services": {"blue": blue, "green": green},
            "rule": rule.arn if rule is not None else "",
            "tasks": spec.scaling.min,
            "keepMinutes": rollout.bake_minutes,
        }
    found |= {
        "ecsService": name,
        "strategy": rollout.strategy,
        "percent": rollout.percent,
        "intervalMinutes": rollout.interval_minutes,
    }
    if rollout.by_codedeploy:
        application = about.scope.name(limits.NAME_CODEDEPLOY)
        own = {"platform": "ecs", "application": application, "group": application}
        return {**found, **own, "driver": "codedeploy", "container": name, "port": spec.port}
    return {**found, "driver": "ecs", "bakeMinutes": rollout.bake_minutes, "asks": rollout.pause}


def function_target(about: About, spec: FunctionSpec, version: pulumi.Input[str], hooks: Mapping[str, str]) -> Facts:
    """A function whose alias Onramp or CodeDeploy moves. `hooks` are the functions that judge, by event."""
    scope, rollout = about.scope, spec.rollout
    found = {
        **_common(about, spec, rollout.gates, version),
        "function": scope.name(limits.NAME_LAMBDA_FUNCTION),
        "alias": LIVE,
    }
    if rollout.is_stepped:
        return {**found, **_steps(rollout), "driver": "alias"}
    return {
        **found,
        "driver": "codedeploy",
        "platform": "lambda",
        "application": application_name(scope.scope, scope.service),
        "group": LIVE,
        "hooks": dict(hooks),
        "strategy": rollout.strategy,
        "percent": rollout.percent,
        "intervalMinutes": rollout.interval_minutes,
    }


def endpoint_target(about: About, spec: EndpointSpec, endpoint: str, config: pulumi.Input[str], *, brake: str) -> Facts:
    """An endpoint that Onramp or SageMaker moves to another configuration; a serverless one switches all at once.

    `brake` is the name of the alarm that stops SageMaker; empty when there is none.
    """
    rollout = spec.rollout
    gates = rollout.gates if rollout is not None else _default_gates()
    found = {**_common(about, spec, gates, config), "endpoint": endpoint}
    if rollout is not None and rollout.is_stepped:
        own = {"driver": "variants", "variant": MAIN, "keepMinutes": rollout.termination_minutes}
        return {**found, **_steps(rollout), **own}
    return {
        **found,
        "driver": "guardrails",
        "variants": [*spec.by_variant],
        "strategy": rollout.strategy if rollout is not None else "all-at-once",
        "percent": rollout.percent if rollout is not None else ALL,
        "intervalMinutes": rollout.interval_minutes if rollout is not None else 0,
        "brake": brake,
    }


def runner_target(about: About, spec: AppRunnerSpec, service: aws.apprunner.Service) -> Facts:
    """A service that App Runner deploys."""
    return {
        **_common(about, spec, spec.rollout.gates, image_uri(about.scope, about.released)),
        "driver": "apprunner",
        "serviceArn": service.arn,
        "serviceName": service.service_name,
    }


def express_target(about: About, spec: ExpressSpec, cluster: str) -> Facts:
    """A service that ECS deploys by itself."""
    return {
        **_common(about, spec, _default_gates(), image_uri(about.scope, about.released)),
        "driver": "express",
        "cluster": cluster,
        "ecsService": about.scope.service,
    }


def _common(about: About, spec: Service, gates: Gates, revision: pulumi.Input[str]) -> dict[str, object]:
    scope = about.scope
    is_model = isinstance(spec, EndpointSpec) and spec.released_package is not None
    has_image = spec.has_image and about.released is not None and not is_model
    return {
        "service": scope.service,
        "compute": spec.compute_type,
        "region": scope.scope.region,
        "route": spec.route or "",
        "revision": revision,
        "alarms": [*about.alerting.rollback_names],
        "topic": scope.paging_topic_arn,
        "repository": repository_name(scope) if has_image else "",
        "image": about.released if has_image else "",
        "release": about.released or "",
        "gates": _gates(gates, spec),
    }


def _gates(gates: Gates, spec: Service) -> Facts:
    """As they are written; no version may be slower than what the alarm on the response time allows."""
    alarms = spec.alarms
    longest = alarms.latency_p99_ms
    if isinstance(spec, FunctionSpec):
        longest = spec.timeout * _MILLISECONDS * alarms.duration_percent // ALL
    found = gates.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {"latencyP99Ms": longest, **found}


def _default_gates() -> Gates:
    return Gates.model_validate({})


def _steps(rollout: WatchedRollout) -> Facts:
    return {"steps": [*rollout.steps], "stepMinutes": rollout.step_minutes}

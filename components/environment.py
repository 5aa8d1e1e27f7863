"""One environment: its foundation, its services, and what the stack tells others about them."""

from collections.abc import Collection, Mapping

import pulumi
import pulumi_aws as aws

from components.compute.apprunner import AppRunnerService
from components.compute.endpoint import SageMakerEndpoint
from components.compute.express import ExpressService
from components.compute.fargate import FargateService
from components.compute.function import LambdaFunction
from components.compute.service import Placement, ServiceComponent
from components.foundation.interface import OUTPUT_NAME, Foundation, referenced
from components.foundation.owned import OwnedFoundation
from components.foundation.pipelines import Pipelines
from components.scope import Scope
from components.standing import state_rollouts
from components.warnings import warn
from stacks import ledger, targets
from stacks.load import Stack
from stacks.models import AppRunnerSpec, EndpointSpec, ExpressSpec, FargateSpec, FunctionSpec, Service, Store
from stacks.routing import priorities
from stacks.standing import Standing


def build(stack: Stack, standing: Standing) -> None:
    """Build everything in `stack`, and export the foundation and the services.

    Args:
        stack: what to build.
        standing: the rollouts of it that are open.
    """
    warn(stack)
    environment = stack.environment
    account = environment.account or aws.get_caller_identity().account_id
    scope = Scope(environment=environment, region=stack.region, account=account)
    if environment.foundation is not None:
        needs_api = any(spec.is_behind_the_api for spec in stack.services.values())
        foundation = referenced(environment.foundation.stack, needs_api=needs_api)
    else:
        foundation = OwnedFoundation(scope.env, scope).interface
        pulumi.export(OUTPUT_NAME, foundation.published())
    services = _services(stack, scope, foundation, {each.service for each in standing.rollouts})
    _connect(stack, services)
    if environment.pipeline is not None and services:
        rolls_out = any(spec.waits_for_rollout for spec in stack.services.values())
        plan = environment.pipeline
        parts = Pipelines(f"{scope.env}-pipelines", scope, plan, foundation, rolls_out=rolls_out).parts
        for name, component in services.items():
            component.deliver(stack.services[name], parts)
    state_rollouts(standing, stack.name, services)
    rolled_out = {name: each.target for name, each in services.items() if each.target is not None}
    pulumi.export(targets.OUTPUT_NAME, rolled_out)
    if environment.ledger is not None:
        pulumi.export(ledger.OUTPUT_NAME, ledger.address_of(environment.ledger, scope.env, scope.region))
    pulumi.export("services", {name: stack.services[name].compute_type for name in services})


def _services(
    stack: Stack, scope: Scope, foundation: Foundation, rolled_out: Collection[str]
) -> dict[str, ServiceComponent]:
    routed = [(name, spec) for name, spec in stack.services.items() if spec.has_target_groups]
    rank = priorities(
        {name: spec.route for name, spec in routed if spec.route is not None},
        {name: len(spec.headers) for name, spec in routed},
    )
    built: dict[str, ServiceComponent] = {}
    # Functions that a rollout asks are there before its first deployment.
    for name, spec in sorted(stack.services.items(), key=lambda each: bool(_asked(each[1]))):
        built[name] = _service(
            name,
            spec,
            scope,
            foundation,
            Placement(
                released=stack.images.get(name),
                priority=rank.get(name),
                callees={called: stack.services[called] for called in spec.calls},
                stores=_used(stack, spec),
                judges=tuple(other for other, judged in stack.services.items() if name in _hooks(judged)),
                asked=tuple(built[function] for function in _asked(spec)),
                is_rolled_out=name in rolled_out,
            ),
        )
    return {name: built[name] for name in stack.services}


def _asked(spec: Service) -> tuple[str, ...]:
    """The functions that ECS asks while it deploys a service, each once."""
    return tuple(dict.fromkeys(hook.function for hook in spec.rollout.hooks)) if isinstance(spec, FargateSpec) else ()


def _hooks(spec: Service) -> tuple[str, ...]:
    hooks = spec.rollout.hooks if isinstance(spec, FunctionSpec) else None
    return hooks.named if hooks is not None else ()


def _service(name: str, spec: Service, scope: Scope, foundation: Foundation, placement: Placement) -> ServiceComponent:
    match spec:
        case FargateSpec():
            return FargateService(name, scope, spec, foundation, placement)
        case FunctionSpec():
            return LambdaFunction(name, scope, spec, foundation, placement)
        case EndpointSpec():
            return SageMakerEndpoint(name, scope, spec, foundation, placement)
        case AppRunnerSpec():
            return AppRunnerService(name, scope, spec, foundation, placement)
        case ExpressSpec():
            return ExpressService(name, scope, spec, foundation, placement)
        case _:
            raise NotImplementedError(f"no component builds {spec.compute_type}")


def _used(stack: Stack, spec: Service) -> dict[str, Store]:
    """The stores of other services that a service uses."""
    split = {entry: entry.partition("/") for entry in spec.uses}
    return {entry: stack.services[owner].stores[store] for entry, (owner, _, store) in split.items()}


def _connect(stack: Stack, services: Mapping[str, ServiceComponent]) -> None:
    """What takes two services: doors between them and to databases, and topics that one publishes, another consumes."""
    databases = {
        f"{name}/{store}": group for name, component in services.items() for store, group in component.databases.items()
    }
    streams = {f"{name}/{key}": arn for name, each in services.items() for key, arn in each.streams.items()}
    topics = {
        f"{name}/{topic}": resource
        for name, component in services.items()
        for topic, resource in component.discovery.topics.items()
    }
    for name, component in services.items():
        for called in stack.services[name].calls:
            if stack.services[called].listens:
                component.doors.call(called, services[called].doors)
        component.reach(databases)
        component.subscribe(topics)
        component.follow(streams)

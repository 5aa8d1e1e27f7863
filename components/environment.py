"""One environment: its foundation, its services, and what the stack tells others about them."""

from collections.abc import Mapping
from pathlib import Path

import pulumi
import pulumi_aws as aws

from components.compute.fargate import FargateService
from components.compute.function import LambdaFunction
from components.compute.service import Placement, ServiceComponent
from components.foundation.interface import OUTPUT_NAME, Foundation, referenced
from components.foundation.owned import OwnedFoundation
from components.scope import Scope
from stacks.load import Stack
from stacks.models import FargateSpec, FunctionSpec, Service
from stacks.quotas import broken
from stacks.routing import priorities


def build(stack: Stack) -> None:
    """Build everything in `stack`, and export the foundation and the services."""
    _warn(stack)
    environment = stack.environment
    account = environment.account or aws.get_caller_identity().account_id
    scope = Scope(environment=environment, region=stack.region, account=account)
    if environment.foundation is not None:
        foundation = referenced(environment.foundation.stack)
    else:
        foundation = OwnedFoundation(scope.env, scope).interface
        pulumi.export(OUTPUT_NAME, foundation.published())
    services = _services(stack, scope, foundation)
    _connect(stack, services)
    pulumi.export("services", {name: stack.services[name].compute_type for name in services})


def _services(stack: Stack, scope: Scope, foundation: Foundation) -> dict[str, ServiceComponent]:
    rank = priorities({name: spec.route for name, spec in stack.services.items() if spec.route is not None})
    return {
        name: _service(
            name,
            spec,
            scope,
            foundation,
            Placement(
                released=stack.images.get(name),
                priority=rank.get(name),
                callees={called: stack.services[called] for called in spec.calls},
            ),
        )
        for name, spec in stack.services.items()
    }


def _service(name: str, spec: Service, scope: Scope, foundation: Foundation, placement: Placement) -> ServiceComponent:
    match spec:
        case FargateSpec():
            return FargateService(name, scope, spec, foundation, placement)
        case FunctionSpec():
            return LambdaFunction(name, scope, spec, foundation, placement)
        case _:
            raise NotImplementedError(f"no component builds {spec.compute_type}")


def _connect(stack: Stack, services: Mapping[str, ServiceComponent]) -> None:
    """What takes two services: the doors between them, and topics that one publishes and another consumes."""
    topics = {
        f"{name}/{topic}": resource
        for name, component in services.items()
        for topic, resource in component.discovery.topics.items()
    }
    for name, component in services.items():
        for called in stack.services[name].calls:
            if stack.services[called].listens:
                component.doors.call(called, services[called].doors)
        component.subscribe(topics)


def _warn(stack: Stack) -> None:
    """What does not stop a preview, and would stop or spoil an update."""
    for quota in broken(stack.environment, stack.services):
        pulumi.log.warn(
            f"AWS quota {quota.title}: this stack needs {quota.wanted}, allowed are {quota.allowed}. {quota.fix}"
        )
    for name, spec in stack.services.items():
        if isinstance(spec, FunctionSpec) and not Path(spec.source).is_dir():
            pulumi.log.warn(f"{name}: there is no folder {spec.source}; `pulumi up` will not find the code")
        if spec.has_image and name not in stack.images:
            pulumi.log.warn(f"{name}: no image in onramp:images yet, so it runs no task")

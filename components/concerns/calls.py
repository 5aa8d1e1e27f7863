"""How a service reaches those that it calls: the address it finds in its environment, and the right to use it.

Seed 000 section 3: Service Connect within the cluster, Cloud Map from outside it, an ARN for a function.
"""

from functools import singledispatch
from typing import Final

from components.concerns.delivery.endpoints import endpoint_name
from components.concerns.delivery.functions import LIVE
from components.iam import Statement, unscoped
from components.scope import ServiceScope
from components.stores.use import store_variables
from stacks import limits
from stacks.models import AppRunnerSpec, EndpointSpec, ExpressSpec, FargateSpec, FunctionSpec, Service
from stacks.source import Json

PREFIX: Final = "ONRAMP_CALL_"


def call_variables(scope: ServiceScope, caller: Service) -> dict[str, str]:
    """`ONRAMP_CALL_USER_SERVICE`, `ONRAMP_TABLE_ARTICLES`: where `caller` finds each service and table it names."""
    services = {
        f"{PREFIX}{name.upper().replace('-', '_')}": address(callee, name, scope, caller)
        for name, callee in scope.callees.items()
    }
    return services | store_variables(scope)


def call_statements(scope: ServiceScope) -> list[Statement]:
    """May call the services that AWS guards with IAM; doors between security groups guard the others."""
    functions = [
        address(callee, name, scope, callee)
        for name, callee in scope.callees.items()
        if isinstance(callee, FunctionSpec)
    ]
    found: list[Statement] = []
    if functions:
        found.append(Statement(sid="CallFunctions", actions=["lambda:InvokeFunction"], resources=functions))
    endpoints = [name for name, callee in scope.callees.items() if isinstance(callee, EndpointSpec)]
    if endpoints:
        arns = [scope.scope.arn("sagemaker", f"endpoint/{endpoint_name(scope.scope, name)}") for name in endpoints]
        found.append(Statement(sid="CallEndpoints", actions=["sagemaker:InvokeEndpoint"], resources=arns))
    asked = [name for name, callee in scope.callees.items() if _is_asked_for(callee)]
    if asked:
        found.append(_ask_cloud_map(scope, asked))
    return found


def _is_asked_for(callee: Service) -> bool:
    return isinstance(callee, AppRunnerSpec | ExpressSpec) and not callee.has_address_of_its_own


def _ask_cloud_map(scope: ServiceScope, names: list[str]) -> Statement:
    equals: Json = {
        "servicediscovery:NamespaceName": scope.scope.env,
        "servicediscovery:ServiceName": list[Json](names),
    }
    return unscoped("Discover", ["servicediscovery:DiscoverInstances"], {"StringEquals": equals})


def function_arn(scope: ServiceScope, name: str) -> str:
    """The function called `name`, by the alias that everything calls."""
    return scope.scope.arn("lambda", f"function:{scope.scope.name(limits.NAME_LAMBDA_FUNCTION, name)}:{LIVE}")


@singledispatch
def address(callee: Service, name: str, scope: ServiceScope, caller: Service) -> str:
    """What `caller` calls to reach the service called `name`."""
    raise NotImplementedError(f"{type(callee).__name__} has no address, but {scope.service} calls {name}")


@address.register
def _(callee: FargateSpec, name: str, scope: ServiceScope, caller: Service) -> str:
    if isinstance(caller, FargateSpec) and caller.connects_to(callee):
        host, port = callee.connect_address(name) or (name, callee.port)
        return f"http://{host}:{port}"
    return f"http://{name}.{scope.scope.dns_namespace}:{callee.port}"


@address.register
def _(callee: AppRunnerSpec, name: str, scope: ServiceScope, caller: Service) -> str:
    del caller
    return f"https://{scope.scope.own_domain(name)}" if callee.has_address_of_its_own else _in_cloud_map(name, scope)


@address.register
def _(callee: ExpressSpec, name: str, scope: ServiceScope, caller: Service) -> str:
    del callee, caller
    return _in_cloud_map(name, scope)


def _in_cloud_map(name: str, scope: ServiceScope) -> str:
    """What to ask DiscoverInstances for: the namespace and the service; the URL is an attribute of the answer."""
    return f"cloudmap://{scope.scope.env}/{name}"


@address.register
def _(callee: EndpointSpec, name: str, scope: ServiceScope, caller: Service) -> str:
    del callee, caller  # the same whoever asks: a name for InvokeEndpoint
    return endpoint_name(scope.scope, name)


@address.register
def _(callee: FunctionSpec, name: str, scope: ServiceScope, caller: Service) -> str:
    del callee, caller  # the same whoever asks
    return function_arn(scope, name)

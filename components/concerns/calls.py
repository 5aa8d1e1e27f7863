"""How a service reaches those that it calls: the address it finds in its environment, and the right to use it.

Seed 000 section 3: Service Connect within the cluster, Cloud Map from outside it, an ARN for a function.
"""

from functools import singledispatch
from typing import Final

from components.concerns.delivery.functions import LIVE
from components.iam import Statement
from components.scope import ServiceScope
from stacks import limits
from stacks.models import FargateSpec, FunctionSpec, Service

PREFIX: Final = "ONRAMP_CALL_"


def call_variables(scope: ServiceScope, caller: Service) -> dict[str, str]:
    """`ONRAMP_CALL_USER_SERVICE`: where each service that `caller` calls is found."""
    return {
        f"{PREFIX}{name.upper().replace('-', '_')}": address(callee, name, scope, caller)
        for name, callee in scope.callees.items()
    }


def call_statements(scope: ServiceScope) -> list[Statement]:
    """May call the services that AWS guards with IAM; doors between security groups guard the others."""
    functions = [
        address(callee, name, scope, callee)
        for name, callee in scope.callees.items()
        if isinstance(callee, FunctionSpec)
    ]
    if not functions:
        return []
    return [Statement(sid="CallFunctions", actions=["lambda:InvokeFunction"], resources=functions)]


@singledispatch
def address(callee: Service, name: str, scope: ServiceScope, caller: Service) -> str:
    """What `caller` calls to reach the service called `name`."""
    raise NotImplementedError(f"{type(callee).__name__} has no address, but {scope.service} calls {name}")


@address.register
def _(callee: FargateSpec, name: str, scope: ServiceScope, caller: Service) -> str:
    connected = isinstance(caller, FargateSpec) and callee.discovery.service_connect
    host = name if connected else f"{name}.{scope.scope.dns_namespace}"
    return f"http://{host}:{callee.port}"


@address.register
def _(callee: FunctionSpec, name: str, scope: ServiceScope, caller: Service) -> str:
    del callee, caller  # the same whoever asks
    return scope.scope.arn("lambda", f"function:{scope.scope.name(limits.NAME_LAMBDA_FUNCTION, name)}:{LIVE}")

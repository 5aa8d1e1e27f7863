"""How many rules the security group of a stack that has the most of them needs."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from stacks.models import Environment, FargateSpec, Service
from stacks.quotas.stores import users_of_databases, ways_out

_RULES_OF_THE_FOUNDATION: Final = 2
"""Inbound at the load balancer: HTTP and HTTPS from the internet."""
_WAYS_OUT_OF_A_SERVICE: Final = 1
"""Outbound of every service: HTTPS."""


def most_rules_of_a_group(environment: Environment, services: Mapping[str, Service]) -> int:
    """Rules of the group with the most, in or out: a service's doors, and the load balancer's to all that it routes to.

    Functions behind the load balancer need none: it invokes them through Lambda.
    """
    containers = [service for service in services.values() if isinstance(service, FargateSpec)]
    routed = Counter(service.ingress for service in containers if service.route is not None)
    callers = Counter(called for service in services.values() for called in service.calls)
    counts = [*routed.values(), *users_of_databases(services).values()]
    for name, service in services.items():
        behind = isinstance(service, FargateSpec) and service.route is not None
        doors = sum(services[called].listens for called in service.calls if called in services)
        out = _WAYS_OUT_OF_A_SERVICE + ways_out(name, service, services) + doors
        counts += [callers[name] * service.listens + behind, out * service.is_in_network]
    if environment.foundation is None:
        counts.append(_RULES_OF_THE_FOUNDATION)
    return max(counts, default=0)

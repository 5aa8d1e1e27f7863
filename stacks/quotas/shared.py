"""How much of AWS's quotas the foundation takes, and any service, whatever it runs on."""

from collections import Counter

from stacks.ledger import OWN
from stacks.models import Environment, FunctionSpec, Service
from stacks.quotas.stores import rotation_functions
from stacks.routing import api_route_keys, split_route
from stacks.standards import Tier


def of_the_foundation(environment: Environment) -> Counter[str]:
    """What is built where no other stack owns it."""
    if environment.foundation is not None:
        return Counter()
    total = Counter(
        {
            "dynamodb-tables": int(environment.ledger == OWN),
            "iam-roles": 1 + environment.web_sockets,  # flow logs, and logs of WebSocket APIs
            "security-groups": 2,  # load balancer, VPC endpoints
        }
    )
    if environment.api is not None:
        total.update(
            {
                "api-requests": environment.api.rate,
                "cloudwatch-alarms": 2,  # server errors, response time
                "security-groups": 2,  # VPC link, internal load balancer
                "vpc-links": 1,
            }
        )
    if environment.capacity is not None:
        total.update({"iam-roles": 1, "security-groups": 1})  # starts instances; around them
    return total


def of_any_service(name: str, service: Service, tier: Tier) -> dict[str, int]:
    """What every compute type has, as far as this service has it."""
    own = [secret for secret in service.secret_refs(name) if secret.owner == name]
    rotations = rotation_functions(own, tier)
    routes = api_route_keys(split_route(service.route or "/")[1]) if service.is_behind_the_api else ()
    return {
        "api-integrations": int(service.is_behind_the_api),
        "api-routes": len(routes),
        # Oldest message and dead letters of the queue; errors and latency of the route; its probe; the composite one.
        "cloudwatch-alarms": 2 * service.has_queue + 2 * (service.route is not None) + service.is_probed + 1,
        # Failed deployments; of a function that Onramp shifts, the rollout itself tells people.
        "eventbridge-rules": int(not (isinstance(service, FunctionSpec) and service.rollout.is_stepped)),
        "iam-roles": int(service.is_probed),
        "security-groups": service.is_in_network + rotations,  # its own, and one for each rotation function
        "ssm-parameters": len(service.config),
        "synthetics-canaries": int(service.is_probed),
        "xray-sampling-rules": int(service.is_traced),
    }

"""AWS service quotas that a growing environment meets, and how much of each the services of one stack need.

The counts follow from what the components build for a service. They are what a preview warns of, and what a far too
large stack is refused with before anything is built.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import singledispatch
from types import MappingProxyType
from typing import Final

from stacks import limits
from stacks.models import Environment, FargateSpec, FunctionSpec, Service
from stacks.problems import Problem
from stacks.source import Source
from stacks.standards import Tier

SERVICES_PER_STACK_MAX: Final = 300
"""Our own limit: three times what one load balancer can route to. Such an environment belongs in several stacks."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """One quota of AWS: `default` is what an account has before any raise, within one `scope`."""

    name: str
    title: str
    default: int
    adjustable: bool
    scope: str
    source: str
    code: str = ""
    """AWS's own code in Service Quotas; empty where AWS does not list it there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenQuota:
    """A quota that the stack needs more of than the account has."""

    name: str
    title: str
    wanted: int
    allowed: int
    adjustable: bool
    fix: str


_TABLE: Final = (
    Quota(
        name="alb-rules",
        title="listener rules of the load balancer, without default rules",
        default=100,
        adjustable=True,
        scope="load balancer",
        source="Elastic Load Balancing, quotas for Application Load Balancers",
        code="L-7EED9B64",
    ),
    Quota(
        name="alb-target-groups",
        title="target groups of the load balancer",
        default=100,
        adjustable=False,
        scope="load balancer",
        source="Elastic Load Balancing, quotas for Application Load Balancers",
        code="L-822D1B1B",
    ),
    Quota(
        name="cloudwatch-alarms",
        title="CloudWatch alarms",
        default=5_000,
        adjustable=True,
        scope="region",
        source="CloudWatch user guide, service quotas, alarms",
    ),
    Quota(
        name="codedeploy-applications",
        title="CodeDeploy applications",
        default=1_000,
        adjustable=True,
        scope="region",
        source="CodeDeploy user guide, quotas",
        code="L-3F19B6A5",
    ),
    Quota(
        name="ecr-repositories",
        title="ECR repositories",
        default=100_000,
        adjustable=True,
        scope="region",
        source="ECR user guide, service quotas",
        code="L-CFEB8E8D",
    ),
    Quota(
        name="ecs-services",
        title="services of the ECS cluster",
        default=5_000,
        adjustable=True,
        scope="cluster",
        source="ECS developer guide, service quotas",
        code="L-9EF96962",
    ),
    Quota(
        name="eventbridge-rules",
        title="rules of the default event bus (100 in a few regions)",
        default=300,
        adjustable=True,
        scope="event bus",
        source="EventBridge user guide, quotas",
        code="L-244521F2",
    ),
    Quota(
        name="fargate-vcpu",
        title="vCPUs on Fargate when every service is at its scaling.max",
        default=6,
        adjustable=True,
        scope="region",
        source="ECS developer guide, service quotas of Fargate (6 in a new account; AWS raises it with use)",
        code="L-3032A538",
    ),
    Quota(
        name="iam-roles",
        title="IAM roles",
        default=1_000,
        adjustable=True,
        scope="account",
        source="IAM user guide, quotas",
        code="L-FE177D64",
    ),
    Quota(
        name="lambda-concurrency",
        title="concurrent executions of functions, with the 100 that AWS keeps unreserved",
        default=limits.LAMBDA_ACCOUNT_CONCURRENCY,
        adjustable=True,
        scope="region",
        source="Lambda developer guide, quotas and reserved concurrency",
        code="L-B99A9384",
    ),
    Quota(
        name="security-group-rules",
        title="rules of one security group in one direction",
        default=60,
        adjustable=True,
        scope="security group",
        source="VPC user guide, quotas",
        code="L-0EA8095F",
    ),
    Quota(
        name="security-groups",
        title="security groups",
        default=2_500,
        adjustable=True,
        scope="region",
        source="VPC user guide, quotas",
        code="L-E79EC296",
    ),
    Quota(
        name="ssm-parameters",
        title="standard parameters in Parameter Store",
        default=10_000,
        adjustable=False,
        scope="region",
        source="Systems Manager user guide, parameter tiers",
    ),
    Quota(
        name="target-groups",
        title="target groups",
        default=3_000,
        adjustable=True,
        scope="region",
        source="Elastic Load Balancing, quotas for Application Load Balancers",
        code="L-B22855CB",
    ),
    Quota(
        name="xray-sampling-rules",
        title="X-Ray sampling rules",
        default=25,
        adjustable=True,
        scope="region",
        source="AWS General Reference, X-Ray quotas",
        code="L-8C0C998A",
    ),
)
QUOTAS: Final[Mapping[str, Quota]] = MappingProxyType({quota.name: quota for quota in _TABLE})
"""By the name that `quotas:` of the environment uses."""


def broken(environment: Environment, services: Mapping[str, Service]) -> tuple[BrokenQuota, ...]:
    """The quotas that do not hold these services, given what AWS has raised for the account (`quotas:`)."""
    wanted = usage(environment, services)
    return tuple(
        BrokenQuota(
            name=quota.name,
            title=quota.title,
            wanted=wanted[quota.name],
            allowed=allowed,
            adjustable=quota.adjustable,
            fix=_fix(quota, wanted[quota.name]),
        )
        for quota in QUOTAS.values()
        if wanted[quota.name] > (allowed := environment.quotas.get(quota.name, quota.default))
    )


def refusal(source: Source, environment: Environment, services: Mapping[str, Service]) -> Iterator[Problem]:
    """Why a stack with more than `SERVICES_PER_STACK_MAX` services is not built; nothing for any other stack."""
    if len(services) <= SERVICES_PER_STACK_MAX:
        return
    path = "config.onramp:services"
    line = source.line(path)
    yield Problem(
        file=source.file,
        path=path,
        line=line,
        message=f"{len(services):,} services in one stack",
        allowed=f"at most {SERVICES_PER_STACK_MAX}",
        fix="split them over stacks that name the owner of the foundation: `foundation: {stack: org/onramp/prod}`",
    )
    for quota in broken(environment, services):
        yield Problem(
            file=source.file,
            path=path,
            line=line,
            message=f"breaks the AWS quota {quota.name}: {quota.title}",
            got=f"{quota.wanted:,}",
            allowed=f"{quota.allowed:,}",
            fix=quota.fix,
        )


def usage(environment: Environment, services: Mapping[str, Service]) -> Mapping[str, int]:
    """How much of every quota the stack needs; other stacks of the account come on top."""
    total: Counter[str] = Counter(dict.fromkeys(QUOTAS, 0))
    if environment.foundation is None:
        total.update(_OF_THE_FOUNDATION)
    for name, service in services.items():
        total.update(_of_any_service(name, service, environment.tier))
        total.update(_of_its_compute_type(service))
    total["fargate-vcpu"] = math.ceil(sum(map(_most_cpu_units, services.values())) / limits.FARGATE_CPU_UNITS_PER_VCPU)
    total["security-group-rules"] = _most_rules_of_a_group(environment, services)
    if total["lambda-concurrency"]:
        total["lambda-concurrency"] += limits.LAMBDA_UNRESERVED_CONCURRENCY
    return MappingProxyType(dict(total))


_OF_THE_FOUNDATION: Final[Mapping[str, int]] = {
    "iam-roles": 1,  # flow logs
    "security-groups": 2,  # load balancer, VPC endpoints
}


_RULES_OF_THE_FOUNDATION: Final = 2
"""Inbound at the load balancer: HTTP and HTTPS from the internet."""
_WAYS_OUT_OF_A_SERVICE: Final = 3
"""Outbound of every service: HTTPS, PostgreSQL and Redis."""


def _of_any_service(name: str, service: Service, tier: Tier) -> dict[str, int]:
    kinds = {secret.kind for secret in service.secret_refs(name) if secret.owner == name} - {None}
    # In prod a database credential alternates between two users, and the administrator's rotates beside it.
    rotations = len(kinds) + (tier == "prod" and "postgres" in kinds)
    return {
        # Oldest message and dead letters of the queue; errors and latency at the load balancer; the composite one.
        "cloudwatch-alarms": 2 * service.has_queue + 2 * (service.route is not None) + 1,
        "eventbridge-rules": 1,  # failed deployments
        "security-groups": 1 + rotations,  # its own, and one for each rotation function
        "ssm-parameters": len(service.config),
        "xray-sampling-rules": 1,
    }


@singledispatch
def _of_its_compute_type(service: Service) -> dict[str, int]:
    raise TypeError(f"no quota counts for {type(service).__name__}")


@_of_its_compute_type.register
def _of_fargate(service: FargateSpec) -> dict[str, int]:
    routed = service.route is not None
    blue_green = service.rollout.strategy == "blue-green"
    return {
        "alb-rules": int(routed),
        "alb-target-groups": routed * (1 + blue_green),
        "cloudwatch-alarms": 3,  # CPU, memory, running tasks
        "ecr-repositories": 1,
        "ecs-services": 1,
        "iam-roles": 2 + blue_green,  # task, execution, and the one that moves the load balancer's traffic
        "target-groups": routed * (1 + blue_green),
    }


@_of_its_compute_type.register
def _of_function(service: FunctionSpec) -> dict[str, int]:
    routed = service.route is not None
    return {
        "alb-rules": int(routed),
        "alb-target-groups": int(routed),
        "cloudwatch-alarms": 5,  # errors, duration, throttles, concurrency, dead letters
        "codedeploy-applications": 1,
        "eventbridge-rules": (service.schedule is not None) + (service.events is not None),
        "iam-roles": 2,  # execution, CodeDeploy
        "lambda-concurrency": service.scaling.max,
        "target-groups": int(routed),
    }


def _most_cpu_units(service: Service) -> int:
    return service.cpu * service.scaling.max if isinstance(service, FargateSpec) else 0


def _most_rules_of_a_group(environment: Environment, services: Mapping[str, Service]) -> int:
    """Rules of the group with the most, in or out: a service's doors, and the load balancer's to all that it routes to.

    Functions behind the load balancer need none: it invokes them through Lambda.
    """
    routed = sum(1 for service in services.values() if isinstance(service, FargateSpec) and service.route is not None)
    callers = Counter(called for service in services.values() for called in service.calls)
    counts = [routed]
    for name, service in services.items():
        behind = isinstance(service, FargateSpec) and service.route is not None
        doors = sum(services[called].listens for called in service.calls if called in services)
        counts += [callers[name] * service.listens + behind, _WAYS_OUT_OF_A_SERVICE + doors]
    if environment.foundation is None:
        counts.append(_RULES_OF_THE_FOUNDATION)
    return max(counts)


def _fix(quota: Quota, wanted: int) -> str:
    if not quota.adjustable:
        return f"AWS does not raise it: move services to another {quota.scope}"
    code = f" ({quota.code})" if quota.code else ""
    return f"ask AWS to raise it{code}, then write `quotas: {{{quota.name}: {wanted}}}` in onramp:environment"

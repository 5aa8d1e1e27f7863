"""How much of every quota a stack needs, which of them that breaks, and when it is refused for that."""

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from stacks import limits
from stacks.models import Environment, Service
from stacks.problems import Problem
from stacks.quotas.compute import of_its_compute_type
from stacks.quotas.groups import most_rules_of_a_group
from stacks.quotas.model import BrokenQuota, Quota
from stacks.quotas.pipelines import of_pipelines
from stacks.quotas.processors import of_processors
from stacks.quotas.shared import of_any_service, of_the_foundation
from stacks.quotas.stores import of_stores
from stacks.quotas.table import QUOTAS
from stacks.source import Source

SERVICES_PER_STACK_MAX: Final = 300
"""Our own limit: three times what one load balancer can route to. Such an environment belongs in several stacks."""


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
    total.update(of_the_foundation(environment))
    for name, service in services.items():
        total.update(of_any_service(name, service, environment.tier))
        total.update(of_its_compute_type(service))
        total.update(of_stores(service, environment.tier))
    total.update(of_pipelines(environment, services))
    total.update(of_processors(services))
    for name in ("alb-rules", "alb-target-groups"):
        total[name] = _most_of_a_balancer(services, name)
    total["security-group-rules"] = most_rules_of_a_group(environment, services)
    if total["lambda-concurrency"]:
        total["lambda-concurrency"] += limits.LAMBDA_UNRESERVED_CONCURRENCY
    return MappingProxyType(dict(total))


def _most_of_a_balancer(services: Mapping[str, Service], name: str) -> int:
    """The public load balancer and the one behind the HTTP API each have as much."""
    of_each: Counter[str] = Counter()
    for service in services.values():
        of_each[service.ingress] += of_its_compute_type(service).get(name, 0)
    return max(of_each.values(), default=0)


def _fix(quota: Quota, wanted: int) -> str:
    if not quota.adjustable:
        return f"AWS does not raise it: move services to another {quota.scope}"
    code = f" ({quota.code})" if quota.code else ""
    return f"ask AWS to raise it{code}, then write `quotas: {{{quota.name}: {wanted}}}` in onramp:environment"

"""How a new model arrives behind an endpoint, and what makes it go back (CICD-4, ALRT-5)."""

from collections.abc import Iterator
from typing import Final

from policies import alarms, kinds
from policies.expect import expect_alarm, only, unknown
from policies.graph import Graph, Resource, Service
from policies.rule import (
    ENDPOINTS,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    service_rule,
)
from policies.rules.endpoints import UNRELEASED
from policies.rules.rollbacks import watched_by_rollouts
from policies.values import UNKNOWN, number, objects, texts
from stacks.instances import family

_POLICY: Final = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration"
_ROLLING: Final = "deploymentConfig.rollingUpdatePolicy"
_ALARMS: Final = "deploymentConfig.autoRollbackConfiguration.alarms"
_GUARDRAILS_URL: Final = "https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html"
_NO_ENDPOINT: Final = NotApplicable(because="a transform job has no endpoint: the next job takes the new model")
_SERVERLESS: Final = NotApplicable(because="guardrails are for instances; a serverless endpoint switches all at once")
_STEPPED: Final = NotApplicable(because="Onramp moves the traffic in steps, and judges each (`onramp rollout`)")


@service_rule(
    Meta(
        id="endpoint-guardrails",
        item="CICD-4",
        title="A new version is watched before the old fleet goes, in prod in steps",
        why="A model that answers nonsense answers it to everybody when all requests are moved at once.",
        fix=(
            "write `rollout.strategy: canary`, linear or rolling in prod, and from staging on "
            "`rollout.intervalMinutes` of more than 0"
        ),
        severity="high",
        url=_GUARDRAILS_URL,
        frameworks=("OPS06-BP03",),
        applies=ENDPOINTS,
    )
)
def endpoint_guardrails(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """From staging on alarms are watched for a while; in prod the first step is a part of the fleet."""
    if service.is_stepped:
        yield _STEPPED
        return
    yield from _no_guardrails(service)
    for endpoint in _guarded(service):
        path = _ROLLING if endpoint.text(f"{_POLICY}.type") == "" else _POLICY
        if endpoint.get("deploymentConfig") is UNKNOWN or endpoint.get(f"{_POLICY}.type") is UNKNOWN:
            yield unknown(endpoint, "deploymentConfig")
            continue
        waits = number(endpoint.get(f"{path}.waitIntervalInSeconds"))
        if waits is UNKNOWN:
            yield unknown(endpoint, f"{path}.waitIntervalInSeconds")
        elif service.tier != "dev" and (waits or 0) <= 0:
            message = f"{endpoint.name} watches no alarm before the old fleet goes"
            yield Fail(resource=endpoint, path=f"{path}.waitIntervalInSeconds", message=message)
        at_once = endpoint.text(f"{_POLICY}.type") == "ALL_AT_ONCE"
        if service.tier == "prod" and at_once and not _always_at_once(service):
            yield Fail(resource=endpoint, path=f"{_POLICY}.type", message=f"{endpoint.name} moves all requests at once")


def _always_at_once(service: Service) -> bool:
    """Whether SageMaker shifts all at once whatever it is told (deployment guardrails, exclusions)."""
    return any(family(instance) == "inf1" for instance in service.names("instances"))


def _no_guardrails(service: Service) -> Iterator[Outcome]:
    if service.fact("form") == "batch":
        yield _NO_ENDPOINT
    elif service.fact("form") == "serverless":
        yield _SERVERLESS
    elif service.stated("unreleased") and not service.of(kinds.ENDPOINT):
        yield UNRELEASED
    else:
        yield from only(service.of(kinds.ENDPOINT), service, "endpoint")


def _guarded(service: Service) -> tuple[Resource, ...]:
    return () if service.fact("form") == "serverless" else service.of(kinds.ENDPOINT)


@service_rule(
    Meta(
        id="endpoint-rollback-alarms",
        item="ALRT-5",
        title="Deployment guardrails bring the old version back on an alarm",
        why="Without alarms SageMaker watches nothing, and a bad version stays until a person is awake.",
        fix="name alarms of this stack in deploymentConfig.autoRollbackConfiguration.alarms of the endpoint",
        severity="high",
        url="https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html",
        frameworks=("OPS06-BP04",),
        applies=ENDPOINTS,
    )
)
def endpoint_rollback_alarms(service: Service, graph: Graph) -> Iterator[Outcome]:
    """At least one alarm is named that fires by itself, and all of them exist."""
    if service.is_stepped:
        yield from watched_by_rollouts(service, graph)
        return
    yield from _no_guardrails(service)
    brakes = {alarm.text("name") for alarm in service.of(kinds.METRIC_ALARM) if alarms.is_brake(alarm)}
    for endpoint in _guarded(service):
        found = [each.get("alarmName") for each in objects(endpoint.get(_ALARMS))]
        if endpoint.get(_ALARMS) is UNKNOWN or UNKNOWN in found:
            yield unknown(endpoint, _ALARMS)
        elif brakes.issuperset(texts(found)):
            yield Fail(resource=endpoint, path=_ALARMS, message=f"{endpoint.name} names no rollback alarm")
        for name in texts(found):
            yield from expect_alarm(name, endpoint, _ALARMS, graph)

"""Every compute type has every concern: resources that make it, or the reason why there is nothing to make."""

from collections.abc import Mapping
from functools import cache
from typing import Final

import pytest

from simulator.graph import Resource
from stacks.grid import CONCERNS, NOT_APPLICABLE
from stacks.models import SERVICES
from stacks.stanzas import FIRST_RELEASE
from tests.components.conftest import DIGEST, FUNCTION, below, component, graph_of, stack_text

PLAN: Final = """\
pipeline:
  connection: arn:aws:codeconnections:eu-west-1:111122223333:connection/11111111-2222-3333-4444-555555555555
  repository: example/services
  deployRole: deployer
  backend: s3://example-state
  promotesFrom: staging
"""
COMMON: Final = "secrets: [DATABASE_URL], config: {MODE: fast}"
MODEL: Final = "model: {package: x, data: 's3://models/x/'}, instance: ml.m5.large"
STANZAS: Final[Mapping[str, str]] = {
    "fargate": f"{{compute: fargate, port: 8080, route: /x/*, discovery: {{cloudMap: true}}, {COMMON}}}",
    "lambda": f"{{{FUNCTION}, route: /x/*, {COMMON}}}",
    "apprunner": f"{{compute: apprunner, port: 8080, discovery: {{cloudMap: true}}, {COMMON}}}",
    "express": f"{{compute: express, port: 8080, discovery: {{cloudMap: true}}, {COMMON}}}",
    "sagemaker": f"{{compute: sagemaker, {MODEL}, {COMMON}}}",
}

WATCHED: Final = ("aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm")
KEPT: Final = ("aws:ecr/repository:Repository", "aws:ecr/lifecyclePolicy:LifecyclePolicy")
SECRET: Final = (
    "aws:secretsmanager/secret:Secret",
    "aws:secretsmanager/secretRotation:SecretRotation",
    "aws:ssm/parameter:Parameter",
)
DELIVERED: Final = ("aws:codepipeline/pipeline:Pipeline", "aws:cloudwatch/eventRule:EventRule")
SEEN: Final = (
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cloudwatch/dashboard:Dashboard",
    "aws:xray/samplingRule:SamplingRule",
)
CELLS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "fargate": {
        "delivery": DELIVERED,
        "health": ("aws:lb/targetGroup:TargetGroup",),
        "discovery": ("aws:servicediscovery/service:Service",),
        "ingress": ("aws:lb/listenerRule:ListenerRule",),
        "observability": SEEN,
        "images": KEPT,
        "secrets": SECRET,
        "alerting": WATCHED,
    },
    "lambda": {
        "delivery": (*DELIVERED, "aws:codedeploy/deploymentGroup:DeploymentGroup"),
        "health": ("aws:lb/targetGroup:TargetGroup",),
        "discovery": ("aws:lambda/alias:Alias",),
        "ingress": ("aws:lb/listenerRule:ListenerRule", "aws:lambda/permission:Permission"),
        "observability": SEEN,
        "secrets": SECRET,
        "alerting": WATCHED,
    },
    "apprunner": {
        "delivery": DELIVERED,
        "health": ("aws:apprunner/service:Service",),
        "discovery": ("aws:servicediscovery/service:Service", "aws:servicediscovery/instance:Instance"),
        "ingress": ("aws:apprunner/customDomainAssociation:CustomDomainAssociation",),
        # App Runner makes its log groups itself; a schedule sets their retention.
        "observability": (
            "aws:apprunner/observabilityConfiguration:ObservabilityConfiguration",
            "aws:scheduler/schedule:Schedule",
            *SEEN[1:],
        ),
        "images": KEPT,
        "secrets": SECRET,
        "alerting": WATCHED,
    },
    "express": {
        "delivery": DELIVERED,
        "health": ("aws:ecs/expressGatewayService:ExpressGatewayService",),
        "discovery": ("aws:servicediscovery/service:Service", "aws:servicediscovery/instance:Instance"),
        "observability": SEEN,
        "images": KEPT,
        "secrets": SECRET,
        "alerting": WATCHED,
    },
    "sagemaker": {
        "delivery": DELIVERED,
        "discovery": ("aws:sagemaker/endpoint:Endpoint",),
        "observability": SEEN[:2],
        "images": KEPT,
        "secrets": SECRET,
        "alerting": WATCHED,
    },
}
"""What makes each cell, by type of resource; a cell that is not here has its reason in `NOT_APPLICABLE`."""
WHERE_IT_IS_AN_INPUT: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("apprunner", "health"): ("aws:apprunner/service:Service", "healthCheckConfiguration"),
    ("express", "health"): ("aws:ecs/expressGatewayService:ExpressGatewayService", "healthCheckPath"),
}


@cache
def made(compute: str) -> tuple[Resource, ...]:
    """What one service of a compute type becomes, in prod, with a pipeline."""
    images = {"x": FIRST_RELEASE.get(compute, DIGEST)} if compute != "lambda" else {}
    graph = graph_of(stack_text(f"x: {STANZAS[compute]}", tier="prod", images=images, environment=PLAN))
    return tuple(below(graph, component(graph, "x").urn))


def test_the_grid_has_every_compute_type_and_every_concern() -> None:
    assert set(CELLS) == set(NOT_APPLICABLE) == set(STANZAS) == set(SERVICES)
    for compute in SERVICES:
        assert {*CELLS[compute], *NOT_APPLICABLE[compute]} == set(CONCERNS)
        assert not {*CELLS[compute]} & {*NOT_APPLICABLE[compute]}


@pytest.mark.parametrize(("compute", "concern"), [(each, concern) for each in CELLS for concern in CELLS[each]])
def test_a_cell_is_made(compute: str, concern: str) -> None:
    assert set(CELLS[compute][concern]) - {resource.type for resource in made(compute)} == set()


@pytest.mark.parametrize(("compute", "concern"), WHERE_IT_IS_AN_INPUT)
def test_a_cell_that_is_an_input_is_set(compute: str, concern: str) -> None:
    kind, key = WHERE_IT_IS_AN_INPUT[compute, concern]
    (resource,) = (each for each in made(compute) if each.type == kind)
    assert "/health" in str(resource.inputs[key])


@pytest.mark.parametrize("compute", NOT_APPLICABLE)
def test_a_cell_that_is_empty_says_why_in_one_line(compute: str) -> None:
    for reason in NOT_APPLICABLE[compute].values():
        assert "\n" not in reason
        assert len(reason.split()) > 5


@pytest.mark.parametrize("compute", NOT_APPLICABLE)
def test_a_cell_that_is_empty_has_no_concern_in_the_graph(compute: str) -> None:
    concerns = {each.type.rpartition(":")[2].lower() for each in made(compute) if ":concern:" in each.type}
    with_resources = {
        concern
        for concern in concerns
        if any(f":concern:{concern.capitalize()}$aws:" in resource.urn for resource in made(compute))
    }
    assert not with_resources & set(NOT_APPLICABLE[compute])

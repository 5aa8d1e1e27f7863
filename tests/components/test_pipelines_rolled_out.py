"""What delivers a service that waits for its rollout: the deployment is a rollout, and has the time for one."""

from collections.abc import Mapping
from typing import Final

import pytest

from simulator.graph import Graph
from stacks import limits
from stacks.standards import PIPELINE_ROLLOUT_MINUTES
from tests.components.conftest import DIGEST, FUNCTION, named, shared_graph, stack_text
from tests.components.test_pipelines import PLAN, TO, flow, variables

ALONE: Final = "discovery: {serviceConnect: false}"
LEDGER: Final = "ledger: dynamodb\n"
WAITING: Final[Mapping[str, tuple[str, str]]] = {
    "containers, stepped": ("compute: fargate, port: 80, route: /app/*, rollout: {strategy: stepped}", DIGEST),
    "containers, asked by ECS": (
        "compute: fargate, port: 80, route: /app/*, rollout: {strategy: canary, pause: true}",
        DIGEST,
    ),
    "containers, by CodeDeploy": (
        f"compute: fargate, port: 80, route: /app/*, {ALONE}, rollout: {{strategy: canary, controller: codedeploy}}",
        DIGEST,
    ),
    "function of code, stepped": (f"{FUNCTION}, rollout: {{strategy: stepped}}", ""),
    "function of an image, stepped": ("compute: lambda, package: image, rollout: {strategy: stepped}", DIGEST),
    "model, stepped": (
        "compute: sagemaker, model: {package: churn, data: s3://models/churn/}, rollout: {strategy: stepped}",
        "7",
    ),
    "endpoint of an image, stepped": (
        "compute: sagemaker, model: {data: s3://models/churn.tar.gz}, rollout: {strategy: stepped}",
        DIGEST,
    ),
}
OTHERS: Final[Mapping[str, tuple[str, str]]] = {
    "containers, by ECS": ("compute: fargate, port: 80, route: /app/*, rollout: {strategy: canary}", DIGEST),
    "function, by CodeDeploy": (FUNCTION, ""),
    "model, by SageMaker": ("compute: sagemaker, model: {package: churn, data: s3://models/churn/}", "7"),
    "App Runner": ("compute: apprunner, port: 80", DIGEST),
    "Express": ("compute: express, port: 80", DIGEST),
}


def delivered(case: tuple[str, str], tier: str = "dev", ledger: str = LEDGER) -> Graph:
    stanza, release = case
    images = {"app": release} if release else {}
    return shared_graph(
        stack_text(f"app: {{{stanza}}}", tier=tier, images=images, environment=PLAN + TO[tier] + ledger)
    )


def minutes(graph: Graph, tier: str = "dev") -> object:
    return named(graph, f"{tier}-pipelines-deploy").inputs["buildTimeout"]


@pytest.mark.parametrize("tier", ["dev", "prod"])
@pytest.mark.parametrize("case", WAITING.values(), ids=WAITING)
def test_its_deployment_is_a_rollout_with_the_time_that_it_takes(case: tuple[str, str], tier: str) -> None:
    graph = delivered(case, tier)
    assert variables(graph, "app", "Deploy")["ROLLOUT_MINUTES"] == str(PIPELINE_ROLLOUT_MINUTES)
    assert minutes(graph, tier) == limits.CODEPIPELINE_BUILD_MINUTES_MAX > PIPELINE_ROLLOUT_MINUTES


@pytest.mark.parametrize("case", WAITING.values(), ids=WAITING)
def test_nothing_comes_after_its_deployment(case: tuple[str, str]) -> None:
    assert flow(delivered(case), "app")[-1] == "Deploy: Deploy"
    assert not any("shift" in each.name for each in delivered(case).resources if each.type.endswith(":Project"))


@pytest.mark.parametrize("case", OTHERS.values(), ids=OTHERS)
def test_what_an_update_or_codedeploy_takes_live_is_deployed_as_before(case: tuple[str, str]) -> None:
    graph = delivered(case, ledger="")
    assert "ROLLOUT_MINUTES" not in variables(graph, "app", "Deploy")
    assert minutes(graph) == 240

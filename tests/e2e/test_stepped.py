"""A service that Onramp shifts, under the real engine: updates make candidates, and leave what is live alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest

from stacks.targets import OUTPUT_NAME, TARGETS, AliasTarget, BalancerTarget, Target, VariantsTarget
from tests.components.conftest import DIGEST, FUNCTION, stack_text
from tests.e2e.conftest import MakeProject, Project

STEPPED: Final = "rollout: {strategy: stepped}"
SERVICES: Final = f"""\
web: {{compute: fargate, port: 8000, route: /web/*, {STEPPED}}}
resize: {{{FUNCTION}, {STEPPED}}}
churn: {{compute: sagemaker, model: {{package: churn, data: s3://models/churn/}}, {STEPPED}}}
"""
FIRST: Final = {"web": DIGEST, "churn": "7"}
SECOND: Final = {"web": "sha256:" + "1" * 64, "churn": "8"}
SIDES: Final = ("web-service-blue", "web-service-green")


@dataclass(frozen=True, kw_only=True, slots=True)
class Life:
    """What is in AWS, by the name of the resource: before a release, after the first and the second, at another port.

    `targets` are what the stack says after the second release.
    """

    unreleased: Mapping[str, Any]
    first: Mapping[str, Any]
    second: Mapping[str, Any]
    moved: Mapping[str, Any]
    targets: Mapping[str, Target]


@pytest.fixture(scope="module")
def life(make_project: MakeProject) -> Life:
    project = make_project(dev=stack_text(SERVICES))

    def deployed(text: str) -> Mapping[str, Any]:
        project.write("dev", text)
        project.onramp("deploy", "dev", "--json").ended(0)
        return inventory(project)

    unreleased = deployed(stack_text(SERVICES))
    first = deployed(stack_text(SERVICES, images=FIRST))
    second = deployed(stack_text(SERVICES, images=SECOND))
    said = project.pulumi("stack", "output", OUTPUT_NAME, "--stack", "dev").ended(0).out
    moved = deployed(stack_text(SERVICES.replace("8000", "8001"), images=SECOND))
    return Life(unreleased=unreleased, first=first, second=second, moved=moved, targets=TARGETS.validate_json(said))


def inventory(project: Project) -> Mapping[str, Any]:
    return {thing["urn"].rpartition("::")[2]: thing["properties"] for thing in project.things().values()}


def running(things: Mapping[str, Any]) -> list[tuple[int, str]]:
    """How many tasks each side runs, and of which version."""
    return [(things[side]["desiredCount"], things[side]["taskDefinition"].rpartition(":")[2]) for side in SIDES]


def test_the_first_release_goes_live_with_the_update_that_brings_it(life: Life) -> None:
    assert running(life.unreleased) == [(0, "1"), (0, "1")]
    assert running(life.first) == [(1, "2"), (0, "2")]
    assert [life.first[f"web-scaling-{color}"]["minCapacity"] for color in ("blue", "green")] == [1, 0]


def test_every_other_release_is_a_candidate_that_nobody_runs(life: Life) -> None:
    web = life.targets["web"]
    assert isinstance(web, BalancerTarget)
    assert running(life.second) == running(life.first)
    assert web.revision == life.second["web-task-definition"]["arn"]
    assert web.revision.endswith(":3")
    unchanged = (*SIDES, "web-ingress-rule", "web-scaling-blue", "web-scaling-green", "resize-alias", "churn-endpoint")
    assert [name for name in unchanged if life.second[name] != life.first[name]] == []


def test_what_the_stack_says_is_what_aws_calls_it(life: Life) -> None:
    web, resize, churn = (life.targets[name] for name in ("web", "resize", "churn"))
    assert isinstance(web, BalancerTarget)
    assert isinstance(resize, AliasTarget)
    assert isinstance(churn, VariantsTarget)
    things = life.second
    assert (web.services.blue, web.services.green) == tuple(things[side]["name"] for side in SIDES)
    assert web.rule == things["web-ingress-rule"]["arn"]
    assert (web.groups.blue, web.groups.green) == tuple(
        things[f"web-health-{color}"]["arn"] for color in ("blue", "green")
    )
    assert {*web.alarms} <= {things[f"web-alerting-{key}"]["name"] for key in ("http-5xx", "latency")}
    assert resize.revision == things["resize-function"]["version"]
    assert (resize.function, resize.alias) == (things["resize-function"]["name"], things["resize-alias"]["name"])
    assert churn.revision == things["dev-churn-config"]["name"] != things["churn-endpoint"]["endpointConfigName"]
    assert churn.variant == things["dev-churn-config"]["productionVariants"][0]["variantName"]


def test_at_another_port_both_sides_begin_anew(life: Life) -> None:
    """No old version listens there, so none could be gone back to."""
    assert running(life.moved) == [(1, "4"), (0, "4")]
    groups = [life.moved[f"web-health-{color}"]["arn"] for color in ("blue", "green")]
    assert [life.moved[side]["loadBalancers"][0]["targetGroupArn"] for side in SIDES] == groups
    (action,) = life.moved["web-ingress-rule"]["actions"]
    weights = [(group["arn"], group["weight"]) for group in action["forward"]["targetGroups"]]
    assert weights == list(zip(groups, (100, 0), strict=True))

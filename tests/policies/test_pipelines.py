"""What pipelines decide: verdicts with them, without them, and while something about them is unknown."""

from datetime import date

import pytest

from policies.judge import judge
from policies.verdicts import Judgement
from stacks.standards import Tier
from tests.policies.draft import Draft
from tests.policies.golden import FARGATE, LAMBDA, UNKNOWN, good
from tests.policies.golden_pipelines import DEPLOY, delivered, rolled_out

TODAY = date(2026, 7, 1)
DECIDED = ("CICD-1", "CICD-2", "CICD-3", "CICD-5", "COMP-3")


def judged(draft: Draft) -> Judgement:
    return judge(draft.graph(), TODAY)


@pytest.mark.parametrize("tier", ["dev", "staging", "prod"])
def test_a_delivered_environment_has_no_violation(tier: Tier) -> None:
    assert judged(delivered(tier)).violations == ()


def test_a_pipeline_decides_what_is_undecided_without_one() -> None:
    without, having = judged(good()).verdicts[FARGATE], judged(delivered()).verdicts[FARGATE]

    assert [without[item].verdict for item in DECIDED] == ["undecided", "pass", "undecided", "pass", "undecided"]
    assert [having[item].verdict for item in DECIDED] == ["pass"] * 5
    assert "pipeline:" in without["CICD-1"].because


def test_nothing_about_the_delivery_of_a_function_is_undecided() -> None:
    verdicts = judged(delivered()).verdicts[LAMBDA]

    assert {item: verdicts[item].verdict for item in ("CICD-1", "CICD-5")} == {"CICD-1": "pass", "CICD-5": "pass"}


def test_security_hub_is_not_asked_before_prod() -> None:
    assert judged(delivered("staging")).verdicts[FARGATE]["COMP-3"].verdict == "not-applicable"


def test_stages_that_are_not_known_are_undecided() -> None:
    draft = delivered()
    draft.set(f"{FARGATE}-pipeline", "stages", UNKNOWN)

    verdicts = judged(draft).verdicts[FARGATE]

    assert {item: verdicts[item].verdict for item in ("CICD-1", "CICD-3", "COMP-3")} == dict.fromkeys(
        ("CICD-1", "CICD-3", "COMP-3"), "undecided"
    )


@pytest.mark.parametrize("service", [FARGATE, LAMBDA])
def test_a_service_that_waits_for_its_rollout_has_a_pipeline_that_rolls_it_out(service: str) -> None:
    found = [each for each in judged(rolled_out()).violations if each.rule == "pipeline-rolls-out"]
    asked = judged(rolled_out()).verdicts[service]["CICD-1"]

    assert (found, asked.verdict) == ([], "pass")


def test_a_project_that_cannot_roll_out_does_not_help() -> None:
    draft = rolled_out()
    draft.set(DEPLOY, "source.buildspec", "onramp deploy prod")

    found = [each.service for each in judged(draft).violations if each.rule == "pipeline-rolls-out"]

    assert found == [FARGATE, LAMBDA]


def test_stages_of_a_rollout_that_are_not_known_are_undecided() -> None:
    draft = rolled_out()
    draft.set(f"{LAMBDA}-pipeline", "stages", UNKNOWN)

    assert judged(draft).verdicts[LAMBDA]["CICD-1"].verdict == "undecided"


def test_a_build_of_images_may_be_privileged() -> None:
    draft = delivered()
    name = f"prod-{FARGATE}-promote"
    draft.set(name, "environment.privilegedMode", True)  # noqa: FBT003 - an input
    draft.set(name, "source.buildspec", "docker buildx build --tag $COMMIT-$ENVIRONMENT; crane copy")

    assert judged(draft).violations == ()

"""Rollouts that AWS runs, from the stack file to the traffic: Onramp watches, answers, stops, and looks what runs."""

from collections.abc import Mapping
from typing import Final

import pytest

from tests.e2e.conftest import MakeProject
from tests.e2e.rolling import Ground, ground_of, undisturbed
from tests.rollouts.stages import BAD, GOOD

MODEL: Final = (
    "{package: churn, repository: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/churn, data: s3://models/churn/}"
)
CANARY: Final = "strategy: canary, percent: 20"
SERVICES: Final = f"""\
shop:
  compute: fargate
  port: 8000
  route: /shop/*
  rollout: {{{CANARY}, pause: true, intervalMinutes: 1, bakeMinutes: 1}}
mall:
  compute: fargate
  port: 8000
  route: /mall/*
  rollout: {{{CANARY}, intervalMinutes: 5, bakeMinutes: 5}}
book:
  compute: fargate
  port: 8000
  route: /book/*
  rollout: {{{CANARY}, controller: codedeploy, intervalMinutes: 7, bakeMinutes: 1}}
thumb: {{compute: lambda, package: image, rollout: {{{CANARY}, intervalMinutes: 7}}}}
churn:
  compute: sagemaker
  model: {MODEL}
  scaling: {{min: 2, max: 4}}
  rollout: {{strategy: canary, percent: 50, intervalMinutes: 5}}
blog: {{compute: apprunner, port: 8000}}
page: {{compute: express, port: 8000}}
"""
STILL_ASKED_FOR: Final[Mapping[str, dict[str, str]]] = {
    "shop": {"shop-service": "update"},
    "mall": {"mall-service": "update"},
    "book": {},
    "thumb": {},
    "churn": {"churn-endpoint": "update"},
    "blog": {"blog-service": "update"},
    "page": {"page-service": "update"},
}
"""Where an update itself begins the deployment, the stack file goes on asking for the version that was taken back."""


@pytest.fixture(scope="module")
def ground(make_project: MakeProject) -> Ground:
    return ground_of(make_project, SERVICES, *STILL_ASKED_FOR)


@pytest.mark.parametrize("service", STILL_ASKED_FOR)
def test_a_good_version_goes_live_and_nothing_else_moves_meanwhile(ground: Ground, service: str) -> None:
    ended = ground.roll_out(service, GOOD, undisturbed)

    assert (ended.rollout.ending, ended.rollout.note) == ("promoted", "")
    assert ended.stage.tools().drive(ended.rollout).running() == ended.rollout.candidate
    assert ground.planned() == {}


@pytest.mark.parametrize("service", STILL_ASKED_FOR)
def test_a_bad_version_is_taken_back_and_the_live_one_is_live_again(ground: Ground, service: str) -> None:
    former = ground.images[service]
    ended = ground.roll_out(service, BAD)

    assert ended.rollout.ending == "aborted"
    assert ended.stage.tools().drive(ended.rollout).running() == ended.rollout.live
    assert ground.planned() == STILL_ASKED_FOR[service]
    assert ground.brought_back() == ([service] if STILL_ASKED_FOR[service] else [])
    ground.put(service, former)
    assert ground.brought_back() == []

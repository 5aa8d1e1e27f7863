"""Rollouts that Onramp drives, from the stack file to the traffic: the real engine builds, the rollout world moves."""

from typing import Final

import pytest

from tests.e2e.conftest import MakeProject
from tests.e2e.rolling import STACK, Ground, ground_of, undisturbed
from tests.e2e.twins import Twin
from tests.rollouts.stages import BAD, GOOD

STEPS: Final = "rollout: {strategy: stepped, steps: [20, 100], stepMinutes: 1}"
MODEL: Final = (
    "{package: churn, repository: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/churn, data: s3://models/churn/}"
)
WEB: Final = f"web: {{compute: fargate, port: 8000, route: /web/*, {STEPS}}}\n"
SERVICES: Final = f"""\
{WEB}resize: {{compute: lambda, package: image, {STEPS}}}
churn: {{compute: sagemaker, model: {MODEL}, {STEPS}}}
"""
DRIVEN: Final = ("web", "resize", "churn")


@pytest.fixture(scope="module")
def ground(make_project: MakeProject) -> Ground:
    return ground_of(make_project, SERVICES, *DRIVEN)


@pytest.mark.parametrize("service", DRIVEN)
def test_a_good_version_goes_live_and_nothing_else_moves_meanwhile(ground: Ground, service: str) -> None:
    ended = ground.roll_out(service, GOOD, undisturbed)

    assert (ended.rollout.ending, ended.rollout.note) == ("promoted", "")
    assert ended.stage.tools().drive(ended.rollout).running() == ended.rollout.candidate
    assert ground.planned() == {}


@pytest.mark.parametrize("service", DRIVEN)
def test_a_bad_version_is_taken_back_and_the_live_one_is_live_again(ground: Ground, service: str) -> None:
    ended = ground.roll_out(service, BAD)

    assert (ended.rollout.ending, ended.rollout.note) == ("aborted", "")
    assert ended.stage.tools().drive(ended.rollout).running() == ended.rollout.live
    assert ground.planned() == {}


def test_what_would_disturb_an_open_rollout_is_refused(ground: Ground) -> None:
    def disturbed(ground: Ground, twin: Twin) -> None:
        twin.show()
        before = ground.project.things()
        released = {**ground.images}

        ground.images["web"] = released["web"].replace("0", "f")
        ground.write()
        assert "its image would be sha256:ffff" in refused(ground)

        del ground.images["web"]
        ground.write(SERVICES.replace(WEB, ""))
        assert "the stack has no web any more" in refused(ground)

        ground.images |= released
        ground.write()
        silent = ground.update(ONRAMP_LEDGER="nowhere")
        assert silent.code != 0
        assert "set ONRAMP_LEDGER=none for this update" in silent.out + silent.err
        assert ground.project.things() == before

    ended = ground.roll_out("web", GOOD, disturbed)

    assert ended.rollout.ending == "promoted"


def refused(ground: Ground) -> str:
    """What the pack says of the stack file."""
    violations = ground.project.onramp("preview", STACK, "--json").ended(1).document["violations"]
    messages = [str(each["message"]) for each in violations if each["rule"] == "open-rollout-undisturbed"]
    assert all("onramp rollout abort prod web goes back" in each for each in messages)
    return "\n".join(messages)

"""Killed at every single call of AWS and every access of the ledger, a rollout goes on, or back."""

from collections.abc import Callable
from typing import Final, Literal

import pytest

from rollouts.driver import Delegated, Driver
from rollouts.machine.tools import LEASE_SECONDS
from rollouts.record import Rollout
from simulator.world.faults import Killed
from simulator.world.traffic import Quality
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, GOOD, alias_stage, balancer_stage
from tests.rollouts.stages_apprunner import apprunner_stage
from tests.rollouts.stages_codedeploy import function_stage, task_set_stage
from tests.rollouts.stages_ecs import begun_stage, ecs_stage, express_stage, rolling_stage
from tests.rollouts.stages_sagemaker import guardrails_stage, variants_stage

MakeStage = Callable[[Quality], Stage]
Moment = Literal["kill-before", "kill-after"]

STAGES: Final[dict[str, MakeStage]] = {
    "alias": alias_stage,
    "balancer": balancer_stage,
    "ecs": ecs_stage,
    "ecs-begun": begun_stage,
    "ecs-rolling": rolling_stage,
    "express": express_stage,
    "codedeploy-function": function_stage,
    "codedeploy-service": task_set_stage,
    "variants": variants_stage,
    "guardrails": guardrails_stage,
    "apprunner": apprunner_stage,
}


@pytest.mark.usefixtures("few_looks")
@pytest.mark.parametrize("moment", ["kill-before", "kill-after"])
@pytest.mark.parametrize("driver", STAGES)
class TestEveryCall:
    def test_a_good_version_goes_live(self, driver: str, moment: Moment) -> None:
        for number, stage in killed_everywhere(STAGES[driver], GOOD, moment):
            ended = stage.record()
            assert ended is not None, f"call {number}"
            assert (ended.ending, running(stage)) == ("promoted", ended.candidate), f"call {number}: {ended.reason}"

    def test_a_bad_version_is_taken_back(self, driver: str, moment: Moment) -> None:
        for number, stage in killed_everywhere(STAGES[driver], BAD, moment):
            ended = stage.record()
            assert ended is not None, f"call {number}"
            assert running(stage) == ended.live, f"call {number}: {ended.reason}"
            assert ended.ending in endings(stage), f"call {number}: {ended.reason}"


def killed_everywhere(make: MakeStage, candidate: Quality, moment: Moment) -> list[tuple[int, Stage]]:
    """Each rollout that was killed at one of its calls, and brought to its end by another process."""
    whole = make(candidate)
    whole.start()
    found: list[tuple[int, Stage]] = []
    for number in range(1, len(whole.world.calls) + 1):
        stage = make(candidate)
        stage.world.faults.at_call(moment, number)
        with pytest.raises(Killed):
            stage.start()
        stage.world.faults.clear()
        assert go_on(stage).phase == "ended"
        found.append((number, stage))
    return found


def go_on(stage: Stage) -> Rollout:
    """What the next process does: resume what is open, start what was never opened, nothing when it has ended."""
    left = stage.record()
    if left is None:
        stage.world.clock.sleep(LEASE_SECONDS)  # the lease may have been had already
        return stage.start()
    return stage.resume() if left.is_open else left


def endings(stage: Stage) -> set[str]:
    """Who dies after AWS was told to stop, and before the ledger was, leaves what AWS itself has rolled back."""
    return {"aborted", "rolled-back"} if isinstance(drive(stage), Delegated) else {"aborted"}


def running(stage: Stage) -> str:
    """What all of the traffic reaches."""
    return drive(stage).running()


def drive(stage: Stage) -> Driver:
    return stage.tools().drive(stage.record() or pytest.fail("nothing in the ledger"))

"""AWS does not do what it was asked for: a step goes back in time, and a way back is tried for ever, and loudly."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import pytest
from botocore.exceptions import ClientError

from rollouts import control
from rollouts.driver import Driven, Ready
from rollouts.drivers.alias import AliasDriver
from rollouts.drivers.balancer import BalancerDriver
from rollouts.machine.patience import CHANGE_MINUTES, ENDPOINT_MINUTES
from rollouts.machine.tools import LEASE_SECONDS
from rollouts.record import ALL, Rollout
from stacks.targets import BalancerTarget
from tests.rollouts.hands import abort, at_phase, patiently, take_over
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, GOOD, balancer_stage
from tests.rollouts.stages_sagemaker import QUICK, guardrails_stage, variants_stage
from tests.rollouts.together import DRIVEN, check, finish, ignore, share

DRIVERS: Final = {"alias": AliasDriver, "balancer": BalancerDriver}
NEVER: Final = 1e9
STARTING: Final = "the live side's tasks are starting again"


@dataclass
class Slow:
    """Something that AWS is asked for, and does not do until it is told to."""

    is_done: bool = False
    asked: int = 0

    def __call__(self) -> Ready:
        self.asked += 1
        return Ready(done=self.is_done, because=STARTING)


@pytest.fixture(params=DRIVEN)
def driver(request: pytest.FixtureRequest) -> str:
    return request.param


def slowed(driver: str, what: str, monkeypatch: pytest.MonkeyPatch) -> Slow:
    slow = Slow()
    monkeypatch.setattr(DRIVERS[driver], what, slow)
    return slow


def told(stage: Stage, kind: str) -> int:
    return [each for each, _ in stage.told].count(kind)


@pytest.mark.usefixtures("few_looks")
class TestAWayBackThatNeverGetsSteady:
    def test_it_is_said_once_and_the_process_ends(self, driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
        stage, slow = DRIVEN[driver](BAD), slowed(driver, "restore", monkeypatch)
        left = stage.start()
        assert (left.phase, left.ending, left.waits) == ("aborting", "aborted", STARTING)
        aborted = next(event.at for event in stage.events() if event.kind == "abort")
        stuck = next(event for event in stage.events() if event.kind == "stuck")
        assert left.stuck_since == aborted
        assert timedelta(0) < stuck.at - aborted - timedelta(minutes=CHANGE_MINUTES) < timedelta(minutes=2)
        assert stuck.data["reason"] == f"after {CHANGE_MINUTES} minutes: {STARTING}"
        assert told(stage, "stuck") == 1
        assert slow.asked > CHANGE_MINUTES / 2
        check(stage)

    def test_each_process_tries_again_and_says_no_more(self, driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
        stage, slow = DRIVEN[driver](BAD), slowed(driver, "restore", monkeypatch)
        first = stage.start()
        for _ in range(3):
            asked, calls = slow.asked, stage.world.clock.now()
            left = stage.resume("a schedule that lets nothing go")
            assert slow.asked == asked + 1
            assert stage.world.clock.now() - calls == timedelta(seconds=LEASE_SECONDS)
            assert left.stuck_since == first.stuck_since
        assert told(stage, "stuck") == 1
        slow.is_done = True
        ended = stage.resume()
        assert (ended.phase, ended.ending, ended.stuck_since, share(stage)) == ("ended", "aborted", None, 0)

    def test_who_resumes_it_has_new_patience(self, driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
        stage, slow = DRIVEN[driver](BAD), slowed(driver, "restore", monkeypatch)
        first, tools = stage.start(), stage.tools()
        begun = tools.clock.now()
        journal = take_over(stage, tools)
        control.release(journal, tools, "somebody")
        left = finish(journal, tools)
        assert left.stuck_since == first.stuck_since
        assert tools.clock.now() - begun > timedelta(minutes=CHANGE_MINUTES)
        assert (told(stage, "stuck"), told(stage, "resumed")) == (1, 1)
        journal = take_over(stage, tools)
        control.release(journal, tools, "somebody")
        tools.clock.sleep(60)
        slow.is_done = True
        assert finish(journal, tools).phase == "ended"

    def test_nothing_is_said_of_what_only_nobody_looked_at(self, driver: str) -> None:
        stage = DRIVEN[driver](GOOD)
        at_phase(stage, "stepping", lambda rollout: rollout.step == 1)
        abort(stage, stage.tools()).release()
        stage.world.clock.advance(3 * CHANGE_MINUTES)
        assert stage.resume().ending == "aborted"
        assert told(stage, "stuck") == 0


@pytest.mark.usefixtures("few_looks")
def test_a_way_back_that_aws_refuses_again_and_again_is_said_too(driver: str) -> None:
    stage = DRIVEN[driver](GOOD)
    at_phase(stage, "stepping", lambda rollout: rollout.step == 1)
    stage.world.faults.on(
        "unavailable", {"alias": "lambda.UpdateAlias", "balancer": "elbv2.ModifyRule"}[driver], times=None
    )
    with pytest.raises(ClientError):
        abort(stage, stage.tools())
    for _ in range(4):
        stage.world.clock.advance(CHANGE_MINUTES / 2)
        with pytest.raises(ClientError):
            stage.resume()
    assert told(stage, "stuck") == 1
    assert "AWS refuses it" in stage.record_now().waits
    stage.world.faults.clear()
    assert (stage.resume().ending, share(stage)) == ("aborted", 0)


@pytest.mark.usefixtures("few_looks")
def test_old_tasks_that_never_go_are_said_and_waited_for(driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
    stage, slow = DRIVEN[driver](GOOD), slowed(driver, "promote", monkeypatch)
    left = stage.start()
    assert (left.phase, left.ending, told(stage, "stuck")) == ("promoting", "promoted", 1)
    slow.is_done = True
    assert (stage.resume().ending, share(stage), stage.record_now().stuck_since) == ("promoted", ALL, None)


@pytest.mark.usefixtures("few_looks")
class TestAWeightThatIsNeverInForce:
    def test_of_an_endpoint_goes_back_in_time_and_is_said_when_that_does_not_end_either(self) -> None:
        stage = variants_stage()
        at_phase(stage, "stepping")
        stage.world.sagemaker.times = replace(QUICK, weights=NEVER)
        tools = stage.tools()
        begun = tools.clock.now()
        left = finish(patiently(stage, tools), tools)
        assert (left.phase, left.weight) == ("aborting", 0)
        assert f"not in force after {ENDPOINT_MINUTES} minutes: AWS has 0 % on the candidate" in left.reason
        assert told(stage, "stuck") == 1
        assert tools.clock.now() - begun < timedelta(minutes=2 * ENDPOINT_MINUTES + 10)

    def test_that_aws_refuses_goes_back_in_time(self, driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
        stage = DRIVEN[driver](GOOD)
        at_phase(stage, "stepping", lambda rollout: rollout.step == 1)
        begun = stage.world.clock.now()
        monkeypatch.setattr(DRIVERS[driver], "shift", refusing)
        left = resumed_for_ever(stage)
        assert left.ending == "aborted"
        assert f"not in force after {CHANGE_MINUTES} minutes: AWS refuses it" in left.reason
        assert stage.world.clock.now() - begun < timedelta(minutes=CHANGE_MINUTES + 30)
        assert share(stage) == 0

    def test_does_not_keep_a_version_that_turns_bad(self, driver: str, monkeypatch: pytest.MonkeyPatch) -> None:
        stage = DRIVEN[driver](GOOD)
        at_phase(stage, "stepping", lambda rollout: rollout.step == 1)
        monkeypatch.setattr(DRIVERS[driver], "shift", nothing)
        revision = {"alias": "thumbnails:2"}.get(driver, stage.target.revision)
        turned = stage.world.clock.now() + timedelta(minutes=15)
        stage.world.clock.after(15 * 60, lambda: stage.world.traffic.behave(revision, BAD))
        left = stage.resume()
        assert left.ending == "aborted"
        assert "5xx: worse" in left.reason
        intent, aborted = (
            next(each.at for each in stage.events() if each.kind == kind) for kind in ("intent", "abort")
        )
        assert intent < turned < aborted < turned + timedelta(minutes=10)

    @pytest.mark.parametrize("on_deadline", ["hold", "abort"])
    def test_with_targets_that_are_never_healthy_goes_back_whatever_the_deadline_says(self, on_deadline: str) -> None:
        stage = balancer_stage()
        gates = stage.target.gates.model_copy(update={"on_deadline": on_deadline})
        stage.target = target = stage.target.model_copy(update={"gates": gates})
        stage.build = lambda: target
        at_phase(stage, "stepping", lambda rollout: rollout.step == 1)
        sicken(stage)
        left = stage.resume()
        assert left.ending == "aborted"
        assert f"not in force after {CHANGE_MINUTES} minutes: 0 of 2 targets are healthy" in left.reason

    def test_is_looked_at_twice_because_jobs_come_rarely(self) -> None:
        stage = balancer_stage()
        at_phase(stage, "stepping", lambda rollout: rollout.step == 1)
        sicken(stage)
        for _ in range(2):
            assert stage.record_now().phase == "stepping"
            stage.world.clock.advance(2 * CHANGE_MINUTES)
            tools = stage.tools()
            control.run(take_over(stage, tools), tools, tools.clock.now(), ignore)
        assert stage.record_now().phase == "aborting"


def test_targets_that_fail_for_a_moment_late_in_a_long_step_do_not_end_it() -> None:
    stage = balancer_stage(steps=(50, 100), minutes=240)
    heal: list[None] = []

    def once(rollout: Rollout) -> None:
        if rollout.step == 1 and len(rollout.seen) == 200 and not heal:
            heal.append(sicken(stage))
            stage.world.clock.after(90, lambda: sicken(stage, "healthy"))

    tools = stage.tools()
    journal = control.begin(stage.ledger, tools, stage.wanted(stage.outlook()))
    ended = control.run(journal, tools, None, once)
    assert (ended.ending, ended.reason) == ("promoted", "")
    assert heal


@pytest.mark.usefixtures("few_looks")
def test_an_endpoint_without_a_brake_that_updates_for_ever_is_said() -> None:
    stage = guardrails_stage(has_brake=False)
    at_phase(stage, "stepping")
    stage.world.sagemaker.times = replace(QUICK, activate=NEVER)
    stage.world.clock.advance(1)
    tools = stage.tools()
    left = finish(abort(stage, tools), tools)
    assert (left.phase, told(stage, "stuck")) == ("aborting", 1)
    assert "still changing the endpoint" in left.waits


def sicken(stage: Stage, health: str = "unhealthy") -> None:
    """Every target of the candidate."""
    assert isinstance(stage.target, BalancerTarget)
    group = stage.world.elbv2.group(stage.target.groups.green)
    for target in group.targets.values():
        target.health = health  # pyright: ignore[reportAttributeAccessIssue] - one of its words


def refusing(_: Driven, _expected: float, _wanted: float, _confirm: Callable[[], None]) -> None:
    raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "Update")


def nothing(_: Driven, _expected: float, _wanted: float, _confirm: Callable[[], None]) -> None:
    return


def resumed_for_ever(stage: Stage) -> Rollout:
    """By jobs that each end with the error."""
    for _ in range(100):
        try:
            return stage.resume()
        except ClientError:
            stage.world.clock.advance(5)
    return pytest.fail("it never ends")

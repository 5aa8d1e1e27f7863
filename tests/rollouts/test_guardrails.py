"""A SageMaker endpoint that SageMaker updates itself, with guardrails."""

from typing import Literal

import pytest

from rollouts import control
from rollouts.errors import Refused
from rollouts.record import Rollout
from simulator.world.faults import Kind
from stacks.targets import Target
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, GOOD
from tests.rollouts.stages_sagemaker import ALARM, BRAKE, ENDPOINT, NEW, OLD, config, guardrails_stage

Strategy = Literal["canary", "linear", "all-at-once", "rolling"]


def shifted(stage: Stage) -> list[float]:
    return [float(str(event.data["weight"])) for event in stage.events() if event.kind == "shifted"]


def brake(stage: Stage) -> str:
    return next(alarm.state for alarm in stage.world.alarms.all() if alarm.name == BRAKE)


def fire(stage: Stage, after_seconds: float) -> None:
    stage.world.clock.after(after_seconds, lambda: stage.world.alarms.hold(ALARM, "ALARM"))


def finished_by_pulumi(stage: Stage) -> Target:
    """`pulumi up` asks SageMaker for the candidate, and waits until the endpoint is in service, on whatever."""
    alarms = [{"AlarmName": name} for name in (*stage.target.alarms, BRAKE)]
    routing = {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 300}
    deployment = {
        "BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing},
        "AutoRollbackConfiguration": {"Alarms": alarms},
    }
    stage.world.sagemaker.update(ENDPOINT, NEW, deployment)
    stage.world.clock.advance(10)
    return stage.target


@pytest.mark.parametrize(
    ("strategy", "percent", "shares"),
    [
        ("canary", 20, [20, 100]),
        ("linear", 30, [30, 60, 90, 100]),
        ("all-at-once", 50, [100]),
        ("rolling", 50, [50, 100]),
    ],
)
def test_a_good_version_is_promoted(strategy: Strategy, percent: int, shares: list[float]) -> None:
    stage = guardrails_stage(strategy=strategy, percent=percent)
    rollout = stage.start()
    assert (rollout.ending, rollout.note) == ("promoted", "")
    assert shifted(stage) == shares
    assert config(stage) == NEW


def test_without_a_wait_nobody_watches_and_it_is_judged_afterwards() -> None:
    stage = guardrails_stage(strategy="all-at-once", minutes=0)
    assert stage.start().ending == "promoted"
    (asked,) = [call.params for call in stage.world.calls if call.operation == "UpdateEndpoint"]
    assert "DeploymentConfig" not in asked
    assert guardrails_stage(BAD, strategy="all-at-once", minutes=0).start().ending == "aborted"


class TestBadVersion:
    def test_the_brake_is_pulled_in_the_very_next_call(self) -> None:
        stage = guardrails_stage(BAD)
        assert stage.start().ending == "aborted"
        operations = stage.operations()
        last_read = max(at for at, name in enumerate(operations) if name == "cloudwatch.GetMetricData")
        assert operations[last_read + 1] == "cloudwatch.SetAlarmState"

    def test_sagemaker_goes_back_and_the_brake_is_let_go(self) -> None:
        stage = guardrails_stage(BAD)
        stage.start()
        assert shifted(stage) == [20]
        assert (config(stage), brake(stage)) == (OLD, "OK")
        assert stage.operations().count("sagemaker.UpdateEndpoint") == 1

    def test_without_a_brake_it_goes_back_when_sagemaker_has_finished(self) -> None:
        stage = guardrails_stage(BAD, has_brake=False)
        assert any("cannot stop" in note for note in stage.outlook().notes)
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert config(stage) == OLD
        assert stage.operations().count("cloudwatch.SetAlarmState") == 0

    def test_one_that_is_judged_bad_after_sagemaker_has_finished_is_taken_back(self) -> None:
        stage = guardrails_stage(BAD)
        stage.build = lambda: finished_by_pulumi(stage)
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert shifted(stage) == [100]
        assert config(stage) == OLD

    def test_in_the_last_bake_the_brake_is_pulled_after_all(self) -> None:
        stage = guardrails_stage(BAD, strategy="all-at-once", minutes=20)
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert (config(stage), brake(stage)) == (OLD, "OK")
        assert stage.world.sagemaker.endpoint(ENDPOINT).deployment != {}, "SageMaker went back by itself"


class TestRolledBackByAws:
    def test_an_alarm_of_sagemakers_ends_it(self) -> None:
        stage = guardrails_stage(alarms=(ALARM,))
        fire(stage, 150)
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert f"gone back to {OLD}" in rollout.reason
        assert config(stage) == OLD

    def test_what_happened_while_pulumi_waited_is_no_success_and_not_begun_again(self) -> None:
        stage = guardrails_stage(alarms=(ALARM,))
        fire(stage, 100)
        stage.build = lambda: finished_by_pulumi(stage)
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert config(stage) == OLD
        assert "sagemaker.UpdateEndpoint" not in stage.operations()

    def test_a_version_that_does_not_start_ends_it(self) -> None:
        rollout = guardrails_stage(starts=False).start()
        assert rollout.ending == "rolled-back"
        assert "ping health check" in rollout.reason

    def test_where_sagemaker_could_not_go_back_it_is_asked_for_the_live_one(self) -> None:
        stage = guardrails_stage(alarms=(ALARM,))
        stage.world.sagemaker.endpoint(ENDPOINT).goes_back = False
        fire(stage, 150)
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert config(stage) == OLD


class TestRefusals:
    def test_an_endpoint_that_sagemaker_is_changing(self) -> None:
        stage = guardrails_stage()
        stage.world.sagemaker.update(ENDPOINT, NEW)
        with pytest.raises(Refused, match="is changing the endpoint"):
            stage.start()

    def test_an_endpoint_that_is_not_there(self) -> None:
        stage = guardrails_stage()
        stage.target = stage.target.model_copy(update={"endpoint": "nowhere"})
        with pytest.raises(Refused, match="no endpoint nowhere"):
            stage.start()

    def test_a_brake_that_is_pulled(self) -> None:
        stage = guardrails_stage()
        stage.world.alarms.set(BRAKE, "ALARM")
        with pytest.raises(Refused, match=f"set-alarm-state --alarm-name {BRAKE}"):
            stage.start()

    def test_a_brake_that_is_not_there(self) -> None:
        stage = guardrails_stage()
        stage.target = stage.target.model_copy(update={"brake": "nowhere"})
        with pytest.raises(Refused, match="no alarm nowhere"):
            stage.start()

    def test_variants_of_other_names(self) -> None:
        stage = guardrails_stage()
        stage.target = stage.target.model_copy(update={"variants": ("other",)})
        with pytest.raises(Refused, match="variants of the same name"):
            stage.start()


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "lost", "repeated"])
@pytest.mark.parametrize("operation", ["sagemaker.UpdateEndpoint", "sagemaker.DescribeEndpoint", "cloudwatch"])
def test_one_call_that_goes_wrong_changes_nothing(kind: Kind, operation: str) -> None:
    stage = guardrails_stage()
    stage.world.faults.on(kind, operation)
    assert stage.start().ending == "promoted"
    assert config(stage) == NEW


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "lost", "repeated"])
def test_a_brake_that_is_pulled_twice_stops_once(kind: Kind) -> None:
    stage = guardrails_stage(BAD)
    stage.world.faults.on(kind, "cloudwatch.SetAlarmState")
    assert stage.start().ending == "aborted"
    assert (config(stage), brake(stage)) == (OLD, "OK")


@pytest.mark.parametrize("phase", ["preparing", "stepping"])
def test_an_abort_by_a_person_stops_it_before_the_next_step(phase: str) -> None:
    stage = guardrails_stage(GOOD)
    tools = stage.tools()
    journal = control.begin(stage.ledger, tools, stage.wanted(stage.outlook()))

    def stop(rollout: Rollout) -> None:
        if rollout.phase == phase and (phase == "preparing" or rollout.weight == 20):
            raise InterruptedError

    with pytest.raises(InterruptedError):
        control.run(journal, tools, None, stop)
    aborting = control.abort(stage.ledger, tools, stage.key, "ann", "it is wrong")
    rollout = control.run(aborting, tools, None, lambda _: None)
    assert rollout.ending == "aborted"
    assert 100 not in shifted(stage)
    assert (config(stage), brake(stage)) == (OLD, "OK")


def test_several_variants_are_judged_by_alarms_alone() -> None:
    stage = guardrails_stage(BAD, alarms=(ALARM,))
    world = stage.world
    for name, model in (("two-a", "churn-1"), ("two-b", "churn-2")):
        world.sagemaker.add_config(name, {"main": model, "other": model})
    world.sagemaker.update(ENDPOINT, "two-a")
    world.clock.advance(80)
    stage.target = stage.target.model_copy(update={"variants": ("main", "other"), "revision": "two-b"})
    stage.build = lambda: stage.target
    assert any("only the alarms judge" in note for note in stage.outlook().notes)
    fire(stage, 150)
    assert stage.start().ending == "rolled-back"
    assert config(stage) == "two-a"

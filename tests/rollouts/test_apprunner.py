"""An App Runner service, whose instances are all replaced at once."""

import pytest

from rollouts.errors import Refused
from simulator.world.faults import Kind
from stacks.targets import Target
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD
from tests.rollouts.stages_apprunner import NEW, OLD, apprunner_stage, service_of


def outcomes(stage: Stage) -> list[str]:
    return [operation.status for operation in service_of(stage).operations]


@pytest.mark.parametrize("by_pulumi", [True, False])
def test_a_good_version_is_promoted_after_it_was_judged(*, by_pulumi: bool) -> None:
    stage = apprunner_stage(by_pulumi=by_pulumi)
    rollout = stage.start()
    assert (rollout.ending, rollout.note) == ("promoted", "")
    assert service_of(stage).image == NEW
    assert outcomes(stage) == ["SUCCEEDED"]
    assert "healthy" in [event.data.get("verdict") for event in stage.events()]


def test_the_port_and_the_environment_stay() -> None:
    stage = apprunner_stage(BAD, by_pulumi=False)
    before = service_of(stage).source
    stage.start()
    assert service_of(stage).source == before


class TestBadVersion:
    def test_the_live_image_is_deployed_again(self) -> None:
        stage = apprunner_stage(BAD)
        rollout = stage.start()
        assert (rollout.ending, rollout.note) == ("aborted", "")
        assert service_of(stage).image == OLD
        assert outcomes(stage) == ["SUCCEEDED", "SUCCEEDED"]

    def test_it_is_the_next_change(self) -> None:
        stage = apprunner_stage(BAD)
        stage.start()
        operations = stage.operations()
        last_read = max(at for at, name in enumerate(operations) if name == "cloudwatch.GetMetricData")
        assert operations[last_read + 1 : last_read + 3] == ["apprunner.DescribeService", "apprunner.UpdateService"]

    def test_what_happened_while_pulumi_waited_is_judged_all_the_same(self) -> None:
        stage = apprunner_stage(BAD)
        begin = stage.build

        def build() -> Target:
            target = begin()
            stage.world.clock.advance(5)
            return target

        stage.build = build
        assert stage.start().ending == "aborted"
        assert service_of(stage).image == OLD

    def test_a_live_image_that_no_longer_starts_is_left_for_a_person(self) -> None:
        stage = apprunner_stage(BAD)
        stage.world.apprunner.fail(OLD)
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert "deploy it by hand" in rollout.note
        assert outcomes(stage) == ["SUCCEEDED", "ROLLBACK_SUCCEEDED"]


class TestRolledBackByAws:
    @pytest.mark.parametrize("by_pulumi", [True, False])
    def test_an_image_that_is_not_healthy_ends_it(self, *, by_pulumi: bool) -> None:
        stage = apprunner_stage(starts=False, by_pulumi=by_pulumi)
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert service_of(stage).image == OLD
        assert outcomes(stage) == ["ROLLBACK_SUCCEEDED"]

    def test_what_happened_while_pulumi_waited_is_not_begun_again(self) -> None:
        stage = apprunner_stage(starts=False)
        begin = stage.build

        def build() -> Target:
            target = begin()
            stage.world.clock.advance(5)
            return target

        stage.build = build
        assert stage.start().ending == "rolled-back"
        assert outcomes(stage) == ["ROLLBACK_SUCCEEDED"]


class TestRefusals:
    def test_a_service_that_app_runner_is_changing(self) -> None:
        stage = apprunner_stage()
        stage.world.apprunner.update(service_of(stage), NEW)
        with pytest.raises(Refused, match="nothing stops it"):
            stage.start()
        assert stage.record() is None

    def test_a_service_that_deploys_by_itself(self) -> None:
        stage = apprunner_stage()
        service_of(stage).source["AutoDeploymentsEnabled"] = True
        with pytest.raises(Refused, match=r"rollout\.strategy: approved"):
            stage.start()

    def test_a_service_that_is_not_there(self) -> None:
        stage = apprunner_stage()
        stage.target = stage.target.model_copy(update={"service_arn": f"{service_of(stage).arn}0"})
        with pytest.raises(Refused, match="has no service"):
            stage.start()


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "lost", "repeated"])
@pytest.mark.parametrize("operation", ["DescribeService", "ListOperations", "UpdateService"])
def test_one_call_that_goes_wrong_changes_nothing(kind: Kind, operation: str) -> None:
    stage = apprunner_stage(by_pulumi=False)
    stage.world.faults.on(kind, f"apprunner.{operation}")
    assert stage.start().ending == "promoted"
    assert outcomes(stage) == ["SUCCEEDED"]


def test_somebody_who_deploys_meanwhile_ends_it() -> None:
    stage = apprunner_stage()
    stage.world.clock.after(120, lambda: stage.world.apprunner.update(service_of(stage), OLD))
    rollout = stage.start()
    assert rollout.ending == "aborted"
    assert "moved back" in rollout.reason
    assert service_of(stage).image == OLD

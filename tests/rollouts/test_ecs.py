"""Services whose deployments ECS runs: it shifts or replaces, we answer, watch and stop."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from rollouts.control import abort, hold, run, take
from rollouts.driver import Delegated
from rollouts.errors import Refused
from simulator.world.ecs.service import CLUSTER
from simulator.world.faults import Kind
from simulator.world.traffic import Quality
from stacks.targets import EcsTarget
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, GOOD
from tests.rollouts.stages_ecs import (
    ALARM,
    CANARY,
    ONE_AT_A_TIME,
    PAUSE,
    SERVICE,
    ecs_stage,
    express_stage,
    rolling_stage,
)

OWN_ALARM: Final = "of-the-service"
MINUTE: Final = 60.0


def shifted(stage: Stage) -> list[float]:
    return [float(str(event.data["weight"])) for event in stage.events() if event.kind == "shifted"]


def service(stage: Stage) -> dict[str, Any]:
    return stage.world.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]


def weights(stage: Stage) -> tuple[int, int]:
    """Blue's and green's."""
    target = stage.target
    assert isinstance(target, EcsTarget)
    assert target.groups is not None
    rule = service(stage)["loadBalancers"][0]["advancedConfiguration"]["productionListenerRule"]
    (found,) = stage.world.client("elbv2").describe_rules(RuleArns=[rule])["Rules"]
    of = {each["TargetGroupArn"]: each["Weight"] for each in found["Actions"][0]["ForwardConfig"]["TargetGroups"]}
    return of[target.groups.blue], of[target.groups.green]


def deployment(stage: Stage) -> dict[str, Any]:
    """The newest."""
    client = stage.world.client("ecs")
    newest = client.list_service_deployments(cluster=CLUSTER, service=SERVICE)["serviceDeployments"][0]
    arns = [newest["serviceDeploymentArn"]]
    return client.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"][0]


def running(stage: Stage) -> str:
    return service(stage)["taskDefinition"]


class TestGoodVersion:
    @pytest.mark.parametrize("make", [ecs_stage, rolling_stage, express_stage])
    def test_it_is_promoted_and_runs(self, make: Callable[[Quality], Stage]) -> None:
        stage = make(GOOD)
        rollout = stage.start()
        assert (rollout.ending, rollout.note, rollout.reason) == ("promoted", "", "")
        assert stage.tools().drive(rollout).running() == stage.target.revision

    def test_each_shift_is_allowed_and_the_second_one_only_when_the_first_was_good(self) -> None:
        stage = ecs_stage()
        stage.start()
        assert shifted(stage) == [20, 100]
        kinds = [event.kind for event in stage.events()]
        looked = kinds.index("look")
        assert kinds[:looked].count("answer") == 1
        assert kinds[looked:].count("answer") == 1

    @pytest.mark.parametrize("strategy", ["LINEAR", "BLUE_GREEN"])
    def test_every_strategy_goes_its_own_steps(self, strategy: str) -> None:
        linear = {"stepPercent": 40.0, "stepBakeTimeInMinutes": 1}
        stage = ecs_stage(configuration={**CANARY, "strategy": strategy, "linearConfiguration": linear})
        assert stage.start().ending == "promoted"
        assert shifted(stage) == ([40, 80, 100] if strategy == "LINEAR" else [100])

    def test_the_next_one_has_the_other_side(self) -> None:
        stage = ecs_stage()
        stage.start()
        newer = stage.world.ecs.add_task_definition(SERVICE, "registry/shop:3")
        stage.world.traffic.behave(newer.arn, BAD)
        stage.target = stage.target.model_copy(update={"revision": newer.arn})
        stage.build = lambda: stage.target
        stage.world.clock.advance(60)
        rollout = stage.start()
        assert (rollout.side, rollout.ending) == ("blue", "aborted")
        assert weights(stage) == (0, 100)

    def test_where_pulumi_saw_nothing_to_change_we_start_the_deployment(self) -> None:
        stage = ecs_stage()
        stage.build = lambda: stage.target
        assert stage.start().ending == "promoted"
        assert stage.operations().count("ecs.UpdateService") == 1

    def test_an_express_service_that_pulumi_did_not_deploy_is_left_alone(self) -> None:
        stage = express_stage()
        stage.build = lambda: stage.target
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert "Pulumi has started no deployment" in rollout.reason


class TestBadVersion:
    def test_it_is_stopped_at_the_first_step_in_the_very_next_call(self) -> None:
        stage = ecs_stage(BAD)
        rollout = stage.start()
        assert (rollout.ending, shifted(stage)) == ("aborted", [20])
        operations = stage.operations()
        last_read = max(at for at, name in enumerate(operations) if name == "cloudwatch.GetMetricData")
        assert operations[last_read + 1] == "ecs.StopServiceDeployment"
        assert weights(stage) == (100, 0)
        assert stage.target.revision != running(stage)

    @pytest.mark.parametrize("make", [rolling_stage, express_stage])
    def test_an_alarm_stops_what_nobody_can_count(self, make: Callable[[Quality], Stage]) -> None:
        stage = make(BAD)
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert ALARM in rollout.reason
        assert stage.tools().drive(rollout).running() == rollout.live

    def test_tasks_that_never_start_end_at_the_deadline(self) -> None:
        stage = ecs_stage(starts=False)
        rollout = stage.start()
        assert (rollout.ending, shifted(stage)) == ("aborted", [])
        assert "AWS has not finished" in rollout.reason


class TestAbort:
    def test_somebody_stops_it_in_one_call(self) -> None:
        stage = ecs_stage()
        stage.until(lambda rollout: rollout.weight == 20)
        before = len(stage.world.calls)
        tools = stage.tools()
        abort(stage.ledger, tools, stage.key, "you", "a complaint").release()
        assert stage.operations()[before + 1] == "ecs.StopServiceDeployment"
        assert all(name.startswith("ledger") for name in stage.operations()[before + 2 :])
        rollout = stage.resume()
        assert (rollout.ending, rollout.reason) == ("aborted", "a complaint (you)")
        assert running(stage) == rollout.live

    def test_a_deployment_that_nobody_has_written_down_yet_is_found(self) -> None:
        stage = ecs_stage()
        stage.until(lambda rollout: rollout.phase == "preparing")
        abort(stage.ledger, stage.tools(), stage.key, "you", "too early").release()
        assert deployment(stage)["status"] == "ROLLBACK_REQUESTED"
        assert stage.resume().ending == "aborted"
        assert running(stage) != stage.target.revision

    def test_when_ecs_had_just_finished_the_live_version_is_deployed_again(self) -> None:
        stage = ecs_stage()
        stage.until(lambda rollout: rollout.weight == 100)
        stage.world.clock.advance(5)
        assert deployment(stage)["status"] == "SUCCESSFUL"
        abort(stage.ledger, stage.tools(), stage.key, "you", "too late").release()
        rollout = stage.resume()
        assert (rollout.ending, rollout.note) == ("aborted", "")
        assert running(stage) == rollout.live

    def test_an_express_service_that_has_finished_is_left_to_a_person(self) -> None:
        stage = express_stage()
        stage.until(lambda rollout: rollout.weight == 100)
        stage.world.clock.advance(20)
        abort(stage.ledger, stage.tools(), stage.key, "you", "too late").release()
        rollout = stage.resume()
        assert rollout.ending == "aborted"
        assert f"{stage.target.revision} runs" in rollout.note


class TestRolledBackByAws:
    @staticmethod
    def watched(*, rollback: bool) -> Stage:
        alarms = {"alarmNames": [OWN_ALARM], "enable": True, "rollback": rollback}
        stage = ecs_stage(configuration={**CANARY, "alarms": alarms})
        stage.world.alarms.add(OWN_ALARM)
        stage.world.clock.after(2 * MINUTE, lambda: stage.world.alarms.hold(OWN_ALARM, "ALARM"))
        return stage

    def test_an_alarm_of_the_service(self) -> None:
        stage = self.watched(rollback=True)
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert OWN_ALARM in rollout.reason
        assert (weights(stage), running(stage)) == ((100, 0), rollout.live)

    def test_one_that_only_stops_it_leaves_no_traffic_on_it(self) -> None:
        stage = self.watched(rollback=False)
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert stage.tools().drive(rollout).running() == rollout.live

    def test_the_circuit_breaker(self) -> None:
        stage = rolling_stage(starts=False)
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert "tasks failed to start" in rollout.reason
        assert running(stage) == rollout.live

    def test_a_pause_that_nobody_answers_in_time(self) -> None:
        hook = {**PAUSE, "timeoutConfiguration": {"timeoutInMinutes": 2, "action": "ROLLBACK"}}
        stage = ecs_stage(configuration={**CANARY, "lifecycleHooks": [hook]})
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert "timed out" in rollout.reason
        assert running(stage) == rollout.live

    def test_a_rollout_on_hold_is_not_answered_for(self) -> None:
        stage = ecs_stage()
        stage.until(lambda rollout: rollout.phase == "stepping")
        tools = stage.tools()
        journal = take(stage.ledger, tools, stage.key, "me", by_force=False)
        hold(journal, tools, "me", "lunch")
        stage.world.clock.advance(30)
        assert run(journal, tools, None, lambda _: None).hold is not None
        assert deployment(stage)["lifecycleHookDetails"][0]["status"] == "AWAITING_ACTION"


class TestRefusals:
    def test_a_deployment_in_progress(self) -> None:
        stage = ecs_stage()
        stage.build()
        before = len(stage.world.calls)
        with pytest.raises(Refused, match=r"is deploying shop already.*stop-service-deployment"):
            stage.start()
        assert stage.record() is None
        assert not [name for name in stage.operations()[before:] if "Update" in name or "Stop" in name]

    @pytest.mark.parametrize(("tasks", "problem"), [(9, "not steady"), (0, "runs no task")])
    def test_a_service_that_is_not_as_it_should_be(self, tasks: int, problem: str) -> None:
        stage = rolling_stage()
        stage.world.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=tasks)
        with pytest.raises(Refused, match=problem):
            stage.start()

    def test_a_service_that_does_not_exist(self) -> None:
        stage = ecs_stage()
        stage.target = stage.target.model_copy(update={"ecs_service": "nothing"})
        with pytest.raises(Refused, match="no active service nothing"):
            stage.start()

    def test_a_side_that_has_targets_where_there_should_be_none(self) -> None:
        stage = ecs_stage()
        target = stage.target
        assert isinstance(target, EcsTarget)
        assert target.groups is not None
        stage.world.elbv2.group(target.groups.green).register("10.9.9.9", "stray", long_ago=True)
        with pytest.raises(Refused, match="both target groups have targets"):
            stage.start()

    def test_an_alarm_that_fires_already(self) -> None:
        stage = rolling_stage()
        stage.world.alarms.hold(ALARM, "ALARM")
        (problem,) = stage.outlook().problems
        assert f"in ALARM already, so nothing could be learned from it: {ALARM}" in problem


class TestDrift:
    def test_a_hook_that_somebody_else_has_answered_is_no_matter(self) -> None:
        stage = ecs_stage()
        stage.until(lambda rollout: rollout.phase == "stepping" and "lifecycleStage" in deployment(stage))
        stage.world.clock.advance(1)
        driver = stage.tools().drive(stage.record() or pytest.fail("nothing in the ledger"))
        assert isinstance(driver, Delegated)
        asked = driver.progress().question
        assert asked is not None
        driver.allow(asked)
        driver.allow(asked)
        assert stage.resume().ending == "promoted"

    def test_a_deployment_that_somebody_stops_is_rolled_back(self) -> None:
        stage = ecs_stage()
        client = stage.world.client("ecs")
        stage.world.clock.after(
            2 * MINUTE,
            lambda: client.stop_service_deployment(serviceDeploymentArn=deployment(stage)["serviceDeploymentArn"]),
        )
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert "request to stop" in rollout.reason

    def test_what_somebody_else_deploys_in_the_middle_is_left_alone(self) -> None:
        stage = rolling_stage()
        third = stage.world.ecs.add_task_definition(SERVICE, "registry/shop:3")
        client = stage.world.client("ecs")
        stage.world.clock.after(
            4 * MINUTE, lambda: client.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=third.arn)
        )
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert running(stage) == third.arn
        assert f"{third.arn} runs" in rollout.note
        assert "ecs.StopServiceDeployment" not in stage.operations()

    def test_a_foreign_deployment_before_ours_is_not_stopped(self) -> None:
        stage = ecs_stage()
        third = stage.world.ecs.add_task_definition(SERVICE, "registry/shop:3")
        stage.world.traffic.behave(third.arn, GOOD)
        client = stage.world.client("ecs")

        def build() -> Any:
            client.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=third.arn)
            return stage.target

        stage.build = build
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert "somebody else is deploying" in rollout.reason
        assert "ecs.StopServiceDeployment" not in stage.operations()


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "lost", "repeated"])
@pytest.mark.parametrize(
    "operation", ["ListServiceDeployments", "DescribeServiceDeployments", "ContinueServiceDeployment"]
)
def test_one_call_that_goes_wrong_changes_nothing(kind: Kind, operation: str) -> None:
    stage = ecs_stage()
    stage.world.faults.on(kind, f"ecs.{operation}", nth=2)
    rollout = stage.start()
    assert rollout.ending == "promoted"
    assert shifted(stage) == [20, 100]


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "lost", "repeated"])
def test_a_stop_whose_answer_goes_wrong_stops(kind: Kind) -> None:
    stage = ecs_stage(BAD)
    stage.world.faults.on(kind, "ecs.StopServiceDeployment")
    rollout = stage.start()
    assert rollout.ending == "aborted"
    assert running(stage) == rollout.live


def test_a_replacement_that_never_ends_is_stopped_at_the_deadline() -> None:
    without_breaker = {key: value for key, value in ONE_AT_A_TIME.items() if key == "maximumPercent"}
    stage = rolling_stage(starts=False, configuration=without_breaker)
    rollout = stage.start()
    assert rollout.ending == "aborted"
    assert "AWS has not finished" in rollout.reason
    assert running(stage) == rollout.live

"""Functions and container services whose deployments CodeDeploy runs."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from rollouts.control import abort
from rollouts.errors import Refused
from rollouts.record import Rollout
from simulator.world.api import Document
from simulator.world.ecs.service import CLUSTER
from simulator.world.faults import Kind
from simulator.world.traffic import Quality
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, GOOD
from tests.rollouts.stages_codedeploy import ALARM, APPLICATION, FUNCTION, GROUP, function_stage, task_set_stage
from tests.rollouts.stages_ecs import SERVICE

MakeStage = Callable[[Quality], Stage]
BOTH: Final = pytest.mark.parametrize("make", [function_stage, task_set_stage])
MINUTE: Final = 60.0


def alias(stage: Stage) -> tuple[str, dict[str, float]]:
    found = stage.world.client("lambda").get_alias(FunctionName=FUNCTION, Name=GROUP)
    return found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})


def task_sets(stage: Stage) -> list[str]:
    (service,) = stage.world.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
    return [each["taskDefinition"] for each in service["taskSets"]]


def deployments(stage: Stage) -> list[Document]:
    """Newest first."""
    client = stage.world.client("codedeploy")
    ids = client.list_deployments(applicationName=APPLICATION, deploymentGroupName=GROUP)["deployments"]
    return client.batch_get_deployments(deploymentIds=ids)["deploymentsInfo"]


def made(stage: Stage) -> list[Document]:
    """By somebody, and not by CodeDeploy itself."""
    return [each for each in deployments(stage) if each["creator"] == "user"]


def running(stage: Stage, rollout: Rollout) -> str:
    return stage.tools().drive(rollout).running()


def start_by_hand(stage: Stage, version: str = "3") -> None:
    """Another deployment of the function."""
    properties = {"Name": FUNCTION, "Alias": GROUP, "CurrentVersion": "1", "TargetVersion": version}
    content = f'{{"Resources": [{{"f": {{"Properties": {str(properties).replace(chr(39), chr(34))}}}}}]}}'
    stage.world.client("codedeploy").create_deployment(
        applicationName=APPLICATION,
        deploymentGroupName=GROUP,
        revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": content}},
    )


class TestGoodVersion:
    @BOTH
    def test_it_is_promoted_and_runs(self, make: MakeStage) -> None:
        stage = make(GOOD)
        rollout = stage.start()
        assert (rollout.ending, rollout.note, rollout.reason) == ("promoted", "", "")
        assert running(stage, rollout) == stage.target.revision
        assert [each["status"] for each in deployments(stage)] == ["Succeeded"]

    def test_a_function_moves_in_the_groups_steps(self) -> None:
        stage = function_stage()
        seen: list[tuple[str, dict[str, float]]] = []
        stage.world.clock.every_minute(lambda _: seen.append(alias(stage)))
        stage.start()
        assert [one for at, one in enumerate(seen) if one not in seen[:at]] == [("1", {"2": 0.2}), ("2", {})]

    def test_the_functions_of_the_hooks_are_in_the_appspec(self) -> None:
        stage = function_stage(hooks={"BeforeAllowTraffic": "before", "AfterAllowTraffic": "after"})
        asked: list[str] = []
        for name in ("before", "after"):
            stage.world.codedeploy.hook_answers[name] = lambda name=name: asked.append(name) or "Succeeded"
        assert stage.start().ending == "promoted"
        assert asked == ["before", "after"]

    def test_the_next_one_has_the_other_side(self) -> None:
        stage = task_set_stage()
        first = stage.start()
        newer = stage.world.ecs.add_task_definition(SERVICE, "registry/shop:3")
        stage.world.traffic.behave(newer.arn, BAD)
        stage.target = stage.target.model_copy(update={"revision": newer.arn})
        stage.build = lambda: stage.target
        stage.world.clock.advance(60)
        stage.id = "r-2"
        rollout = stage.start()
        assert (first.side, rollout.side, rollout.ending) == ("green", "blue", "aborted")
        assert task_sets(stage) == [rollout.live]


class TestBadVersion:
    @BOTH
    def test_it_is_stopped_at_the_first_step_in_the_very_next_call(self, make: MakeStage) -> None:
        stage = make(BAD)
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert [event.data["weight"] for event in stage.events() if event.kind == "shifted"] == [20]
        operations = stage.operations()
        last_read = max(at for at, name in enumerate(operations) if name == "cloudwatch.GetMetricData")
        assert operations[last_read + 1] == "codedeploy.StopDeployment"
        assert running(stage, rollout) == rollout.live

    def test_the_alias_is_moved_back_without_waiting_for_codedeploy(self) -> None:
        stage = function_stage(BAD)
        stage.start()
        operations = stage.operations()
        assert operations[operations.index("codedeploy.StopDeployment") + 1] == "lambda.UpdateAlias"

    def test_the_replacement_is_gone(self) -> None:
        stage = task_set_stage(BAD)
        rollout = stage.start()
        assert task_sets(stage) == [rollout.live]


class TestAbort:
    @BOTH
    def test_a_deployment_that_nobody_has_written_down_yet_is_found(self, make: MakeStage) -> None:
        stage = make(GOOD)
        stage.world.faults.on("lost", "codedeploy.CreateDeployment")
        stage.until(lambda _: bool(deployments(stage)))
        abort(stage.ledger, stage.tools(), stage.key, "you", "too early").release()
        rollout = stage.resume()
        assert (rollout.ending, running(stage, rollout)) == ("aborted", rollout.live)
        assert [each["errorInformation"]["code"] for each in made(stage)] == ["MANUAL_STOP"]

    @BOTH
    def test_when_codedeploy_had_just_finished_the_live_version_is_brought_back(self, make: MakeStage) -> None:
        stage = make(GOOD)
        stage.until(lambda rollout: rollout.weight == 20)
        stage.world.clock.advance(20)
        assert [each["status"] for each in deployments(stage)] == ["Succeeded"]
        abort(stage.ledger, stage.tools(), stage.key, "you", "too late").release()
        rollout = stage.resume()
        assert (rollout.ending, rollout.note) == ("aborted", "")
        assert running(stage, rollout) == rollout.live


class TestRolledBackByAws:
    @BOTH
    def test_an_alarm_of_the_group(self, make: MakeStage) -> None:
        stage = make(GOOD)
        stage.world.clock.after(3 * MINUTE, lambda: stage.world.alarms.hold(ALARM, "ALARM"))
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert "ALARM_ACTIVE" in rollout.reason
        assert running(stage, rollout) == rollout.live
        assert deployments(stage)[0]["creator"] == "codeDeployRollback"

    def test_a_hook_that_says_no(self) -> None:
        stage = function_stage(hooks={"BeforeAllowTraffic": "before"})
        stage.world.codedeploy.hook_answers["before"] = lambda: "Failed"
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert "HOOK_EXECUTION_FAILURE" in rollout.reason
        assert alias(stage) == ("1", {})

    def test_a_success_that_runs_something_else_is_none(self) -> None:
        stage = function_stage()
        stage.world.clock.every_minute(lambda _: back_when_over(stage))
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert "1 runs, and 2 was asked for" in rollout.reason


def back_when_over(stage: Stage) -> None:
    """Somebody moves the alias back as soon as CodeDeploy has finished."""
    if alias(stage) == ("2", {}):
        stage.world.lambda_.set_alias(FUNCTION, GROUP, "1", {})


class TestRefusals:
    def test_a_deployment_in_progress(self) -> None:
        stage = function_stage()
        start_by_hand(stage, "2")
        with pytest.raises(Refused, match=r"is deploying thumbnails already.*stop-deployment"):
            stage.start()
        assert stage.record() is None
        assert len(deployments(stage)) == 1

    def test_an_alias_that_somebody_is_shifting(self) -> None:
        stage = function_stage()
        stage.world.lambda_.set_alias(FUNCTION, GROUP, "1", {"2": 0.5})
        with pytest.raises(Refused, match="has a second version"):
            stage.start()

    def test_a_service_with_two_task_sets(self) -> None:
        stage = task_set_stage()
        definition = stage.world.ecs.definition(stage.target.revision)
        group = stage.world.elbv2.add_target_group("other")
        stage.world.ecs.task_sets(SERVICE).create(definition, group.arn, external_id="")
        with pytest.raises(Refused, match="not steady"):
            stage.start()

    def test_a_service_that_does_not_exist(self) -> None:
        stage = task_set_stage()
        stage.target = stage.target.model_copy(update={"ecs_service": "nothing"})
        with pytest.raises(Refused, match="no active service nothing"):
            stage.start()

    def test_an_alarm_that_fires_already(self) -> None:
        stage = function_stage()
        stage.target = stage.target.model_copy(update={"alarms": (ALARM,)})
        stage.world.alarms.hold(ALARM, "ALARM")
        (problem,) = stage.outlook().problems
        assert "in ALARM already" in problem


class TestDrift:
    def test_a_deployment_that_somebody_else_starts_before_ours_is_not_stopped(self) -> None:
        stage = function_stage()
        target = stage.target

        def build() -> Any:
            start_by_hand(stage)
            return target

        stage.build = build
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert "somebody else has started the deployment" in rollout.reason
        assert "codedeploy.StopDeployment" not in stage.operations()
        assert "lambda.UpdateAlias" not in stage.operations()

    def test_traffic_that_somebody_has_taken_back_ends_it(self) -> None:
        stage = function_stage()
        stage.world.clock.after(3 * MINUTE, lambda: stage.world.lambda_.set_alias(FUNCTION, GROUP, "1", {}))
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert "moved back" in rollout.reason
        assert running(stage, rollout) == "1"

    def test_a_deployment_that_somebody_stops_is_rolled_back(self) -> None:
        stage = task_set_stage()
        client = stage.world.client("codedeploy")
        stage.world.clock.after(
            3 * MINUTE, lambda: client.stop_deployment(deploymentId=deployments(stage)[0]["deploymentId"])
        )
        rollout = stage.start()
        assert rollout.ending == "rolled-back"
        assert "MANUAL_STOP" in rollout.reason
        assert running(stage, rollout) == rollout.live


@BOTH
@pytest.mark.parametrize("kind", ["throttle", "unavailable", "lost", "repeated"])
def test_one_deployment_is_made_whatever_becomes_of_the_answer(make: MakeStage, kind: Kind) -> None:
    stage = make(GOOD)
    stage.world.faults.on(kind, "codedeploy.CreateDeployment")
    assert stage.start().ending == "promoted"
    assert len(made(stage)) == 1


def test_no_answer_about_a_deployment_that_was_stopped_at_once_starts_no_second_one() -> None:
    stage = function_stage()
    stage.world.faults.on("lost", "codedeploy.CreateDeployment")
    stage.world.alarms.hold(ALARM, "ALARM")
    rollout = stage.start()
    assert rollout.ending == "rolled-back"
    assert len(made(stage)) == 1


@BOTH
@pytest.mark.parametrize("kind", ["throttle", "unavailable", "lost", "repeated"])
def test_a_stop_whose_answer_goes_wrong_stops(make: MakeStage, kind: Kind) -> None:
    stage = make(BAD)
    stage.world.faults.on(kind, "codedeploy.StopDeployment")
    rollout = stage.start()
    assert rollout.ending == "aborted"
    assert running(stage, rollout) == rollout.live


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "lost", "repeated"])
@pytest.mark.parametrize("operation", ["GetDeployment", "ListDeployments", "BatchGetDeploymentTargets"])
def test_one_question_that_goes_wrong_changes_nothing(kind: Kind, operation: str) -> None:
    stage = task_set_stage()
    stage.world.faults.on(kind, f"codedeploy.{operation}", nth=2)
    assert stage.start().ending == "promoted"
    assert len(made(stage)) == 1

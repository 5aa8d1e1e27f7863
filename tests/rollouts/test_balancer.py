"""Two ECS services behind one listener rule."""

import pytest

from rollouts.errors import Refused
from rollouts.machine import tick
from rollouts.record import Rollout
from simulator.world.faults import Kind
from stacks.targets import BalancerTarget
from tests.rollouts.hands import at_phase, take_over
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, balancer_stage
from tests.rollouts.together import finish


def weights(stage: Stage) -> tuple[int, int]:
    """Blue's and green's."""
    target = stage.target
    assert isinstance(target, BalancerTarget)
    (rule,) = stage.world.client("elbv2").describe_rules(RuleArns=[target.rule])["Rules"]
    found = {each["TargetGroupArn"]: each["Weight"] for each in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]}
    return found[target.groups.blue], found[target.groups.green]


def tasks(stage: Stage) -> tuple[int, int]:
    names = ["news-api-blue", "news-api-green"]
    found = stage.world.client("ecs").describe_services(cluster="world", services=names)["services"]
    return tuple(each["runningCount"] for each in found)


def floors(stage: Stage) -> list[int]:
    return [least for least, _ in stage.world.autoscaling.targets.values()]


def shifted(stage: Stage) -> list[float]:
    return [float(str(event.data["weight"])) for event in stage.events() if event.kind == "shifted"]


class TestGoodVersion:
    @pytest.fixture(scope="class")
    @staticmethod
    def ended() -> tuple[Stage, Rollout]:
        stage = balancer_stage(steps=(5, 25, 50, 100))
        return stage, stage.start()

    def test_it_is_promoted_step_by_step(self, ended: tuple[Stage, Rollout]) -> None:
        stage, rollout = ended
        assert (rollout.ending, rollout.note) == ("promoted", "")
        assert shifted(stage) == [5, 25, 50, 100]
        assert weights(stage) == (0, 100)

    def test_the_old_side_has_no_tasks_left_and_autoscaling_keeps_none(self, ended: tuple[Stage, Rollout]) -> None:
        stage, _ = ended
        assert tasks(stage) == (0, 2)
        assert floors(stage) == [0, 2]

    def test_it_has_as_many_tasks_as_the_live_side_before_the_first_request(self, ended: tuple[Stage, Rollout]) -> None:
        calls = [(call.operation, call.params) for call in ended[0].world.calls]
        first_shift = next(at for at, (operation, _) in enumerate(calls) if operation == "ModifyRule")
        scaled = [params["desiredCount"] for operation, params in calls[:first_shift] if operation == "UpdateService"]
        assert scaled == [2]

    def test_the_next_one_goes_the_other_way(self, ended: tuple[Stage, Rollout]) -> None:
        stage, _ = ended
        newer = stage.world.ecs.add_task_definition("news-api", "registry/news-api@sha256:03")
        stage.world.traffic.behave(newer.arn, BAD)
        stage.target = stage.target.model_copy(update={"revision": newer.arn})
        stage.build = lambda: stage.target
        stage.world.clock.advance(60)
        rollout = stage.start()
        assert (rollout.side, rollout.ending) == ("blue", "aborted")
        assert weights(stage) == (0, 100)
        assert tasks(stage) == (0, 2)


class TestBadVersion:
    def test_the_weight_is_zero_in_the_very_next_call(self) -> None:
        stage = balancer_stage(BAD)
        rollout = stage.start()
        assert rollout.ending == "aborted"
        operations = stage.operations()
        last_read = max(at for at, name in enumerate(operations) if name == "cloudwatch.GetMetricData")
        after = [name for name in operations[last_read + 1 :] if name != "cloudwatch.DescribeAlarms"]
        assert after[0] == "elbv2.ModifyRule"

    def test_everything_is_as_it_was(self) -> None:
        stage = balancer_stage(BAD)
        stage.start()
        assert (weights(stage), tasks(stage), floors(stage)) == ((100, 0), (2, 0), [2, 0])

    def test_tasks_that_do_not_start_never_get_a_request(self) -> None:
        stage = balancer_stage(starts=False)
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert "do not start" in rollout.reason or "not up after" in rollout.reason
        assert shifted(stage) == []
        assert weights(stage) == (100, 0)


class TestRefusals:
    def test_a_rule_that_somebody_is_shifting(self) -> None:
        stage = balancer_stage()
        target = stage.target
        assert isinstance(target, BalancerTarget)
        stage.world.elbv2.set_weights(target.rule, {target.groups.blue: 70, target.groups.green: 30})
        with pytest.raises(Refused, match="splits between both sides"):
            stage.start()
        assert stage.record() is None

    def test_a_live_side_without_healthy_targets(self) -> None:
        stage = balancer_stage()
        target = stage.target
        assert isinstance(target, BalancerTarget)
        group = stage.world.elbv2.group(target.groups.blue)
        group.set_health(next(iter(group.targets.values())).revision, "unhealthy")
        with pytest.raises(Refused, match="no healthy target"):
            stage.start()


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "lost", "repeated"])
@pytest.mark.parametrize("operation", ["elbv2.ModifyRule", "elbv2.DescribeRules", "ecs.UpdateService", "cloudwatch"])
def test_one_call_that_goes_wrong_changes_nothing(kind: Kind, operation: str) -> None:
    stage = balancer_stage()
    stage.world.faults.on(kind, operation, nth=2)
    assert stage.start().ending == "promoted"
    assert weights(stage) == (0, 100)


def test_a_rule_that_somebody_else_changes_is_left_alone_and_the_rollout_held() -> None:
    stage = balancer_stage(steps=(5, 100), minutes=10)
    target = stage.target
    assert isinstance(target, BalancerTarget)
    change = {target.groups.blue: 60, target.groups.green: 40}
    stage.world.clock.after(600, lambda: stage.world.elbv2.set_weights(target.rule, change))
    rollout = stage.start()
    assert rollout.hold is not None
    assert "40 %" in rollout.hold.reason
    assert weights(stage) == (60, 40)


def test_a_bad_version_with_more_traffic_than_anybody_here_gave_it_is_taken_back_too() -> None:
    stage = balancer_stage(BAD)
    target = stage.target
    assert isinstance(target, BalancerTarget)
    journal, tools = at_phase(stage, "stepping", lambda rollout: rollout.watched_since is not None)
    stage.world.elbv2.set_weights(target.rule, {target.groups.blue: 60, target.groups.green: 40})
    assert finish(journal, tools).hold is not None
    stage.world.clock.advance(10)
    assert finish(take_over(stage, tools), tools).ending == "aborted"
    assert weights(stage) == (100, 0)


@pytest.mark.parametrize("ticks", [0, 1])
def test_traffic_that_somebody_takes_back_after_the_last_step_finds_tasks(ticks: int) -> None:
    stage = balancer_stage()
    target = stage.target
    assert isinstance(target, BalancerTarget)
    journal, tools = at_phase(stage, "promoting")
    for _ in range(ticks):
        tick(journal, tools)
    stage.world.elbv2.set_weights(target.rule, {target.groups.blue: 100, target.groups.green: 0})
    ended = finish(journal, tools)
    assert (ended.phase, ended.ending) == ("ended", "aborted")
    assert (weights(stage), tasks(stage), floors(stage)) == ((100, 0), (2, 0), [2, 0])


def test_traffic_that_somebody_has_taken_back_ends_it() -> None:
    stage = balancer_stage(steps=(5, 100), minutes=10)
    target = stage.target
    assert isinstance(target, BalancerTarget)
    change = {target.groups.blue: 100, target.groups.green: 0}
    stage.world.clock.after(600, lambda: stage.world.elbv2.set_weights(target.rule, change))
    rollout = stage.start()
    assert rollout.ending == "aborted"
    assert "moved back" in rollout.reason

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs] - botocore has no types
    ClientError,
)

from simulator.world.alb_route import AlbRoute
from simulator.world.api import WorldError
from simulator.world.ecs.service import CLUSTER
from simulator.world.ecs.state import TaskDefinition
from simulator.world.traffic import Quality, constant
from simulator.world.world import World
from tests.simulator.world.scene import START

PAUSE = {"targetType": "PAUSE", "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"]}


class Shifted:
    """A service of two tasks that shifts traffic, and a second revision for it."""

    def __init__(self, **configuration: Any) -> None:
        self.world = World(7, START)
        self.blue, self.green = (self.world.elbv2.add_target_group(name) for name in ("blue", "green"))
        listener = self.world.elbv2.add_listener("public", {self.blue.arn: 1})
        self.rule = self.world.elbv2.add_rule(listener.listener, "/shop", {self.blue.arn: 100, self.green.arn: 0})
        self.old, self.new = (self.world.ecs.add_task_definition("shop", image) for image in ("a", "b"))
        balancer = {
            "targetGroupArn": self.blue.arn,
            "containerName": "app",
            "containerPort": 80,
            "advancedConfiguration": {
                "alternateTargetGroupArn": self.green.arn,
                "productionListenerRule": self.rule.arn,
                "roleArn": "arn:aws:iam::123456789012:role/ecs",
            },
        }
        self.world.ecs.add_service(
            "shop", self.old, desired=2, load_balancers=[balancer], configuration=dict(configuration)
        )
        self.client = self.world.client("ecs")

    def deploy(self, definition: TaskDefinition | None = None) -> None:
        chosen = (definition or self.new).arn
        self.client.update_service(cluster=CLUSTER, service="shop", taskDefinition=chosen)

    def rollout(self) -> dict[str, Any]:
        listed = self.client.list_service_deployments(cluster=CLUSTER, service="shop")["serviceDeployments"]
        arns = [listed[0]["serviceDeploymentArn"]]
        return self.client.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"][0]

    def weights(self) -> list[int]:
        (rule,) = self.world.client("elbv2").describe_rules(RuleArns=[self.rule.arn])["Rules"]
        return [group["Weight"] for group in rule["Actions"][0]["ForwardConfig"]["TargetGroups"]]

    def running(self) -> list[str]:
        (service,) = self.client.describe_services(cluster=CLUSTER, services=["shop"])["services"]
        assert service["taskDefinition"] == service["deployments"][0]["taskDefinition"]
        return [one["taskDefinition"].rsplit(":", 1)[1] for one in service["deployments"]]

    def until(self, minutes: float, key: Callable[[], Any]) -> list[Any]:
        """What `key` was, each time that it changed."""
        seen = [key()]
        for _ in range(round(minutes * 12)):
            self.world.clock.sleep(5)
            if key() != seen[-1]:
                seen.append(key())
        return seen


def test_a_blue_green_deployment_goes_through_its_stages() -> None:
    one = Shifted(strategy="BLUE_GREEN", bakeTimeInMinutes=3)
    one.deploy()
    assert one.until(8, lambda: (one.rollout()["status"], one.rollout().get("lifecycleStage"))) == [
        ("PENDING", None),
        ("IN_PROGRESS", "SCALE_UP"),
        ("IN_PROGRESS", "TEST_TRAFFIC_SHIFT"),
        ("IN_PROGRESS", "PRODUCTION_TRAFFIC_SHIFT"),
        ("IN_PROGRESS", "BAKE_TIME"),
        ("IN_PROGRESS", "CLEAN_UP"),
        ("SUCCESSFUL", "CLEAN_UP"),
    ]
    assert one.running() == ["2"]
    assert one.weights() == [0, 100]
    assert (one.blue.count("healthy"), one.green.count("healthy")) == (0, 2)


@pytest.mark.parametrize(
    ("configuration", "weights", "minutes"),
    [
        (
            {"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 4}},
            [[100, 0], [95, 5], [0, 100]],
            4,
        ),
        (
            {"strategy": "CANARY", "canaryConfiguration": {"canaryPercent": 0.5, "canaryBakeTimeInMinutes": 1}},
            [[100, 0], [896, 4], [0, 100]],
            1,
        ),
        (
            {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 40.0, "stepBakeTimeInMinutes": 2}},
            [[100, 0], [60, 40], [20, 80], [0, 100]],
            4,
        ),
        ({"strategy": "LINEAR"}, [[100 - step, step] for step in range(0, 101, 10)], 54),
        ({"strategy": "BLUE_GREEN"}, [[100, 0], [0, 100]], 0),
    ],
)
def test_weights_move_in_the_steps_of_the_strategy(
    configuration: dict[str, Any], weights: list[list[int]], minutes: int
) -> None:
    one = Shifted(bakeTimeInMinutes=1, **configuration)
    one.deploy()
    assert one.until(minutes + 10, one.weights) == weights
    done = one.rollout()
    assert done["status"] == "SUCCESSFUL"
    assert done["finishedAt"] - done["startedAt"] >= timedelta(minutes=minutes + 1)
    assert done["targetServiceRevision"]["requestedProductionTrafficWeight"] == 100
    assert done["sourceServiceRevisions"][0]["requestedProductionTrafficWeight"] == 0


def test_the_next_deployment_goes_the_other_way() -> None:
    one = Shifted(strategy="BLUE_GREEN", bakeTimeInMinutes=0)
    one.deploy()
    one.world.clock.advance(5)
    one.deploy(one.old)
    one.world.clock.advance(5)
    assert one.weights() in ([100, 0], [0, 100])
    assert one.blue.count("healthy") == 2
    assert one.blue.shares(one.world.clock.now()) == {one.old.arn: 1.0}
    assert one.running() == ["1"]


class TestPause:
    @staticmethod
    def canary(**timeout: Any) -> Shifted:
        hook = {**PAUSE, "timeoutConfiguration": timeout} if timeout else PAUSE
        one = Shifted(
            strategy="CANARY",
            bakeTimeInMinutes=1,
            canaryConfiguration={"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 1},
            lifecycleHooks=[hook],
        )
        one.deploy()
        one.world.clock.advance(3)
        return one

    @staticmethod
    def answer(one: Shifted, **action: str) -> None:
        hook = one.rollout()["lifecycleHookDetails"][-1]
        one.client.continue_service_deployment(
            serviceDeploymentArn=one.rollout()["serviceDeploymentArn"], hookId=hook["hookId"], **action
        )

    def test_it_waits_before_every_step_until_somebody_answers(self) -> None:
        one = self.canary(timeoutInMinutes=600)
        (hook,) = one.rollout()["lifecycleHookDetails"]
        assert (hook["status"], hook["timeoutAction"], one.weights()) == ("AWAITING_ACTION", "ROLLBACK", [100, 0])
        assert hook["expiresAt"] - one.world.clock.now() > timedelta(minutes=590)
        one.world.clock.advance(300)
        assert one.weights() == [100, 0]
        self.answer(one)
        one.world.clock.advance(4)
        assert one.weights() == [90, 10]
        assert [hook["status"] for hook in one.rollout()["lifecycleHookDetails"]] == ["SUCCEEDED", "AWAITING_ACTION"]
        self.answer(one, action="CONTINUE")
        one.world.clock.advance(4)
        assert one.rollout()["status"] == "SUCCESSFUL"

    def test_the_answer_may_be_to_go_back(self) -> None:
        one = self.canary()
        self.answer(one)
        one.world.clock.advance(4)
        self.answer(one, action="ROLLBACK")
        one.world.clock.advance(2)
        assert one.rollout()["status"] == "ROLLBACK_SUCCESSFUL"
        assert one.rollout()["lifecycleHookDetails"][-1]["status"] == "FAILED"
        assert one.weights() == [100, 0]
        assert one.running() == ["1"]

    @pytest.mark.parametrize(("action", "weights"), [("ROLLBACK", [100, 0]), ("CONTINUE", [90, 10])])
    def test_without_an_answer_the_timeout_decides(self, action: str, weights: list[int]) -> None:
        one = self.canary(timeoutInMinutes=5, action=action)
        one.world.clock.advance(6)
        assert one.rollout()["lifecycleHookDetails"][0]["status"] == "TIMED_OUT"
        assert one.weights() == weights

    def test_an_answer_to_a_hook_that_does_not_wait_is_refused(self) -> None:
        one = self.canary()
        self.answer(one)
        with pytest.raises(ClientError, match="awaits no action"):
            self.answer(one)


def test_a_function_is_asked_until_it_says_yes_or_no() -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:judge"
    hook = {"targetType": "AWS_LAMBDA", "hookTargetArn": arn, "lifecycleStages": ["POST_SCALE_UP"]}
    for last, status in (("SUCCEEDED", "SUCCESSFUL"), ("FAILED", "ROLLBACK_SUCCESSFUL")):
        one = Shifted(strategy="BLUE_GREEN", bakeTimeInMinutes=0, lifecycleHooks=[hook])
        said = iter(["IN_PROGRESS", "IN_PROGRESS", last])
        one.world.ecs.hook_answers[arn] = lambda said=said: next(said)
        one.deploy()
        one.world.clock.advance(6)
        assert one.rollout()["status"] == status
        assert next(said, "asked") == "asked"


def test_a_function_of_which_nobody_said_what_it_answers_is_an_error() -> None:
    hook = {"targetType": "AWS_LAMBDA", "hookTargetArn": "judge", "lifecycleStages": ["PRE_SCALE_UP"]}
    one = Shifted(strategy="BLUE_GREEN", lifecycleHooks=[hook])
    one.deploy()
    with pytest.raises(WorldError, match="what judge answers"):
        one.world.clock.sleep(1)


class TestAlarms:
    @staticmethod
    def canary(**alarms: Any) -> Shifted:
        one = Shifted(
            strategy="CANARY",
            bakeTimeInMinutes=5,
            canaryConfiguration={"canaryPercent": 10.0, "canaryBakeTimeInMinutes": 5},
            alarms={"alarmNames": ["errors"], "enable": True, "rollback": True, **alarms},
        )
        one.world.alarms.add("errors")
        return one

    def test_one_that_begins_to_fire_while_it_bakes_rolls_back_and_says_so(self) -> None:
        one = self.canary()
        one.deploy()
        one.world.clock.advance(4)
        assert one.weights() == [90, 10]
        one.world.alarms.hold("errors", "ALARM")
        assert one.until(2, lambda: one.rollout()["status"]) == [
            "IN_PROGRESS",
            "ROLLBACK_REQUESTED",
            "ROLLBACK_IN_PROGRESS",
            "ROLLBACK_SUCCESSFUL",
        ]
        done = one.rollout()
        assert one.weights() == [100, 0]
        assert one.running() == ["1"]
        assert done["alarms"] == {"status": "TRIGGERED", "alarmNames": ["errors"], "triggeredAlarmNames": ["errors"]}
        assert done["rollback"]["serviceRevisionArn"] == done["sourceServiceRevisions"][0]["arn"]
        assert "errors" in done["statusReason"]
        assert one.green.count("healthy") == 0

    def test_one_that_fires_already_is_ignored(self) -> None:
        one = self.canary()
        one.world.alarms.hold("errors", "ALARM")
        one.deploy()
        one.world.clock.advance(20)
        assert one.rollout()["status"] == "SUCCESSFUL"
        assert one.rollout()["alarms"]["status"] == "DISABLED"

    def test_without_rollback_it_only_stops(self) -> None:
        one = self.canary(rollback=False)
        one.deploy()
        one.world.clock.advance(4)
        one.world.alarms.hold("errors", "ALARM")
        one.world.clock.advance(2)
        assert one.rollout()["status"] == "STOPPED"
        assert one.weights() == [90, 10]


class TestStop:
    @staticmethod
    def baking() -> Shifted:
        one = Shifted(strategy="BLUE_GREEN", bakeTimeInMinutes=30)
        one.deploy()
        one.world.clock.advance(5)
        return one

    @pytest.mark.parametrize("given", [{}, {"stopType": "ROLLBACK"}])
    def test_a_stopped_deployment_goes_back(self, given: dict[str, str]) -> None:
        one = self.baking()
        one.client.stop_service_deployment(serviceDeploymentArn=one.rollout()["serviceDeploymentArn"], **given)
        assert one.rollout()["status"] == "ROLLBACK_REQUESTED"
        one.world.clock.advance(2)
        assert one.rollout()["status"] == "ROLLBACK_SUCCESSFUL"
        assert one.weights() == [100, 0]
        assert one.running() == ["1"]

    def test_an_aborted_one_stays_where_it_is(self) -> None:
        one = self.baking()
        one.client.stop_service_deployment(serviceDeploymentArn=one.rollout()["serviceDeploymentArn"], stopType="ABORT")
        one.world.clock.advance(2)
        assert one.rollout()["status"] == "STOPPED"
        assert one.weights() == [0, 100]

    def test_another_revision_is_refused_while_traffic_shifts(self) -> None:
        one = self.baking()
        with pytest.raises(one.client.exceptions.InvalidParameterException, match="in progress"):
            one.client.update_service(cluster=CLUSTER, service="shop", forceNewDeployment=True)


def test_both_sides_grow_and_neither_shrinks_while_traffic_shifts() -> None:
    one = TestStop.baking()
    for desired, blue, green in ((4, 4, 4), (1, 4, 4)):
        one.client.update_service(cluster=CLUSTER, service="shop", desiredCount=desired)
        one.world.clock.advance(2)
        assert (one.blue.count("healthy"), one.green.count("healthy")) == (blue, green)


def test_traffic_follows_the_weights_that_ecs_sets() -> None:
    one = Shifted(strategy="CANARY", bakeTimeInMinutes=5, canaryConfiguration={"canaryPercent": 20.0})
    one.world.traffic.add(AlbRoute(one.world.elbv2, one.rule), constant(1_000))
    one.world.traffic.behave(one.old.arn, Quality())
    one.world.traffic.behave(one.new.arn, Quality())
    one.deploy()
    one.world.clock.advance(8)
    query = {
        "Id": "new",
        "MetricStat": {
            "Metric": {
                "Namespace": "AWS/ApplicationELB",
                "MetricName": "RequestCount",
                "Dimensions": [
                    {"Name": "LoadBalancer", "Value": one.rule.load_balancer_dimension},
                    {"Name": "TargetGroup", "Value": one.green.dimension},
                ],
            },
            "Period": 60,
            "Stat": "Sum",
        },
    }
    answer = one.world.client("cloudwatch").get_metric_data(
        MetricDataQueries=[query], StartTime=START, EndTime=one.world.clock.now() - timedelta(minutes=2)
    )
    assert answer["MetricDataResults"][0]["Values"][0] == pytest.approx(200, rel=0.3)


def test_a_service_that_shifts_needs_a_second_target_group(world: World) -> None:
    definition = world.ecs.add_task_definition("shop", "a")
    with pytest.raises(WorldError, match="alternateTargetGroupArn"):
        world.ecs.add_service("shop", definition, desired=1, configuration={"strategy": "CANARY"})

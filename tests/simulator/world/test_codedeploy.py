import json
from hashlib import sha256
from typing import Any

import pytest
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs] - botocore has no types
    ClientError,
)

from simulator.world.api import WorldError
from simulator.world.codedeploy.routing import Routing, predefined
from simulator.world.codedeploy.state import TwoSides
from simulator.world.ecs.service import CLUSTER
from simulator.world.world import World
from tests.simulator.world.scene import START

CANARY = Routing(type="TimeBasedCanary", percent=20, minutes=3)
EVENTS = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")


class Moved:
    """A function with three versions whose alias `live` names the first, and a deployment group for it."""

    def __init__(self, routing: Routing = CANARY, **group: Any) -> None:
        self.world = World(7, START)
        function = self.world.lambda_.add_function("thumbs")
        for _ in range(3):
            function.publish()
        self.world.lambda_.add_alias(function, "live", "1")
        self.world.alarms.add("errors")
        self.world.codedeploy.add_config("own", routing)
        self.world.codedeploy.add_group("prod", "live", "own", alarms=frozenset({"errors"}), **group)
        self.client = self.world.client("codedeploy")

    def deploy(self, current: str = "1", target: str = "2", **more: Any) -> str:
        properties = {"Name": "thumbs", "Alias": "live", "CurrentVersion": current, "TargetVersion": target}
        resource = {"thumbs": {"Type": "AWS::Lambda::Function", "Properties": properties}}
        return create(self.client, {"Resources": [resource], "Hooks": more.pop("hooks", [])}, **more)

    def alias(self) -> tuple[str, dict[str, float]]:
        found = self.world.client("lambda").get_alias(FunctionName="thumbs", Name="live")
        return found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})

    def get(self, deployment: str) -> dict[str, Any]:
        return self.client.get_deployment(deploymentId=deployment)["deploymentInfo"]

    def listed(self, **only: Any) -> list[str]:
        return self.client.list_deployments(applicationName="prod", deploymentGroupName="live", **only)["deployments"]


class Replaced(Moved):
    """A container service of two tasks, in blue, and a deployment group for it."""

    def __init__(self, *, keep_minutes: int = 0, **candidate: Any) -> None:
        super().__init__()
        world = self.world
        self.blue, self.green = (world.elbv2.add_target_group(name) for name in ("blue", "green"))
        listener = world.elbv2.add_listener("public", {self.blue.arn: 1})
        self.rule = world.elbv2.add_rule(listener.listener, "/*", {self.blue.arn: 100, self.green.arn: 0})
        self.old = world.ecs.add_task_definition("shop", "a")
        self.new = world.ecs.add_task_definition("shop", "b", **candidate)
        balancer = {"targetGroupArn": self.blue.arn, "containerName": "app", "containerPort": 80}
        world.ecs.add_service("shop", self.old, desired=2, load_balancers=[balancer], by_codedeploy=True)
        groups = (self.blue.arn, self.green.arn)
        sides = TwoSides(service="shop", rule=self.rule.arn, groups=groups, keep_minutes=keep_minutes)
        world.codedeploy.add_group("prod", "live", "own", sides=sides)

    def replace(self, definition: str = "") -> str:
        properties = {"TaskDefinition": definition or self.new.arn}
        return create(self.client, {"Resources": [{"TargetService": {"Properties": properties}}]})

    def service(self) -> dict[str, Any]:
        return self.world.client("ecs").describe_services(cluster=CLUSTER, services=["shop"])["services"][0]

    def sets(self) -> list[tuple[str, str, int]]:
        return [
            (one["status"], one["taskDefinition"].rpartition(":")[2], one["runningCount"])
            for one in self.service()["taskSets"]
        ]

    def weights(self) -> list[int]:
        """Blue's and green's."""
        (rule,) = self.world.client("elbv2").describe_rules(RuleArns=[self.rule.arn])["Rules"]
        groups = rule["Actions"][0]["ForwardConfig"]["TargetGroups"]
        found = {group["TargetGroupArn"]: group["Weight"] for group in groups}
        return [found[self.blue.arn], found[self.green.arn]]

    def shares(self, deployment: str) -> dict[str, float]:
        answer = self.client.batch_get_deployment_targets(deploymentId=deployment, targetIds=[f"{CLUSTER}:shop"])
        sets = answer["deploymentTargets"][0]["ecsTarget"]["taskSetsInfo"]
        return {one["taskSetLabel"]: one["trafficWeight"] for one in sets}


def app_spec(**given: str) -> dict[str, Any]:
    return {"revisionType": "AppSpecContent", "appSpecContent": given}


def create(client: Any, spec: dict[str, Any], **more: Any) -> str:
    content = json.dumps(spec)
    revision = app_spec(content=content, sha256=sha256(content.encode()).hexdigest())
    answer = client.create_deployment(
        applicationName="prod", deploymentGroupName="live", **{"revision": revision, **more}
    )
    return answer["deploymentId"]


class TestRouting:
    @pytest.mark.parametrize(
        ("routing", "steps"),
        [
            (Routing(), [(100, 0)]),
            (CANARY, [(20, 3), (100, 0)]),
            (Routing(type="TimeBasedLinear", percent=40, minutes=2), [(40, 2), (80, 2), (100, 0)]),
            (Routing(type="TimeBasedLinear", percent=50, minutes=1), [(50, 1), (100, 0)]),
        ],
    )
    def test_steps_end_with_all(self, routing: Routing, steps: list[tuple[int, int]]) -> None:
        assert list(routing.steps()) == steps

    def test_every_account_has_those_of_the_user_guide(self) -> None:
        known = predefined()
        assert known["CodeDeployDefault.LambdaLinear10PercentEvery1Minute"].minutes == 1
        assert known["CodeDeployDefault.LambdaCanary10Percent30Minutes"].type == "TimeBasedCanary"
        assert known["CodeDeployDefault.ECSLinear10PercentEvery3Minutes"].percent == 10
        assert list(known["CodeDeployDefault.ECSAllAtOnce"].steps()) == [(100, 0)]
        assert len(known) == 14


class TestFunction:
    def test_the_alias_moves_in_steps(self) -> None:
        one = Moved()
        deployment = one.deploy(description="ours")
        seen = [(one.get(deployment)["status"], one.alias())]
        for _ in range(60):
            one.world.clock.sleep(5)
            if (now := (one.get(deployment)["status"], one.alias())) != seen[-1]:
                seen.append(now)
        assert seen == [
            ("Created", ("1", {})),
            ("InProgress", ("1", {"2": 0.2})),
            ("InProgress", ("2", {})),
            ("Succeeded", ("2", {})),
        ]
        found = one.get(deployment)
        assert (found["creator"], found["description"]) == ("user", "ours")
        assert found["createTime"] < found["startTime"] < found["completeTime"]

    def test_hooks_are_asked_in_order_and_may_take_their_time(self) -> None:
        one = Moved(Routing())
        asked: list[str] = []
        for event in EVENTS:
            one.world.codedeploy.hook_answers[event] = lambda event=event: (
                "Succeeded" if asked.append(event) or asked.count(event) > 1 else "InProgress"
            )
        deployment = one.deploy(hooks=[{event: event} for event in reversed(EVENTS)])
        one.world.clock.advance(5)
        assert one.get(deployment)["status"] == "Succeeded"
        assert asked == [event for event in EVENTS for _ in range(2)]

    @pytest.mark.parametrize("answer", ["Failed", "InProgress"])
    def test_a_hook_that_says_no_or_nothing_fails_it(self, answer: Any) -> None:
        one = Moved()
        one.world.codedeploy.hook_answers["judge"] = lambda: answer
        deployment = one.deploy(hooks=[{"BeforeAllowTraffic": "judge"}])
        one.world.clock.advance(70)
        found = one.get(deployment)
        assert (found["status"], found["errorInformation"]["code"]) == ("Failed", "HOOK_EXECUTION_FAILURE")
        assert one.alias() == ("1", {})

    def test_a_hook_of_which_nobody_said_what_it_answers_is_an_error(self) -> None:
        one = Moved()
        one.deploy(hooks=[{"BeforeAllowTraffic": "judge"}])
        with pytest.raises(WorldError, match="what judge answers"):
            one.world.clock.advance(1)

    @pytest.mark.parametrize(
        ("current", "target", "code"),
        [("2", "3", "INVALID_LAMBDA_CONFIGURATION"), ("1", "9", "INVALID_LAMBDA_FUNCTION")],
    )
    def test_versions_that_are_not_so_fail_it_and_the_alias_is_left_alone(
        self, current: str, target: str, code: str
    ) -> None:
        one = Moved()
        deployment = one.deploy(current, target)
        one.world.clock.advance(5)
        assert one.get(deployment)["errorInformation"]["code"] == code
        assert one.alias() == ("1", {})


class TestStop:
    @pytest.mark.parametrize(("given", "weights"), [({}, {"2": 0.2}), ({"autoRollbackEnabled": True}, {})])
    def test_it_goes_back_when_somebody_wants_it(self, given: dict[str, bool], weights: dict[str, float]) -> None:
        one = Moved(rolls_back_on=frozenset())
        deployment = one.deploy()
        one.world.clock.advance(1)
        assert one.client.stop_deployment(deploymentId=deployment, **given)["status"] == "Pending"
        one.world.clock.advance(5)
        found = one.get(deployment)
        assert (found["status"], found["errorInformation"]["code"]) == ("Stopped", "MANUAL_STOP")
        assert one.alias() == ("1", weights)

    def test_a_rollback_is_a_deployment_of_its_own(self) -> None:
        one = Moved()
        deployment = one.deploy()
        one.world.clock.advance(1)
        one.client.stop_deployment(deploymentId=deployment)
        one.world.clock.advance(2)
        back, first = (one.get(each) for each in one.listed())
        assert (back["creator"], back["status"]) == ("codeDeployRollback", "Succeeded")
        assert first["rollbackInfo"]["rollbackDeploymentId"] == back["deploymentId"]
        assert back["rollbackInfo"] == {"rollbackTriggeringDeploymentId": deployment}
        assert one.alias() == ("1", {})

    def test_one_that_has_not_begun_never_moves_anything(self) -> None:
        one = Moved()
        one.client.stop_deployment(deploymentId=one.deploy())
        seen: list[tuple[str, dict[str, float]]] = []
        one.world.clock.every_minute(lambda _: seen.append(one.alias()))
        one.world.clock.advance(5)
        assert seen == [("1", {})] * 5

    def test_what_is_over_cannot_be_stopped(self) -> None:
        one = Moved(Routing())
        deployment = one.deploy()
        one.world.clock.advance(5)
        with pytest.raises(ClientError, match="AlreadyCompleted"):
            one.client.stop_deployment(deploymentId=deployment)

    def test_an_alarm_stops_it_even_one_that_fires_already(self) -> None:
        for minutes in (0, 2):
            one = Moved()
            deployment = one.deploy()
            one.world.clock.advance(minutes)
            one.world.alarms.hold("errors", "ALARM")
            one.world.clock.advance(2)
            found = one.get(deployment)
            assert (found["status"], found["errorInformation"]["code"]) == ("Stopped", "ALARM_ACTIVE")
            assert one.alias() == ("1", {})


class TestService:
    def test_the_replacement_gets_the_traffic_and_then_the_old_tasks_go(self) -> None:
        one = Replaced(keep_minutes=2)
        assert (one.service()["deploymentController"], one.service()["deployments"]) == ({"type": "CODE_DEPLOY"}, [])
        deployment = one.replace()
        one.world.clock.advance(2)
        assert one.sets() == [("PRIMARY", "1", 2), ("ACTIVE", "2", 2)]
        assert (one.weights(), one.shares(deployment)) == ([80, 20], {"Blue": 80.0, "Green": 20.0})
        one.world.clock.advance(3)
        assert one.sets() == [("PRIMARY", "2", 2), ("ACTIVE", "1", 2)]
        assert (one.weights(), one.get(deployment)["status"]) == ([0, 100], "InProgress")
        one.world.clock.advance(3)
        assert one.sets() == [("PRIMARY", "2", 2)]
        assert (one.get(deployment)["status"], one.blue.count("healthy")) == ("Succeeded", 0)

    def test_the_next_one_goes_the_other_way(self) -> None:
        one = Replaced()
        one.replace()
        one.world.clock.advance(8)
        one.replace(one.old.arn)
        one.world.clock.advance(8)
        assert (one.weights(), one.sets()) == ([100, 0], [("PRIMARY", "1", 2)])

    @pytest.mark.parametrize("minutes", [2, 5])
    def test_stopped_before_or_after_the_last_shift_everything_is_as_it_was(self, minutes: int) -> None:
        one = Replaced(keep_minutes=10)
        deployment = one.replace()
        one.world.clock.advance(minutes)
        one.client.stop_deployment(deploymentId=deployment, autoRollbackEnabled=True)
        one.world.clock.advance(2)
        assert (one.weights(), one.sets()) == ([100, 0], [("PRIMARY", "1", 2)])

    def test_tasks_that_do_not_become_healthy_fail_it_after_an_hour(self) -> None:
        one = Replaced(passes=False)
        deployment = one.replace()
        one.world.clock.advance(59)
        assert one.get(deployment)["status"] == "InProgress"
        one.world.clock.advance(3)
        assert one.get(deployment)["errorInformation"]["code"] == "TIMEOUT"
        assert one.sets() == [("PRIMARY", "1", 2)]

    def test_a_task_definition_that_does_not_exist_fails_it(self) -> None:
        one = Replaced()
        deployment = one.replace("shop:9")
        one.world.clock.advance(2)
        assert one.get(deployment)["errorInformation"]["code"] == "ECS_UPDATE_ERROR"
        assert one.weights() == [100, 0]

    def test_ecs_refuses_to_deploy_and_still_scales(self) -> None:
        one = Replaced()
        client = one.world.client("ecs")
        with pytest.raises(ClientError, match="CODE_DEPLOY deployment controller"):
            client.update_service(cluster=CLUSTER, service="shop", taskDefinition=one.new.arn)
        client.update_service(cluster=CLUSTER, service="shop", desiredCount=5)
        one.world.clock.advance(2)
        assert one.sets() == [("PRIMARY", "1", 5)]

    def test_shares_are_not_known_before_it_has_started(self) -> None:
        one = Replaced()
        with pytest.raises(ClientError, match="DeploymentNotStartedException"):
            one.shares(one.replace())


class TestRequests:
    def test_a_group_has_one_deployment_at_a_time(self) -> None:
        one = Moved()
        first = one.deploy()
        with pytest.raises(ClientError, match=f"already has an active Deployment '{first}'"):
            one.deploy()

    @pytest.mark.parametrize(
        ("given", "code"),
        [
            ({"applicationName": "nothing"}, "ApplicationDoesNotExistException"),
            ({"deploymentGroupName": "nothing"}, "DeploymentGroupDoesNotExistException"),
            ({"deploymentConfigName": "nothing"}, "DeploymentConfigDoesNotExistException"),
            ({"revision": {"revisionType": "S3"}}, "RevisionRequiredException"),
            ({"revision": app_spec(content="no")}, "InvalidRevisionException"),
            ({"revision": app_spec(content="{}", sha256="0")}, "InvalidRevisionException"),
        ],
    )
    def test_what_does_not_exist_or_is_not_so_is_refused(self, given: dict[str, Any], code: str) -> None:
        one = Moved()
        revision = app_spec(content='{"Resources": []}')
        usual: dict[str, Any] = {"applicationName": "prod", "deploymentGroupName": "live", "revision": revision}
        with pytest.raises(ClientError, match=code):
            one.client.create_deployment(**{**usual, **given})
        assert one.listed() == []

    def test_deployments_are_found_by_status_and_time(self) -> None:
        one = Moved(Routing())
        first = one.deploy()
        one.world.clock.advance(5)
        second = one.deploy("2", "3")
        assert one.listed() == [second, first]
        assert one.listed(includeOnlyStatuses=["Created", "InProgress"]) == [second]
        assert one.listed(createTimeRange={"end": START}) == [first]
        assert one.listed(createTimeRange={"start": one.world.clock.now()}) == [second]
        found = one.client.batch_get_deployments(deploymentIds=[first, "d-9"])["deploymentsInfo"]
        assert [each["deploymentId"] for each in found] == [first]

    def test_too_many_at_once_and_unknown_ones_are_refused(self) -> None:
        one = Moved()
        with pytest.raises(ClientError, match="BatchLimitExceededException"):
            one.client.batch_get_deployments(deploymentIds=["d-1"] * 26)
        with pytest.raises(ClientError, match="DeploymentDoesNotExistException"):
            one.get("d-9")

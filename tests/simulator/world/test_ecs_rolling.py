from typing import Any

import pytest

from simulator.world.api import WorldError
from simulator.world.ecs.rolling import breaker_threshold
from simulator.world.ecs.service import CLUSTER
from simulator.world.ecs.state import Service, TaskDefinition
from simulator.world.targets import TargetGroup
from simulator.world.world import World
from tests.simulator.world.scene import START

BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


@pytest.fixture
def group(world: World) -> TargetGroup:
    return world.elbv2.add_target_group("shop")


@pytest.fixture
def old(world: World) -> TaskDefinition:
    return world.ecs.add_task_definition("shop", "registry/shop@sha256:01")


def serve(world: World, old: TaskDefinition, group: TargetGroup, **configuration: Any) -> Service:
    balancer = {"targetGroupArn": group.arn, "containerName": "app", "containerPort": 80}
    return world.ecs.add_service("shop", old, desired=4, load_balancers=[balancer], configuration=configuration)


def update(world: World, **given: Any) -> None:
    world.client("ecs").update_service(cluster=CLUSTER, service="shop", **given)


def service(world: World) -> dict[str, Any]:
    (found,) = world.client("ecs").describe_services(cluster=CLUSTER, services=["shop"])["services"]
    return found


def last_rollout(world: World) -> dict[str, Any]:
    client = world.client("ecs")
    listed = client.list_service_deployments(cluster=CLUSTER, service="shop")["serviceDeployments"]
    arns = [listed[0]["serviceDeploymentArn"]]
    return client.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"][0]


def deployments(world: World) -> list[tuple[str, str, str, int]]:
    return [
        (one["status"], one["taskDefinition"].rsplit(":", 1)[1], one["rolloutState"], one["runningCount"])
        for one in service(world)["deployments"]
    ]


def test_a_service_that_is_left_alone_is_steady(world: World, old: TaskDefinition, group: TargetGroup) -> None:
    serve(world, old, group)
    world.clock.advance(10)
    assert deployments(world) == [("PRIMARY", "1", "COMPLETED", 4)]
    assert group.count("healthy") == 4


def test_new_tasks_come_up_before_old_ones_end(world: World, old: TaskDefinition, group: TargetGroup) -> None:
    serve(world, old, group)
    new = world.ecs.add_task_definition("shop", "registry/shop@sha256:02")
    update(world, taskDefinition=new.arn)
    assert last_rollout(world)["status"] == "PENDING"
    seen = list[list[tuple[str, str, str, int]]]()
    for _ in range(12):
        world.clock.sleep(10)
        assert group.count("healthy") >= 4
        if deployments(world) not in seen:
            seen.append(deployments(world))
    assert seen == [
        [("PRIMARY", "2", "IN_PROGRESS", 0), ("ACTIVE", "1", "COMPLETED", 4)],
        [("PRIMARY", "2", "IN_PROGRESS", 4), ("ACTIVE", "1", "COMPLETED", 4)],
        [("PRIMARY", "2", "COMPLETED", 4)],
    ]
    assert last_rollout(world)["status"] == "SUCCESSFUL"
    assert service(world)["taskDefinition"] == new.arn


def test_limits_make_batches(world: World, old: TaskDefinition, group: TargetGroup) -> None:
    serve(world, old, group, maximumPercent=150, minimumHealthyPercent=50)
    new = world.ecs.add_task_definition("shop", "x")
    update(world, taskDefinition="shop")
    most, least = 0, 4
    for _ in range(40):
        world.clock.sleep(10)
        counts = [one["runningCount"] + one["pendingCount"] for one in service(world)["deployments"]]
        most, least = max(most, sum(counts)), min(least, group.count("healthy"))
    assert (most, least) == (6, 2)
    assert service(world)["taskDefinition"] == new.arn
    assert last_rollout(world)["status"] == "SUCCESSFUL"


def test_the_breaker_goes_back_and_the_rollback_can_be_seen(
    world: World, old: TaskDefinition, group: TargetGroup
) -> None:
    serve(world, old, group, **BREAKER)
    world.ecs.add_task_definition("shop", "bad", starts=False)
    update(world, taskDefinition="shop:2")
    world.clock.sleep(45)
    now = last_rollout(world)
    assert (now["status"], now["deploymentCircuitBreaker"]["status"]) == ("ROLLBACK_IN_PROGRESS", "TRIGGERED")
    assert deployments(world)[0][:2] == ("PRIMARY", "1")
    world.clock.advance(2)
    now = last_rollout(world)
    assert now["status"] == "ROLLBACK_SUCCESSFUL"
    assert now["rollback"]["serviceRevisionArn"] == now["sourceServiceRevisions"][0]["arn"]
    assert service(world)["taskDefinition"] == old.arn
    assert deployments(world) == [("PRIMARY", "1", "COMPLETED", 4)]
    assert group.count("healthy") == 4


def test_without_a_breaker_a_revision_that_does_not_start_is_tried_for_ever(
    world: World, old: TaskDefinition, group: TargetGroup
) -> None:
    serve(world, old, group)
    world.ecs.add_task_definition("shop", "bad", starts=False)
    update(world, taskDefinition="shop:2")
    world.clock.advance(60)
    now = service(world)["deployments"][0]
    assert (now["rolloutState"], now["runningCount"]) == ("IN_PROGRESS", 0)
    assert now["failedTasks"] > 100
    assert group.count("healthy") == 4


def test_a_breaker_without_rollback_stops(world: World, old: TaskDefinition, group: TargetGroup) -> None:
    serve(world, old, group, deploymentCircuitBreaker={"enable": True, "rollback": False})
    world.ecs.add_task_definition("shop", "bad", starts=False)
    update(world, taskDefinition="shop:2")
    world.clock.advance(5)
    assert last_rollout(world)["status"] == "STOPPED"
    assert deployments(world)[0][:3] == ("PRIMARY", "2", "FAILED")


def test_tasks_that_fail_their_health_check_are_replaced_and_trip_the_breaker(
    world: World, old: TaskDefinition, group: TargetGroup
) -> None:
    serve(world, old, group, **BREAKER)
    world.ecs.add_task_definition("shop", "sick", passes=False)
    update(world, taskDefinition="shop:2")
    world.clock.sleep(60)
    assert group.count("unhealthy") == 4
    world.clock.advance(5)
    assert last_rollout(world)["status"] == "ROLLBACK_SUCCESSFUL"


@pytest.mark.parametrize(("desired", "failures"), [(1, 3), (6, 3), (7, 4), (25, 13), (1_000, 200)])
def test_the_breaker_trips_at_half_of_the_tasks_within_limits(desired: int, failures: int) -> None:
    assert breaker_threshold(desired) == failures


def test_an_alarm_that_begins_to_fire_rolls_back(world: World, old: TaskDefinition, group: TargetGroup) -> None:
    world.alarms.add("errors")
    world.alarms.hold("errors", "OK")
    serve(world, old, group, alarms={"alarmNames": ["errors"], "enable": True, "rollback": True})
    world.ecs.add_task_definition("shop", "x")
    update(world, taskDefinition="shop:2")
    world.clock.sleep(30)
    assert last_rollout(world)["alarms"]["status"] == "MONITORING"
    world.alarms.hold("errors", "ALARM")
    world.clock.advance(3)
    now = last_rollout(world)
    assert now["status"] == "ROLLBACK_SUCCESSFUL"
    assert now["alarms"]["triggeredAlarmNames"] == ["errors"]
    assert service(world)["taskDefinition"] == old.arn


def test_a_deployment_can_be_stopped_and_goes_back(world: World, old: TaskDefinition, group: TargetGroup) -> None:
    serve(world, old, group)
    world.ecs.add_task_definition("shop", "x")
    update(world, taskDefinition="shop:2")
    world.clock.sleep(30)
    rollout = last_rollout(world)["serviceDeploymentArn"]
    client = world.client("ecs")
    client.stop_service_deployment(serviceDeploymentArn=rollout)
    assert last_rollout(world)["status"] == "ROLLBACK_REQUESTED"
    world.clock.advance(3)
    assert last_rollout(world)["status"] == "ROLLBACK_SUCCESSFUL"
    assert service(world)["taskDefinition"] == old.arn
    with pytest.raises(client.exceptions.ConflictException):
        client.stop_service_deployment(serviceDeploymentArn=rollout)


def test_a_newer_revision_replaces_a_deployment_in_progress(
    world: World, old: TaskDefinition, group: TargetGroup
) -> None:
    serve(world, old, group)
    for image in ("x", "y"):
        world.ecs.add_task_definition("shop", image)
        update(world, taskDefinition="shop")
        world.clock.sleep(30)
    world.clock.advance(3)
    listed = world.client("ecs").list_service_deployments(cluster=CLUSTER, service="shop")["serviceDeployments"]
    assert [one["status"] for one in listed] == ["SUCCESSFUL", "STOPPED"]
    assert deployments(world) == [("PRIMARY", "3", "COMPLETED", 4)]


def test_a_newer_revision_replaces_a_rollback_in_progress(
    world: World, old: TaskDefinition, group: TargetGroup
) -> None:
    serve(world, old, group, **BREAKER)
    world.ecs.add_task_definition("shop", "bad", starts=False)
    update(world, taskDefinition="shop:2")
    world.clock.sleep(45)
    assert last_rollout(world)["status"] == "ROLLBACK_IN_PROGRESS"
    world.ecs.add_task_definition("shop", "fixed")
    update(world, taskDefinition="shop:3")
    world.clock.advance(5)
    listed = world.client("ecs").list_service_deployments(cluster=CLUSTER, service="shop")["serviceDeployments"]
    assert [one["status"] for one in listed] == ["SUCCESSFUL", "STOPPED"]
    assert deployments(world) == [("PRIMARY", "3", "COMPLETED", 4)]


def test_the_number_of_tasks_changes_without_a_deployment(
    world: World, old: TaskDefinition, group: TargetGroup
) -> None:
    serve(world, old, group)
    update(world, desiredCount=6)
    assert (service(world)["runningCount"], service(world)["pendingCount"]) == (4, 2)
    world.clock.advance(1)
    assert (service(world)["runningCount"], group.count("healthy")) == (6, 6)
    update(world, desiredCount=0)
    assert (group.count("draining"), service(world)["runningCount"]) == (6, 0)
    assert world.client("ecs").list_service_deployments(cluster=CLUSTER, service="shop")["serviceDeployments"] == []


def test_a_service_without_tasks_takes_a_revision_and_tasks_at_once(
    world: World, old: TaskDefinition, group: TargetGroup
) -> None:
    serve(world, old, group)
    update(world, desiredCount=0)
    new = world.ecs.add_task_definition("shop", "x")
    update(world, taskDefinition=new.arn, desiredCount=2)
    world.clock.advance(2)
    assert deployments(world) == [("PRIMARY", "2", "COMPLETED", 2)]
    assert group.shares(world.clock.now()) == {new.arn: 1.0}


def test_what_the_world_does_not_do_is_a_loud_error(world: World, old: TaskDefinition, group: TargetGroup) -> None:
    serve(world, old, group, lifecycleHooks=[{"targetType": "PAUSE", "lifecycleStages": ["PRE_SCALE_UP"]}])
    with pytest.raises(WorldError, match="no lifecycle hooks"):
        update(world, forceNewDeployment=True)
    with pytest.raises(WorldError, match="does not understand enableExecuteCommand"):
        update(world, enableExecuteCommand=True)


def test_the_same_revision_is_deployed_again_when_that_is_forced(
    world: World, old: TaskDefinition, group: TargetGroup
) -> None:
    serve(world, old, group)
    update(world, taskDefinition=old.arn)
    assert len(deployments(world)) == 1
    update(world, forceNewDeployment=True)
    world.clock.advance(3)
    assert last_rollout(world)["status"] == "SUCCESSFUL"
    assert last_rollout(world)["finishedAt"] > START


def test_images_are_those_of_the_task_definition_and_the_revision(
    world: World, old: TaskDefinition, group: TargetGroup
) -> None:
    serve(world, old, group)
    client = world.client("ecs")
    (container,) = client.describe_task_definition(taskDefinition="shop:1")["taskDefinition"]["containerDefinitions"]
    assert container["image"] == "registry/shop@sha256:01"
    revision = service(world)["currentServiceRevisions"][0]["arn"]
    answer = client.describe_service_revisions(serviceRevisionArns=[revision, "x"])
    assert answer["serviceRevisions"][0]["containerImages"][0]["imageDigest"] == "sha256:01"
    assert answer["failures"][0]["reason"] == "MISSING"


def test_what_does_not_exist_is_named(world: World) -> None:
    client = world.client("ecs")
    assert client.describe_services(cluster=CLUSTER, services=["x"])["failures"][0]["reason"] == "MISSING"
    with pytest.raises(client.exceptions.ClusterNotFoundException):
        client.describe_services(cluster="other", services=["x"])
    with pytest.raises(client.exceptions.ServiceNotFoundException):
        client.update_service(cluster=CLUSTER, service="x", desiredCount=1)
    with pytest.raises(client.exceptions.ClientException):
        client.describe_task_definition(taskDefinition="x:1")
    with pytest.raises(client.exceptions.InvalidParameterException, match="At most 10"):
        client.describe_services(cluster=CLUSTER, services=["x"] * 11)
    with pytest.raises(client.exceptions.ServiceDeploymentNotFoundException):
        client.stop_service_deployment(serviceDeploymentArn="x")

"""Stages of services whose deployments ECS runs: one that shifts traffic, a worker, and one on Express Mode."""

from collections.abc import Callable
from typing import Final

from simulator.world.alb_route import AlbRoute
from simulator.world.api import Document
from simulator.world.ecs.service import CLUSTER
from simulator.world.ecs.state import TaskDefinition
from simulator.world.elbv2 import Rule
from simulator.world.targets import TargetGroup
from simulator.world.traffic import Quality
from simulator.world.world import World
from stacks.targets import EcsTarget, ExpressTarget, Target
from tests.rollouts.stage import START, Stage
from tests.rollouts.stages import BAD, BUSY, GOOD

SERVICE: Final = "shop"
ALARM: Final = "shop-errors"
PAUSE: Final[Document] = {"targetType": "PAUSE", "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"]}
CANARY: Final[Document] = {
    "strategy": "CANARY",
    "canaryConfiguration": {"canaryPercent": 20.0, "canaryBakeTimeInMinutes": 1},
    "bakeTimeInMinutes": 1,
    "lifecycleHooks": [PAUSE],
}
UNASKED_MINUTES: Final = 7
"""Longer than a judgement and a dead worker's lease: without a hook, ECS waits for nobody."""
TASKS: Final = 4
ONE_AT_A_TIME: Final[Document] = {
    "maximumPercent": 125,
    "deploymentCircuitBreaker": {"enable": True, "rollback": True},
}
SLOW_START_SECONDS: Final = 140.0
"""Longer than a dead worker's lease, so that whoever goes on still finds the deployment in progress."""


def ecs_stage(candidate: Quality = GOOD, *, configuration: Document = CANARY, starts: bool = True) -> Stage:
    """A service behind a load balancer that shifts a fifth first, and asks before each shift."""
    world = World(1, START)
    old, new = definitions(world, starts=starts)
    blue, green, rule = two_sides(world)
    world.ecs.add_service(
        SERVICE, old, desired=1, load_balancers=[_balancer(blue, green, rule)], configuration=configuration
    )
    world.traffic.add(AlbRoute(world.elbv2, rule), BUSY)
    world.traffic.behave(old.arn, GOOD)
    world.traffic.behave(new.arn, candidate)
    target = EcsTarget.model_validate(
        {
            **_common(new.arn),
            "driver": "ecs",
            "strategy": {"BLUE_GREEN": "blue-green"}.get(configuration["strategy"], configuration["strategy"].lower()),
            "percent": 20.0,
            "intervalMinutes": 1,
            "bakeMinutes": 1,
            "balancer": rule.load_balancer_dimension,
            "groups": {"blue": blue.arn, "green": green.arn},
            "asks": True,
        }
    )
    return Stage(world=world, target=target, build=updating(world, target, new))


def begun_stage(candidate: Quality = GOOD) -> Stage:
    """The same, but it does not ask, so the update leaves it to the rollout to begin."""
    first = {"canaryPercent": 20.0, "canaryBakeTimeInMinutes": UNASKED_MINUTES}
    stage = ecs_stage(candidate, configuration={**CANARY, "lifecycleHooks": [], "canaryConfiguration": first})
    target = stage.target.model_copy(update={"asks": False, "interval_minutes": UNASKED_MINUTES})
    stage.target, stage.build = target, lambda: target
    return stage


def rolling_stage(candidate: Quality = GOOD, *, starts: bool = True, configuration: Document = ONE_AT_A_TIME) -> Stage:
    """A worker of four tasks that are replaced one after the other; an alarm says when the new ones are bad."""
    world = World(1, START)
    old, new = definitions(world, starts=starts, start_seconds=SLOW_START_SECONDS)
    world.ecs.add_service(SERVICE, old, desired=TASKS, configuration=configuration)
    target = EcsTarget.model_validate(
        {
            **_common(new.arn),
            "alarms": (ALARM,),
            "driver": "ecs",
            "strategy": "rolling",
            "percent": 0.0,
            "intervalMinutes": 0,
            "bakeMinutes": 0,
            "asks": False,
        }
    )
    return Stage(world=world, target=target, build=firing(world, candidate, lambda: target))


def express_stage(candidate: Quality = GOOD) -> Stage:
    """A service on Express Mode: what runs there is known by its image, and an alarm says when it is bad."""
    world = World(1, START)
    old, new = definitions(world)
    blue, green, rule = two_sides(world)
    configuration: Document = {**CANARY, "lifecycleHooks": [], "bakeTimeInMinutes": UNASKED_MINUTES}
    world.ecs.add_service(
        SERVICE, old, desired=1, load_balancers=[_balancer(blue, green, rule)], configuration=configuration
    )
    target = ExpressTarget.model_validate({**_common(new.image), "alarms": (ALARM,), "driver": "express"})
    return Stage(world=world, target=target, build=firing(world, candidate, updating(world, target, new)))


def definitions(
    world: World, *, starts: bool = True, start_seconds: float = 20.0
) -> tuple[TaskDefinition, TaskDefinition]:
    """The live one and the candidate, which comes up as it is said."""
    old = world.ecs.add_task_definition(SERVICE, "registry/shop:1", start_seconds=20.0)
    new = world.ecs.add_task_definition(SERVICE, "registry/shop:2", starts=starts, start_seconds=start_seconds)
    return old, new


def two_sides(world: World) -> tuple[TargetGroup, TargetGroup, Rule]:
    """Blue, green, and a rule that sends everything to blue."""
    blue, green = (world.elbv2.add_target_group(name) for name in ("blue", "green"))
    listener = world.elbv2.add_listener("public", {blue.arn: 1})
    return blue, green, world.elbv2.add_rule(listener.listener, "/*", {blue.arn: 100, green.arn: 0})


def updating(world: World, target: Target, new: TaskDefinition) -> Callable[[], Target]:
    """What `pulumi up` does: ask ECS for the new task definition."""

    def build() -> Target:
        world.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=new.arn)
        return target

    return build


def firing(world: World, candidate: Quality, build: Callable[[], Target]) -> Callable[[], Target]:
    """The same for what no gate can count: an alarm fires when the first tasks of a bad candidate run."""
    world.alarms.add(ALARM)
    world.alarms.hold(ALARM, "OK")

    def build_and_fire() -> Target:
        if candidate is BAD:
            world.clock.after(SLOW_START_SECONDS, lambda: world.alarms.hold(ALARM, "ALARM"))
        return build()

    return build_and_fire


def _balancer(blue: TargetGroup, green: TargetGroup, rule: Rule) -> Document:
    return {
        "targetGroupArn": blue.arn,
        "containerName": "app",
        "containerPort": 80,
        "advancedConfiguration": {
            "alternateTargetGroupArn": green.arn,
            "productionListenerRule": rule.arn,
            "roleArn": "arn:aws:iam::123456789012:role/ecs",
        },
    }


def _common(revision: str) -> Document:
    return {
        "service": SERVICE,
        "compute": "fargate",
        "region": "eu-west-1",
        "revision": revision,
        "gates": {},
        "cluster": CLUSTER,
        "ecsService": SERVICE,
    }

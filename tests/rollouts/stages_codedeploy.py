"""Stages of what CodeDeploy deploys: a function behind an alias, and a container service with task sets."""

from typing import Final

from simulator.world.alb_route import AlbRoute
from simulator.world.alias_route import AliasRoute
from simulator.world.api import Document
from simulator.world.codedeploy.routing import Routing
from simulator.world.codedeploy.state import TwoSides
from simulator.world.ecs.service import CLUSTER
from simulator.world.traffic import Quality
from simulator.world.world import World
from stacks.targets import CodeDeployTarget
from tests.rollouts.stage import START, Stage
from tests.rollouts.stages import BUSY, GOOD
from tests.rollouts.stages_ecs import SERVICE, definitions, two_sides

APPLICATION: Final = "prod"
GROUP: Final = "live"
FUNCTION: Final = "thumbnails"
PERCENT: Final = 20
MINUTES: Final = 7
"""Longer than a judgement and a dead worker's lease: CodeDeploy waits for nobody."""
ALARM: Final = "errors"


def function_stage(candidate: Quality = GOOD, *, hooks: dict[str, str] | None = None) -> Stage:
    """A function whose alias names version 1; the candidate is version 2, and nobody here rolls out version 3."""
    world = World(1, START)
    function = world.lambda_.add_function(FUNCTION)
    old, new, other = function.publish(), function.publish(), function.publish()
    world.traffic.add(AliasRoute(world.metrics, function, world.lambda_.add_alias(function, GROUP, old)), BUSY)
    world.traffic.behave(f"{FUNCTION}:{old}", GOOD)
    world.traffic.behave(f"{FUNCTION}:{new}", candidate)
    world.traffic.behave(f"{FUNCTION}:{other}", GOOD)
    _group(world, None)
    kind = {"platform": "lambda", "function": FUNCTION, "alias": GROUP, "hooks": hooks or {}}
    return _stage(world, {**kind, "service": FUNCTION, "compute": "lambda", "revision": new})


def task_set_stage(candidate: Quality = GOOD) -> Stage:
    """A container service that CodeDeploy replaces."""
    world = World(2, START)
    old, new = definitions(world)
    blue, green, rule = two_sides(world)
    balancer = {"targetGroupArn": blue.arn, "containerName": "app", "containerPort": 80}
    world.ecs.add_service(SERVICE, old, desired=1, load_balancers=[balancer], by_codedeploy=True)
    world.traffic.add(AlbRoute(world.elbv2, rule), BUSY)
    world.traffic.behave(old.arn, GOOD)
    world.traffic.behave(new.arn, candidate)
    _group(world, TwoSides(service=SERVICE, rule=rule.arn, groups=(blue.arn, green.arn)))
    kind = {
        "platform": "ecs",
        "cluster": CLUSTER,
        "ecsService": SERVICE,
        "container": "app",
        "port": 80,
        "balancer": rule.load_balancer_dimension,
        "groups": {"blue": blue.arn, "green": green.arn},
    }
    return _stage(world, {**kind, "service": SERVICE, "compute": "fargate", "revision": new.arn})


def _group(world: World, sides: TwoSides | None) -> None:
    world.alarms.add(ALARM)
    world.alarms.hold(ALARM, "OK")
    routing = Routing(type="TimeBasedCanary", percent=PERCENT, minutes=MINUTES)
    world.codedeploy.add_config("canary", routing)
    world.codedeploy.add_group(APPLICATION, GROUP, "canary", alarms=frozenset({ALARM}), sides=sides)


def _stage(world: World, kind: Document) -> Stage:
    target = CodeDeployTarget.model_validate(
        {
            **kind,
            "driver": "codedeploy",
            "region": "eu-west-1",
            "gates": {},
            "application": APPLICATION,
            "group": GROUP,
            "strategy": "canary",
            "percent": float(PERCENT),
            "intervalMinutes": MINUTES,
        }
    )
    return Stage(world=world, target=target, build=lambda: target)

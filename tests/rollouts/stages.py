"""A stage for each way in which traffic moves: the live version is good, the candidate as good as the test says."""

from typing import Final

from simulator.world.alb_route import AlbRoute
from simulator.world.alias_route import AliasRoute
from simulator.world.ecs.service import CLUSTER
from simulator.world.traffic import Quality, Script, constant
from simulator.world.world import World
from stacks.targets import AliasTarget, BalancerTarget
from tests.rollouts.stage import START, Stage

GOOD: Final = Quality(error_rate=0.003)
BAD: Final = Quality(error_rate=0.2)
BUSY: Final = constant(30_000)
SHORT: Final = (20, 100)
"""Two steps are all that a kill can tell apart."""


def alias_stage(
    candidate: Quality = GOOD,
    *,
    seed: int = 1,
    script: Script = BUSY,
    steps: tuple[int, ...] = SHORT,
    minutes: int = 1,
) -> Stage:
    """A function whose alias names version 1; the candidate is version 2."""
    world = World(seed, START)
    function = world.lambda_.add_function("thumbnails")
    old, new = function.publish(), function.publish()
    world.traffic.add(AliasRoute(world.metrics, function, world.lambda_.add_alias(function, "live", old)), script)
    world.traffic.behave(f"thumbnails:{old}", GOOD)
    world.traffic.behave(f"thumbnails:{new}", candidate)
    target = AliasTarget.model_validate(
        {
            "driver": "alias",
            "service": "thumbnails",
            "compute": "lambda",
            "region": "eu-west-1",
            "revision": new,
            "gates": {},
            "function": "thumbnails",
            "alias": "live",
            "steps": steps,
            "stepMinutes": minutes,
        }
    )
    return Stage(world=world, target=target, build=lambda: target)


def balancer_stage(
    candidate: Quality = GOOD,
    *,
    seed: int = 1,
    script: Script = BUSY,
    steps: tuple[int, ...] = SHORT,
    minutes: int = 1,
    starts: bool = True,
) -> Stage:
    """Two ECS services behind one rule, of which blue is live; the candidate is the second task definition."""
    world = World(seed, START)
    old = world.ecs.add_task_definition("news-api", "registry/news-api@sha256:01")
    new = world.ecs.add_task_definition("news-api", "registry/news-api@sha256:02", starts=starts)
    blue, green = (world.elbv2.add_target_group(f"news-api-{color}") for color in ("blue", "green"))
    listener = world.elbv2.add_listener("public", {world.elbv2.add_target_group("none").arn: 1})
    rule = world.elbv2.add_rule(listener.listener, "/news/*", {blue.arn: 100, green.arn: 0})
    for color, group, tasks in (("blue", blue, 2), ("green", green, 0)):
        balancers = [{"targetGroupArn": group.arn, "containerName": "news-api", "containerPort": 8000}]
        configuration = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
        name = f"news-api-{color}"
        world.ecs.add_service(name, old, desired=tasks, load_balancers=balancers, configuration=configuration)
        world.autoscaling.add_ecs(CLUSTER, name, tasks, 10)
    world.traffic.add(AlbRoute(world.elbv2, rule), script)
    world.traffic.behave(old.arn, GOOD)
    world.traffic.behave(new.arn, candidate)
    target = BalancerTarget.model_validate(
        {
            "driver": "balancer",
            "service": "news-api",
            "compute": "fargate",
            "region": "eu-west-1",
            "revision": new.arn,
            "gates": {},
            "cluster": CLUSTER,
            "services": {"blue": "news-api-blue", "green": "news-api-green"},
            "rule": rule.arn,
            "groups": {"blue": blue.arn, "green": green.arn},
            "balancer": rule.load_balancer_dimension,
            "tasks": 2,
            "steps": steps,
            "stepMinutes": minutes,
            "keepMinutes": minutes,
        }
    )
    return Stage(world=world, target=target, build=lambda: target)

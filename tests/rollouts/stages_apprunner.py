"""A stage with an App Runner service: all instances at once."""

from typing import Final

from simulator.world.apprunner import RunnerRoute, Service, Times
from simulator.world.traffic import Quality, Script
from simulator.world.world import World
from stacks.targets import RunnerTarget
from tests.rollouts.stage import START, Stage
from tests.rollouts.stages import BUSY, GOOD

REPOSITORY: Final = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/prod/blog"
OLD: Final = f"{REPOSITORY}@sha256:{'0a' * 32}"
NEW: Final = f"{REPOSITORY}@sha256:{'1b' * 32}"


def apprunner_stage(
    candidate: Quality = GOOD,
    *,
    seed: int = 1,
    script: Script = BUSY,
    starts: bool = True,
    by_pulumi: bool = True,
) -> Stage:
    """A service on one image; `pulumi up` has App Runner replace it, or leaves that to whoever rolls out."""
    world = World(seed, START)
    world.apprunner.times = Times(pending=10, deploy=40, roll_back=20)
    service = world.apprunner.add_service("shop-prod-blog-app", OLD)
    world.traffic.add(RunnerRoute(world.metrics, service), script)
    world.traffic.behave(OLD, GOOD)
    world.traffic.behave(NEW, candidate)
    if not starts:
        world.apprunner.fail(NEW)
    target = RunnerTarget.model_validate(
        {
            "driver": "apprunner",
            "service": "blog",
            "compute": "apprunner",
            "region": "eu-west-1",
            "revision": NEW,
            "gates": {},
            "serviceArn": service.arn,
            "serviceName": service.name,
        }
    )

    def build() -> RunnerTarget:
        # A second update has no effect: Pulumi's state has the new image already.
        if by_pulumi and not service.operations:
            world.apprunner.update(service, NEW)
        return target

    return Stage(world=world, target=target, build=build)


def service_of(stage: Stage) -> Service:
    """The only one."""
    assert isinstance(stage.target, RunnerTarget)
    return stage.world.apprunner.service(stage.target.service_arn)

"""One driver for each way in which AWS moves traffic."""

from rollouts.aws import Aws
from rollouts.clock import Clock
from rollouts.driver import Driver
from rollouts.drivers.alias import AliasDriver
from rollouts.drivers.apprunner import RunnerDriver
from rollouts.drivers.balancer import BalancerDriver
from rollouts.drivers.codedeploy import CodeDeployDriver
from rollouts.drivers.ecs import EcsDriver
from rollouts.drivers.guardrails import GuardrailsDriver
from rollouts.drivers.variants import VariantsDriver
from rollouts.record import Rollout
from stacks.targets import (
    AliasTarget,
    BalancerTarget,
    CodeDeployTarget,
    EcsTarget,
    EndpointTarget,
    ExpressTarget,
    RunnerTarget,
    VariantsTarget,
)


def driver_of(aws: Aws, clock: Clock, rollout: Rollout) -> Driver:
    """The driver of the rollout's target."""
    driver: Driver
    match rollout.target:
        case BalancerTarget() as target:
            driver = BalancerDriver(aws, clock, target, rollout)
        case AliasTarget() as target:
            driver = AliasDriver(aws, target, rollout)
        case CodeDeployTarget() as target:
            driver = CodeDeployDriver(aws, target, rollout)
        case EcsTarget() | ExpressTarget() as target:
            driver = EcsDriver(aws, target, rollout)
        case VariantsTarget() as target:
            driver = VariantsDriver(aws, target, rollout)
        case EndpointTarget() as target:
            driver = GuardrailsDriver(aws, target, rollout)
        case RunnerTarget() as target:
            driver = RunnerDriver(aws, target, rollout)
    return driver

"""Stages with a SageMaker endpoint: one whose weights Onramp moves, and one that SageMaker updates itself."""

from typing import Final, Literal

from simulator.world.alarms import Condition
from simulator.world.endpoint_update import Times
from simulator.world.metrics import Metric
from simulator.world.traffic import Quality, Script
from simulator.world.variant_route import VariantRoute
from simulator.world.world import World
from stacks.targets import EndpointTarget, VariantsTarget
from tests.rollouts.stage import START, Stage
from tests.rollouts.stages import BUSY, GOOD, SHORT

ENDPOINT: Final = "shop-prod-churn"
OLD: Final = "shop-prod-churn-0000aaaa"
NEW: Final = "shop-prod-churn-1111bbbb"
BRAKE: Final = "shop-prod-churn-brake"
SILENT: Final = Condition(metric=Metric.of("Onramp", "Brake", {}), stat="Sum", threshold=0, treat_missing_data="ignore")
"""What a brake watches."""
ALARM: Final = "shop-prod-churn-errors"
QUICK: Final = Times(create=40, activate=5, roll_back=20, weights=20)
"""More than one look, and not many more: a kill at each of them has to be tried."""
CAPTURE: Final = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 10,
    "DestinationS3Uri": "s3://shop-prod-churn-models/captured",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}


def variants_stage(
    candidate: Quality = GOOD,
    *,
    seed: int = 1,
    script: Script = BUSY,
    steps: tuple[int, ...] = SHORT,
    minutes: int = 1,
    starts: bool = True,
) -> Stage:
    """An endpoint with one variant; Pulumi makes the candidate's configuration, and nothing more."""
    world = _world(candidate, seed, script, starts=starts)
    target = VariantsTarget.model_validate(
        {
            **_common(),
            "driver": "variants",
            "endpoint": ENDPOINT,
            "variant": "main",
            "steps": steps,
            "stepMinutes": minutes,
            "keepMinutes": minutes,
        }
    )
    return Stage(world=world, target=target, build=lambda: target)


def guardrails_stage(  # noqa: PLR0913 - each test says what differs, by name
    candidate: Quality = GOOD,
    *,
    seed: int = 2,
    script: Script = BUSY,
    strategy: Literal["canary", "linear", "all-at-once", "rolling"] = "canary",
    percent: int = 20,
    minutes: int = 5,
    starts: bool = True,
    has_brake: bool = True,
    alarms: tuple[str, ...] = (),
) -> Stage:
    """The same, and SageMaker updates the endpoint itself when it is asked to, by the driver."""
    world = _world(candidate, seed, script, starts=starts)
    world.alarms.add(BRAKE, SILENT)
    for name in alarms:
        world.alarms.add(name)
        world.alarms.hold(name, "OK")
    target = EndpointTarget.model_validate(
        {
            **_common(),
            "driver": "guardrails",
            "alarms": alarms,
            "endpoint": ENDPOINT,
            "variants": ("main",),
            "strategy": strategy,
            "percent": percent,
            "intervalMinutes": minutes,
            "brake": BRAKE if has_brake else "",
        }
    )
    return Stage(world=world, target=target, build=lambda: target)


def config(stage: Stage) -> str:
    """The endpoint's configuration."""
    return stage.world.sagemaker.endpoint(ENDPOINT).fleet.config


def _world(candidate: Quality, seed: int, script: Script, *, starts: bool) -> World:
    world = World(seed, START)
    sagemaker = world.sagemaker
    sagemaker.times = QUICK
    old, new = sagemaker.add_model("churn-1"), sagemaker.add_model("churn-2", starts=starts)
    sagemaker.add_config(OLD, {"main": old}, DataCaptureConfig=CAPTURE)
    sagemaker.add_config(NEW, {"main": new}, DataCaptureConfig=CAPTURE)
    world.traffic.add(VariantRoute(world.metrics, sagemaker.add_endpoint(ENDPOINT, OLD)), script)
    world.traffic.behave(old, GOOD)
    world.traffic.behave(new, candidate)
    return world


def _common() -> dict[str, object]:
    return {"service": "churn", "compute": "sagemaker", "region": "eu-west-1", "revision": NEW, "gates": {}}

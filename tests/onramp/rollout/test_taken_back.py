"""A deployment that AWS takes back, although everything looked good to us, is never green: on every compute type."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import pytest

from rollouts.record import Rollout
from simulator.world.ecs.service import CLUSTER
from stacks.targets import AliasTarget, BalancerTarget, Target
from tests.onramp.conftest import FUNCTION, services
from tests.onramp.rollout.conftest import MakeDesk
from tests.onramp.rollout.stage import Desk, FakeStack
from tests.rollouts import stages_codedeploy, stages_ecs, stages_sagemaker
from tests.rollouts.stage import Stage
from tests.rollouts.stages import alias_stage, balancer_stage
from tests.rollouts.stages_apprunner import apprunner_stage

MINUTE: Final = 60
OWN: Final = "alarm-that-only-aws-watches"
CONTAINER: Final = "compute: fargate, port: 80, route: /shop/*"
MODEL: Final = "compute: sagemaker, model: {package: churn, data: s3://models/churn/}, instance: ml.m5.large"


@dataclass(kw_only=True, slots=True)
class StagedStack(FakeStack):
    """Pulumi, as the stage has it."""

    stage: Stage

    def build(self) -> Mapping[str, Target]:
        self.asked.append("build")
        return {self.stage.target.service: self.stage.build()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """What AWS takes back: the stage, the service's stanza, a word of the reason, and what happens when all is done."""

    stage: Callable[[], Stage]
    stanza: str
    reason: str
    at_the_end: Callable[[Stage, Rollout], object] | None = None


def fires(stage: Stage, alarm: str) -> Stage:
    """An alarm that was quiet fires when the rollout is under way."""
    stage.world.alarms.add(alarm)
    stage.world.alarms.hold(alarm, "OK")
    stage.world.clock.after(3 * MINUTE, lambda: stage.world.alarms.hold(alarm, "ALARM"))
    return stage


def watched_by_ecs() -> Stage:
    alarms = {"alarmNames": [OWN], "enable": True, "rollback": True}
    return fires(stages_ecs.ecs_stage(configuration={**stages_ecs.CANARY, "alarms": alarms}), OWN)


def watched_by_express() -> Stage:
    stage = fires(stages_ecs.express_stage(), OWN)
    alarms = {"alarmNames": [OWN], "enable": True, "rollback": True}
    stage.world.client("ecs").update_service(
        cluster=CLUSTER, service=stages_ecs.SERVICE, deploymentConfiguration={"alarms": alarms}
    )
    return stage


def old_alias(stage: Stage, rollout: Rollout) -> None:
    assert isinstance(stage.target, AliasTarget)
    stage.world.lambda_.set_alias(stage.target.function, stage.target.alias, rollout.live, {})


def old_definition(stage: Stage, rollout: Rollout) -> None:
    """The circuit breaker of the new side brings the old task definition back."""
    assert isinstance(stage.target, BalancerTarget)
    client, name = stage.world.client("ecs"), stage.target.services.green
    client.update_service(cluster=CLUSTER, service=name, taskDefinition=rollout.live)


def old_configuration(stage: Stage, rollout: Rollout) -> None:
    stage.world.sagemaker.update(stages_sagemaker.ENDPOINT, rollout.live)


CASES: Final[Mapping[str, Case]] = {
    "the circuit breaker of a worker": Case(
        stage=lambda: stages_ecs.rolling_stage(starts=False), stanza="compute: fargate", reason="tasks failed to start"
    ),
    "an alarm of ECS": Case(stage=watched_by_ecs, stanza=CONTAINER, reason=OWN),
    "an alarm of CodeDeploy for containers": Case(
        stage=lambda: fires(stages_codedeploy.task_set_stage(), stages_codedeploy.ALARM),
        stanza=CONTAINER,
        reason="ALARM_ACTIVE",
    ),
    "the circuit breaker of a new side": Case(
        stage=balancer_stage, stanza=CONTAINER, reason="was asked for", at_the_end=old_definition
    ),
    "an alarm of CodeDeploy for a function": Case(
        stage=lambda: fires(stages_codedeploy.function_stage(), stages_codedeploy.ALARM),
        stanza=FUNCTION,
        reason="ALARM_ACTIVE",
    ),
    "an alias that names the old version": Case(
        stage=alias_stage, stanza=FUNCTION, reason="1 runs, and 2 was asked for", at_the_end=old_alias
    ),
    "an endpoint that is silently in service": Case(
        stage=lambda: stages_sagemaker.guardrails_stage(starts=False), stanza=MODEL, reason="SageMaker has gone back"
    ),
    "an endpoint with the old configuration": Case(
        stage=stages_sagemaker.variants_stage, stanza=MODEL, reason="was asked for", at_the_end=old_configuration
    ),
    "an image that App Runner finds unhealthy": Case(
        stage=lambda: apprunner_stage(starts=False),
        stanza="compute: apprunner, port: 8080",
        reason="its last operation is ROLLBACK",
    ),
    "an alarm of Express": Case(stage=watched_by_express, stanza="compute: express, port: 8080", reason=OWN),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_ends_with_6_and_says_why(make: MakeDesk, monkeypatch: pytest.MonkeyPatch, case: Case) -> None:
    stage = case.stage()
    service = stage.target.service
    project = make().project
    (project / "Pulumi.dev.yaml").write_text(services(f"{service}: {{{case.stanza}}}\n"), encoding="utf-8")
    known = {service: stage.target}
    desk = Desk(project=project, world=stage.world, stack=StagedStack(before=known, after=known, stage=stage))
    monkeypatch.setattr("onramp.rolling.surroundings.surroundings", desk.surroundings)
    if case.at_the_end is not None:
        in_the_end(desk, stage, case.at_the_end)

    result = desk.run("start", "dev", service)

    assert result.exit_code == 6, result.output
    rollout = desk.record(service)
    assert rollout.ending == "rolled-back"
    assert case.reason in rollout.reason
    assert "ROLLED BACK" in result.stdout
    assert stage.tools().drive(rollout).running() == rollout.live


def in_the_end(desk: Desk, stage: Stage, action: Callable[[Stage, Rollout], object]) -> None:
    """Do something when there is nothing left to do but to look what runs."""

    def look() -> None:
        rollout = desk.record(stage.target.service)
        if rollout.phase == "verifying":
            action(stage, rollout)
        else:
            stage.world.clock.after(1, look)

    stage.world.clock.after(1, look)

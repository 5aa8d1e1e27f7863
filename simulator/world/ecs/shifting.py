"""The strategies BLUE_GREEN, CANARY and LINEAR: a second set of tasks, and traffic that moves to it in steps."""

import math
from collections.abc import Iterator
from typing import Final

from simulator.world.api import Document
from simulator.world.clock import Process
from simulator.world.ecs.fleet import Fleet
from simulator.world.ecs.hooks import Hooks
from simulator.world.ecs.state import Revision
from simulator.world.ecs.watch import LOOK_SECONDS, RollBackError, StopError, Watch
from simulator.world.elbv2 import Elbv2

CANARY: Final = (5.0, 10)
LINEAR: Final = (10.0, 6)
"""Percent of a step and minutes of its bake when nobody says it (ECS API, CanaryConfiguration, LinearConfiguration)."""
BAKE_MINUTES: Final = 15
"""After the last shift; ECS wants it to be said, and its console offers this."""
SETTLE_SECONDS: Final = 20.0
"""From a changed weight until ECS takes the shift for done; it states no number."""


class Shifting:
    """One deployment that shifts traffic.

    Args:
        watch: minds while it waits.
        hooks: whom to ask at each stage.
        fleet: the service's tasks.
        elbv2: has the rule and the target groups.
    """

    def __init__(self, watch: Watch, hooks: Hooks, fleet: Fleet, elbv2: Elbv2) -> None:
        self._watch = watch
        self._service = watch.service
        self._rollout = watch.rollout
        self._hooks = hooks
        self._fleet = fleet
        self._elbv2 = elbv2

    def run(self) -> Process:
        """From its beginning to its end, good or bad."""
        self._watch.begin()
        try:
            yield from self._stages()
        except StopError as why:
            self._service.primary.rollout_state = "FAILED"
            self._watch.move("STOP_REQUESTED", str(why))
            yield LOOK_SECONDS
            self._watch.move("STOPPED")
        except RollBackError as why:
            yield from self._go_back(str(why))
        else:
            yield from self._clean_up()

    def _stages(self) -> Process:
        if len(self._fleet.revisions()) > 1:
            yield from self._enter("RECONCILE_SERVICE")
        yield from self._enter("PRE_SCALE_UP")
        yield from self._enter("SCALE_UP")
        target, group = self._rollout.target, self._elbv2.group(self._service.other_group)
        self._fleet.start(target, self._service.desired, group)
        yield from self._watch.wait_until(lambda: self._fleet.serving(target) >= self._service.desired)
        yield from self._enter("POST_SCALE_UP")
        yield from self._enter("TEST_TRAFFIC_SHIFT")
        self._rollout.test_weight = 100.0
        yield from self._watch.wait(SETTLE_SECONDS)
        yield from self._enter("POST_TEST_TRAFFIC_SHIFT")
        for percent, bake_minutes in _steps(self._rollout.configuration):
            yield from self._hooks.at("PRE_PRODUCTION_TRAFFIC_SHIFT")  # no stage that DescribeServiceDeployments shows
            yield from self._enter("PRODUCTION_TRAFFIC_SHIFT")
            self._shift(percent)
            yield from self._watch.wait(SETTLE_SECONDS + 60 * bake_minutes)
        yield from self._enter("POST_PRODUCTION_TRAFFIC_SHIFT")
        yield from self._enter("BAKE_TIME")
        yield from self._watch.wait(60 * self._rollout.configuration.get("bakeTimeInMinutes", BAKE_MINUTES))

    def _enter(self, stage: str) -> Process:
        self._rollout.stage, self._rollout.updated = stage, self._watch.clock.now()
        yield from self._hooks.at(stage)
        self._watch.look()

    def _shift(self, percent: float) -> None:
        """Weights are whole numbers up to 999, so a percent with a fraction takes a finer scale."""
        self._rollout.weight = percent
        scale = 1 if percent.is_integer() else 9
        new = round(percent * scale)
        weights = {self._service.group: 100 * scale - new, self._service.other_group: new}
        self._elbv2.set_weights(self._service.production_rule, weights)

    def _clean_up(self) -> Process:
        """There is no way back from here; the target groups change their roles."""
        service, rollout = self._service, self._rollout
        rollout.stage = "CLEAN_UP"
        self._stop_all_but(rollout.target)
        service.group, service.other_group = service.other_group, service.group
        yield LOOK_SECONDS
        service.completed = rollout.target
        service.deployments = [service.primary]
        service.primary.rollout_state = "COMPLETED"
        self._watch.move("SUCCESSFUL")

    def _go_back(self, reason: str) -> Process:
        """All traffic to the old tasks first; the new ones end when none comes any more."""
        service, rollout, source = self._service, self._rollout, self._rollout.source
        if source is None:
            self._watch.move("ROLLBACK_FAILED", f"{reason} There is nothing to roll back to.")
            return
        rollout.rolled_back = (reason, self._watch.clock.now())
        self._watch.move("ROLLBACK_REQUESTED", reason)
        yield LOOK_SECONDS
        self._watch.move("ROLLBACK_IN_PROGRESS")
        self._shift(0.0)
        rollout.test_weight = 0.0
        self._fleet.scale(source, service.desired, self._elbv2.group(service.group))
        yield SETTLE_SECONDS
        self._stop_all_but(source)
        service.deployments = [one for one in service.deployments if one.revision is source]
        yield LOOK_SECONDS
        self._watch.move("ROLLBACK_SUCCESSFUL")

    def _stop_all_but(self, kept: Revision) -> None:
        for revision in self._fleet.revisions():
            if revision is not kept:
                self._fleet.stop(revision, self._fleet.count(revision))


def _steps(configuration: Document) -> Iterator[tuple[float, int]]:
    """Each step's percent, and the minutes until the next; after 100 percent there are none."""
    strategy = configuration["strategy"]
    if strategy == "CANARY":
        config: Document = configuration.get("canaryConfiguration", {})
        yield config.get("canaryPercent", CANARY[0]), config.get("canaryBakeTimeInMinutes", CANARY[1])
    elif strategy == "LINEAR":
        config = configuration.get("linearConfiguration", {})
        step = config.get("stepPercent", LINEAR[0])
        for number in range(1, math.ceil(100 / step)):
            yield round(step * number, 1), config.get("stepBakeTimeInMinutes", LINEAR[1])
    yield 100.0, 0

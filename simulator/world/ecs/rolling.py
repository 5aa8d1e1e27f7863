"""The strategy ROLLING: tasks are replaced as fast as the limits allow, and a circuit breaker may give up."""

import math
from typing import Final

from simulator.world.clock import Process
from simulator.world.ecs.fleet import Fleet
from simulator.world.ecs.state import Deployment, Revision
from simulator.world.ecs.watch import LOOK_SECONDS, RollBackError, StopError, Watch
from simulator.world.targets import TargetGroup

BREAKER_TASKS: Final = (3, 200)
"""Failed tasks that trip the breaker: half of the desired ones, within these (ECS developer guide)."""


class Rolling:
    """One rolling deployment.

    Args:
        watch: minds while it waits.
        fleet: the service's tasks.
        group: where they are registered; None without a load balancer.
    """

    def __init__(self, watch: Watch, fleet: Fleet, group: TargetGroup | None) -> None:
        self._watch = watch
        self._service = watch.service
        self._rollout = watch.rollout
        self._fleet = fleet
        self._group = group
        self._breaker = self._rollout.configuration.get("deploymentCircuitBreaker", {})

    def run(self) -> Process:
        """From its beginning to its end, good or bad."""
        self._watch.begin()
        if self._breaker.get("enable"):
            self._rollout.breaker = "MONITORING"
        deployment = self._service.primary
        try:
            yield from self._replace(deployment)
        except StopError as why:
            self._end(deployment, "FAILED", str(why))
            self._watch.move("STOPPED", str(why))
        except RollBackError as why:
            self._end(deployment, "FAILED", str(why))
            yield from self._go_back(deployment, str(why))
        else:
            self._service.completed = self._rollout.target
            self._end(deployment, "COMPLETED", f"ECS deployment {deployment.id} completed.")
            self._watch.move("SUCCESSFUL")

    def _replace(self, deployment: Deployment) -> Process:
        while not self._step(deployment.revision):
            yield LOOK_SECONDS
            self._watch.look()
            self._mind_failures(deployment.revision)

    def _step(self, target: Revision) -> bool:
        """Start and stop what the limits allow now; whether only healthy tasks of `target` are left."""
        desired, fleet, config = self._service.desired, self._fleet, self._rollout.configuration
        old = [revision for revision in fleet.revisions() if revision is not target]
        most = max(desired * config.get("maximumPercent", 200) // 100, 1)
        least = math.ceil(desired * config.get("minimumHealthyPercent", 100) / 100)
        room = most - sum(fleet.count(revision) for revision in [target, *old])
        missing = desired - fleet.count(target)
        fleet.start(target, max(min(room, missing), 0), self._group)
        fleet.stop(target, max(-missing, 0))
        spare = fleet.serving(target) + sum(fleet.serving(revision) for revision in old) - least
        for revision in old:
            idle = fleet.count(revision) - fleet.serving(revision)
            ending = min(fleet.count(revision), max(spare, 0) + idle)
            spare -= max(ending - idle, 0)
            fleet.stop(revision, ending)
        left = [revision for revision in fleet.revisions() if revision is not target]
        self._service.deployments = [
            one for one in self._service.deployments if one.revision is target or one.revision in left
        ]
        return not left and fleet.serving(target) == desired

    def _mind_failures(self, target: Revision) -> None:
        if self._rollout.breaker != "MONITORING":
            return
        failed = self._fleet.failures[target.arn]
        if failed < breaker_threshold(self._service.desired):
            return
        self._rollout.breaker = "TRIGGERED"
        reason = "Service deployment failed: tasks failed to start."
        raise RollBackError(reason) if self._breaker.get("rollback") else StopError(reason)

    def _go_back(self, failed: Deployment, reason: str) -> Process:
        """Replace the new tasks by the old ones, whatever fires."""
        rollout, service, now = self._rollout, self._service, self._watch.clock.now()
        source = rollout.source
        if source is None:
            self._watch.move("ROLLBACK_FAILED", f"{reason} There is nothing to roll back to.")
            return
        rollout.rolled_back = (reason, now)
        self._watch.move("ROLLBACK_IN_PROGRESS", reason)
        back = Deployment(id=f"{failed.id}-rollback", revision=source, created=now, updated=now)
        service.deployments = [back, *(one for one in service.deployments if one.revision is not source)]
        while True:
            yield LOOK_SECONDS
            if rollout.wish == "SUPERSEDE":
                self._watch.move("STOPPED", f"{reason} A new deployment replaced the rollback.")
                return
            if self._step(source):
                break
        self._end(back, "COMPLETED", f"ECS deployment circuit breaker: rolled back to {source.task_definition.arn}.")
        self._watch.move("ROLLBACK_SUCCESSFUL")

    def _end(self, deployment: Deployment, state: str, reason: str) -> None:
        deployment.rollout_state = "COMPLETED" if state == "COMPLETED" else "FAILED"
        deployment.reason, deployment.updated = reason, self._watch.clock.now()
        if self._rollout.breaker == "MONITORING":
            self._rollout.breaker = "MONITORING_COMPLETE"


def breaker_threshold(desired: int) -> int:
    """Failed tasks at which the circuit breaker gives up, for a service of so many tasks."""
    return min(max(math.ceil(desired / 2), BREAKER_TASKS[0]), BREAKER_TASKS[1])

"""What every deployment minds while it waits: requests to stop, and the alarms that it was given."""

from collections.abc import Callable
from typing import Final

from simulator.world.alarms import Alarms
from simulator.world.clock import Clock, Process
from simulator.world.ecs.state import Rollout, Service, Status

LOOK_SECONDS: Final = 10.0
"""How often ECS looks; it states no number."""


class RollBackError(Exception):
    """The deployment goes back to what it began with; its text is the reason."""


class StopError(Exception):
    """The deployment ends where it is; its text is the reason."""


class Watch:
    """Waits on behalf of one deployment.

    Args:
        clock: time.
        alarms: an alarm that is in ALARM when the deployment begins makes ECS ignore all of them.
        service: whose deployment.
        rollout: the deployment.
    """

    def __init__(self, clock: Clock, alarms: Alarms, service: Service, rollout: Rollout) -> None:
        self.clock = clock
        self._alarms = alarms
        self.service = service
        self.rollout = rollout
        config = rollout.configuration.get("alarms", {})
        self._names: frozenset[str] = frozenset(config.get("alarmNames", [])) if config.get("enable") else frozenset()
        self._may_roll_back: bool = config.get("rollback", False)

    def begin(self) -> None:
        """The deployment is on its way."""
        self.rollout.started = self.clock.now()
        if self._names and not self._alarms.firing(self._names):
            self.rollout.alarms = "MONITORING"
        self.move("IN_PROGRESS")

    def move(self, status: Status, reason: str = "") -> None:
        """Enter a status."""
        now = self.clock.now()
        self.rollout.status, self.rollout.updated = status, now
        self.rollout.reason = reason or self.rollout.reason
        if self.rollout.ended:
            self.rollout.finished = now
            if self.rollout.alarms == "MONITORING":
                self.rollout.alarms = "MONITORING_COMPLETE"

    def look(self) -> None:
        """Mind what was asked for and what fires.

        Raises:
            RollBackError: to go back.
            StopError: to end.
        """
        rollout = self.rollout
        if rollout.wish == "ROLLBACK":
            raise RollBackError("Service deployment rolled back because of a request to stop it.")
        if rollout.wish == "ABORT":
            raise StopError("Service deployment stopped because of a request to stop it.")
        if rollout.wish == "SUPERSEDE":
            raise StopError("Service deployment stopped because a new one replaced it.")
        if rollout.alarms == "MONITORING" and (firing := self._alarms.firing(self._names)):
            rollout.triggered, rollout.alarms = firing, "TRIGGERED"
            reason = f"Service deployment failed: alarm detected: {', '.join(sorted(firing))}."
            raise RollBackError(reason) if self._may_roll_back else StopError(reason)

    def wait(self, seconds: float) -> Process:
        """Let time pass, minding."""
        left = seconds
        while True:
            self.look()
            if left <= 0:
                return
            step = min(left, LOOK_SECONDS)
            yield step
            left -= step

    def wait_until(self, done: Callable[[], bool]) -> Process:
        """Let time pass until `done`, minding."""
        self.look()
        while not done():
            yield LOOK_SECONDS
            self.look()

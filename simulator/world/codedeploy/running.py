"""How one deployment goes on: its events in order, and what stops it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from simulator.world.alarms import Alarms
from simulator.world.api import Document, WorldError
from simulator.world.clock import Clock, Process
from simulator.world.codedeploy.routing import Routing
from simulator.world.codedeploy.shifts import DeploymentError, Shift
from simulator.world.codedeploy.state import Deployment, RollbackEvent, Status

LOOK_SECONDS: Final = 10.0
"""How often CodeDeploy looks; it states no number."""
HOOK_SECONDS: Final = 3_600.0
"""How long a function may take to say how it went (CodeDeploy user guide, AppSpec hooks)."""
INSTALL_SECONDS: Final = 3_600.0
"""How long the tasks of a replacement may take to be healthy (CodeDeploy user guide, ECS deployments)."""

HookAnswer = Literal["Succeeded", "Failed", "InProgress"]
HookAnswers = Mapping[str, Callable[[], HookAnswer]]
"""Name of a function -> what it says whenever it is looked at."""


class _StopError(Exception):
    """Somebody has asked for it, or an alarm fires; `event` is what the group may go back on."""

    event: RollbackEvent

    def __init__(self, event: RollbackEvent, code: str, message: str) -> None:
        self.event, self.code, self.message = event, code, message
        super().__init__(message)


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One deployment in the world; `go_back` begins the deployment that undoes it."""

    clock: Clock
    alarms: Alarms
    deployment: Deployment
    routing: Routing
    shift: Shift
    hooks: Document
    answers: HookAnswers
    go_back: Callable[[Deployment, Shift], None]

    def process(self) -> Process:
        """From its beginning to its end, good or bad."""
        yield LOOK_SECONDS
        self.deployment.started = self.clock.now()
        self._move("InProgress")
        try:
            yield from self._events()
        except DeploymentError as why:
            self._end("Failed", "DEPLOYMENT_FAILURE", why.code, why.message)
        except _StopError as why:
            self._end("Stopped", why.event, why.code, why.message)
        else:
            self.shift.clean_up()
            self._move("Succeeded")

    def _events(self) -> Process:
        yield from self._hook("BeforeInstall")
        self.shift.install()
        yield from self._wait_for(self.shift.is_installed, INSTALL_SECONDS, "The replacement did not become healthy")
        for event in ("AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic"):
            yield from self._hook(event)
        for percent, minutes in self.routing.steps():
            self._look()
            self.deployment.weight = percent
            self.shift.move(percent)
            yield from self._wait(60 * minutes + LOOK_SECONDS)
        yield from self._hook("AfterAllowTraffic")
        sides = self.deployment.group.sides
        yield from self._wait(60 * sides.keep_minutes if sides else 0)

    def _hook(self, event: str) -> Process:
        function = self.hooks.get(event)
        if function is None:
            return
        if function not in self.answers:
            raise WorldError(f"nobody said what {function} answers; set codedeploy.hook_answers")
        left = HOOK_SECONDS
        while (answer := self.answers[function]()) == "InProgress" and left > 0:
            yield from self._wait(LOOK_SECONDS)
            left -= LOOK_SECONDS
        if answer != "Succeeded":
            raise DeploymentError("HOOK_EXECUTION_FAILURE", f"The function {function} said {answer} at {event}.")

    def _wait_for(self, done: Callable[[], bool], seconds: float, otherwise: str) -> Process:
        left = seconds
        while not done():
            if left <= 0:
                raise DeploymentError("TIMEOUT", otherwise)
            yield from self._wait(LOOK_SECONDS)
            left -= LOOK_SECONDS

    def _wait(self, seconds: float) -> Process:
        left = seconds
        self._look()
        while left > 0:
            step = min(left, LOOK_SECONDS)
            yield step
            left -= step
            self._look()

    def _look(self) -> None:
        """An alarm that fires already when the deployment begins stops it as well."""
        if self.deployment.wish is not None:
            event: RollbackEvent = "DEPLOYMENT_STOP_ON_REQUEST"
            raise _StopError(event, "MANUAL_STOP", "The deployment was stopped by a request.")
        if firing := self.alarms.firing(self.deployment.group.alarms):
            names = ", ".join(sorted(firing))
            raise _StopError("DEPLOYMENT_STOP_ON_ALARM", "ALARM_ACTIVE", f"Alarms have been activated: {names}.")

    def _end(self, status: Status, event: RollbackEvent, code: str, message: str) -> None:
        self.deployment.error = (code, message)
        self._move(status)
        if event in self.deployment.group.rolls_back_on or self.deployment.wish == "stop and roll back":
            self.go_back(self.deployment, self.shift)

    def _move(self, status: Status) -> None:
        self.deployment.status = status
        if self.deployment.ended:
            self.deployment.completed = self.clock.now()

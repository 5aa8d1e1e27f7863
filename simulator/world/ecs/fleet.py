"""The tasks of a service: they take time to come up, may fail, and are targets while they run."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from simulator.world.clock import Clock
from simulator.world.ecs.state import Revision
from simulator.world.targets import TargetGroup

CHECKS_BEFORE_REPLACEMENT: Final = 3
"""A task that is unhealthy for so many times the first verdict's time is stopped and replaced."""


@dataclass(kw_only=True, eq=False, slots=True)
class Task:
    """One task; it is pending until it runs."""

    address: str
    revision: Revision
    group: TargetGroup | None
    running: bool = False
    stopped: bool = False


class Fleet:
    """All tasks of one service.

    Args:
        clock: tasks come up in time.
        network: the beginning of the tasks' addresses, one for each service (`10.0.3`).
    """

    def __init__(self, clock: Clock, network: str) -> None:
        self._clock = clock
        self._network = network
        self._tasks: list[Task] = []
        self._made = 0
        self.failures: Counter[str] = Counter()

    def start(self, revision: Revision, number: int, group: TargetGroup | None, *, long_ago: bool = False) -> None:
        """Ask for `number` tasks; `long_ago` they were asked for before the world began."""
        for _ in range(number):
            self._made += 1
            address = f"{self._network}.{self._made}"
            task = Task(address=address, revision=revision, group=group)
            self._tasks.append(task)
            if long_ago:
                self._up(task, long_ago=True)
            else:
                self._clock.after(revision.task_definition.start_seconds, lambda task=task: self._came_up(task))

    def stop(self, revision: Revision, number: int) -> None:
        """Stop `number` tasks: those that do not run yet first, then the newest."""
        mine = [task for task in self._tasks if task.revision is revision]
        mine.reverse()
        mine.sort(key=lambda task: task.running)
        for task in mine[:number]:
            self._end(task)

    def scale(self, revision: Revision, wanted: int, group: TargetGroup | None) -> None:
        """Start or stop tasks of `revision` until there are `wanted`."""
        there = self.count(revision)
        self.start(revision, max(wanted - there, 0), group)
        self.stop(revision, max(there - wanted, 0))

    def count(self, revision: Revision, *, running: bool | None = None) -> int:
        """Tasks of `revision`: all, the running or the pending ones."""
        return sum(task.revision is revision and running in (None, task.running) for task in self._tasks)

    def serving(self, revision: Revision) -> int:
        """Tasks of `revision` that run and are healthy where they are registered."""
        return sum(task.revision is revision and task.running and _healthy(task) for task in self._tasks)

    def revisions(self) -> list[Revision]:
        """Every revision that has tasks, oldest first."""
        return list({task.revision.arn: task.revision for task in self._tasks}.values())

    def _came_up(self, task: Task) -> None:
        if task.stopped:
            return
        if not task.revision.task_definition.starts:
            self._failed(task)
            return
        self._up(task, long_ago=False)
        if task.group is not None:
            patience = CHECKS_BEFORE_REPLACEMENT * task.group.health_check_seconds
            self._clock.after(patience, lambda: self._checked(task))

    def _up(self, task: Task, *, long_ago: bool) -> None:
        task.running = True
        if task.group is not None:
            definition = task.revision.task_definition
            task.group.register(task.address, definition.arn, passes=definition.passes, long_ago=long_ago)

    def _checked(self, task: Task) -> None:
        if not task.stopped and not _healthy(task):
            self._failed(task)

    def _failed(self, task: Task) -> None:
        """As ECS does, try again with another task."""
        self.failures[task.revision.arn] += 1
        self._end(task)
        self.start(task.revision, 1, task.group)

    def _end(self, task: Task) -> None:
        task.stopped = True
        self._tasks.remove(task)
        if task.group is not None:
            task.group.deregister(task.address)


def _healthy(task: Task) -> bool:
    if task.group is None:
        return True
    target = task.group.targets.get(task.address)
    return target is not None and target.health == "healthy"

"""Task sets: how CodeDeploy, as the controller of a service, has two revisions of it side by side."""

from simulator.world.api import arn
from simulator.world.clock import Clock
from simulator.world.ecs.fleet import Fleet
from simulator.world.ecs.state import Revision, Service, TaskDefinition, TaskSet
from simulator.world.elbv2 import Elbv2


class TaskSets:
    """The task sets of one service; the first one is its primary.

    Args:
        clock: when they are made.
        elbv2: has their target groups.
        service: whose they are.
        fleet: its tasks.
    """

    def __init__(self, clock: Clock, elbv2: Elbv2, service: Service, fleet: Fleet) -> None:
        self._clock = clock
        self._elbv2 = elbv2
        self._service = service
        self._fleet = fleet

    @property
    def primary(self) -> TaskSet:
        """The one that production traffic is meant for."""
        return self._service.task_sets[0]

    def create(self, definition: TaskDefinition, group: str, *, external_id: str, long_ago: bool = False) -> TaskSet:
        """Start as many tasks as the service wants, as targets of the group with this ARN."""
        service, now = self._service, self._clock.now()
        number = len(service.revisions) + 1
        place = f"{service.cluster.rpartition('/')[2]}/{service.name}"
        revision = Revision(
            arn=arn("ecs", f"service-revision/{place}/{number:016x}"), task_definition=definition, created=now
        )
        made = TaskSet(
            id=f"ecs-svc/{number:019d}",
            arn=arn("ecs", f"task-set/{place}/ecs-svc/{number:019d}"),
            revision=revision,
            group=group,
            external_id=external_id,
            created=now,
        )
        service.revisions.append(revision)
        service.task_sets.append(made)
        self._fleet.start(revision, service.desired, self._elbv2.group(group), long_ago=long_ago)
        return made

    def is_serving(self, one: TaskSet) -> bool:
        """Whether all of its tasks are healthy."""
        return self._fleet.serving(one.revision) >= self._service.desired

    def make_primary(self, one: TaskSet) -> None:
        """Say that production traffic is meant for it."""
        others = [other for other in self._service.task_sets if other is not one]
        self._service.task_sets[:] = [one, *others]
        self._service.completed = one.revision

    def delete(self, one: TaskSet) -> None:
        """Stop its tasks."""
        if one in self._service.task_sets:
            self._fleet.stop(one.revision, self._fleet.count(one.revision))
            self._service.task_sets.remove(one)

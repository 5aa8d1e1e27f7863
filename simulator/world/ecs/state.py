"""What ECS remembers: task definitions, services, their revisions and their deployments."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from simulator.world.api import Document

Status = Literal[
    "PENDING",
    "IN_PROGRESS",
    "SUCCESSFUL",
    "STOP_REQUESTED",
    "STOPPED",
    "ROLLBACK_REQUESTED",
    "ROLLBACK_IN_PROGRESS",
    "ROLLBACK_SUCCESSFUL",
    "ROLLBACK_FAILED",
]
ENDED: tuple[Status, ...] = ("SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED")
HookStatus = Literal["AWAITING_ACTION", "IN_PROGRESS", "SUCCEEDED", "FAILED", "TIMED_OUT"]
Watching = Literal["MONITORING", "MONITORING_COMPLETE", "TRIGGERED", "DISABLED"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TaskDefinition:
    """A task definition, and how its tasks come up.

    Args:
        arn: with its revision; the traffic knows by it who answers.
        image: of its only container, `app`.
        starts: whether its containers stay up.
        passes: whether they answer the health check.
        start_seconds: from the request of a task until it runs.
    """

    arn: str
    image: str
    starts: bool = True
    passes: bool = True
    start_seconds: float = 40.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """A service revision: what a deployment takes live, or goes back to."""

    arn: str
    task_definition: TaskDefinition
    created: datetime


@dataclass(kw_only=True, slots=True)
class Hook:
    """A lifecycle hook that was reached; `action` is what its timeout would do."""

    id: str
    kind: str
    target_arn: str
    status: HookStatus
    expires: datetime | None
    action: str


@dataclass(kw_only=True, slots=True)
class Deployment:
    """One of a service's `deployments`, as ECS has had them before it had service deployments."""

    id: str
    revision: Revision
    created: datetime
    updated: datetime
    rollout_state: Literal["IN_PROGRESS", "COMPLETED", "FAILED"] = "IN_PROGRESS"
    reason: str = ""


@dataclass(kw_only=True, eq=False, slots=True)
class TaskSet:
    """One of a service's task sets; `external_id` is the CodeDeploy deployment that made it."""

    id: str
    arn: str
    revision: Revision
    group: str
    external_id: str
    created: datetime


@dataclass(kw_only=True, slots=True)
class Rollout:
    """A service deployment.

    Args:
        target: what it takes live.
        source: what it began with, and goes back to; None is a service's first.
        configuration: the service's, as it was when this began.
        weight: percent of the production traffic that the target should have now.
        test_weight: percent of the test traffic.
        wish: what somebody asked for that has not happened yet.
    """

    arn: str
    target: Revision
    source: Revision | None
    configuration: Document
    created: datetime
    updated: datetime
    status: Status = "PENDING"
    reason: str = ""
    stage: str = ""
    started: datetime | None = None
    finished: datetime | None = None
    weight: float = 0.0
    test_weight: float = 0.0
    wish: Literal["", "ROLLBACK", "ABORT", "SUPERSEDE"] = ""
    hooks: list[Hook] = field(default_factory=list[Hook])
    rolled_back: tuple[str, datetime] | None = None
    triggered: frozenset[str] = frozenset()
    alarms: Watching = "DISABLED"
    breaker: Watching = "DISABLED"

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ENDED


@dataclass(kw_only=True, slots=True)
class Service:
    """A service; the newest of `deployments` is its primary, the newest of `rollouts` is the current or the last.

    Args:
        completed: the revision that was taken live last.
        group: the target group that gets production traffic; empty without a load balancer.
        other_group: the one that the next deployment shifts to; empty when it does not shift.
        task_sets: the primary one first; only for what CodeDeploy deploys, which has no `deployments`.
    """

    name: str
    cluster: str
    arn: str
    desired: int
    configuration: Document
    load_balancers: list[Document]
    completed: Revision
    created: datetime
    group: str
    other_group: str
    revisions: list[Revision] = field(default_factory=list[Revision])
    deployments: list[Deployment] = field(default_factory=list[Deployment])
    rollouts: list[Rollout] = field(default_factory=list[Rollout])
    task_sets: list[TaskSet] = field(default_factory=list[TaskSet])

    @property
    def primary(self) -> Deployment:
        """The deployment of what it is meant to run."""
        return self.deployments[0]

    @property
    def current(self) -> Revision:
        """What it is meant to run."""
        return self.task_sets[0].revision if self.task_sets else self.primary.revision

    @property
    def rollout(self) -> Rollout | None:
        """The deployment in progress."""
        return self.rollouts[0] if self.rollouts and not self.rollouts[0].ended else None

    @property
    def strategy(self) -> str:
        """How a new revision goes live."""
        return self.configuration.get("strategy", "ROLLING")

    @property
    def production_rule(self) -> str:
        """The rule whose weights ECS sets; only for what shifts traffic."""
        return self.load_balancers[0]["advancedConfiguration"]["productionListenerRule"]

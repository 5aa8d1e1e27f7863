"""What CodeDeploy remembers: deployment groups and deployments."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from simulator.world.api import Document

Status = Literal["Created", "Queued", "InProgress", "Baking", "Succeeded", "Failed", "Stopped", "Ready"]
ENDED: tuple[Status, ...] = ("Succeeded", "Failed", "Stopped")
RollbackEvent = Literal["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]


@dataclass(frozen=True, kw_only=True, slots=True)
class TwoSides:
    """Where the traffic of a container service goes: a rule, and the ARNs of two target groups."""

    service: str
    rule: str
    groups: tuple[str, str]
    keep_minutes: int = 0
    """How long the old tasks stay after the last shift."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A deployment group; `sides` only for a container service."""

    application: str
    name: str
    config: str
    alarms: frozenset[str] = frozenset()
    rolls_back_on: frozenset[RollbackEvent] = frozenset()
    sides: TwoSides | None = None


@dataclass(kw_only=True, eq=False, slots=True)
class Deployment:
    """One deployment.

    Args:
        revision: the AppSpec as it was given.
        wish: what StopDeployment asked for; None when nobody did.
        weight: percent of the traffic that the new version should have now.
        rollback: the deployment that goes back from this one; `triggered_by` is the other way round.
    """

    id: str
    group: Group
    revision: Document
    config: str
    description: str
    creator: Literal["user", "codeDeployRollback"]
    created: datetime
    status: Status = "Created"
    started: datetime | None = None
    completed: datetime | None = None
    error: tuple[str, str] | None = None
    wish: Literal["stop", "stop and roll back"] | None = None
    weight: int = 0
    rollback: str = ""
    triggered_by: str = ""
    sides: list[Document] = field(default_factory=list[Document])

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ENDED

"""Target groups and the health of what is registered in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from simulator.world.api import Document, arn
from simulator.world.clock import Clock
from simulator.world.timeline import Timeline

Health = Literal["initial", "healthy", "unhealthy", "draining"]

_REASONS: Final[Mapping[Health, tuple[str, str]]] = {
    "initial": ("Elb.InitialHealthChecking", "Initial health checks in progress"),
    "unhealthy": ("Target.ResponseCodeMismatch", "Health checks failed with these codes: [503]"),
    "draining": ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
}


@dataclass(kw_only=True, slots=True)
class Target:
    """One registered address, and who answers there."""

    address: str
    revision: str
    health: Health


@dataclass(kw_only=True, slots=True)
class TargetGroup:
    """A target group: its targets by address, and which revisions got what share of its requests when.

    The load balancer asks only healthy targets; where there are none it asks the unhealthy ones ("fail open", ELB user
    guide, Target group health).
    """

    name: str
    arn: str
    clock: Clock
    answering: Timeline[Mapping[str, float]]
    health_check_seconds: float = 10.0
    """From registration until the first verdict: two good checks (ELB API: interval and threshold), 5 s apart."""
    drain_seconds: float = 60.0
    """Until a deregistered target is gone (ELB API: deregistration_delay.timeout_seconds)."""
    targets: dict[str, Target] = field(default_factory=dict[str, Target])

    @classmethod
    def named(cls, name: str, clock: Clock, number: int) -> "TargetGroup":
        """A group without targets; `number` makes its ARN unique."""
        answering: Timeline[Mapping[str, float]] = Timeline(clock.now(), {})
        group_arn = arn("elasticloadbalancing", f"targetgroup/{name}/{number:016x}")
        return cls(name=name, arn=group_arn, clock=clock, answering=answering)

    @property
    def dimension(self) -> str:
        """How CloudWatch names it: the last part of its ARN."""
        return self.arn.rsplit(":", 1)[1]

    def register(self, address: str, revision: str, *, passes: bool = True, long_ago: bool = False) -> None:
        """Add a target; its first health checks say whether it `passes`, and may have said so `long_ago`."""
        self.targets[address] = target = Target(address=address, revision=revision, health="initial")
        verdict: Health = "healthy" if passes else "unhealthy"
        if long_ago:
            self._checked(target, verdict)
            return
        self.clock.after(self.health_check_seconds, lambda: self._checked(target, verdict))

    def set_health(self, revision: str, health: Health) -> None:
        """Let all targets of `revision` be in this health from now on."""
        for target in self.targets.values():
            if target.revision == revision and target.health != "draining":
                target.health = health
        self._changed()

    def deregister(self, address: str) -> None:
        """Let a target finish its requests and go; it gets no new ones."""
        target = self.targets.get(address)
        if target is None or target.health == "draining":
            return
        target.health = "draining"
        self._changed()
        self.clock.after(self.drain_seconds, lambda: self._gone(target))

    def count(self, health: Health) -> int:
        """How many targets are in this health."""
        return sum(target.health == health for target in self.targets.values())

    def descriptions(self) -> list[Document]:
        """As DescribeTargetHealth has them."""
        return [
            {
                "Target": {"Id": target.address, "Port": 80},
                "HealthCheckPort": "80",
                "TargetHealth": _described(target.health),
            }
            for target in self.targets.values()
        ]

    def shares(self, moment: datetime) -> Mapping[str, float]:
        """Each revision's share of the group's requests at `moment`; empty when nobody answers."""
        return self.answering.at(moment)

    def _checked(self, target: Target, verdict: Health) -> None:
        if target.health == "initial":
            target.health = verdict
            self._changed()

    def _gone(self, target: Target) -> None:
        if self.targets.get(target.address) is target:
            del self.targets[target.address]

    def _changed(self) -> None:
        asked = [target.revision for target in self.targets.values() if target.health == "healthy"]
        asked = asked or [target.revision for target in self.targets.values() if target.health == "unhealthy"]
        shares = {revision: asked.count(revision) / len(asked) for revision in asked}
        self.answering.set(self.clock.now(), shares)


def _described(health: Health) -> Document:
    if health == "healthy":
        return {"State": health}
    reason, description = _REASONS[health]
    return {"State": health, "Reason": reason, "Description": description}

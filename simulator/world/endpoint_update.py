"""How a SageMaker endpoint gets a new configuration: a second fleet, traffic that moves to it, and alarms meanwhile."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

from simulator.world.alarms import Alarms
from simulator.world.api import Document
from simulator.world.clock import Clock, Process
from simulator.world.timeline import Timeline
from simulator.world.traffic import Landing

Status = Literal["InService", "Updating", "SystemUpdating", "RollingBack", "Failed", "UpdateRollbackFailed"]
Stage = Literal["Creating", "ActivatingTraffic", "Baking", "Deleting"]
ALL: Final = 100
LOOK_SECONDS: Final = 10.0
"""Between two looks at the alarms of an update; AWS states no number."""
_RUNNING: Final[Status] = "InService"


@dataclass(kw_only=True, slots=True)
class Times:
    """Seconds that things take. AWS states none; updates of real endpoints take five to fifteen minutes."""

    create: float = 240.0
    """Until a new fleet is up."""
    activate: float = 15.0
    """Until a step of the traffic is true."""
    roll_back: float = 60.0
    """Until the old fleet has all traffic again and the new one is gone."""
    weights: float = 60.0
    """Until changed weights or capacities are true."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """An endpoint configuration, as CreateEndpointConfig took it."""

    name: str
    request: Document
    created: datetime


@dataclass(kw_only=True, slots=True)
class Variant:
    """A variant of a fleet; what is desired becomes true some time later."""

    model: str
    weight: float
    desired_weight: float
    instances: int
    desired_instances: int

    @classmethod
    def of(cls, configured: Document) -> "Variant":
        """As a configuration has it."""
        weight, instances = configured.get("InitialVariantWeight", 1.0), configured["InitialInstanceCount"]
        return cls(
            model=configured["ModelName"],
            weight=weight,
            desired_weight=weight,
            instances=instances,
            desired_instances=instances,
        )


@dataclass(kw_only=True, slots=True)
class Fleet:
    """The instances of one configuration."""

    config: str
    variants: dict[str, Variant]

    def retain(self, old: "Fleet", excluded: set[str]) -> None:
        """Take over what variants of the same name have (SageMaker API, RetainAllVariantProperties)."""
        for name in self.variants.keys() & old.variants.keys():
            mine, before = self.variants[name], old.variants[name]
            if "DesiredWeight" not in excluded:
                mine.weight = mine.desired_weight = before.desired_weight
            if "DesiredInstanceCount" not in excluded:
                mine.instances = mine.desired_instances = before.desired_instances

    def shares(self) -> Mapping[Landing, float]:
        """Where its requests go; without any weight nobody answers."""
        total = sum(variant.weight for variant in self.variants.values())
        if not total:
            return {Landing("", ""): 1.0}
        return {
            Landing(f"{self.config}/{name}", variant.model): variant.weight / total
            for name, variant in self.variants.items()
            if variant.weight
        }


class Endpoint:
    """An endpoint: the fleet that serves, and the one of an update.

    `goes_back` is what a test sets to False when the old fleet shall not come back.
    """

    def __init__(self, *, name: str, arn: str, fleet: Fleet, now: datetime) -> None:
        self.name, self.arn, self.fleet = name, arn, fleet
        self.pending: Fleet | None = None
        self.share = 0.0
        self.stage: tuple[Stage, datetime] | None = None
        self.status: Status = _RUNNING
        self.failure = ""
        self.deployment: Document = {}
        self.goes_back = True
        self.begun = self.created = self.modified = now
        self.in_force: Timeline[Mapping[Landing, float]] = Timeline(now, fleet.shares())

    @property
    def configs(self) -> set[str]:
        """Those that are in use."""
        return {self.fleet.config, *([self.pending.config] if self.pending else [])}

    def begin(self, fleet: Fleet, deployment: Document, now: datetime) -> None:
        """Let an update begin."""
        self.pending, self.share, self.deployment, self.begun, self.failure = fleet, 0.0, deployment, now, ""
        self.stage = ("Creating", now)
        self.change("Updating", now)

    def shift(self, share: float, now: datetime) -> None:
        """Let the new fleet have so much of the traffic, in percent."""
        self.share = share
        self.change(self.status, now)

    def end(self, status: Status, now: datetime, *, failure: str = "") -> None:
        """Let the update end with the fleet that has all the traffic."""
        if self.pending is not None and self.share == ALL:
            self.fleet = self.pending
        self.pending, self.stage, self.share, self.failure = None, None, 0.0, failure
        self.change(status, now)

    def change(self, status: Status, now: datetime) -> None:
        """Have another state from now on, and split by what there is now."""
        self.status, self.modified = status, now
        together: dict[Landing, float] = {}
        for fleet, share in ((self.fleet, ALL - self.share), (self.pending, self.share)):
            for landing, part in fleet.shares().items() if fleet is not None and share else ():
                together[landing] = part * share / ALL
        self.in_force.set(now, together)

    def described(self) -> Document:
        """As DescribeEndpoint has it."""
        pending: Document = {}
        if self.pending is not None:
            summary = {
                "EndpointConfigName": self.pending.config,
                "ProductionVariants": list(self._variants(self.pending, self.stage)),
                "StartTime": self.begun,
            }
            pending = {"PendingDeploymentSummary": summary}
        return {
            "EndpointName": self.name,
            "EndpointArn": self.arn,
            "EndpointConfigName": self.fleet.config,
            "ProductionVariants": list(self._variants(self.fleet, None)),
            "EndpointStatus": self.status,
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            **({"FailureReason": self.failure} if self.failure else {}),
            **({"LastDeploymentConfig": self.deployment} if self.deployment else {}),
            **pending,
        }

    def _variants(self, fleet: Fleet, stage: tuple[Stage, datetime] | None) -> Iterator[Document]:
        up = 1.0
        if stage is not None and "RollingUpdatePolicy" in self.deployment:
            up = self.share / ALL
        elif stage is not None and stage[0] == "Creating":
            up = 0.0
        for name, variant in fleet.variants.items():
            yield {
                "VariantName": name,
                "CurrentWeight": variant.weight,
                "DesiredWeight": variant.desired_weight,
                "CurrentInstanceCount": round(variant.instances * up),
                "DesiredInstanceCount": variant.desired_instances,
                **({"VariantStatus": [{"Status": stage[0], "StartTime": stage[1]}]} if stage else {}),
            }


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plan:
    """The shares that an update goes through, how long it waits at each and at its end, and the alarms it watches."""

    shares: tuple[float, ...]
    wait: float
    end: float
    alarms: frozenset[str] = field(default_factory=frozenset[str])

    @classmethod
    def of(cls, deployment: Document) -> "_Plan":
        """Without any, all at once, with nobody watching (SageMaker API, DeploymentConfig)."""
        watched = deployment.get("AutoRollbackConfiguration", {}).get("Alarms", [])
        alarms = frozenset(alarm["AlarmName"] for alarm in watched)
        if "RollingUpdatePolicy" in deployment:
            policy: Document = deployment["RollingUpdatePolicy"]
            shares = _equal(policy["MaximumBatchSize"]["Value"])
            return cls(shares=shares, wait=policy["WaitIntervalInSeconds"], end=0, alarms=alarms)
        if "BlueGreenUpdatePolicy" not in deployment:
            return cls(shares=(ALL,), wait=0, end=0, alarms=alarms)
        policy = deployment["BlueGreenUpdatePolicy"]
        routing: Document = policy["TrafficRoutingConfiguration"]
        shares = (float(ALL),)
        if routing["Type"] == "CANARY":
            shares = (float(routing["CanarySize"]["Value"]), float(ALL))
        if routing["Type"] == "LINEAR":
            shares = _equal(routing["LinearStepSize"]["Value"])
        end = policy.get("TerminationWaitInSeconds", 0)
        return cls(shares=shares, wait=routing["WaitIntervalInSeconds"], end=end, alarms=alarms)


class EndpointUpdate:
    """One update, from its beginning to its end, good or bad; alarms count while it bakes (guardrails, baking period).

    Args:
        clock: of the world.
        alarms: of the world.
        times: that things take.
        endpoint: that is updated.
        starts: whether the new fleet comes up.
    """

    def __init__(self, clock: Clock, alarms: Alarms, times: Times, endpoint: Endpoint, *, starts: bool) -> None:
        self._clock, self._alarms, self._times, self._endpoint = clock, alarms, times, endpoint
        self._starts = starts
        self._plan = _Plan.of(endpoint.deployment)

    def run(self) -> Process:
        """Everything that happens."""
        endpoint, times = self._endpoint, self._times
        yield times.create
        if not self._starts:
            failure = "The primary container for production variant main did not pass the ping health check."
            endpoint.end(_RUNNING, self._clock.now(), failure=failure)
            return
        for share in self._plan.shares:
            endpoint.stage = ("ActivatingTraffic", self._clock.now())
            yield times.activate
            endpoint.shift(share, self._clock.now())
            endpoint.stage = ("Baking", self._clock.now())
            wait = self._plan.wait + (self._plan.end if share == ALL else 0)
            while wait > 0:
                if self._alarms.firing(self._plan.alarms):
                    yield from self._go_back()
                    return
                yield min(wait, LOOK_SECONDS)
                wait -= LOOK_SECONDS
        endpoint.end(_RUNNING, self._clock.now())

    def _go_back(self) -> Process:
        """The silent one: in the end the endpoint is in service, on its old configuration."""
        endpoint = self._endpoint
        endpoint.change("RollingBack", self._clock.now())
        yield self._times.activate
        if not endpoint.goes_back:
            endpoint.change("UpdateRollbackFailed", self._clock.now())
            return
        endpoint.shift(0, self._clock.now())
        yield self._times.roll_back
        endpoint.end(_RUNNING, self._clock.now())


def _equal(percent: float) -> tuple[float, ...]:
    """Equal steps up to all of it."""
    return tuple(min(percent * number, float(ALL)) for number in range(1, math.ceil(ALL / percent) + 1))

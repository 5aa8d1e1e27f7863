"""How a rule of a load balancer splits requests, and what it publishes of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from simulator.world.elbv2 import Elbv2, Rule
from simulator.world.metrics import Datum, Metric, merged
from simulator.world.traffic import Landing, Outcome, by_time

_NAMESPACE: Final = "AWS/ApplicationELB"


class AlbRoute:
    """A workload's way through one rule.

    Args:
        elbv2: the service that has the rule.
        rule: by its weights in force, and the targets that answer behind each.
    """

    def __init__(self, elbv2: Elbv2, rule: Rule) -> None:
        self._elbv2 = elbv2
        self._rule = rule

    def shares(self, start: datetime, end: datetime) -> Mapping[Landing, float]:
        """Each revision's share; a target group with weight and without targets answers nobody."""
        moments = list(self._rule.in_force.changes(start, end))
        for group_arn in {*self._rule.in_force.at(start), *self._rule.in_force.at(end)}:
            moments += self._elbv2.group(group_arn).answering.changes(start, end)
        return by_time(start, end, moments, self._at)

    def publish(self, minute: datetime, outcomes: Sequence[Outcome]) -> None:
        """The metrics of the load balancer, and of each target group that could be chosen.

        A count that is zero is not published (ELB user guide, CloudWatch metrics). A request for which there was no
        target counts only for the load balancer.
        """
        balancer = {"LoadBalancer": self._rule.load_balancer_dimension}
        refused = sum(outcome.requests for outcome in outcomes if not outcome.landing.revision)
        self._count(minute, "RequestCount", balancer, sum(outcome.requests for outcome in outcomes))
        self._count(minute, "HTTPCode_ELB_5XX_Count", balancer, refused)
        for group_arn in self._rule.in_force.at(minute):
            group = self._elbv2.group(group_arn)
            dimensions = {**balancer, "TargetGroup": group.dimension}
            self._record(minute, "HealthyHostCount", dimensions, Datum.gauge(group.count("healthy")))
            self._record(minute, "UnHealthyHostCount", dimensions, Datum.gauge(group.count("unhealthy")))
        for group_arn in sorted({outcome.landing.place for outcome in outcomes if outcome.landing.revision}):
            dimensions = {**balancer, "TargetGroup": self._elbv2.group(group_arn).dimension}
            answered = [one for one in outcomes if one.landing.place == group_arn and one.landing.revision]
            self._publish_group(minute, dimensions, answered)

    def _publish_group(self, minute: datetime, dimensions: Mapping[str, str], outcomes: Sequence[Outcome]) -> None:
        requests = sum(outcome.requests for outcome in outcomes)
        errors = sum(outcome.errors for outcome in outcomes)
        self._count(minute, "RequestCount", dimensions, requests)
        self._count(minute, "HTTPCode_Target_5XX_Count", dimensions, errors)
        self._count(minute, "HTTPCode_Target_2XX_Count", dimensions, requests - errors)
        seconds = merged([Datum.latencies(outcome.latency, unit_ms=1_000) for outcome in outcomes])
        self._record(minute, "TargetResponseTime", dimensions, seconds)

    def _count(self, minute: datetime, name: str, dimensions: Mapping[str, str], number: int) -> None:
        self._record(minute, name, dimensions, Datum.count(number))

    def _record(self, minute: datetime, name: str, dimensions: Mapping[str, str], datum: Datum) -> None:
        self._elbv2.metrics.record(minute, Metric.of(_NAMESPACE, name, dimensions), datum)

    def _at(self, moment: datetime) -> Mapping[Landing, float]:
        weights = self._rule.in_force.at(moment)
        total = sum(weights.values())
        if not total:
            return {Landing("", ""): 1.0}
        split: dict[Landing, float] = {}
        for group_arn, weight in weights.items():
            if not weight:
                continue
            for revision, share in (self._elbv2.group(group_arn).shares(moment) or {"": 1.0}).items():
                split[Landing(group_arn, revision)] = weight / total * share
        return split

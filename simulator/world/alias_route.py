"""How an alias splits invocations, and what it publishes of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from simulator.world.lambda_ import Alias, Function
from simulator.world.metrics import Datum, Metric, Metrics, merged
from simulator.world.traffic import Landing, Outcome, by_time

_NAMESPACE: Final = "AWS/Lambda"


class AliasRoute:
    """The way of an alias's invocations; a version answers as the revision `function:version`.

    Args:
        metrics: what invocations publish.
        function: whose alias.
        alias: splits them by chance.
    """

    def __init__(self, metrics: Metrics, function: Function, alias: Alias) -> None:
        self._metrics = metrics
        self._function = function
        self._alias = alias

    def shares(self, start: datetime, end: datetime) -> Mapping[Landing, float]:
        """Each version's share."""
        return by_time(start, end, list(self._alias.in_force.changes(start, end)), self._at)

    def publish(self, minute: datetime, outcomes: Sequence[Outcome]) -> None:
        """The metrics of the function, of the alias, and of each version that the alias invoked.

        Lambda publishes Errors with every invocation, so zero errors are a point, and not its absence.
        """
        name, resource = self._function.name, f"{self._function.name}:{self._alias.name}"
        for outcome in outcomes:
            executed = {"FunctionName": name, "Resource": resource, "ExecutedVersion": outcome.landing.place}
            self._publish(minute, executed, [outcome])
        if outcomes:
            self._publish(minute, {"FunctionName": name, "Resource": resource}, outcomes)
            self._publish(minute, {"FunctionName": name}, outcomes)

    def _publish(self, minute: datetime, dimensions: Mapping[str, str], outcomes: Sequence[Outcome]) -> None:
        invocations = sum(outcome.requests for outcome in outcomes)
        errors = sum(outcome.errors for outcome in outcomes)
        duration = merged([Datum.latencies(outcome.latency, unit_ms=1) for outcome in outcomes])
        for metric, datum in (
            ("Invocations", Datum.count(invocations)),
            ("Errors", Datum.count(errors, of=invocations)),
            ("Duration", duration),
        ):
            self._metrics.record(minute, Metric.of(_NAMESPACE, metric, dimensions), datum)

    def _at(self, moment: datetime) -> Mapping[Landing, float]:
        shares = self._alias.in_force.at(moment)
        return {Landing(version, f"{self._function.name}:{version}"): share for version, share in shares.items()}

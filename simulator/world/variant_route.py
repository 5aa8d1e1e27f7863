"""How an endpoint splits invocations between variants and fleets, and what it publishes of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from simulator.world.endpoint_update import Endpoint
from simulator.world.metrics import Datum, Metric, Metrics, merged
from simulator.world.traffic import Landing, Outcome, by_time

_NAMESPACE: Final = "AWS/SageMaker"
_MICROSECOND: Final = 0.001
"""In milliseconds; SageMaker counts latencies in microseconds."""
_OVERHEAD: Final = 0.05
"""What SageMaker adds to the model's latency, as a part of it: made up."""


class VariantRoute:
    """The way of an endpoint's invocations; a variant answers as its model.

    Args:
        metrics: what invocations publish.
        endpoint: splits them by chance.
    """

    def __init__(self, metrics: Metrics, endpoint: Endpoint) -> None:
        self._metrics = metrics
        self._endpoint = endpoint

    def shares(self, start: datetime, end: datetime) -> Mapping[Landing, float]:
        """Each variant's share, of each fleet."""
        in_force = self._endpoint.in_force
        return by_time(start, end, list(in_force.changes(start, end)), in_force.at)

    def publish(self, minute: datetime, outcomes: Sequence[Outcome]) -> None:
        """The metrics of each variant, with both fleets in one, and apart by the name of their configuration.

        SageMaker publishes the second kind so that an alarm can watch the new fleet alone (SageMaker developer guide,
        Auto-rollback configuration and monitoring). It publishes errors with every invocation: zero is a point.
        """
        answered = [outcome for outcome in outcomes if outcome.landing.revision]
        variants = sorted({_variant(outcome) for outcome in answered})
        for variant in variants:
            dimensions = {"EndpointName": self._endpoint.name, "VariantName": variant}
            own = [outcome for outcome in answered if _variant(outcome) == variant]
            self._publish(minute, dimensions, own)
            for config in sorted({_config(outcome) for outcome in own}):
                fleet = [outcome for outcome in own if _config(outcome) == config]
                self._publish(minute, {**dimensions, "EndpointConfigName": config}, fleet)

    def _publish(self, minute: datetime, dimensions: Mapping[str, str], outcomes: Sequence[Outcome]) -> None:
        invocations = sum(outcome.requests for outcome in outcomes)
        errors = sum(outcome.errors for outcome in outcomes)
        latency = merged([Datum.latencies(outcome.latency, unit_ms=_MICROSECOND) for outcome in outcomes])
        overhead = merged([Datum.latencies(outcome.latency, unit_ms=_MICROSECOND / _OVERHEAD) for outcome in outcomes])
        for metric, datum in (
            ("Invocations", Datum.count(invocations)),
            ("Invocation5XXErrors", Datum.count(errors, of=invocations)),
            ("ModelLatency", latency),
            ("OverheadLatency", overhead),
        ):
            self._metrics.record(minute, Metric.of(_NAMESPACE, metric, dimensions), datum)


def _config(outcome: Outcome) -> str:
    return outcome.landing.place.partition("/")[0]


def _variant(outcome: Outcome) -> str:
    return outcome.landing.place.partition("/")[2]

"""What CloudWatch has counted, minute by minute."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from rollouts.aws import Answer, Aws
from rollouts.driver import Source
from rollouts.gates import Counts, slow
from stacks.models.gates import MetricGate

MINUTE: Final = timedelta(minutes=1)
_PERIOD: Final = 60
_DIGITS: Final = 6
"""Of a value: more than a bound needs, and few enough to keep every minute of a day."""
_QUERIES_MAX: Final = 500
"""Queries in one question (CloudWatch API, GetMetricData)."""

Series = Mapping[datetime, float]
"""Values by the beginning of their minute."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """One statistic of one metric."""

    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistic: str
    seconds: int = _PERIOD


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """What was counted of one side in one minute: requests, failed ones, and slow ones where that is known."""

    failed: Counts
    slow: Counts | None


def minute_of(moment: datetime) -> datetime:
    """The minute that has begun."""
    return moment.replace(second=0, microsecond=0)


def minutes_between(since: datetime, until: datetime) -> list[datetime]:
    """The beginnings of the minutes from one moment to another."""
    return [since + number * MINUTE for number in range(int((until - since) / MINUTE))]


def sides(aws: Aws, source: Source, slow_ms: float | None, since: datetime, until: datetime) -> Mapping[datetime, Side]:
    """What was counted of one side, by minute; a minute without a point had no request.

    A minute in which one metric has arrived before the other is left out, as far as that shows: more failed ones than
    requests, or none of a service that counts failed ones even when there are none.

    Args:
        aws: where to ask.
        source: which metrics.
        slow_ms: from where on a request is slow, in milliseconds; None when nobody knows.
        since: beginning of the first minute.
        until: end of the last one.
    """
    queries = {
        "requests": _query(source, source.requests, "Sum"),
        "errors": _query(source, source.errors, "Sum"),
    }
    if slow_ms is not None:
        # Percentile rank: percent of the requests at or below a value, in the metric's own unit.
        rank = f"PR(:{slow_ms / 1000 / source.seconds:.6g})"
        queries["rank"] = _query(source, source.latency, rank)
    found = series(aws, queries, since, until)
    counted = ((at, _side(found, at, always=source.errors_always)) for at in minutes_between(since, until))
    return {at: side for at, side in counted if side is not None}


def _side(found: Mapping[str, Series], at: datetime, *, always: bool) -> Side | None:
    total, failed = round(found["requests"].get(at, 0)), round(found["errors"].get(at, 0))
    if failed > total or (always and total and at not in found["errors"]):
        return None
    rank = found.get("rank", {}).get(at)
    is_known = "rank" in found and (rank is not None or not total)
    late = slow(total=total, rank=100.0 if rank is None else rank)
    return Side(failed=Counts(total=total, bad=failed), slow=Counts(total=total, bad=late) if is_known else None)


def values(aws: Aws, gates: Iterable[MetricGate], since: datetime, until: datetime) -> Mapping[str, Series]:
    """The values of a service's own metrics."""
    queries = {
        gate.name: Query(
            namespace=gate.namespace, metric=gate.metric, dimensions=gate.dimensions, statistic=gate.statistic
        )
        for gate in gates
    }
    if not queries:
        return {}
    found = series(aws, queries, since, until)
    return {name: {at: float(f"{value:.{_DIGITS}g}") for at, value in each.items()} for name, each in found.items()}


def series(aws: Aws, queries: Mapping[str, Query], since: datetime, until: datetime) -> Mapping[str, Series]:
    """Every series in one question; a series that CloudWatch could not read in full is an error, not a gap.

    Raises:
        ValueError: more queries than CloudWatch takes.
    """
    if len(queries) > _QUERIES_MAX:
        raise ValueError(f"{len(queries)} queries; CloudWatch takes {_QUERIES_MAX}")
    ids = {f"q{number}": name for number, name in enumerate(queries)}
    found: dict[str, dict[datetime, float]] = {name: {} for name in queries}
    pages = aws.all(
        "cloudwatch",
        "get_metric_data",
        "MetricDataResults",
        MetricDataQueries=[_as_asked(key, queries[name]) for key, name in ids.items()],
        StartTime=since,
        EndTime=until,
        ScanBy="TimestampAscending",
    )
    for page in pages:
        at = [minute_of(moment.astimezone(UTC)) for moment in page["Timestamps"]]
        found[ids[page["Id"]]] |= dict(zip(at, page["Values"], strict=True))
    return found


def _query(source: Source, metric: str, statistic: str) -> Query:
    return Query(namespace=source.namespace, metric=metric, dimensions=source.dimensions, statistic=statistic)


def _as_asked(key: str, query: Query) -> Answer:
    dimensions = [{"Name": name, "Value": value} for name, value in query.dimensions.items()]
    metric = {"Namespace": query.namespace, "MetricName": query.metric, "Dimensions": dimensions}
    return {
        "Id": key,
        "MetricStat": {"Metric": metric, "Period": query.seconds, "Stat": query.statistic},
        "ReturnData": True,
    }

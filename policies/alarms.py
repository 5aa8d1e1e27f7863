"""CloudWatch alarms as rules see them: what each one watches and how strict it is, however it is spelled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from policies import kinds
from policies.graph import Resource, Service
from policies.values import UNKNOWN, Value, get, number, objects
from stacks import standards
from stacks.limits import LAMBDA_ACCOUNT_CONCURRENCY

_ABOVE: Final = ("GreaterThanThreshold", "GreaterThanOrEqualToThreshold")
_BELOW: Final = ("LessThanThreshold", "LessThanOrEqualToThreshold")
_DESIRED: Final = "DesiredTaskCount"
"""An alarm on the difference to this metric follows autoscaling, and needs no number of tasks."""
_FIVE_MINUTES: Final = 300
_MS_PER_SECOND: Final = 1_000
_PERCENT: Final = 100
_NAMESPACES_OF_STORES: Final = frozenset({"AWS/RDS", "AWS/DynamoDB"})
"""A database has a CPU as well, with a table of its own (store_alarms)."""
_MICROSECONDS_PER_MS: Final = 1_000
_STRICTNESS: Final = ("threshold", "comparisonOperator", "period", "statistic", "extendedStatistic")
"""The inputs that tell how strict an alarm on one metric is."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """An alarm that a service must have, and the loosest bound it may have.

    `metrics` are all watched by the one alarm; `bound` is a ceiling, or a floor when `below`; None means that the
    graph does not tell the bound. `per_five_minutes` scales a count by its period; `p99` asks for that statistic.
    """

    what: str
    metrics: frozenset[str]
    bound: float | None
    symptom: str
    below: bool = False
    count: bool = False
    per_five_minutes: bool = False
    p99: bool = False


INFRASTRUCTURE: Final = "infrastructure"
APPLICATION: Final = "application"


def wanted(service: Service) -> Sequence[Wanted]:
    """The table of the service's compute type (standards: ALARM_*)."""
    if service.compute == "sagemaker":
        return _of_jobs() if service.fact("form") == "batch" else _of_endpoint(service)
    if service.compute == "apprunner":
        return _of_runner(service)
    return _of_function(service) if service.compute == "lambda" else _of_containers(service)


def _of_endpoint(service: Service) -> Sequence[Wanted]:
    """Seed 000 section 8.4; SageMaker measures latencies in microseconds."""
    table = [
        _none("server errors", "Invocation5XXErrors", APPLICATION),
        Wanted(
            what="the model's time",
            metrics=frozenset({"ModelLatency"}),
            bound=standards.ALARM_LATENCY_P99_MS * _MICROSECONDS_PER_MS,
            symptom=APPLICATION,
            p99=True,
        ),
        _ceiling("SageMaker's own time", "OverheadLatency", standards.ALARM_OVERHEAD_MS * _MICROSECONDS_PER_MS),
        _ceiling("memory", "MemoryUtilization", standards.ALARM_MEMORY_PERCENT),
    ]
    if service.fact("form") == "serverless":
        share = standards.ALARM_CONCURRENCY_PERCENT / _PERCENT
        return [*table, _ceiling("requests at once", "ServerlessConcurrentExecutionsUtilization", share)]
    table += [
        _ceiling("CPU", "CPUUtilization", standards.ALARM_CPU_PERCENT),
        # How much an instance can take is known to nobody but its team.
        Wanted(
            what="load of an instance",
            metrics=frozenset({"InvocationsPerInstance"}),
            bound=None,
            symptom=INFRASTRUCTURE,
        ),
    ]
    if service.fact("form") == "multi-model":
        waits = standards.ALARM_LATENCY_P99_MS * _MICROSECONDS_PER_MS
        table.append(_ceiling("waiting for models", "ModelLoadingWaitTime", waits))
    return table


def _of_runner(service: Service) -> Sequence[Wanted]:
    """As of a routed container, in App Runner's own metrics, and whether it can still grow."""
    if service.stated("unreleased"):
        return ()
    most, least = (number(service.fact(key)) for key in ("maxInstances", "minInstances"))
    table = [
        Wanted(
            what="server errors",
            metrics=frozenset({"5xxStatusResponses"}),
            bound=standards.ALARM_HTTP_5XX_COUNT,
            symptom=APPLICATION,
            per_five_minutes=True,
        ),
        Wanted(
            what="response time",
            metrics=frozenset({"RequestLatency"}),
            bound=standards.ALARM_LATENCY_P99_MS,
            symptom=APPLICATION,
            p99=True,
        ),
        _ceiling("CPU", "CPUUtilization", standards.ALARM_CPU_PERCENT),
        _ceiling("memory", "MemoryUtilization", standards.ALARM_MEMORY_PERCENT),
    ]
    if isinstance(most, float) and isinstance(least, float) and most > least:
        table.append(
            Wanted(
                what="busy instances",
                metrics=frozenset({"ActiveInstances"}),
                bound=most - 1,
                symptom=INFRASTRUCTURE,
                count=True,
            )
        )
    return table


def _of_jobs() -> Sequence[Wanted]:
    """Of transform jobs: those that failed, and those that never started."""
    return [
        _none("failed jobs", "TriggeredRules", APPLICATION),
        _none("jobs that did not start", "ApproximateNumberOfMessagesVisible", INFRASTRUCTURE),
    ]


def _of_schedule() -> Sequence[Wanted]:
    """A task that ends has no CPU or number of tasks to keep; what counts is that it starts and how it ends."""
    return [
        Wanted(
            what="memory",
            metrics=frozenset({"MemoryUtilized", "MemoryReserved"}),
            bound=standards.ALARM_MEMORY_PERCENT,
            symptom=INFRASTRUCTURE,
        ),
        _none("failed starts", "TargetErrorCount", INFRASTRUCTURE),
        _none("failed runs", "TriggeredRules", APPLICATION),
        _none("depth of the dead-letter queue", "ApproximateNumberOfMessagesVisible", APPLICATION),
    ]


def _none(what: str, metric: str, symptom: str) -> Wanted:
    return Wanted(what=what, metrics=frozenset({metric}), bound=0, symptom=symptom, count=True)


def _of_containers(service: Service) -> Sequence[Wanted]:
    if service.is_scheduled:
        return _of_schedule()
    desired = [number(each.get("desiredCount")) for each in service.of(kinds.ECS_SERVICE)]
    running = next((count for count in desired if isinstance(count, float)), None)
    table = [
        _ceiling("CPU", "CPUUtilization", standards.ALARM_CPU_PERCENT),
        _ceiling("memory", "MemoryUtilization", standards.ALARM_MEMORY_PERCENT),
        Wanted(
            what="running tasks",
            metrics=frozenset({"RunningTaskCount"}),
            bound=running,
            symptom=INFRASTRUCTURE,
            below=True,
            count=True,
        ),
    ]
    if service.stated("route"):
        table += [
            Wanted(
                what="server errors",
                metrics=frozenset({"HTTPCode_Target_5XX_Count"}),
                bound=standards.ALARM_HTTP_5XX_COUNT,
                symptom=APPLICATION,
                per_five_minutes=True,
            ),
            Wanted(
                what="response time",
                metrics=frozenset({"TargetResponseTime"}),
                bound=standards.ALARM_LATENCY_P99_MS / _MS_PER_SECOND,
                symptom=APPLICATION,
                p99=True,
            ),
        ]
    if service.stated("queue"):
        table.append(
            Wanted(
                what="age of the oldest message",
                metrics=frozenset({"ApproximateAgeOfOldestMessage"}),
                bound=standards.ALARM_QUEUE_AGE_SECONDS,
                symptom=APPLICATION,
            )
        )
    return table


def _of_function(service: Service) -> Sequence[Wanted]:
    timeout = number(service.fact("timeout"))
    reserved = [number(each.get("reservedConcurrentExecutions")) for each in service.of(kinds.FUNCTION)]
    concurrency = next((count for count in reserved if isinstance(count, float) and count > 0), None)
    allowed = standards.ALARM_CONCURRENCY_PERCENT / _PERCENT * (concurrency or LAMBDA_ACCOUNT_CONCURRENCY)
    duration = standards.ALARM_DURATION_PERCENT / _PERCENT * _MS_PER_SECOND
    behind = standards.ALARM_QUEUE_AGE_SECONDS * _MS_PER_SECOND
    age = Wanted(what="age of stream records", metrics=frozenset({"IteratorAge"}), bound=behind, symptom=APPLICATION)
    return [
        *([age] if service.names("streams") else []),
        Wanted(
            what="error rate",
            metrics=frozenset({"Errors"}),
            bound=standards.ALARM_ERROR_PERCENT,
            symptom=APPLICATION,
        ),
        Wanted(
            what="duration",
            metrics=frozenset({"Duration"}),
            bound=timeout * duration if isinstance(timeout, float) else None,
            symptom=APPLICATION,
            p99=True,
        ),
        Wanted(what="throttles", metrics=frozenset({"Throttles"}), bound=0, symptom=INFRASTRUCTURE, count=True),
        _ceiling("concurrency", "ConcurrentExecutions", allowed),
        Wanted(
            what="depth of the dead-letter queue",
            metrics=frozenset({"ApproximateNumberOfMessagesVisible"}),
            bound=0,
            symptom=APPLICATION,
            count=True,
        ),
    ]


def _ceiling(what: str, metric: str, bound: float) -> Wanted:
    return Wanted(what=what, metrics=frozenset({metric}), bound=bound, symptom=INFRASTRUCTURE)


def watching(service: Service, want: Wanted) -> tuple[Resource, ...]:
    """The alarms of the service that watch what `want` names."""
    found = (alarm for alarm in service.of(kinds.METRIC_ALARM) if want.metrics <= metrics(alarm))
    return tuple(alarm for alarm in found if not _NAMESPACES_OF_STORES & namespaces(alarm))


BRAKE_INPUTS: Final = ("metricName", "namespace", "treatMissingData")
"""What tells the brake of an endpoint from every other alarm."""


def is_brake(alarm: Resource) -> bool:
    """Whether nothing but a rollout sets it: what it watches is never sent, so it hides nothing that is real."""
    return (
        metrics(alarm) == frozenset({standards.BRAKE_METRIC})
        and standards.BRAKE_NAMESPACE in namespaces(alarm)
        and alarm.get("treatMissingData") == standards.BRAKE_MISSING_DATA
    )


def metrics(alarm: Resource) -> frozenset[str]:
    """The names of all metrics that the alarm looks at, directly or through its queries."""
    names = [alarm.text("metricName"), *(str(get(each, "metricName")) for each in _metric_parts(alarm))]
    return frozenset(name for name in names if name)


def dimension_values(alarm: Resource) -> frozenset[str]:
    """The names of all things that the alarm looks at."""
    found = [
        *objects(alarm.get("dimensions")),
        *(each for part in _metric_parts(alarm) for each in objects(part.get("dimensions"))),
    ]
    return frozenset(value for dimensions in found for value in dimensions.values() if isinstance(value, str))


def namespaces(alarm: Resource) -> frozenset[str]:
    """Where its metrics come from, such as AWS/ECS."""
    return frozenset({alarm.text("namespace"), *(str(get(each, "namespace")) for each in _metric_parts(alarm))})


def looser(alarm: Resource, want: Wanted) -> str | None:
    """In which way the alarm is looser than `want`, if it is; unknown thresholds are for the caller."""
    threshold = number(alarm.get("threshold"))
    comparison = alarm.get("comparisonOperator")
    if not isinstance(threshold, float):
        return "has no threshold"
    if comparison not in (_BELOW if want.below else _ABOVE):
        return f"compares with {comparison}"
    if want.p99 and not _statistics(alarm) <= {"p99", "p99.9", "p100", "Maximum"}:
        return "does not look at the 99th percentile"
    bound = _normal(threshold, comparison, alarm, want)
    if _DESIRED in metrics(alarm):
        return None if bound >= 0 else f"tolerates {-bound:g} missing tasks"
    if want.bound is None or (bound >= want.bound if want.below else bound <= want.bound):
        return None
    return f"fires at {bound:g} instead of {want.bound:g}"


def _normal(threshold: float, comparison: Value, alarm: Resource, want: Wanted) -> float:
    """The threshold as a strict bound in the units of `want`."""
    if want.count and comparison == "GreaterThanOrEqualToThreshold":
        return threshold - 1
    if want.count and comparison == "LessThanOrEqualToThreshold":
        return threshold + 1
    if want.per_five_minutes and (period := _period(alarm)):
        return threshold * _FIVE_MINUTES / period
    if "Invocations" in metrics(alarm) and not any("100" in expression for expression in _expressions(alarm)):
        return threshold * _PERCENT
    return threshold


def waits_for(alarm: Resource) -> str:
    """The input that the alarm's strictness waits for; empty when all of it is known."""
    queries = alarm.get("metricQueries")
    keys = ("expression", "metric.stat", "metric.period")
    if queries is UNKNOWN or any(get(query, key) is UNKNOWN for query in objects(queries) for key in keys):
        return "metricQueries"
    return next((path for path in _STRICTNESS if alarm.get(path) is UNKNOWN), "")


def is_nameless(alarm: Resource) -> bool:
    """Whether it is only known after the deployment which metric the alarm watches."""
    names = [part.get("metricName") for part in _metric_parts(alarm)]
    return UNKNOWN in (alarm.get("metricName"), alarm.get("metricQueries"), *names)


def _metric_parts(alarm: Resource) -> Sequence[Mapping[str, Value]]:
    return [part for query in objects(alarm.get("metricQueries")) for part in objects(query.get("metric"))]


def _expressions(alarm: Resource) -> Sequence[str]:
    return [str(query.get("expression") or "") for query in objects(alarm.get("metricQueries"))]


def _statistics(alarm: Resource) -> set[str]:
    own = {alarm.text("extendedStatistic") or alarm.text("statistic")}
    return {str(part.get("stat")) for part in _metric_parts(alarm)} or own


def _period(alarm: Resource) -> float:
    """Seconds of one period, the shortest where queries differ; 0 when it is not stated."""
    periods = [number(alarm.get("period")), *(number(part.get("period")) for part in _metric_parts(alarm))]
    return min((period for period in periods if isinstance(period, float)), default=0)

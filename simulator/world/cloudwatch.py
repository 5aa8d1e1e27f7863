"""CloudWatch: what a caller can read of the world's metrics and alarms."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from simulator.world.alarms import Alarm, Alarms
from simulator.world.api import NOT_FOUND, AwsError, Document, Operations, WorldError, arn
from simulator.world.metrics import Metric, Metrics, statistic

MAX_QUERIES: Final = 500
"""In one call (CloudWatch API, GetMetricData)."""
MAX_DATAPOINTS: Final = 100_800
"""In one answer (the same page)."""
_ID: Final = re.compile(r"[a-z][a-zA-Z0-9_]*")
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_PLAIN: Final = ("Sum", "SampleCount", "Average", "Minimum", "Maximum")


class CloudWatch:
    """The service `cloudwatch`.

    Args:
        metrics: the points.
        alarms: and what watches them.
    """

    def __init__(self, metrics: Metrics, alarms: Alarms) -> None:
        self._metrics = metrics
        self._alarms = alarms
        self.operations: Operations = {
            "GetMetricData": self._get_metric_data,
            "DescribeAlarms": self._describe_alarms,
            "SetAlarmState": self._set_alarm_state,
        }

    def _get_metric_data(self, request: Document) -> Document:
        """Points query by query; a page ends where `MaxDatapoints` are there, and the next goes on from that point."""
        queries: list[Document] = request["MetricDataQueries"]
        _refuse_bad_queries(queries)
        start, end = _moment(request["StartTime"]), _moment(request["EndTime"])
        if start >= end:
            raise _invalid("The parameter StartTime must be less than the parameter EndTime.")
        room = request.get("MaxDatapoints", MAX_DATAPOINTS)
        first, skip = _position(request.get("NextToken"), len(queries))
        results: list[Document] = []
        for index in range(first, len(queries)):
            points = list(self._points(queries[index], start, end))
            if request.get("ScanBy", "TimestampDescending") == "TimestampDescending":
                points.reverse()
            page, rest = points[skip : skip + room], points[skip + room :]
            results.append(_result(queries[index], page, complete=not rest))
            room -= len(page)
            if rest or (room == 0 and index + 1 < len(queries)):
                token = f"{index}/{skip + len(page)}" if rest else f"{index + 1}/0"
                return {"MetricDataResults": results, "NextToken": token, "Messages": []}
            skip = 0
        return {"MetricDataResults": results, "Messages": []}

    def _points(self, query: Document, start: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
        stat: Document = query["MetricStat"]
        period = timedelta(seconds=stat["Period"])
        named = {dimension["Name"]: dimension["Value"] for dimension in stat["Metric"].get("Dimensions", [])}
        metric = Metric.of(stat["Metric"]["Namespace"], stat["Metric"]["MetricName"], named)
        begun = start - (start - _EPOCH) % period
        while begun < end:
            datum = self._metrics.read(metric, begun, begun + period)
            value = None if datum is None else statistic(datum, stat["Stat"])
            if value is not None:
                yield begun, value
            begun += period

    def _describe_alarms(self, request: Document) -> Document:
        """As AWS does, leave composite alarms out unless they are asked for."""
        names: list[str] | None = request.get("AlarmNames")
        types: list[str] = request.get("AlarmTypes", ["MetricAlarm"])
        wanted = [
            alarm
            for alarm in self._alarms.all()
            if (names is None or alarm.name in names)
            and alarm.name.startswith(request.get("AlarmNamePrefix", ""))
            and alarm.state == request.get("StateValue", alarm.state)
        ]
        answer: Document = {"MetricAlarms": [], "CompositeAlarms": []}
        for alarm in wanted:
            if alarm.members and "CompositeAlarm" in types:
                rule = " OR ".join(f'ALARM("{name}")' for name in sorted(alarm.members))
                answer["CompositeAlarms"].append({**_state(alarm), "AlarmRule": rule})
            elif not alarm.members and "MetricAlarm" in types:
                answer["MetricAlarms"].append({**_state(alarm), **_condition(alarm)})
        return answer

    def _set_alarm_state(self, request: Document) -> Document:
        """Until the alarm is evaluated again; one that ignores missing data, and never has any, stays as it was set."""
        if request["AlarmName"] not in {alarm.name for alarm in self._alarms.all()}:
            raise AwsError(code="ResourceNotFound", message=f"Alarm {request['AlarmName']} not found", status=NOT_FOUND)
        self._alarms.set(request["AlarmName"], request["StateValue"])
        return {}


def _result(query: Document, points: list[tuple[datetime, float]], *, complete: bool) -> Document:
    return {
        "Id": query["Id"],
        "Label": query.get("Label", query["MetricStat"]["Metric"]["MetricName"]),
        "Timestamps": [begun for begun, _ in points],
        "Values": [value for _, value in points],
        "StatusCode": "Complete" if complete else "PartialData",
    }


def _state(alarm: Alarm) -> Document:
    return {
        "AlarmName": alarm.name,
        "AlarmArn": arn("cloudwatch", f"alarm:{alarm.name}"),
        "ActionsEnabled": True,
        "StateValue": alarm.state,
        "StateReason": f"The alarm is in {alarm.state}",
        "StateUpdatedTimestamp": alarm.updated,
    }


def _condition(alarm: Alarm) -> Document:
    condition = alarm.condition
    if condition is None:
        return {}
    return {
        "Namespace": condition.metric.namespace,
        "MetricName": condition.metric.name,
        "Dimensions": [{"Name": name, "Value": value} for name, value in sorted(condition.metric.dimensions)],
        "Statistic" if condition.stat in _PLAIN else "ExtendedStatistic": condition.stat,
        "Period": condition.period_seconds,
        "EvaluationPeriods": condition.evaluation_periods,
        "DatapointsToAlarm": condition.datapoints_to_alarm,
        "Threshold": condition.threshold,
        "ComparisonOperator": condition.comparison,
        "TreatMissingData": condition.treat_missing_data,
    }


def _refuse_bad_queries(queries: list[Document]) -> None:
    ids = [query["Id"] for query in queries]
    if len(queries) > MAX_QUERIES:
        raise _invalid(f"The parameter MetricDataQueries has more than {MAX_QUERIES} members.")
    if len(set(ids)) != len(ids):
        raise _invalid("The values for parameter id in MetricDataQueries are not unique.")
    for query in queries:
        if "MetricStat" not in query:
            raise WorldError(f"the world has no metric math: {query.get('Expression')}")
        if not _ID.fullmatch(query["Id"]):
            raise _invalid(f"The value {query['Id']} for parameter MetricDataQueries.member.Id is not matching.")
        if query["MetricStat"]["Period"] % 60:
            raise _invalid("The parameter Period must be a multiple of 60.")


def _position(token: str | None, queries: int) -> tuple[int, int]:
    """Which query a page begins with, and at which of its points."""
    if token is None:
        return 0, 0
    match = re.fullmatch(r"(\d+)/(\d+)", token)
    if not match or int(match[1]) >= queries:
        raise AwsError(code="InvalidNextToken", message="The next token specified is invalid.")
    return int(match[1]), int(match[2])


def _moment(given: datetime) -> datetime:
    """A time without a zone means UTC to the SDK."""
    return given.replace(tzinfo=UTC) if given.tzinfo is None else given


def _invalid(message: str) -> AwsError:
    return AwsError(code="ValidationError", message=message)

"""CloudWatch and X-Ray: alarms, dashboards, logs, sampling."""

import re
from collections.abc import Iterator
from typing import Final

from simulator.graph import Graph
from tests.components.acceptance.looking import ALARM, COMPOSITE, PARAMETER, Inputs, document, known, of
from tests.components.acceptance.rules_containers import query_problems

DESCRIPTION_MAX: Final = 1_024
COMPOSITE_MAX: Final = 10_240
STATISTICS: Final = ("SampleCount", "Average", "Sum", "Minimum", "Maximum")
EXTENDED: Final = re.compile(r"p(\d{1,2}(\.\d{1,10})?|100)|(tm|wm|tc|ts)\d{1,2}|IQM|(TM|WM|PR|TC|TS)\(.*\)")
RETENTION: Final = (
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
)  # fmt: skip
WIDGETS_MAX: Final = 500
GRID_WIDTH: Final = 24
WIDGET_HEIGHT_MAX: Final = 1_000
METRICS_PER_WIDGET: Final = 500
DAY: Final = 86_400


def alarms_are_consistent(graph: Graph) -> Iterator[str]:
    """CloudWatch API, PutMetricAlarm: one metric or metric math, one kind of statistic, periods of whole minutes."""
    for resource, inputs in of(graph, ALARM):
        queries: list[Inputs] | None = inputs.get("metricQueries")
        single = [
            key
            for key in ("metricName", "namespace", "period", "statistic", "extendedStatistic", "dimensions")
            if inputs.get(key) is not None
        ]
        if queries:
            found = [*query_problems(queries), *(f"{key} beside metricQueries" for key in single)]
            periods = [query["metric"]["period"] for query in queries if query.get("metric")]
        else:
            found = list(_single_problems(inputs))
            periods = [inputs["period"]]
        for period in periods:
            if period % 60 or period * inputs["evaluationPeriods"] > DAY:
                found.append(f"{inputs['evaluationPeriods']} periods of {period} s")
        if len(inputs["alarmDescription"]) > DESCRIPTION_MAX:
            found.append(f"{len(inputs['alarmDescription'])} characters of description")
        yield from (f"{resource.name}: {problem}" for problem in found)


def _single_problems(inputs: Inputs) -> Iterator[str]:
    statistic, extended = inputs.get("statistic"), inputs.get("extendedStatistic")
    if not inputs.get("metricName") or not inputs.get("namespace"):
        yield "neither a metric nor metric math"
    if (statistic is None) == (extended is None):
        yield "exactly one of statistic and extendedStatistic"
    if statistic is not None and statistic not in STATISTICS:
        yield f"statistic {statistic}"
    if extended is not None and not EXTENDED.fullmatch(extended):
        yield f"extendedStatistic {extended}"


def composites_name_alarms(graph: Graph) -> Iterator[str]:
    """CloudWatch API, PutCompositeAlarm: AND, OR, NOT over ALARM("name"), 10,240 characters, alarms that exist."""
    alarms = {inputs["name"] for _, inputs in of(graph, ALARM)}
    for resource, inputs in of(graph, COMPOSITE):
        rule: str = inputs["alarmRule"]
        left = re.sub(r'(ALARM|OK|INSUFFICIENT_DATA)\("[^"]+"\)', "x", rule)
        if len(rule) > COMPOSITE_MAX or not re.fullmatch(r"\(x( OR x)*\)( AND \(x( OR x)*\))*", left):
            yield f"{resource.name}: {rule}"
        missing = set(re.findall(r'"([^"]+)"', rule)) - alarms
        if missing:
            yield f"{resource.name}: no alarms {sorted(missing)}"


def dashboards_have_a_body(graph: Graph) -> Iterator[str]:
    """CloudWatch API, dashboard body structure: widgets within 24 columns, metrics as namespace, name, dimensions."""
    for resource, inputs in of(graph, "aws:cloudwatch/dashboard:Dashboard"):
        widgets: list[Inputs] = document(inputs["dashboardBody"])["widgets"]
        if not 0 < len(widgets) <= WIDGETS_MAX:
            yield f"{resource.name}: {len(widgets)} widgets"
        for widget in widgets:
            problems = widget_problems(widget)
            yield from (f"{resource.name}: {widget['properties'].get('title')}: {problem}" for problem in problems)


def widget_problems(widget: Inputs) -> Iterator[str]:
    """What CloudWatch refuses in one widget of metrics."""
    if widget["type"] != "metric":
        yield f"type {widget['type']}"
    within = widget["x"] >= 0 and 1 <= widget["width"] <= GRID_WIDTH - widget["x"]
    if not within or widget["y"] < 0 or not 1 <= widget["height"] <= WIDGET_HEIGHT_MAX:
        yield "off the grid"
    properties = widget["properties"]
    if (
        properties["view"] not in ("timeSeries", "singleValue", "gauge", "bar", "pie", "table")
        or not properties["region"]
    ):
        yield "no view or region"
    if properties["period"] % 60:
        yield f"period {properties['period']}"
    if not 0 < len(properties["metrics"]) <= METRICS_PER_WIDGET:
        yield f"{len(properties['metrics'])} metrics"
    rows: list[list[str | Inputs]] = properties["metrics"]
    for row in rows:
        names = [part for part in row if isinstance(part, str)]
        options = [part for part in row if not isinstance(part, str)]
        is_expression = not names and any("expression" in option for option in options)
        if not is_expression and (len(names) < 2 or len(names) % 2 or [*names, *options[:1]] != row):
            yield f"metric {row}"


def logs_and_samples_are_in_range(graph: Graph) -> Iterator[str]:
    """Logs API, PutRetentionPolicy: a fixed set of days. X-Ray API, SamplingRule: rate 0 to 1, priority 1 to 9999."""
    for resource, inputs in of(graph, "aws:cloudwatch/logGroup:LogGroup"):
        if inputs["retentionInDays"] not in RETENTION:
            yield f"{resource.name}: {inputs['retentionInDays']} days"
    for resource, inputs in of(graph, "aws:xray/samplingRule:SamplingRule"):
        if not 0 <= inputs["fixedRate"] <= 1 or not 1 <= inputs["priority"] <= 9999 or inputs["reservoirSize"] < 0:
            yield f"{resource.name}: rate {inputs['fixedRate']}, priority {inputs['priority']}"
        if inputs["version"] != 1:
            yield f"{resource.name}: version {inputs['version']}"


def parameters_are_plain(graph: Graph) -> Iterator[str]:
    """SSM API, PutParameter: a value is not empty, 4,096 characters in the standard tier, and nests no parameter."""
    for resource, inputs in of(graph, PARAMETER):
        value = inputs["value"]
        if known(value) and (not 1 <= len(value) <= 4096 or "{{" in value):
            yield f"{resource.name}: {value!r}"


RULES: Final = (
    alarms_are_consistent,
    composites_name_alarms,
    dashboards_have_a_body,
    logs_and_samples_are_in_range,
    parameters_are_plain,
)

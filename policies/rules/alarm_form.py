"""The form of every alarm: it watches something that exists, and says what to do. None of it is on the checklist."""

from collections.abc import Iterator
from typing import Final

from policies import alarms, kinds
from policies.expect import unknown
from policies.graph import Graph
from policies.rule import ADVICE, Fail, Meta, Outcome, stack_rule
from policies.values import UNKNOWN, has_unknown

_ALARM_URL: Final = "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring"
_DESCRIPTION: Final = "alarmDescription"
_OF_AWS: Final = "AWS/"
_PAGE: Final = "https://"
_NAMED: Final = {
    "DBClusterIdentifier": ((kinds.DATABASE_CLUSTER, "clusterIdentifier"),),
    "DBInstanceIdentifier": ((kinds.DATABASE, "identifier"), (kinds.CLUSTER_MEMBER, "identifier")),
    "EndpointName": ((kinds.ENDPOINT, "name"),),
    "FunctionName": ((kinds.FUNCTION, "name"),),
    "QueueName": ((kinds.QUEUE, "name"),),
    "TableName": ((kinds.TABLE, "name"),),
}
"""The dimensions that are names of resources, and which input of which type has that name; probes have a rule of
their own."""


@stack_rule(
    Meta(
        id="alarm-dimension",
        item=None,
        title="Every alarm on a metric of AWS says of which resource",
        why="A metric without its dimension is another one, mostly without data, and the alarm never fires.",
        fix="set dimensions of the alarm, or of each metric of its metricQueries",
        severity="high",
        url=f"{_ALARM_URL}/cloudwatch_concepts.html#Dimension",
        frameworks=("REL06-BP01",),
    ),
)
def alarm_dimension(graph: Graph) -> Iterator[Outcome]:
    """The metric, or a metric of its queries, has a dimension, unless it is one of our own."""
    for alarm in graph.of(kinds.METRIC_ALARM):
        if alarms.dimension_values(alarm) or not any(each.startswith(_OF_AWS) for each in alarms.namespaces(alarm)):
            continue
        waiting = next((path for path in ("dimensions", "metricQueries") if has_unknown(alarm.get(path))), None)
        if waiting is not None:
            yield unknown(alarm, waiting)
        else:
            message = f"{alarm.name} watches a metric of nothing in particular"
            yield Fail(resource=alarm, path="dimensions", message=message)


@stack_rule(
    Meta(
        id="alarm-watches",
        item=None,
        title="Every alarm watches something that this stack makes",
        why="An alarm on a name that changed has no data, and an alarm without data is silent.",
        fix="set the dimension to the name of the resource, from the same variable that names it",
        severity="high",
        url=f"{_ALARM_URL}/alarms-and-missing-data.html",
        frameworks=("REL06-BP01",),
    ),
)
def alarm_watches(graph: Graph) -> Iterator[Outcome]:
    """Where a dimension is the name of a function, queue, table, database or endpoint, there is one."""
    for alarm in graph.of(kinds.METRIC_ALARM):
        for dimension, places in _NAMED.items():
            name = alarm.get(f"dimensions.{dimension}")
            if name is UNKNOWN and "dimensions" not in alarm.property_dependencies:
                yield unknown(alarm, "dimensions")
            if not isinstance(name, str) or any(graph.with_input(kind, path, name) for kind, path in places):
                continue
            waiting = [(each, path) for kind, path in places for each in graph.of(kind) if each.get(path) is UNKNOWN]
            if waiting:
                yield unknown(*waiting[0])
            else:
                message = f"{alarm.name} watches {name}, which is not in this stack"
                yield Fail(resource=alarm, path=f"dimensions.{dimension}", message=message)


@stack_rule(
    Meta(
        id="alarm-runbook",
        item=None,
        title="Every alarm names its runbook",
        why="At two in the morning nobody remembers what the number means.",
        fix="write the URL of the runbook into alarmDescription; `runbooks` in onramp:environment is where they are",
        severity="medium",
        url=f"{_ALARM_URL}/AlarmThatSendsEmail.html",
        levels=ADVICE,
        frameworks=("OPS07-BP03", "OPS10-BP02"),
    ),
)
def alarm_runbook(graph: Graph) -> Iterator[Outcome]:
    """The description has an address in it."""
    for alarm in graph.of(kinds.METRIC_ALARM, kinds.COMPOSITE_ALARM):
        if alarm.get(_DESCRIPTION) is UNKNOWN:
            yield unknown(alarm, _DESCRIPTION)
        elif _PAGE not in alarm.text(_DESCRIPTION):
            yield Fail(resource=alarm, path=_DESCRIPTION, message=f"{alarm.name} names no runbook")

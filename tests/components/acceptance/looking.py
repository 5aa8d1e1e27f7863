"""What the rules share: the resources of a type, their known values, and the form of a rule."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, cast

from simulator.graph import Graph, Resource
from tests.components.acceptance.reshape import is_unknown

Inputs: TypeAlias = Mapping[str, Any]
"""A resource's inputs: foreign JSON."""
Rule: TypeAlias = Callable[[Graph], Iterator[str]]
"""Says of a graph what AWS would refuse; its docstring says where AWS writes that."""

TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
FUNCTION = "aws:lambda/function:Function"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
COMPOSITE = "aws:cloudwatch/compositeAlarm:CompositeAlarm"
QUEUE = "aws:sqs/queue:Queue"
TARGET_GROUP = "aws:lb/targetGroup:TargetGroup"
LISTENER_RULE = "aws:lb/listenerRule:ListenerRule"
SCALING_POLICY = "aws:appautoscaling/policy:Policy"
SCALING_TARGET = "aws:appautoscaling/target:Target"
EVENT_RULE = "aws:cloudwatch/eventRule:EventRule"
DEPLOYMENT_GROUP = "aws:codedeploy/deploymentGroup:DeploymentGroup"
MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping"
PARAMETER = "aws:ssm/parameter:Parameter"
LOG_PATTERN = "{ ("
"""How the pattern of a metric filter starts, which is no JSON."""


def of(graph: Graph, *kinds: str) -> Iterator[tuple[Resource, Inputs]]:
    """Each resource of these types, with its inputs."""
    for resource in graph.resources:
        if resource.type in kinds:
            yield resource, cast("Inputs", resource.inputs)


def known(value: Any) -> bool:
    """Whether there is a value, and it can be judged."""
    return value is not None and not is_unknown(value)


def one(value: Any) -> Any:
    """The only item of a block that the provider may give as a list."""
    items = cast("list[Any]", value) if isinstance(value, list) else [value]
    return items[0] if len(items) == 1 else items


def document(text: Any) -> Any:
    """A JSON text, parsed; None when it is not known."""
    return json.loads(text) if known(text) else None


def refers_to(graph: Graph, resource: Resource, key: str) -> Inputs:
    """Inputs of the one resource that the unknown value of `key` comes from."""
    (urn,) = resource.property_dependencies[key]
    return next(cast("Inputs", other.inputs) for other in graph.resources if other.urn == urn)


def listed(value: Any) -> list[Any]:
    """The items of a list that may be absent."""
    return list(value) if value else []


def texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every string of some JSON with its path, those inside JSON texts included."""
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, Any]", value).items():
            yield from texts(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in cast("list[Any]", value):
            yield from texts(inner, path)
    elif isinstance(value, str) and value[:1] in ("{", "[") and known(value) and not value.startswith(LOG_PATTERN):
        yield from texts(json.loads(value), path)
    elif isinstance(value, str):
        yield path, value

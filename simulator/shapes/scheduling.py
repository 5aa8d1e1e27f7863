"""Schedules, and on which capacity a cluster runs tasks."""

from collections.abc import Mapping
from typing import Final

from simulator.shapes.shape import Shape, arn, named
from stacks import limits

SCHEDULING: Final[Mapping[str, Shape]] = {
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": Shape(id="{clusterName}", unique=("clusterName",)),
    "aws:scheduler/schedule:Schedule": Shape(
        id="{groupName}/{name}",
        computed={"arn": arn("scheduler", "schedule/{groupName}/{name}"), "groupName": "default"},
        name="name",
        limit=limits.NAME_SCHEDULE,
        unique=("groupName", "name"),
    ),
    "aws:scheduler/scheduleGroup:ScheduleGroup": named(
        "scheduler", "schedule-group/{name}", "name", limits.NAME_SCHEDULE, state="ACTIVE"
    ),
}

"""The table of what only container services have: schedules and capacity."""

from collections.abc import Mapping
from typing import Final

from tests.components.acceptance.reshape import LEFT_OUT
from tests.components.acceptance.row import Row

CONTAINERS: Final[Mapping[str, Row]] = {
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": Row(
        calls=("ecs:PutClusterCapacityProviders",),
        schema="AWS::ECS::ClusterCapacityProviderAssociations",
        names={"defaultCapacityProviderStrategies": "defaultCapacityProviderStrategy"},
        in_call={"clusterName": "cluster"},
        in_schema={"clusterName": "Cluster"},
    ),
    "aws:scheduler/schedule:Schedule": Row(
        calls=("scheduler:CreateSchedule",),
        schema="AWS::Scheduler::Schedule",
        names={
            "target.ecsParameters.capacityProviderStrategies": "CapacityProviderStrategy",
            "target.ecsParameters.networkConfiguration": "NetworkConfiguration.AwsvpcConfiguration",
            "target.ecsParameters.networkConfiguration.assignPublicIp": LEFT_OUT,  # a word there, false is DISABLED
        },
    ),
    "aws:scheduler/scheduleGroup:ScheduleGroup": Row(
        calls=("scheduler:CreateScheduleGroup",), schema="AWS::Scheduler::ScheduleGroup"
    ),
}

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from simulator.world.alb_route import AlbRoute
from simulator.world.elbv2 import Rule
from simulator.world.targets import TargetGroup
from simulator.world.traffic import Quality, Script, constant
from simulator.world.world import World

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

USUAL = constant(600)


@dataclass(kw_only=True)
class Shop:
    """A rule with two target groups, `blue` and `green`, in each of which a revision of that name answers."""

    world: World
    rule: Rule
    blue: TargetGroup
    green: TargetGroup

    def forward(self, blue: int, green: int) -> list[dict[str, Any]]:
        groups = [
            {"TargetGroupArn": self.blue.arn, "Weight": blue},
            {"TargetGroupArn": self.green.arn, "Weight": green},
        ]
        return [{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}]

    def dimensions(self, group: TargetGroup) -> list[dict[str, str]]:
        return [
            {"Name": "TargetGroup", "Value": group.dimension},
            {"Name": "LoadBalancer", "Value": self.rule.load_balancer_dimension},
        ]

    def read(self, name: str, stat: str, group: TargetGroup, **more: Any) -> list[float]:
        """The values of an hour from the world's beginning, oldest first."""
        query = {
            "Id": "a",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/ApplicationELB",
                    "MetricName": name,
                    "Dimensions": self.dimensions(group),
                },
                "Period": more.pop("period", 60),
                "Stat": stat,
            },
        }
        answer = self.world.client("cloudwatch").get_metric_data(
            MetricDataQueries=[query],
            StartTime=START,
            EndTime=START + timedelta(hours=1),
            ScanBy="TimestampAscending",
            **more,
        )
        return answer["MetricDataResults"][0]["Values"]


def shop(seed: int = 7, script: Script = USUAL, **qualities: Quality) -> Shop:
    world = World(seed, START)
    listener = world.elbv2.add_listener("public", {world.elbv2.add_target_group("none").arn: 1})
    blue, green = world.elbv2.add_target_group("blue"), world.elbv2.add_target_group("green")
    rule = world.elbv2.add_rule(listener.listener, "/shop/*", {blue.arn: 100, green.arn: 0})
    for group in (blue, green):
        group.register(f"{group.name}-1", group.name, long_ago=True)
        world.traffic.behave(group.name, qualities.get(group.name, Quality()))
    world.traffic.add(AlbRoute(world.elbv2, rule), script)
    return Shop(world=world, rule=rule, blue=blue, green=green)

"""Where CloudWatch counts the requests of one side, for what several drivers have in common."""

from typing import Final

from rollouts.aws import Aws
from rollouts.driver import Source, Sources
from stacks.targets import Colors

_MILLISECOND: Final = 0.001


def counted_by_group(balancer: str, group: str) -> Source:
    """One side behind a load balancer.

    Args:
        balancer: its ARN suffix.
        group: ARN of the side's target group.
    """
    return Source(
        namespace="AWS/ApplicationELB",
        dimensions={"LoadBalancer": balancer, "TargetGroup": group.rpartition(":")[2]},
        requests="RequestCount",
        errors="HTTPCode_Target_5XX_Count",
        latency="TargetResponseTime",
        seconds=1,
    )


def counted_by_version(function: str, alias: str, version: str) -> Source:
    """One version behind an alias."""
    return Source(
        namespace="AWS/Lambda",
        dimensions={"FunctionName": function, "Resource": f"{function}:{alias}", "ExecutedVersion": version},
        requests="Invocations",
        errors="Errors",
        latency="Duration",
        seconds=_MILLISECOND,
        errors_always=True,
    )


def counted_by_side(balancer: str, groups: Colors | None, side: str) -> Sources | None:
    """Both sides of a service that has two target groups; None when nobody knows which is whose."""
    if groups is None or not side:
        return None
    blue, green = (counted_by_group(balancer, group) for group in (groups.blue, groups.green))
    return Sources(candidate=blue, baseline=green) if side == "blue" else Sources(candidate=green, baseline=blue)


def free_side(aws: Aws, groups: Colors | None) -> tuple[str, tuple[str, ...]]:
    """The side whose target group is empty, which AWS gives to the candidate, and what is wrong when that is not one.

    AWS swaps the two with each deployment, so nothing but their targets tells.
    """
    if groups is None:
        return "", ()
    used = [color for color, group in (("blue", groups.blue), ("green", groups.green)) if _targets(aws, group)]
    if len(used) == 1:
        return ("green" if used == ["blue"] else "blue"), ()
    which = "both target groups have" if used else "neither target group has"
    return "", (f"{which} targets, so nobody can tell which side is live; wait until the service is steady",)


def _targets(aws: Aws, group: str) -> int:
    """Of those that are not on their way out."""
    found = aws.ask("elbv2", "describe_target_health", TargetGroupArn=group)["TargetHealthDescriptions"]
    return sum(target["TargetHealth"]["State"] != "draining" for target in found)

"""What AWS would refuse, as far as the stand-in knows it: before anything happens, on creation, and on deletion."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from simulator.graph import UNKNOWN, Json
from simulator.shapes import SHAPES
from simulator.state import State, Thing
from stacks import limits

NAME: Final = "Stand-in AWS"
_TASK: Final = "aws:ecs/taskDefinition:TaskDefinition"
_LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_SERVICE: Final = "aws:ecs/service:Service"
_TARGETS: Final = "aws:lb/targetGroup:TargetGroup"
_BALANCER: Final = "aws:lb/loadBalancer:LoadBalancer"
_RULE: Final = "aws:lb/listenerRule:ListenerRule"

_BUCKET: Final = "aws:s3/bucket:Bucket"
"""Lives in a region, with a name that is unique in the world."""

_TAKEN_AS: Final[Mapping[str, str]] = {
    _RULE: "PriorityInUse: Priority",
    "aws:lb/listener:Listener": "DuplicateListener: A listener on this port",
    _BALANCER: "DuplicateLoadBalancerName: A load balancer",
    _TARGETS: "DuplicateTargetGroupName: A target group",
    "aws:ec2/securityGroup:SecurityGroup": "InvalidGroup.Duplicate: The security group",
    "aws:ec2/subnet:Subnet": "InvalidSubnet.Conflict: The CIDR",
    "aws:iam/role:Role": "EntityAlreadyExists: Role",
    _BUCKET: "BucketAlreadyOwnedByYou: The bucket",
}
"""How the services call it when something exists already; the others say ResourceAlreadyExistsException."""

_ROUTES: Final = ((_RULE, "actions"), ("aws:lb/listener:Listener", "defaultActions"))
_HOLDERS: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "aws:ec2/vpc:Vpc": (
        ("aws:ec2/subnet:Subnet", "vpcId"),
        ("aws:ec2/securityGroup:SecurityGroup", "vpcId"),
        ("aws:ec2/internetGateway:InternetGateway", "vpcId"),
    ),
    "aws:ecs/cluster:Cluster": ((_SERVICE, "cluster"),),
    "aws:iam/role:Role": (("aws:iam/rolePolicy:RolePolicy", "role"),),
    _TARGETS: _ROUTES,
}
"""What cannot be deleted while something of these types names its id (DependencyViolation, ResourceInUse, ...)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """An input that AWS would not take."""

    property: str
    reason: str


class NotTakenError(Exception):
    """AWS would refuse the call; the text says so in its words."""


def refused(kind: str, inputs: Mapping[str, Json]) -> Iterator[Refusal]:
    """What is wrong with the inputs by themselves; unknown ones are fine."""
    shape = SHAPES.get(kind)
    if shape is not None and shape.name and shape.limit:
        yield from _too_long(shape.name, shape.limit, inputs.get(shape.name))
    if kind == _TASK:
        yield from _fargate_size(inputs)
    if kind == _LOG_GROUP:
        yield from _retention(inputs.get("retentionInDays"))
    if kind == _RULE:
        yield from _priority(inputs.get("priority"))


def check_unique(state: State, kind: str, inputs: Mapping[str, Json], region: str, itself: Thing | None = None) -> None:
    """Nothing but `itself` may have the identity that the inputs give, in the account and, where there is one, region.

    Raises:
        NotTakenError: something has.
    """
    wanted = _identity(kind, inputs, region)
    other = _holder(state, kind, wanted)
    if other is None or (itself is not None and other.key == itself.key):
        return
    which = ", ".join(f"{key} {value}" for key, value in wanted.items() if key != "region")
    how = _TAKEN_AS.get(kind, "ResourceAlreadyExistsException: The resource")
    raise NotTakenError(f"{NAME}: {how} ({which}) already exists, as {other.id}.")


def is_taken(state: State, kind: str, inputs: Mapping[str, Json], region: str) -> bool:
    """Whether something has the identity that the inputs give."""
    return _holder(state, kind, _identity(kind, inputs, region)) is not None


def _identity(kind: str, inputs: Mapping[str, Json], region: str) -> dict[str, Json]:
    shape = SHAPES.get(kind)
    if shape is None or not shape.identity or inputs.get("allowOverwrite") is True:
        return {}
    identity = {key: inputs.get(key, shape.computed.get(key)) for key in shape.identity}
    return identity if shape.is_global or kind == _BUCKET else {"region": region, **identity}


def _holder(state: State, kind: str, wanted: Mapping[str, Json]) -> Thing | None:
    if not wanted:
        return None
    same = (thing for thing in state.of_kind(kind) if all(thing.properties.get(key) == wanted[key] for key in wanted))
    return next(same, None)


def check_delete(state: State, thing: Thing) -> None:
    """Nothing protects the resource or hangs on it.

    Raises:
        NotTakenError: something does.
    """
    if thing.kind == _BALANCER and thing.properties.get("enableDeletionProtection") is True:
        raise NotTakenError(
            f"{NAME}: OperationNotPermitted: Load balancer '{thing.id}' cannot be deleted because deletion protection "
            "is enabled."
        )
    for kind, key in _HOLDERS.get(thing.kind, ()):
        held = next((other for other in state.of_kind(kind) if _names(other.properties.get(key), thing.id)), None)
        if held is not None:
            raise NotTakenError(
                f"{NAME}: DependencyViolation: '{thing.id}' has dependencies and cannot be deleted: {held.id} uses it."
            )


def check_reachable(state: State, kind: str, inputs: Mapping[str, Json]) -> None:
    """A container service takes only target groups that a load balancer sends to.

    Raises:
        NotTakenError: nothing sends to one of them.
    """
    if kind != _SERVICE:
        return
    routed = [thing.properties.get(key) for route, key in _ROUTES for thing in state.of_kind(route)]
    for group in (thing.id for thing in state.of_kind(_TARGETS)):
        if _names(inputs.get("loadBalancers"), group) and not _names(routed, group):
            raise NotTakenError(
                f"{NAME}: InvalidParameterException: The target group with targetGroupArn {group} does not have an "
                "associated load balancer."
            )


def _names(value: Json, id_: str) -> bool:
    """Whether `id_` stands anywhere in `value`."""
    match value:
        case dict():
            return any(_names(item, id_) for item in value.values())
        case list():
            return any(_names(item, id_) for item in value)
        case _:
            return value == id_


def _too_long(name: str, limit: int, value: Json) -> Iterator[Refusal]:
    if isinstance(value, str) and value != UNKNOWN and len(value) > limit:
        yield Refusal(
            property=name,
            reason=f"expected length of {name} to be in the range (1 - {limit}), got {value} with {len(value)}.",
        )


def _fargate_size(inputs: Mapping[str, Json]) -> Iterator[Refusal]:
    if "FARGATE" not in _items(inputs.get("requiresCompatibilities")):
        return
    cpu, memory = inputs.get("cpu"), inputs.get("memory")
    if UNKNOWN in {str(cpu), str(memory)}:
        return
    legal = limits.FARGATE_MEMORY_MIB.get(_number(cpu), ())
    if _number(memory) not in legal:
        yield Refusal(
            property="cpu",
            reason="ClientException: No Fargate configuration exists for given values: "
            f"{cpu} CPU, {memory} memory. See the Fargate documentation for supported values.",
        )


def _retention(days: Json) -> Iterator[Refusal]:
    # The provider takes 0 as well: it means that nothing is ever deleted.
    if isinstance(days, int | float) and days and days not in limits.LOG_RETENTION_DAYS:
        allowed = " ".join(str(one) for one in limits.LOG_RETENTION_DAYS)
        yield Refusal(
            property="retentionInDays", reason=f"expected retention_in_days to be one of [0 {allowed}], got {days}."
        )


def _priority(priority: Json) -> Iterator[Refusal]:
    lowest, highest = limits.ELB_LISTENER_PRIORITY
    if isinstance(priority, int | float) and not lowest <= priority <= highest:
        yield Refusal(
            property="priority",
            reason=f"expected priority to be in the range ({lowest} - {highest}), got {priority:g}.",
        )


def _items(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _number(value: Json) -> int:
    text = str(value)
    return int(text) if text.isdecimal() else 0

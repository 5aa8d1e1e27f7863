"""What AWS adds to a resource: its name's rules, the shape of its id and ARN, and what else is computed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.graph import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """One type of resource.

    `id` and `computed` are templates over the inputs, what was computed before, and `Facts` of the creation;
    `{key>marker}` is what stands after the last `marker` in the input `key`. Lists and mappings may hold templates;
    numbers are taken as they are. A computed output that is an input as well is what AWS takes when nobody gives it.
    """

    id: str
    computed: Mapping[str, Json] = field(default_factory=dict[str, Json])
    within: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])
    """What AWS adds within a block that was given: by the block's input, templates by key."""
    name: str = ""
    """The input with the physical name; it gets one of its own when absent."""
    limit: int = 0
    """Most characters in that name; 0 where nobody gets near it."""
    unique: tuple[str, ...] = ()
    """Inputs that together may exist once in an account and region; by default the name."""
    moving: tuple[str, ...] = ()
    """Computed outputs that change with every update."""
    is_global: bool = False
    """Has no region."""

    @property
    def identity(self) -> tuple[str, ...]:
        """The inputs that no two resources of the type share."""
        return self.unique or ((self.name,) if self.name else ())


def arn(service: str, resource: str) -> str:
    """The template of an ARN in the account and region."""
    return f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}"


def ec2(prefix: str, kind: str, **computed: Json) -> Shape:
    """A thing of EC2 with a generated id."""
    return Shape(id=f"{prefix}-{{hex17}}", computed={"arn": arn("ec2", f"{kind}/{{id}}"), **computed})


def named(service: str, resource: str, name: str = "name", limit: int = 0, **computed: Json) -> Shape:
    """The id is the name."""
    return Shape(id=f"{{{name}}}", computed={"arn": arn(service, resource), **computed}, name=name, limit=limit)


def by_arn(
    service: str,
    resource: str,
    name: str = "",
    limit: int = 0,
    unique: tuple[str, ...] = (),
    **computed: Json,
) -> Shape:
    """The id is the ARN."""
    return Shape(id=arn(service, resource), computed={"arn": "{id}", **computed}, name=name, limit=limit, unique=unique)

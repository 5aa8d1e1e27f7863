"""The ECS services of a container service: one, or two between which Onramp moves the traffic."""

from collections.abc import Sequence
from dataclasses import dataclass

from components.concerns.health import Target
from stacks.models import FargateSpec


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One ECS service: its name, the target groups behind which it is, and how many tasks it starts with."""

    name: str
    suffix: str
    """What tells its resources from those of the other side."""
    targets: tuple[Target, ...]
    tasks: int
    anew: tuple[str, ...]
    """When this changes, the side is made anew, with what the program says; empty where updates do all.

    A rollout owns what a side runs, so no update can give it its first image, or another port.
    """


def sides(name: str, spec: FargateSpec, targets: Sequence[Target], tasks: int) -> tuple[Side, ...]:
    """The sides of the service called `name`; blue starts with `tasks` tasks, and green waits for a candidate."""
    if not spec.rollout.is_stepped:
        return (Side(name=name, suffix="", targets=(*targets,), tasks=tasks, anew=()),)
    released = "released" if tasks else "unreleased"
    return tuple(
        Side(
            name=ecs_name,
            suffix=f"-{target.color}",
            targets=(target,),
            tasks=tasks if target.color == "blue" else 0,
            anew=(target.name, released),
        )
        for ecs_name, target in zip(spec.ecs_names(name), targets, strict=True)
    )

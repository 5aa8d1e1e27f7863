"""What the rollout commands reach outside of this process: the time, AWS, and the stack."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from onramp.evaluate import Progress
from onramp.workspace import Provider
from rollouts.aws import Clients, clients
from rollouts.clock import Clock, WallClock
from stacks.targets import Target


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Which stack, as it was asked for.

    Args:
        project: the folder of Pulumi.yaml, or one below it.
        stack: the name.
        provider: who answers for AWS; None for the engine's own.
        ledger: its address, for the program, which reads the same one; empty until it is known.
    """

    project: Path
    stack: str
    provider: Provider | None
    ledger: str = ""


class Builder(Protocol):
    """What is asked of Pulumi."""

    def targets(self) -> Mapping[str, Target]:
        """What the stack says of its services, as it was built last."""
        ...

    def build(self) -> Mapping[str, Target]:
        """Update the stack; what it says of its services then.

        Raises:
            NotBuilt: the rules say no, and nothing was changed.
        """
        ...

    def reconcile(self, service: str) -> None:
        """Make the state agree with what is there."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """All of it.

    Args:
        clock: the time.
        connect: clients of AWS in a region.
        builder: the stack; nothing is opened before it is asked.
    """

    clock: Clock
    connect: Callable[[str], Clients]
    builder: Callable[[Asked, Progress], Builder]


def surroundings() -> Surroundings:
    """The real ones."""

    def builder(asked: Asked, progress: Progress) -> Builder:
        from onramp.rolling.stack import PulumiStack

        return PulumiStack(asked, progress)

    return Surroundings(clock=WallClock(), connect=clients, builder=builder)

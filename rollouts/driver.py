"""What a driver is: how one kind of service moves its traffic, behind the same few questions for all kinds.

A driver keeps nothing in memory: it is made anew for each tick from what the ledger has, so a kill loses nothing.
Everything that it does can be asked for again, and is then done once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from rollouts.gates import Targets


@dataclass(frozen=True, kw_only=True, slots=True)
class Survey:
    """What is there before anything is touched: the revision that is live, and what forbids a rollout."""

    live: str
    side: str = ""
    """Which side is free for the candidate, where there are two."""
    problems: tuple[str, ...] = ()
    """What is wrong and what to do, each."""
    notes: tuple[str, ...] = ()
    """What a person should know, and nothing forbids."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ready:
    """Whether something that takes time is done, and what it waits for; `failed` when it never will be.

    `handle` is what AWS calls the deployment that it has begun, where it runs one; the record keeps it.
    """

    done: bool
    because: str = ""
    failed: bool = False
    handle: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """Where CloudWatch counts the requests of one side.

    `latency` has the unit of its metric; `seconds` is that unit in seconds. With `errors_always`, errors are counted
    with every request, so that a minute with requests and without a point of errors is not known yet.
    """

    namespace: str
    dimensions: Mapping[str, str]
    requests: str
    errors: str
    latency: str
    seconds: float
    errors_always: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Sources:
    """Both sides of a rollout; no baseline where both versions are counted as one."""

    candidate: Source
    baseline: Source | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Where AWS is with a deployment that it runs itself.

    `question` is what it waits for us to answer, None when it waits for nobody. `replaced` is when AWS is done without
    having waited for anybody, and the live version can still be brought back: the gates have the last word.
    """

    state: Literal["running", "replaced", "succeeded", "rolled-back", "failed"]
    weight: float
    question: str | None = None
    because: str = ""
    evidence: Mapping[str, str] = field(default_factory=dict[str, str])


class Driver(Protocol):
    """What all have."""

    def survey(self) -> Survey:
        """Look at what is there; changes nothing."""
        ...

    def prepare(self) -> Ready:
        """Bring the candidate up without traffic, or let AWS begin; asked again until it is done."""
        ...

    def zero(self) -> None:
        """Take all traffic off the candidate, whatever there is now: one call, and nothing before it."""
        ...

    def restore(self) -> Ready:
        """After `zero`: whether all traffic is with the live one again; then remove the candidate's capacity."""
        ...

    def promote(self) -> Ready:
        """When all traffic is with the candidate: remove the old one's capacity."""
        ...

    def running(self) -> str:
        """The revision that all traffic reaches; empty while there are two, or none."""
        ...

    def targets(self) -> Targets | None:
        """How many targets of the candidate are healthy; None where there are none to ask about."""
        ...

    def sources(self) -> Sources | None:
        """Where the two sides are counted; None when AWS counts no requests of this kind of service."""
        ...


@runtime_checkable
class Driven(Driver, Protocol):
    """Onramp moves the weights."""

    def weight(self) -> float | None:
        """The candidate's share in percent as AWS has it; None when it is no split of ours."""
        ...

    def shift(self, expected: float, wanted: float, confirm: Callable[[], None]) -> None:
        """Move from one share to another.

        Args:
            expected: the share that the ledger has.
            wanted: the one to write.
            confirm: asked between the look at AWS and the write, whether the rollout still is ours; raises when not.

        Raises:
            Drift: when it is neither; nothing is changed then.
            LeaseLost: the rollout is somebody else's; the same.
        """
        ...

    def settled(self) -> Ready:
        """Whether the share is true everywhere, and the candidate's targets are healthy."""
        ...


@runtime_checkable
class Delegated(Driver, Protocol):
    """AWS moves the weights, and may ask us before each shift."""

    def progress(self) -> Progress:
        """Where it is."""
        ...

    def allow(self, question: str) -> None:
        """Answer that it may go on; has no effect when that was answered already."""
        ...

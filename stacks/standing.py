"""How a stack's rollouts stand while the program runs: plain data, from whoever has read the ledger."""

from dataclasses import dataclass

from stacks.targets import Target


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenRollout:
    """A rollout that has begun and not ended.

    `live` and `candidate` are revisions in the terms of the compute type; `candidate` is empty until it is built.
    """

    id: str
    service: str
    phase: str
    live: str
    candidate: str
    weight: float
    """The candidate's share in percent."""
    since: str
    """When it began, as ISO 8601."""
    actor: str
    target: Target
    """What it moves, as the stack told when it began, or when the candidate was built."""


@dataclass(frozen=True, kw_only=True, slots=True)
class TakenBack:
    """A version that did not stay: the last rollout that built one has aborted, or AWS has rolled it back.

    `live` and `candidate` are as in OpenRollout; `candidate` is the version that was taken back.
    """

    id: str
    service: str
    live: str
    candidate: str
    release: str
    """What the stack file named for it; empty when nobody knows."""
    former: str
    """What the stack file named for the live version, where that is known."""
    why: str
    """In one line."""
    ended: str
    """When the rollout was over, as ISO 8601."""
    actor: str
    """Who began it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """The open rollouts of a stack, and the last versions that were taken back, of services without an open one.

    `unknown` says why nobody knows them, and is empty when somebody does.
    """

    rollouts: tuple[OpenRollout, ...] = ()
    taken_back: tuple[TakenBack, ...] = ()
    unknown: str = ""

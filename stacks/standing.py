"""What is open of a stack's rollouts while the program runs: plain data, from whoever has read the ledger."""

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
class Standing:
    """The open rollouts of a stack; `unknown` says why nobody knows them, and is empty when somebody does."""

    rollouts: tuple[OpenRollout, ...] = ()
    unknown: str = ""

"""What the ledger keeps, as plain values; it knows nothing of what the documents mean."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from rollouts.errors import Refused, RolloutError

_NAME: Final = re.compile(r"[A-Za-z0-9_./-]{1,255}")
"""What Pulumi allows in a stack's name, with organization and project; `#` separates the parts of DynamoDB's keys."""


class VersionError(RolloutError):
    """The document is not at the version that the writer has read; nothing was written.

    Args:
        key: whose document.
        expected: the version that the writer has read.
        found: the one that is there.
    """

    def __init__(self, key: "Key", expected: int, found: int) -> None:
        self.expected, self.found = expected, found
        super().__init__(f"the ledger has version {found} of {key}, not {expected}; read it again")


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Key:
    """Whose rollout: one service of one stack.

    Raises:
        Refused: a name with characters that neither Pulumi nor a stack file allows.
    """

    stack: str
    service: str

    def __post_init__(self) -> None:
        for what, name in (("stack", self.stack), ("service", self.service)):
            if _NAME.fullmatch(name) is None:
                raise Refused(f"{name!r} is no name of a {what}: 1 to 255 of letters, digits and . _ - /")

    def __str__(self) -> str:
        return f"{self.stack}/{self.service}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lease:
    """The right to write, until somebody else has it.

    `fence` rises with each acquisition. Who has a lower one than the ledger can never write again, whatever the clocks
    say; `until` only tells others when they may take over.
    """

    key: Key
    owner: str
    fence: int
    until: datetime
    seconds: int
    """What each renewal adds."""

    def __post_init__(self) -> None:
        _check_zone(self.until)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A document at one version (1 is the first), and who has the lease at this moment, expired or not."""

    key: Key
    version: int
    state: str
    lease: Lease | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """Something to be remembered; `rollout` is the id of the rollout in which it happened."""

    at: datetime
    kind: str
    rollout: str
    data: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    def __post_init__(self) -> None:
        _check_zone(self.at)


@dataclass(frozen=True, kw_only=True, slots=True)
class Event(Happening):
    """A happening as it was written: for good, in the order of `seq`, which has no gaps (1 is a service's first)."""

    key: Key
    seq: int
    actor: str
    """The owner of the lease under which it was written."""
    fence: int


def _check_zone(moment: datetime) -> None:
    if moment.utcoffset() is None:
        raise ValueError(f"{moment} has no time zone")

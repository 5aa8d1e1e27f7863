"""What a gate judges: how many requests there were, and how many of them were bad."""

from dataclasses import dataclass
from typing import Final

from pydantic import ConfigDict, with_config

AS_WRITTEN: Final = ConfigDict(extra="forbid", strict=True)
"""A recording has these fields and types, and no others."""


@with_config(AS_WRITTEN)
@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """Requests, and those of them that failed, or were too slow, or whatever the gate calls bad.

    Args:
        total: requests.
        bad: of these.

    Raises:
        ValueError: when there are fewer than no bad ones, or more than requests; a reader that meets such a minute,
            because one metric arrived before the other, leaves it out until it is complete.
    """

    total: int
    bad: int

    def __post_init__(self) -> None:
        if not 0 <= self.bad <= self.total:
            raise ValueError(f"{self.bad} bad of {self.total} requests")

    def __add__(self, other: "Counts") -> "Counts":
        """Both together."""
        return Counts(total=self.total + other.total, bad=self.bad + other.bad)

    @property
    def rate(self) -> float:
        """The share of bad ones; of no requests none is bad."""
        return self.bad / self.total if self.total else 0.0

    def __str__(self) -> str:
        return f"{self.bad:,} of {self.total:,} ({percent(self.rate)})"


@with_config(AS_WRITTEN)
@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """The same minutes on both sides.

    Args:
        canary: of the new version.
        baseline: of the version beside it; None where none runs.
    """

    canary: Counts
    baseline: Counts | None


def percent(share: float) -> str:
    """A share as people write it."""
    return f"{share * 100:.3g} %"

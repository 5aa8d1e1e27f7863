"""What gates say, each with its reason, and all together."""

from dataclasses import dataclass
from typing import Final, Literal

from rollouts.gates.counts import Counts

Verdict = Literal["healthy", "unhealthy", "not-enough-evidence"]

WORST_FIRST: Final[tuple[Verdict, ...]] = ("unhealthy", "not-enough-evidence", "healthy")
"""Together, gates are as their worst: a sample that is too small neither passes nor fails."""


@dataclass(frozen=True, kw_only=True, slots=True)
class GateVerdict:
    """What one gate says.

    Args:
        gate: its name.
        verdict: what it says.
        reason: why, for people, with the numbers.
        canary: counts of the new version in the minutes that were judged; None for a gate without counts.
        baseline: the same of the version beside it.
        needed: requests of the new version before it can be called healthy; None when nobody can say, or no counts.
        p_value: at most so probable is evidence like this, over all looks, when the new version is not worse; it is
            unhealthy when that is within the budget; None without counts.
        spent: how much of its error budget the looks so far have spent.
        budget: probability at most with which a version that is not worse is stopped by this gate in this step.
    """

    gate: str
    verdict: Verdict
    reason: str
    canary: Counts | None = None
    baseline: Counts | None = None
    needed: int | None = None
    p_value: float | None = None
    spent: float = 0.0
    budget: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class StepVerdict:
    """What all gates say together.

    Args:
        verdict: that of the worst.
        gates: each of them, the worst first.
    """

    verdict: Verdict
    gates: tuple[GateVerdict, ...]

    @property
    def reason(self) -> str:
        """Why, for people: what the gates with the worst verdict say."""
        return "; ".join(gate.reason for gate in self.gates if gate.verdict == self.verdict)


def combine(gates: tuple[GateVerdict, ...]) -> StepVerdict:
    """All gates together; without any there is no evidence."""
    ordered = tuple(sorted(gates, key=lambda gate: WORST_FIRST.index(gate.verdict)))
    return StepVerdict(verdict=ordered[0].verdict if ordered else "not-enough-evidence", gates=ordered)

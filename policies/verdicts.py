"""What a judgement is made of: verdicts for services, and violations for those who fix them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from policies.rule import Level, Severity

VerdictName = Literal["fail", "waived", "undecided", "attested", "pass", "not-applicable"]

WORST_FIRST: Final[tuple[VerdictName, ...]] = (
    "fail",
    "waived",
    "undecided",
    "attested",
    "pass",
    "not-applicable",
)
"""An item is as good as the worst that any of its rules says; waived is known to be broken, undecided is not."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What one service gets for one checklist item, and why."""

    verdict: VerdictName
    because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """One broken rule on one resource. `service` is None for what belongs to no service; `path` may be empty."""

    rule: str
    item: str | None
    level: Level
    severity: Severity
    service: str | None
    urn: str
    path: str
    message: str
    fix: str
    url: str

    def render(self) -> str:
        """All of it in three lines, for readers who see nothing else."""
        about = f"{self.rule} {self.item}" if self.item else self.rule
        return f"[{about}] {self.severity} {self.service or 'stack'}: {self.message}\nfix: {self.fix}\n{self.url}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Waived:
    """A violation that does not count until the day `expires` (2026-01-31) is over, and why, and who says so."""

    violation: Violation
    reason: str
    owner: str
    approver: str
    ticket: str
    expires: str

    @property
    def justification(self) -> str:
        """Why it does not count, and who says so, until when."""
        return f"{self.reason} (waived until {self.expires}, approved by {self.approver}, {self.ticket})"

    @property
    def because(self) -> str:
        """What is broken, and why it does not count."""
        return f"{self.violation.message}: {self.justification}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """`verdicts` by service and checklist item, every item for each service; `violations` in order.

    `waived` are those that would be violations without their waivers, in the same order.
    """

    verdicts: Mapping[str, Mapping[str, Verdict]]
    violations: tuple[Violation, ...]
    waived: tuple[Waived, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing mandatory is broken."""
        return not any(violation.level == "mandatory" for violation in self.violations)


def worst(verdicts: list[Verdict]) -> Verdict:
    """The worst of some verdicts, with all causes of that kind in one text."""
    found: set[VerdictName] = {each.verdict for each in verdicts}
    name = min(found, key=WORST_FIRST.index)
    causes = dict.fromkeys(each.because for each in verdicts if each.verdict == name)
    return Verdict(verdict=name, because="; ".join(causes))

"""The ratchet: which violations are new since an earlier judgement, to refuse only what gets worse."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from policies.verdicts import Judgement, Violation, Waived

BASELINE_VERSION: Final = 1
"""Of the form of a baseline; a form that this program cannot read has a higher one."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What makes a violation the same one in two judgements; its words, its numbers and its line may change."""

    rule: str
    service: str | None
    resource: str
    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """What was wrong before: one place for each violation, and for each that was waived; the `file` says so."""

    file: str
    places: tuple[Place, ...]
    waived: tuple[Place, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratchet:
    """A judgement against the baseline in `file`; `gone` counts the violations that are no more.

    `newly_waived` are those that are waived now, and were neither waived nor violations before.
    """

    file: str
    new: frozenset[Violation]
    known: frozenset[Violation]
    gone: int
    newly_waived: frozenset[Violation] = frozenset()

    @property
    def ok(self) -> bool:
        """Whether nothing new is mandatory."""
        return not any(found.level == "mandatory" for found in self.new)

    def is_new(self, found: Violation) -> bool:
        """Whether a violation, waived or not, was not there before."""
        return found in self.new or found in self.newly_waived

    def new_first(self, violations: Iterable[Violation]) -> list[Violation]:
        """The violations in the order given, the new ones before the known."""
        return sorted(violations, key=lambda found: found not in self.new)


def place_of(rule: str, service: str | None, urn: str, path: str) -> Place:
    """The place of a violation; the first part of a URN, `urn:pulumi:<stack>`, is left out."""
    return Place(rule=rule, service=service, resource=urn.partition("::")[2], path=path)


def compare(violations: Iterable[Violation], baseline: Baseline, waived: Iterable[Waived] = ()) -> Ratchet:
    """Tell new violations from known ones.

    One place may have several violations, such as an endpoint that is missing for each of two AWS services. As many as
    the baseline has there are known, and the rest are new: what was wrong once does not excuse what is wrong twice.
    What was waived before and is not any more is new as well; what was wrong and is waived now is not gone.

    Args:
        violations: those of this preview, in the order of the judgement.
        baseline: those of before.
        waived: those of this preview that do not count for a while.
    """
    left, waived_before = Counter(baseline.places), Counter(baseline.waived)
    new: set[Violation] = set()
    known: set[Violation] = set()
    newly_waived: set[Violation] = set()
    for found in violations:
        (known if _take(left, _place(found)) else new).add(found)
    for found in (each.violation for each in waived):
        if not _take(left, _place(found)) and not _take(waived_before, _place(found)):
            newly_waived.add(found)
    return Ratchet(
        file=baseline.file,
        new=frozenset(new),
        known=frozenset(known),
        gone=left.total(),
        newly_waived=frozenset(newly_waived),
    )


def _place(found: Violation) -> Place:
    return place_of(found.rule, found.service, found.urn, found.path)


def _take(left: Counter[Place], place: Place) -> bool:
    """Whether one of these was left, which is used up then."""
    if left[place] == 0:
        return False
    left[place] -= 1
    return True


def baseline_text(stack: str, judgement: Judgement) -> str:
    """The file that `--against` reads later: JSON, small and in a lasting order, to be kept in version control."""
    document = {
        "baseline": BASELINE_VERSION,
        "stack": stack,
        "violations": [_written(found) for found in judgement.violations],
        "waived": [_written(each.violation) for each in judgement.waived],
    }
    return json.dumps(document, indent=2) + "\n"


def _written(found: Violation) -> dict[str, str | None]:
    return {"rule": found.rule, "service": found.service, "urn": found.urn, "path": found.path}

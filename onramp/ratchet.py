"""The ratchet: which violations are new since an earlier judgement, to refuse only what gets worse."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from policies.verdicts import Violation

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
    """What was wrong before: one place for each violation, and the `file` that says so."""

    file: str
    places: tuple[Place, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratchet:
    """A judgement against the baseline in `file`; `gone` counts the violations that are no more."""

    file: str
    new: frozenset[Violation]
    known: frozenset[Violation]
    gone: int

    @property
    def ok(self) -> bool:
        """Whether nothing new is mandatory."""
        return not any(found.level == "mandatory" for found in self.new)

    def new_first(self, violations: Iterable[Violation]) -> list[Violation]:
        """The violations in the order given, the new ones before the known."""
        return sorted(violations, key=lambda found: found not in self.new)


def place_of(rule: str, service: str | None, urn: str, path: str) -> Place:
    """The place of a violation; the first part of a URN, `urn:pulumi:<stack>`, is left out."""
    return Place(rule=rule, service=service, resource=urn.partition("::")[2], path=path)


def compare(violations: Iterable[Violation], baseline: Baseline) -> Ratchet:
    """Tell new violations from known ones.

    One place may have several violations, such as an endpoint that is missing for each of two AWS services. As many as
    the baseline has there are known, and the rest are new: what was wrong once does not excuse what is wrong twice.

    Args:
        violations: those of this preview, in the order of the judgement.
        baseline: those of before.
    """
    left = Counter(baseline.places)
    new: set[Violation] = set()
    known: set[Violation] = set()
    for found in violations:
        place = place_of(found.rule, found.service, found.urn, found.path)
        (known if left[place] > 0 else new).add(found)
        left[place] = max(left[place] - 1, 0)
    return Ratchet(file=baseline.file, new=frozenset(new), known=frozenset(known), gone=left.total())


def baseline_text(stack: str, violations: Iterable[Violation]) -> str:
    """The file that `--against` reads later: JSON, small and in a lasting order, to be kept in version control."""
    places = [
        {"rule": found.rule, "service": found.service, "urn": found.urn, "path": found.path} for found in violations
    ]
    return json.dumps({"baseline": BASELINE_VERSION, "stack": stack, "violations": places}, indent=2) + "\n"

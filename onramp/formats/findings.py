"""What all formats say alike about a violation: its name, its place, and an identity that lasts."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from onramp.report import Report
from policies.verdicts import Violation, Waived

SIGNS: Final[Mapping[str, str]] = {
    "fail": "✗",
    "waived": "w",
    "undecided": "?",
    "attested": "a",
    "pass": "✓",
    "not-applicable": "·",
}
"""A sign for each verdict, the worst first."""


def about(found: Violation) -> str:
    """The rule, with its checklist item where it has one."""
    return f"{found.rule} ({found.item})" if found.item else found.rule


def resource_name(found: Violation) -> str:
    """The name at the end of the URN."""
    return found.urn.rpartition("::")[2] or "the stack"


def place(found: Violation) -> str:
    """The resource and the input, for a person."""
    return f"{resource_name(found)} {found.path}".rstrip()


def owner(service: str | None) -> str:
    """The service's name, or what stands for none."""
    return "shared resources" if service is None else service


def by_service(report: Report) -> Mapping[str | None, list[Violation]]:
    """Every service's violations in the judgement's order; what belongs to none is last, and only if there is any."""
    found: defaultdict[str | None, list[Violation]] = defaultdict(list)
    for service in report.judgement.verdicts:
        found[service] = []
    for violation in report.judgement.violations:
        found[violation.service].append(violation)
    return found


def waived_by_service(report: Report) -> Mapping[str | None, list[Waived]]:
    """What is waived of every service that has any, in the judgement's order."""
    found: defaultdict[str | None, list[Waived]] = defaultdict(list)
    for each in report.judgement.waived:
        found[each.violation.service].append(each)
    return found


def age(report: Report, found: Violation) -> str:
    """`new` or `known`, waived or not; nothing when nobody has asked which."""
    if report.ratchet is None:
        return ""
    return "new" if report.ratchet.is_new(found) else "known"


def fingerprints(violations: Iterable[Violation]) -> list[str]:
    """For each violation, in order, what tells it from all others and stays when lines, words or numbers change.

    It is made of rule, URN and input; a number tells apart what is alike in all three.
    """
    seen: Counter[str] = Counter()
    found: list[str] = []
    for violation in violations:
        identity = f"{violation.rule}\0{violation.urn}\0{violation.path}"
        seen[identity] += 1
        found.append(hashlib.sha256(f"{identity}\0{seen[identity]}".encode()).hexdigest())
    return found

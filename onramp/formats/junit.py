"""JUnit XML, for whatever shows tests: a suite for each service, a case for each checklist item.

A case of its own has what breaks a rule without an item, or belongs to no service. What is waived is skipped, or told
within its item where something else of that item fails.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final
from xml.etree import ElementTree as ET

from onramp.formats.findings import about, age, by_service, owner, place, waived_by_service
from onramp.report import Report
from policies.checklist import CHECKLIST
from policies.verdicts import Verdict, Violation, Waived

SKIPPED: Final = frozenset({"undecided", "not-applicable", "waived"})
"""Verdicts that say neither that an item holds nor that it does not."""
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 has no way to say (its production 2, Char)."""


def junit_text(report: Report, when: datetime) -> str:
    """The report as one `testsuites` document.

    Whatever fails is a failure of the type `mandatory` or `advisory`.

    Args:
        report: what the preview found.
        when: the time of the run; its zone is not told, because the schema has no place for it.
    """
    root = ET.Element("testsuites")
    violations, waived = by_service(report), waived_by_service(report)
    for number, service in enumerate(dict.fromkeys([*violations, *waived])):
        own, let_be = violations.get(service, []), waived.get(service, [])
        cases = [
            *_item_cases(report, service, own, let_be),
            *(_violation_case(report, service, found) for found in own if not _is_of_an_item(report, found)),
            *(_waived_case(report, service, each) for each in let_be if not _is_of_an_item(report, each.violation)),
        ]
        root.append(_suite(report, service, number, cases, when))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(report: Report, service: str | None, number: int, cases: Sequence[ET.Element], when: datetime) -> ET.Element:
    suite = ET.Element(
        "testsuite",
        {
            "name": _clean(owner(service)),
            "package": _clean(f"onramp.{report.stack.name}"),
            "id": str(number),
            "timestamp": when.strftime("%Y-%m-%dT%H:%M:%S"),
            "hostname": "localhost",
            "tests": str(len(cases)),
            "failures": str(_count(cases, "failure")),
            "errors": "0",
            "skipped": str(_count(cases, "skipped")),
            "time": "0",
        },
    )
    properties = ET.SubElement(suite, "properties")
    facts: Mapping[str, str] = {
        "stack": report.stack.name,
        "tier": report.stack.environment.tier,
        "engine": report.engine,
    }
    for name, value in facts.items():
        ET.SubElement(properties, "property", {"name": name, "value": _clean(value)})
    suite.extend(cases)
    ET.SubElement(suite, "system-out")
    ET.SubElement(suite, "system-err")
    return suite


def _count(cases: Iterable[ET.Element], outcome: str) -> int:
    return sum(1 for case in cases if case.find(outcome) is not None)


def _is_of_an_item(report: Report, found: Violation) -> bool:
    return found.item is not None and found.service in report.judgement.verdicts


def _item_cases(
    report: Report, service: str | None, violations: Sequence[Violation], waived: Sequence[Waived]
) -> Iterable[ET.Element]:
    verdicts: Mapping[str, Verdict] = report.judgement.verdicts.get(service or "", {})
    for item, verdict in verdicts.items():
        case = _case(report, service, f"{item} {CHECKLIST[item].title}")
        broken = [found for found in violations if found.item == item]
        if verdict.verdict == "fail":
            # What concerns all services is not among the service's own violations, and is told by its cause.
            level = "mandatory" if not broken or any(found.level == "mandatory" for found in broken) else "advisory"
            new = "new: " if any(age(report, found) == "new" for found in broken) else ""
            failure = ET.SubElement(case, "failure", {"message": _clean(f"{new}{verdict.because}"), "type": level})
            told = [_told(report, found) for found in broken]
            told += [f"waived: {each.because}" for each in waived if each.violation.item == item]
            failure.text = _clean("\n\n".join(told))
        elif verdict.verdict in SKIPPED:
            ET.SubElement(case, "skipped", {"message": _clean(f"{verdict.verdict}: {verdict.because}")})
        yield case


def _violation_case(report: Report, service: str | None, found: Violation) -> ET.Element:
    case = _case(report, service, f"{about(found)} {place(found)}")
    new = "new: " if age(report, found) == "new" else ""
    failure = ET.SubElement(case, "failure", {"message": _clean(f"{new}{found.message}"), "type": found.level})
    failure.text = _clean(_told(report, found))
    return case


def _waived_case(report: Report, service: str | None, each: Waived) -> ET.Element:
    case = _case(report, service, f"{about(each.violation)} {place(each.violation)}")
    ET.SubElement(case, "skipped", {"message": _clean(f"waived: {each.because}")})
    return case


def _case(report: Report, service: str | None, name: str) -> ET.Element:
    classname = f"onramp.{report.stack.name}.{owner(service)}"
    return ET.Element("testcase", {"name": _clean(name), "classname": _clean(classname), "time": "0"})


def _told(report: Report, found: Violation) -> str:
    file, line = report.source_of(found)
    words = " ".join([age(report, found), found.level, found.severity, about(found)]).lstrip()
    return f"{words}: {found.message}\nwhere: {file}:{line}, {place(found)}\nfix: {found.fix}\nmore: {found.url}"


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)

"""GitHub workflow commands: lines on stdout that become annotations beside the stack file's lines.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions; GitHub keeps ten errors and ten warnings
of a step, therefore what is new comes first, and of that the worst. What is waived asks nobody to do anything.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from onramp.formats.findings import about, age, owner, place
from onramp.report import Report
from policies.rule import Severity
from policies.verdicts import Violation
from stacks.problems import Problem

_RANK: Final[Mapping[Severity, int]] = {"critical": 0, "high": 1, "medium": 2, "low": 3}


def annotations_text(report: Report) -> str:
    """One line for each violation: new before known, mandatory before advisory, severe before slight."""
    ranked = sorted(
        report.judgement.violations,
        key=lambda found: (age(report, found) == "known", found.level != "mandatory", _RANK[found.severity]),
    )
    return "".join(_command(report, found) for found in ranked)


def _command(report: Report, found: Violation) -> str:
    file, line = report.source_of(found)
    kind = "error" if found.level == "mandatory" else "notice" if found.severity == "low" else "warning"
    title = _property(f"{age(report, found)} {about(found)} {owner(found.service)}".lstrip())
    message = _data(f"{found.message}\nwhere: {place(found)}\nfix: {found.fix}\nmore: {found.url}")
    return f"::{kind} file={_property(file)},line={max(line, 1)},title={title}::{message}\n"


def problems_text(problems: Iterable[Problem]) -> str:
    """One error for each thing that is wrong with a stack file, which therefore nobody could preview."""
    return "".join(
        f"::error file={_property(found.file)},line={max(found.line, 1)},title={_property(found.path or found.file)}"
        f"::{_data(f'{found.message}{chr(10)}fix: {found.fix}')}\n"
        for found in problems
    )


def command(kind: str, title: str, text: str) -> str:
    """One annotation that belongs to no file.

    Args:
        kind: error, warning or notice.
        title: one line.
        text: all of it.
    """
    return f"::{kind} title={_property(title)}::{_data(text)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

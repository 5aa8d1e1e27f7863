"""GitHub workflow commands: lines on stdout that become annotations beside the stack file's lines.

https://docs.github.com/actions/reference/workflow-commands-for-github-actions; GitHub keeps ten errors and ten warnings
of a step, therefore the worst come first.
"""

from collections.abc import Mapping
from typing import Final

from onramp.formats.findings import about, owner, place
from onramp.report import Report
from policies.rule import Severity
from policies.verdicts import Violation

_RANK: Final[Mapping[Severity, int]] = {"critical": 0, "high": 1, "medium": 2, "low": 3}


def annotations_text(report: Report) -> str:
    """One line for each violation, mandatory before advisory, severe before slight."""
    ranked = sorted(report.judgement.violations, key=lambda found: (found.level != "mandatory", _RANK[found.severity]))
    return "".join(_command(report, found) for found in ranked)


def _command(report: Report, found: Violation) -> str:
    file, line = report.source_of(found)
    kind = "error" if found.level == "mandatory" else "notice" if found.severity == "low" else "warning"
    title = _property(f"{about(found)} {owner(found.service)}")
    message = _data(f"{found.message}\nwhere: {place(found)}\nfix: {found.fix}\nmore: {found.url}")
    return f"::{kind} file={_property(file)},line={max(line, 1)},title={title}::{message}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

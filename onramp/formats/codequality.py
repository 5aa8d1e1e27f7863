"""GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.

It has no place for what is new or waived: GitLab compares the fingerprints of two branches itself, and what does not
count for a while is left out.
"""

import json
from collections.abc import Mapping
from typing import Final

from onramp.formats.findings import about, fingerprints, owner
from onramp.report import Report
from policies.rule import Severity
from simulator.graph import Json

SEVERITIES: Final[Mapping[Severity, str]] = {
    "critical": "blocker",
    "high": "critical",
    "medium": "major",
    "low": "minor",
}
ADVISORY: Final = "info"


def codequality_text(report: Report) -> str:
    """One entry for each violation; what is advisory is information."""
    entries: list[Json] = []
    for found, fingerprint in zip(report.judgement.violations, fingerprints(report.judgement.violations), strict=True):
        file, line = report.source_of(found)
        entries.append(
            {
                "description": f"{about(found)} {owner(found.service)}: {found.message}. Fix: {found.fix}",
                "check_name": found.rule,
                "fingerprint": fingerprint,
                "severity": SEVERITIES[found.severity] if found.level == "mandatory" else ADVISORY,
                "location": {"path": file, "lines": {"begin": max(line, 1)}},
            }
        )
    return json.dumps(entries, indent=2, ensure_ascii=False) + "\n"

"""SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html."""

import json
from collections.abc import Mapping
from importlib.metadata import version
from typing import Final
from urllib.parse import quote

from onramp.formats.findings import fingerprints, resource_name
from onramp.report import Report
from policies.catalog import CATALOG
from policies.checklist import CHECKLIST
from policies.rule import Meta, Severity
from policies.verdicts import Violation, Waived
from simulator.graph import Json, Source

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT: Final = "%SRCROOT%"
"""The name that readers of SARIF know for the root of the sources."""
LEVELS: Final[Mapping[Severity, str]] = {"critical": "error", "high": "error", "medium": "warning", "low": "note"}
SECURITY_SEVERITY: Final[Mapping[Severity, str]] = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""In the middle of GitHub's ranges: critical over 9.0, high from 7.0, medium from 4.0 (its page on SARIF support)."""

_PLACES: Final = {meta.id: place for place, meta in enumerate(CATALOG)}


def sarif_text(report: Report) -> str:
    """The report as a SARIF log with one run, every rule of the pack, and a result for each violation.

    Waived ones are results with a suppression. What is gone is no result: a baseline has its place and no words for it.
    """
    waived = {each.violation: each for each in report.judgement.waived}
    violations = [*report.judgement.violations, *waived]
    sources = {found.urn: found.source for found in report.graph.resources}
    results: list[Json] = [
        _result(report, found, fingerprint) | _suppressed(waived.get(found)) | _related(sources.get(found.urn))
        for found, fingerprint in zip(violations, fingerprints(violations), strict=True)
    ]
    log: dict[str, Json] = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": _driver()},
                # Stacks are told apart, so that one upload does not close another's findings.
                "automationDetails": {"id": f"onramp/{report.stack.name}/"},
                "originalUriBaseIds": {ROOT: {"description": {"text": "The folder of Pulumi.yaml"}}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _result(report: Report, found: Violation, fingerprint: str) -> dict[str, Json]:
    result: dict[str, Json] = {
        "ruleId": found.rule,
        "level": _level(found),
        "message": {"text": f"{found.service or 'The stack'}: {found.message}. Fix: {found.fix}"},
        "locations": [_location(report, found)],
        # The second name is the one by which GitHub knows a finding again.
        "partialFingerprints": {"onramp/v1": fingerprint, "primaryLocationLineHash": fingerprint},
        "properties": {
            "service": found.service,
            "item": found.item,
            "path": found.path,
            "mandatory": found.level == "mandatory",
        },
    }
    if found.rule in _PLACES:
        result["ruleIndex"] = _PLACES[found.rule]
    if report.ratchet is not None:
        result["baselineState"] = "new" if report.ratchet.is_new(found) else "unchanged"
    return result


def _suppressed(waived: Waived | None) -> dict[str, Json]:
    """Once one result of a run has suppressions, all must have them, be it none (section 3.27.23)."""
    if waived is None:
        return {"suppressions": []}
    suppression: dict[str, Json] = {"kind": "external", "status": "accepted", "justification": waived.justification}
    return {"suppressions": [suppression]}


def _related(source: Source | None) -> dict[str, Json]:
    """The line of the program that made it, where that is known."""
    if source is None:
        return {}
    created: dict[str, Json] = {
        "physicalLocation": _physical(source.file, source.line),
        "message": {"text": "created here"},
    }
    return {"relatedLocations": [created]}


def _level(found: Violation) -> str:
    """What is advisory never counts as an error, however severe."""
    if found.level == "mandatory":
        return "error"
    return "note" if found.severity == "low" else "warning"


def _location(report: Report, found: Violation) -> Json:
    file, line = report.source_of(found)
    location: dict[str, Json] = {"physicalLocation": _physical(file, line)}
    if found.urn:
        location["logicalLocations"] = [
            {"name": resource_name(found), "fullyQualifiedName": found.urn, "kind": "resource"}
        ]
    return location


def _physical(file: str, line: int) -> Json:
    physical: dict[str, Json] = {"artifactLocation": {"uri": quote(file), "uriBaseId": ROOT}}
    if line > 0:
        physical["region"] = {"startLine": line}
    return physical


def _driver() -> Json:
    return {
        "name": "Onramp",
        "semanticVersion": version("onramp"),
        "rules": [_rule(meta) for meta in CATALOG],
    }


def _rule(meta: Meta) -> Json:
    group: list[Json] = [CHECKLIST[meta.item].group, meta.item] if meta.item else []
    return {
        "id": meta.id,
        "shortDescription": {"text": meta.title},
        "fullDescription": {"text": meta.why},
        "help": {
            "text": f"{meta.why} Fix: {meta.fix}. More: {meta.url}",
            "markdown": f"{meta.why}\n\n**Fix**: {meta.fix}\n\n[More]({meta.url})",
        },
        "helpUri": meta.url,
        "defaultConfiguration": {"level": LEVELS[meta.severity]},
        "properties": {
            "security-severity": SECURITY_SEVERITY[meta.severity],
            "precision": "very-high",
            "tags": [*group, *meta.frameworks],
        },
    }

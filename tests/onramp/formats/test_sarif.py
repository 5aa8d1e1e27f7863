"""SARIF: valid by the published schema, and everything that code scanning needs."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from jsonschema import Draft4Validator

from onramp.formats.sarif import sarif_text
from onramp.report import Report
from policies.catalog import CATALOG
from tests.onramp.formats.conftest import HOSTILE, PROPERTY, against, hostile, judged, violation, waived

Faults = Callable[[Any], list[str]]

SCHEMA: Final = Path(__file__).parents[1] / "schemas" / "sarif-2.1.0.json"
RULE_TAGS_MAX: Final = 20
"""GitHub's limit of tags on a rule."""


@pytest.fixture(scope="session")
def faults() -> Faults:
    """Asks the published schema what is wrong with a log."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft4Validator.check_schema(schema)
    validator: Any = Draft4Validator(schema)
    return lambda log: [error.message for error in validator.iter_errors(log)]


def run_of(report: Report) -> Any:
    (run,) = json.loads(sarif_text(report))["runs"]
    return run


def test_a_report_is_valid(broken: Report, prod: Report, faults: Faults) -> None:
    assert not faults(json.loads(sarif_text(broken)))
    assert not faults(json.loads(sarif_text(prod)))


def test_the_schema_would_tell(broken: Report, faults: Faults) -> None:
    log = json.loads(sarif_text(broken))
    log["runs"][0]["results"][0]["level"] = "grave"
    assert faults(log)


@PROPERTY
@given(word=HOSTILE)
def test_whatever_people_write_it_stays_valid(prod: Report, faults: Faults, word: str) -> None:
    report = hostile(prod, word)
    assert not faults(json.loads(sarif_text(report)))
    assert [each["properties"]["path"] for each in run_of(report)["results"]] == [f"inputs.{word}"] * 11


def test_every_rule_is_described_with_its_help_and_how_much_it_counts(broken: Report) -> None:
    rules = run_of(broken)["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [meta.id for meta in CATALOG]
    for rule, meta in zip(rules, CATALOG, strict=True):
        assert (rule["helpUri"], rule["shortDescription"]["text"]) == (meta.url, meta.title)
        assert meta.fix in rule["help"]["text"]
        assert len(rule["properties"]["tags"]) <= RULE_TAGS_MAX
    ranges = {"critical": (9.0, 10.0), "high": (7.0, 9.0), "medium": (4.0, 7.0), "low": (0.0, 4.0)}
    for rule, meta in zip(rules, CATALOG, strict=True):
        low, high = ranges[meta.severity]
        assert low < float(rule["properties"]["security-severity"]) < high


def test_a_result_says_its_rule_its_line_and_its_urn(broken: Report) -> None:
    run = run_of(broken)
    for result, found in zip(run["results"], broken.judgement.violations, strict=True):
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == found.rule
        (location,) = result["locations"]
        file, line = broken.source_of(found)
        assert location["physicalLocation"]["artifactLocation"]["uri"] == file
        assert location["physicalLocation"]["region"] == {"startLine": line}
        assert location["logicalLocations"][0]["fullyQualifiedName"] == found.urn
        assert found.fix in result["message"]["text"]
        assert (result["level"] == "error") == (found.level == "mandatory")


def test_a_result_on_a_resource_has_the_line_of_the_program_as_well(prod: Report) -> None:
    resource = next(each for each in prod.graph.resources if each.source is not None)
    found = replace(violation(0, "news-api"), urn=resource.urn)
    (result,) = run_of(judged(prod, {"news-api": [found]}))["results"]
    (related,) = result["relatedLocations"]
    assert resource.source is not None
    assert related["physicalLocation"]["artifactLocation"]["uri"] == resource.source.file
    assert related["physicalLocation"]["region"] == {"startLine": resource.source.line}


def test_a_result_without_a_line_a_resource_or_a_known_rule_is_valid(prod: Report, faults: Faults) -> None:
    nowhere = replace(prod, stack=replace(prod.stack, source=replace(prod.stack.source, lines={})))
    report = judged(nowhere, {"a": [replace(violation(0, "a"), urn="", rule="of-another-pack")]})
    assert not faults(json.loads(sarif_text(report)))
    (result,) = run_of(report)["results"]
    assert "region" not in result["locations"][0]["physicalLocation"]
    assert "ruleIndex" not in result


def test_findings_are_known_again_and_told_apart(prod: Report) -> None:
    twins = [violation(0, "a"), replace(violation(0, "a"), message="is so twice"), violation(1, "a")]

    def prints(report: Report) -> list[str]:
        return [each["partialFingerprints"]["primaryLocationLineHash"] for each in run_of(report)["results"]]

    before = prints(judged(prod, {"a": twins}))
    reworded = [replace(each, message=f"now {each.message}", fix="other words") for each in twins]
    assert len(set(before)) == 3
    assert prints(judged(prod, {"b": [], "a": reworded})) == before


def test_stacks_do_not_close_each_others_findings(prod: Report) -> None:
    other = replace(prod, stack=replace(prod.stack, name="other"))
    assert run_of(prod)["automationDetails"]["id"] != run_of(other)["automationDetails"]["id"]


def test_what_is_new_since_a_baseline_is_told(prod: Report, faults: Faults) -> None:
    old, new, before, lately = (violation(number, "a") for number in range(4))
    report = judged(prod, {"a": [old, new]}, [waived(before), waived(lately)])
    report = against(report, new, newly_waived=[lately])
    assert not faults(json.loads(sarif_text(report)))
    states = [each["baselineState"] for each in run_of(report)["results"]]
    assert states == ["unchanged", "new", "unchanged", "new"]


def test_what_is_waived_is_a_result_that_is_suppressed_and_says_why_by_whom_and_until_when(
    prod: Report, faults: Faults
) -> None:
    report = judged(prod, {"a": [violation(0, "a")]}, [waived(violation(1, "a"), "the vendor is late")])
    assert not faults(json.loads(sarif_text(report)))
    broken, let_be = run_of(report)["results"]
    assert broken["suppressions"] == []
    (suppression,) = let_be["suppressions"]
    assert (suppression["kind"], suppression["status"]) == ("external", "accepted")
    assert suppression["justification"].startswith("the vendor is late (waived until 2027-01-31, approved by ")
    assert let_be["partialFingerprints"] != broken["partialFingerprints"]

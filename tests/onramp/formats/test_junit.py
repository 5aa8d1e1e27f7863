"""JUnit XML: valid by both published schemas, and the same verdicts as everywhere."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from hypothesis import given

from onramp.formats.junit import junit_text
from onramp.report import Report
from policies.checklist import CHECKLIST
from tests.onramp.formats.conftest import HOSTILE, PROPERTY, against, hostile, judged, violation, waived

SCHEMAS: Final = Path(__file__).parents[1] / "schemas"
WHEN: Final = datetime(2026, 11, 21, 12, 0, 0)  # noqa: DTZ001 - the format has no zone


@pytest.fixture(scope="session", params=["junit-windyroad.xsd", "junit-jenkins.xsd"])
def schema(request: pytest.FixtureRequest) -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(SCHEMAS / request.param))


def parsed(report: Report) -> ET.Element:
    return ET.fromstring(junit_text(report, WHEN))  # noqa: S314 - our own output


def suite_of(report: Report, name: str) -> ET.Element:
    (suite,) = (each for each in parsed(report) if each.get("name") == name)
    return suite


def test_a_report_is_valid(broken: Report, prod: Report, schema: xmlschema.XMLSchema) -> None:
    schema.validate(junit_text(broken, WHEN))
    schema.validate(junit_text(prod, WHEN))


def test_the_schema_would_tell(broken: Report, schema: xmlschema.XMLSchema) -> None:
    assert not schema.is_valid(junit_text(broken, WHEN).replace("<testcase name=", "<testcase title="))


@PROPERTY
@given(word=HOSTILE)
def test_whatever_people_write_it_stays_valid(prod: Report, schema: xmlschema.XMLSchema, word: str) -> None:
    schema.validate(junit_text(hostile(prod, word), WHEN))


def test_each_service_is_a_suite_and_each_item_a_case_with_its_verdict(prod: Report) -> None:
    report = judged(prod, {"api": [], "worker": []})
    assert [suite.get("name") for suite in parsed(report)] == ["api", "worker"]
    cases = suite_of(report, "api").findall("testcase")
    verdicts = report.judgement.verdicts["api"]
    assert [str(case.get("name")).split()[0] for case in cases] == list(CHECKLIST)
    expected = {"fail": "failure", "undecided": "skipped", "not-applicable": "skipped", "waived": "skipped"}
    for case, found in zip(cases, verdicts.values(), strict=True):
        assert [child.tag for child in case] == [expected[name] for name in [found.verdict] if name in expected]
        for child in case:
            assert found.because in str(child.get("message"))


def test_what_a_suite_counts_is_what_it_has(broken: Report) -> None:
    for suite in parsed(broken):
        for attribute, path in {"tests": "testcase", "failures": "*/failure", "skipped": "*/skipped"}.items():
            assert suite.get(attribute) == str(len(suite.findall(path)))
        assert suite.get("errors") == "0"


def test_a_failed_item_lists_its_violations_with_their_fixes_and_lines(broken: Report) -> None:
    failed = [case for case in suite_of(broken, "news-api").findall("testcase") if case.find("failure") is not None]
    text = "".join(case.findtext("failure") or "" for case in failed)
    verdicts = broken.judgement.verdicts["news-api"]
    for found in broken.judgement.violations:
        if found.service == "news-api" and found.item and verdicts[found.item].verdict == "fail":
            assert found.message in text
            assert found.fix in text
    assert "Pulumi.prod.yaml:" in text


def test_a_violation_without_an_item_is_a_case_of_its_own(broken: Report) -> None:
    names = {str(case.get("name")) for case in suite_of(broken, "news-api").findall("testcase")}
    without = [found for found in broken.judgement.violations if found.service and found.item is None]
    assert without
    for found in without:
        assert f"{found.rule} tame {found.path}" in names


def test_what_belongs_to_no_service_has_a_suite_of_its_own(prod: Report) -> None:
    found = violation(0, None)
    suite = suite_of(judged(prod, {"api": [], None: [found]}), "shared resources")
    (failure,) = suite.findall("testcase/failure")
    assert (failure.get("type"), failure.get("message")) == (found.level, found.message)


def test_what_is_waived_is_skipped_with_its_reason(prod: Report, schema: xmlschema.XMLSchema) -> None:
    alone = replace(violation(0, "api"), item=None, rule="alone")
    report = judged(prod, {"api": []}, [waived(alone, "the vendor is late"), waived(violation(0, None), "so be it")])
    schema.validate(junit_text(report, WHEN))
    for suite, reason in {"api": "the vendor is late", "shared resources": "so be it"}.items():
        (skipped,) = [
            str(found.get("message"))
            for found in suite_of(report, suite).findall("testcase/skipped")
            if reason in str(found.get("message"))
        ]
        assert skipped.startswith("waived: is tame and 0")


def test_an_item_that_fails_says_what_of_it_is_waived(prod: Report) -> None:
    item = next(iter(CHECKLIST))
    report = judged(prod, {"api": []}, [waived(replace(violation(0, "api"), item=item), "the vendor is late")])
    assert report.judgement.verdicts["api"][item].verdict == "fail"
    case = suite_of(report, "api").find("testcase")
    assert case is not None
    assert "waived: is tame and 0: the vendor is late" in str(case.findtext("failure"))


def test_what_is_new_is_told_from_what_is_known(prod: Report) -> None:
    old, new = (replace(violation(number, "api"), item=None) for number in (0, 1))
    report = against(judged(prod, {"api": [old, new]}), new)
    found = {
        str(case.get("name")).split()[0]: str(case.findtext("failure"))
        for case in suite_of(report, "api").findall("testcase")
    }
    assert found[new.rule].startswith("new mandatory")
    assert found[old.rule].startswith("known mandatory")


def test_advice_is_told_from_what_is_mandatory(broken: Report) -> None:
    kinds = {failure.get("type") for failure in parsed(broken).iter("failure")}
    assert kinds == {"mandatory", "advisory"}


def test_a_time_and_nothing_else_comes_from_outside(prod: Report) -> None:
    assert junit_text(prod, WHEN) == junit_text(prod, WHEN)
    assert 'timestamp="2026-11-21T12:00:00"' in junit_text(prod, WHEN)

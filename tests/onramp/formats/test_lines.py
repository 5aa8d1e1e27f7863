"""GitHub's annotations and GitLab's code quality report."""

import json
from dataclasses import replace

from hypothesis import given

from onramp.formats.annotations import annotations_text, problems_text
from onramp.formats.codequality import codequality_text
from onramp.report import Report
from stacks.problems import Problem
from tests.onramp.formats.conftest import HOSTILE, PROPERTY, against, hostile, judged, violation, waived


def test_each_violation_is_one_annotation_on_its_line_the_worst_first(broken: Report) -> None:
    lines = annotations_text(broken).splitlines()
    assert len(lines) == len(broken.judgement.violations)
    kinds = [line.split(" ")[0] for line in lines]
    mandatory = sum(1 for found in broken.judgement.violations if found.level == "mandatory")
    assert set(kinds[:mandatory]) == {"::error"}
    assert set(kinds[mandatory:]) == {"::warning", "::notice"}
    file, line = broken.source_of(broken.judgement.violations[0])
    assert f" file={file},line={line},title=" in lines[0]
    assert "%0Afix: make it tame%0A" in lines[0]


def test_what_is_new_comes_first_and_what_is_waived_is_no_annotation(prod: Report) -> None:
    old, new = violation(0, "a"), replace(violation(2, "b"), level="advisory")
    report = against(judged(prod, {"a": [old], "b": [new]}, [waived(violation(4, "a"))]), new)
    titles = [line.partition("title=")[2].split("::")[0] for line in annotations_text(report).splitlines()]
    assert [title.split(" ")[0] for title in titles] == ["new", "known"]


def test_what_is_wrong_with_a_stack_file_is_an_error_on_its_line() -> None:
    problem = Problem(file="Pulumi.dev.yaml", path="config.x:y", line=3, message="is\nwrong", fix="mend it")
    assert problems_text([problem]) == (
        "::error file=Pulumi.dev.yaml,line=3,title=config.x%3Ay::is%0Awrong%0Afix: mend it\n"
    )


@PROPERTY
@given(word=HOSTILE)
def test_no_name_begins_an_annotation_of_its_own(prod: Report, word: str) -> None:
    report = hostile(prod, word)
    lines = annotations_text(report).replace("\r", "\n").split("\n")
    assert len(lines) == len(report.judgement.violations) + 1
    for line in lines[:-1]:
        parts = line.split("::")
        assert parts[0] == ""
        command, _, properties = parts[1].partition(" ")
        assert command in {"error", "warning", "notice"}
        assert [each.partition("=")[0] for each in properties.split(",")] == ["file", "line", "title"]


def test_code_quality_has_what_gitlab_asks_for(broken: Report) -> None:
    entries = json.loads(codequality_text(broken))
    assert len({each["fingerprint"] for each in entries}) == len(entries) == len(broken.judgement.violations)
    for each, found in zip(entries, broken.judgement.violations, strict=True):
        file, line = broken.source_of(found)
        assert each["location"] == {"path": file, "lines": {"begin": line}}
        assert each["check_name"] == found.rule
        assert found.message in each["description"]
        assert (each["severity"] == "info") == (found.level == "advisory")
        assert each["severity"] in {"info", "minor", "major", "critical", "blocker"}


def test_a_finding_without_a_line_is_on_the_first(prod: Report) -> None:
    nowhere = replace(prod, stack=replace(prod.stack, source=replace(prod.stack.source, lines={})))
    report = judged(nowhere, {"a": [violation(0, "a")]})
    assert json.loads(codequality_text(report))[0]["location"]["lines"] == {"begin": 1}
    assert ",line=1," in annotations_text(report)


@PROPERTY
@given(word=HOSTILE)
def test_code_quality_is_json_whatever_people_write(prod: Report, word: str) -> None:
    entries = json.loads(codequality_text(hostile(prod, word)))
    assert all(word in each["description"] for each in entries)

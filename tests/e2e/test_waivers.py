"""Waivers on the real engine: the same verdicts, the same list and the same exit code as in process."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from tests.components.conftest import FUNCTION, stack_text
from tests.e2e.conftest import MakeProject, Project

RULE: Final = "alarm-looser"
REASON: Final = "their release of May is late"


def text(*, days: int | None) -> str:
    """A prod stack with one broken rule; waived for some days from today, or not at all."""
    # The day of the calendar: the pack runs in a process of its own, and asks for it itself.
    until = date.today() + timedelta(days=days or 0)  # noqa: DTZ011 - as the pack, which goes by the local day
    waiver = f"{{rule: {RULE}, reason: {REASON}, owner: news, approver: security, ticket: N-7, expires: '{until}'}}"
    waive = "" if days is None else f", waive: [{waiver}]"
    return stack_text(f"resize: {{{FUNCTION}, alarms: {{errorPercent: 50}}{waive}}}", tier="prod")


@pytest.fixture(scope="module")
def project(make_project: MakeProject) -> Project:
    return make_project(broken=text(days=None), waived=text(days=20), expired=text(days=-1))


def judged(project: Project, stack: str, code: int) -> Any:
    """What both engines say alike of a stack, once it is known that they do."""
    documents = [project.onramp(command, stack, "--json").ended(code).document for command in ("embedded", "preview")]
    assert [each["engine"] for each in documents] == ["embedded", "pulumi"]
    one, other = ({key: each[key] for key in ("ok", "violations", "waived", "checklist")} for each in documents)
    assert one == other
    return one


def test_without_a_waiver_both_say_no(project: Project) -> None:
    found = judged(project, "broken", 1)
    assert RULE in {each["rule"] for each in found["violations"]}
    assert found["waived"] == []


def test_a_waiver_lets_the_stack_through_in_both(project: Project) -> None:
    found = judged(project, "waived", 0)
    (let_be,) = found["waived"]
    assert (let_be["rule"], let_be["waiver"]["reason"]) == (RULE, REASON)
    assert "waived" in {each["verdict"] for each in found["checklist"]["resize"].values()}


def test_a_waiver_that_is_over_counts_in_neither(project: Project) -> None:
    found = judged(project, "expired", 1)
    assert {RULE, "waiver-expired"} <= {each["rule"] for each in found["violations"]}
    assert found["waived"] == []


def test_the_reports_of_both_are_the_same(project: Project, tmp_path: Path) -> None:
    for command in ("embedded", "preview"):
        files = [
            part for name in ("markdown", "codequality") for part in (f"--{name}", str(tmp_path / f"{command}.{name}"))
        ]
        project.onramp(command, "waived", *files).ended(0)
    for name in ("markdown", "codequality"):
        one, other = (
            (tmp_path / f"{command}.{name}").read_text(encoding="utf-8") for command in ("embedded", "preview")
        )
        assert one == other
    assert REASON in (tmp_path / "preview.markdown").read_text(encoding="utf-8")


def test_a_waived_violation_does_not_stop_an_update(project: Project) -> None:
    assert project.onramp("deploy", "waived", "--json").ended(0).document["succeeded"] is True

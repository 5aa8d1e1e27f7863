"""Waivers from the stack file to the exit code: what is waived lets a stack through, and what is refused does not."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from onramp.formats.markdown import escape
from tests.conftest import THE_DAY
from tests.onramp.conftest import FUNCTION, MakeProject, document, onramp, services

TODAY = THE_DAY
BROKEN = "alarms: {errorPercent: 50}"
RULE = "alarm-looser"
REASON = "errors [of] the vendor, until their release"


def waiver(rule: str = RULE, days: int = 20, approver: str = "security") -> str:
    until = TODAY + timedelta(days=days)
    return (
        f"{{rule: {rule}, reason: '{REASON}', owner: news, approver: {approver}, ticket: NEWS-7, expires: '{until}'}}"
    )


def stack_file(*waivers: str) -> str:
    """A prod stack with one broken rule, and these waivers next to the service."""
    return services(f"thumbs: {{{FUNCTION}, {BROKEN}, waive: [{', '.join(waivers)}]}}", tier="prod")


@pytest.fixture
def stack(project: MakeProject) -> Callable[..., Path]:
    """A project with that stack."""
    return lambda *waivers: project(stack_file(*waivers))


def preview(folder: Path) -> tuple[int, Any]:
    result = onramp("preview", "dev", "--project", folder, "--json")
    return result.exit_code, document(result)


def unwrapped(shown: str) -> str:
    return " ".join(shown.split())


def mandatory(found: Any) -> list[str]:
    return [each["rule"] for each in found["violations"] if each["level"] == "mandatory"]


def test_without_a_waiver_the_rules_say_no(stack: Callable[..., Path]) -> None:
    code, found = preview(stack())
    assert (code, mandatory(found)) == (1, [RULE])


def test_a_waiver_turns_a_no_into_a_yes_and_says_so(stack: Callable[..., Path]) -> None:
    folder = stack(waiver())
    code, found = preview(folder)

    assert (code, mandatory(found), found["ok"]) == (0, [], True)
    (verdict,) = [each for each in found["checklist"]["thumbs"].values() if each["verdict"] == "waived"]
    for word in (REASON, "security", "NEWS-7", str(TODAY + timedelta(days=20))):
        assert word in verdict["because"]


def test_the_document_has_what_is_waived_as_a_list_of_its_own_with_its_waiver(stack: Callable[..., Path]) -> None:
    folder = stack()
    (broken,) = [each for each in preview(folder)[1]["violations"] if each["rule"] == RULE]
    (folder / "Pulumi.dev.yaml").write_text(stack_file(waiver()), encoding="utf-8")
    (let_be,) = preview(folder)[1]["waived"]

    until = str(TODAY + timedelta(days=20))
    given = {"reason": REASON, "owner": "news", "approver": "security", "ticket": "NEWS-7", "expires": until}
    assert let_be == {**broken, "waiver": given}


def test_a_waiver_is_in_every_report(stack: Callable[..., Path], tmp_path: Path) -> None:
    formats = ("sarif", "junit", "markdown", "html", "codequality")
    files = [part for name in formats for part in (f"--{name}", tmp_path / name)]
    result = onramp("preview", "dev", "--project", stack(waiver()), *files, "--annotations")

    assert result.exit_code == 0
    assert "::error" not in result.stdout
    written = {name: (tmp_path / name).read_text(encoding="utf-8") for name in formats}
    results = json.loads(written["sarif"])["runs"][0]["results"]
    assert [each["ruleId"] for each in results if each["suppressions"]] == [RULE]
    for name in ("sarif", "junit", "html"):
        assert REASON in written[name]
    assert escape(REASON) in written["markdown"]
    assert "waived: thumbs-alerting-errors" in written["junit"]
    assert RULE not in written["codequality"]


def test_a_waiver_of_what_was_wrong_before_is_neither_new_nor_does_it_mend_anything(
    stack: Callable[..., Path], tmp_path: Path
) -> None:
    folder, kept = stack(), tmp_path / "base.json"
    onramp("preview", "dev", "--project", folder, "--baseline", kept)
    (folder / "Pulumi.dev.yaml").write_text(stack_file(waiver()), encoding="utf-8")
    found = document(onramp("preview", "dev", "--project", folder, "--against", kept, "--json"))

    assert (found["against"]["new"], found["against"]["gone"]) == (0, 0)
    assert [each["new"] for each in found["waived"]] == [False]


def test_a_waiver_that_is_taken_away_makes_its_violation_new(stack: Callable[..., Path], tmp_path: Path) -> None:
    folder, kept = stack(waiver()), tmp_path / "base.json"
    onramp("preview", "dev", "--project", folder, "--baseline", kept)
    (folder / "Pulumi.dev.yaml").write_text(stack_file(), encoding="utf-8")
    result = onramp("preview", "dev", "--project", folder, "--against", kept, "--only-new", "--json")

    assert result.exit_code == 1
    assert [each["rule"] for each in document(result)["violations"] if each["new"]] == [RULE]


@pytest.mark.parametrize(
    ("refused", "rule"),
    [
        (waiver(days=-1), "waiver-expired"),
        (waiver(days=400), "waiver-too-long"),
        (waiver(approver="news"), "waiver-self-approved"),
        (waiver(rule="no-public-subnet"), "waiver-unused"),
    ],
)
def test_a_waiver_that_is_refused_leaves_the_no(stack: Callable[..., Path], refused: str, rule: str) -> None:
    code, found = preview(stack(refused))

    assert (code, sorted(mandatory(found))) == (1, sorted([RULE, rule]))


def test_the_environment_states_its_waivers_too(project: MakeProject) -> None:
    text = services("{}", tier="prod").replace(
        "    owner: platform\n", f"    owner: platform\n    waive: [{waiver(rule='access-analyzer')}]\n"
    )
    code, found = preview(project(text))

    assert code == 1
    assert [(each["rule"], each["service"], each["path"]) for each in found["violations"]] == [
        ("waiver-unused", None, "waive.0")
    ]


def test_screens_show_what_is_waived_and_by_whom(stack: Callable[..., Path]) -> None:
    folder = stack(waiver())

    shown = unwrapped(onramp("preview", "dev", "--project", folder).stdout)
    assert "1 violation waived by the stack file:" in shown
    assert f"w {RULE} (" in shown
    assert "errors [of] the vendor" in shown
    assert "w waived" in shown
    assert "w 1" in shown
    one = unwrapped(onramp("checklist", "dev", "thumbs", "--project", folder).stdout)
    assert "waived" in one
    assert "[of]" in one


@pytest.mark.parametrize("command", [["preview", "dev"], ["explain", "dev", "thumbs"], ["checklist", "dev"]])
def test_a_rule_that_does_not_exist_is_bad_input_before_anything_runs(
    stack: Callable[..., Path], command: list[str]
) -> None:
    folder = stack(waiver(rule="alarm-loser"), waiver(rule="waiver-expired"))
    (folder / "__main__.py").write_text("raise AssertionError('it ran')\n", encoding="utf-8")

    result = onramp(*command, "--project", folder)

    assert result.exit_code == 2
    assert "2 problems in the stack file; nothing was built." in result.stderr
    assert "thumbs.waive.0.rule: is not a rule" in result.stderr
    assert f"did you mean `{RULE}`?" in result.stderr
    assert "thumbs.waive.1.rule: is a rule about waivers, which cannot be waived" in result.stderr

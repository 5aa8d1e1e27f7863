"""Waivers from the stack file to the exit code: what is waived lets a stack through, and what is refused does not."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.onramp.conftest import FUNCTION, MakeProject, document, onramp, services

TODAY = date.today()  # noqa: DTZ011 - as the pack, which goes by the local day
BROKEN = "alarms: {errorPercent: 50}"
RULE = "alarm-looser"
REASON = "errors [of] the vendor, until their release"


def waiver(rule: str = RULE, days: int = 20, approver: str = "security") -> str:
    until = TODAY + timedelta(days=days)
    return (
        f"{{rule: {rule}, reason: '{REASON}', owner: news, approver: {approver}, ticket: NEWS-7, expires: '{until}'}}"
    )


@pytest.fixture
def stack(project: MakeProject) -> Callable[..., Path]:
    """A prod stack with one broken rule, and these waivers next to the service."""

    def make(*waivers: str) -> Path:
        return project(services(f"thumbs: {{{FUNCTION}, {BROKEN}, waive: [{', '.join(waivers)}]}}", tier="prod"))

    return make


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

"""What people are told: by SNS, and by GitHub; and that a notice which cannot be sent stops nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from moto import mock_aws

from rollouts.notices import SUBJECT_CHARS_MAX
from simulator.world.api import REGION
from tests.onramp.rollout.conftest import MakeDesk
from tests.onramp.rollout.stage import SERVICE, Desk
from tests.rollouts.stages import BAD, GOOD

TOPIC: Final = f"arn:aws:sns:{REGION}:123456789012:rollouts"


@pytest.fixture(autouse=True)
def _moto() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    with mock_aws():
        yield


def published(desk: Desk) -> list[dict[str, Any]]:
    """What was sent to the topic."""
    return [call.params for call in desk.world.calls if call.operation == "Publish"]


def kinds(desk: Desk) -> list[str]:
    return [each["MessageAttributes"]["kind"]["StringValue"] for each in published(desk)]


def test_every_change_of_state_is_published(make: MakeDesk) -> None:
    desk = make(topic=TOPIC)
    desk.world.client("sns").create_topic(Name="rollouts")
    assert desk.run("start", "dev", "--for", "2", "--actor", "alice").exit_code == 4
    desk.run("hold", "dev", "--reason", "a look at the logs", "--actor", "bob")
    desk.run("resume", "dev", "--actor", "carol", "--once")
    desk.run("promote", "dev", "--actor", "dave")
    assert kinds(desk) == ["started", "built", "shifted", "held", "resumed", "promote", "shifted", "ended"]
    for each in published(desk):
        assert each["TopicArn"] == TOPIC
        assert len(each["Subject"]) <= SUBJECT_CHARS_MAX
        assert each["Subject"].startswith(f"dev/{SERVICE}: ")
        assert desk.record().id in each["Message"]
    held = published(desk)[3]["Message"]
    assert "why: a look at the logs" in held
    assert "who: bob" in held
    assert "20 % of the traffic" in held
    assert f"next: onramp rollout resume dev {SERVICE}" in held


def test_an_abort_is_published_with_reason_counts_and_what_to_do(make: MakeDesk) -> None:
    desk = make(BAD, topic=TOPIC)
    desk.world.client("sns").create_topic(Name="rollouts")
    assert desk.run("start", "dev").exit_code == 1
    told = dict(zip(kinds(desk), published(desk), strict=True))
    assert told["abort"]["Subject"] == f"dev/{SERVICE}: ABORTED"
    assert "why: 5xx: worse: of the new version" in told["abort"]["Message"]
    assert "counted: 5xx: " in told["abort"]["Message"]
    assert ", beside " in told["abort"]["Message"]
    assert "mend it, then onramp rollout start" in told["ended"]["Message"]


def test_a_topic_that_is_gone_stops_nothing_and_is_said(make: MakeDesk) -> None:
    desk = make(topic=TOPIC)
    result = desk.run("start", "dev")
    assert result.exit_code == 0
    assert "The notice of `started` was not sent" in result.stderr
    assert desk.shares() == {"2": 1}


def test_an_abort_does_not_wait_for_its_notice(make: MakeDesk) -> None:
    desk = make(BAD, topic=TOPIC)
    assert desk.run("start", "dev").exit_code == 1
    calls = [call.operation for call in desk.world.calls]
    assert calls.index("Publish", calls.index("UpdateAlias") + 1) > calls.index("UpdateAlias")
    zero = len(calls) - 1 - calls[::-1].index("UpdateAlias")
    assert calls[zero - 1] != "Publish"


def test_github_gets_a_summary_and_annotations(make: MakeDesk, tmp_path: Path) -> None:
    desk = make(BAD)
    summary = tmp_path / "summary.md"
    summary.write_text("# before\n", encoding="utf-8")
    ledger = f"sqlite://{tmp_path}/ledger.db"
    desk.variables = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary), "GITHUB_ACTOR": "octocat"}
    result = desk.run("start", "dev", "--ledger", ledger, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["rollout"]["actor"] == "octocat"
    text = summary.read_text(encoding="utf-8")
    assert text.startswith("# before\n")
    assert text.count("#### ") == 5
    assert f"#### ❌ dev/{SERVICE}: ABORTED" in text
    lines = [line for line in result.stderr.splitlines() if line.startswith("::")]
    assert len(lines) == 5
    assert lines[0].startswith(f"::notice title=dev/{SERVICE}%3A started::")
    assert [line.split(" ")[0] for line in lines[-2:]] == ["::error", "::error"]
    assert "2.5%25" in result.stderr or "%25)" in result.stderr


def test_a_summary_that_cannot_be_written_stops_nothing(make: MakeDesk, tmp_path: Path) -> None:
    desk = make(GOOD)
    desk.variables = {"GITHUB_STEP_SUMMARY": str(tmp_path / "no" / "such" / "folder")}
    result = desk.run("start", "dev")
    assert result.exit_code == 0
    assert "The notice of `ended` was not sent" in result.stderr


def test_on_a_machine_that_is_thrown_away_a_ledger_must_be_named(make: MakeDesk) -> None:
    desk = make()
    desk.variables = {"CI": "true"}
    result = desk.run("start", "dev")
    assert result.exit_code == 2
    assert "would be gone with it" in result.stderr
    assert "ONRAMP_LEDGER" in result.stderr
    assert desk.writes() == []

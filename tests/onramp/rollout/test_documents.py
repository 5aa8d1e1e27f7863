"""`--json`: the keys of every document, which programs rely on; history, recordings and their replay."""

import json
from pathlib import Path
from typing import Final

import pytest

from onramp.rolling.stack import targets_of, urns_of
from rollouts.gates import read
from simulator.world.traffic import constant
from tests.onramp.rollout.conftest import MakeDesk
from tests.onramp.rollout.stage import OTHER, SERVICE
from tests.rollouts.stages import BAD

ROLLOUT: Final = [
    *("id", "stack", "service", "compute", "actor", "phase", "ending", "said", "reason", "note", "live", "candidate"),
    *("weight", "step", "steps", "verdict", "waits", "stuckSince", "hold", "startedAt", "phaseAt", "endedAt", "next"),
]


def test_the_plan(make: MakeDesk) -> None:
    found = make(script=constant(3000), steps=(5, 100)).document("plan", "dev", SERVICE)
    assert list(found) == (
        [
            "ok",
            "stack",
            "service",
            "compute",
            "driver",
            "live",
            "built",
            "image",
            "traffic",
            "steps",
            "gates",
            "problems",
            "notes",
        ]
    )
    assert (found["ok"], found["service"], found["live"], found["problems"]) == (True, SERVICE, "1", [])
    assert list(found["traffic"]) == ["requestsPerMinute", "failed", "slow", "slowFromMs"]
    assert found["traffic"]["requestsPerMinute"] == 3000
    first = found["steps"][0]
    assert list(first) == ["weight", "minutes", "requestsPerMinute", "decidesAfterMinutes", "gates"]
    assert (first["weight"], first["requestsPerMinute"]) == (5, 150)
    assert {each["gate"] for each in first["gates"]} == {"5xx", "p99"}


def test_the_end_of_a_rollout(make: MakeDesk) -> None:
    found = make().document("start", "dev")
    assert list(found) == ["ok", "exit", "rollout"]
    assert (found["ok"], found["exit"]) == (True, 0)
    assert list(found["rollout"]) == ROLLOUT
    assert (found["rollout"]["ending"], found["rollout"]["candidate"], found["rollout"]["weight"]) == (
        "promoted",
        "2",
        100,
    )


def test_the_end_of_a_bad_one(make: MakeDesk) -> None:
    found = make(BAD).document("start", "dev", code=1)
    assert (found["ok"], found["exit"], found["rollout"]["ending"]) == (False, 1, "aborted")
    assert found["rollout"]["reason"].startswith("5xx: worse")


def test_the_status_with_hold_and_lease(make: MakeDesk) -> None:
    desk = make()
    desk.document("start", "dev", "--for", "2", code=4)
    held = desk.document("hold", "dev", "--reason", "lunch", "--actor", "alice")
    assert held["rollout"]["hold"] == {"by": "alice", "reason": "lunch", "at": held["rollout"]["hold"]["at"]}
    found = desk.document("status", "dev")
    assert list(found) == ["ledger", "rollouts"]
    (rollout,) = found["rollouts"]
    assert list(rollout) == [*ROLLOUT, "lease"]
    assert (rollout["phase"], rollout["weight"], rollout["lease"]) == ("stepping", 20, None)


def test_what_goes_wrong_is_a_document_too(make: MakeDesk) -> None:
    found = make(script=constant(0)).document("start", "dev", SERVICE, code=2)
    assert list(found) == ["ok", "problems"]
    assert "had no request" in found["problems"][0]["message"]


def test_the_history_with_its_figures(make: MakeDesk) -> None:
    desk = make()
    desk.document("start", "dev")
    found = desk.document("history", "dev")
    assert list(found) == ["rollouts", "dora"]
    assert list(found["rollouts"][0]) == (
        [
            "id",
            "service",
            "actor",
            "ending",
            "reason",
            "candidate",
            "startedAt",
            "reachedAt",
            "liveAt",
            "backAt",
            "endedAt",
        ]
    )
    assert list(found["dora"]) == (
        [
            "days",
            "deployments",
            "deploymentsPerDay",
            "leadMinutes",
            "reachedUsers",
            "failed",
            "changeFailureRate",
            "restoreMinutes",
        ]
    )
    assert (found["dora"]["deployments"], found["dora"]["changeFailureRate"]) == (1, 0)
    shown = desk.run("history", "dev").stdout
    for words in ("deployment frequency", "lead time", "change-failure rate", "time to restore", "promoted"):
        assert words in shown


def test_a_rollout_that_began_before_the_days_that_are_asked_for_is_complete(make: MakeDesk) -> None:
    desk = make()
    desk.run("start", "dev", "--once")
    desk.world.clock.advance(60 * 24 - 5)
    assert desk.run("resume", "dev").exit_code == 0
    (found,) = desk.document("history", "dev", "--days", "1")["rollouts"]
    assert found["ending"] == "promoted"


def test_recorded_minutes_are_replayed_with_the_verdict_that_was_given(make: MakeDesk, tmp_path: Path) -> None:
    desk = make(BAD, steps=(5, 25, 50, 100))
    desk.run("start", "dev")
    recording = desk.run("history", "dev", "--record", desk.record().id).stdout
    assert len(read(recording.splitlines())) >= 1
    file = tmp_path / "minutes.jsonl"
    file.write_text(recording, encoding="utf-8")
    found = desk.document("replay", str(file), code=1)
    assert found["looks"][-1]["verdict"] == "unhealthy"
    assert found["looks"][-1]["reason"] == desk.record().reason
    shown = desk.run("replay", str(file))
    assert shown.exit_code == 1
    assert "Would have been taken back in step 1" in shown.stdout


def test_a_good_rollout_replays_as_good_and_stricter_bounds_tell(make: MakeDesk, tmp_path: Path) -> None:
    desk = make(steps=(5, 25, 50, 100))
    desk.run("start", "dev")
    file = tmp_path / "minutes.jsonl"
    file.write_text(desk.run("history", "dev", "--record", desk.record().id).stdout, encoding="utf-8")
    assert {look["step"] for look in desk.document("replay", str(file))["looks"]} == {0, 1, 2, 3}
    assert "Would have gone on" in desk.run("replay", str(file)).stdout
    assert desk.run("replay", str(file), "--error-percent", "0.05").exit_code == 1
    assert desk.run("replay", str(file), "--detect", "50").exit_code == 2
    assert "the recording has 4 steps, and the plan 2" in desk.run("replay", str(file), "--steps", "5,100").stderr


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "has no minute"), ("{}\n", "line 1: at"), ("nonsense\n", "line 1")],
)
def test_what_is_no_recording_is_refused(make: MakeDesk, tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "minutes.jsonl"
    file.write_text(text, encoding="utf-8")
    result = make().run("replay", str(file))
    assert result.exit_code == 2
    assert words in result.stderr


def test_a_recording_that_is_not_there_is_said(make: MakeDesk, tmp_path: Path) -> None:
    desk = make()
    assert desk.run("replay", str(tmp_path / "none")).exit_code == 2
    assert desk.run("replay", str(tmp_path), "--steps", "five").exit_code == 2
    result = desk.run("history", "dev", "--record", "r-none")
    assert result.exit_code == 2
    assert "There is no rollout 'r-none' of dev." in result.stderr


def test_several_that_are_open_go_on_in_turn(make: MakeDesk) -> None:
    desk = make()
    desk.run("start", "dev", "--once")
    desk.add(OTHER)
    assert desk.run("start", "dev", OTHER, "--once").exit_code == 4
    assert "Several rollouts of dev are open: nightly, thumbnails." in desk.run("abort", "dev").stderr
    found = desk.document("resume", "dev")
    assert {each["rollout"]["ending"] for each in found["rollouts"]} == {"promoted"}
    assert desk.shares() == desk.shares(OTHER) == {"2": 1}


def test_what_a_stack_says_is_read_and_that_of_another_version_is_refused(make: MakeDesk) -> None:
    target = make().stack.before[SERVICE]
    assert targets_of({SERVICE: json.loads(target.model_dump_json(by_alias=True))}) == {SERVICE: target}
    with pytest.raises(Exception, match="of another version of Onramp"):
        targets_of({SERVICE: {"driver": "alias"}})


def test_what_belongs_to_a_service_is_its_component_and_all_below_it() -> None:
    def resource(kind: str, name: str, parent: str = "") -> dict[str, str]:
        return {"urn": f"urn:pulumi:dev::onramp::{kind}::{name}", "type": kind, "parent": parent}

    component = resource("onramp:compute:Function", SERVICE)
    role = resource("aws:iam/role:Role", f"{SERVICE}-role", component["urn"])
    policy = resource("aws:iam/rolePolicy:RolePolicy", f"{SERVICE}-policy", role["urn"])
    others = [resource("onramp:compute:Function", "other"), resource("aws:sns/topic:Topic", SERVICE)]
    found = urns_of(SERVICE, [component, *others, role, policy])
    assert found == [component["urn"], role["urn"], policy["urn"]]
    assert urns_of("none", [component]) == []


def test_the_least_that_a_role_has_to_be_allowed(make: MakeDesk) -> None:
    result = make(topic="arn:aws:sns:eu-west-1:111122223333:dev-paging").run("permissions", "dev")
    assert result.exit_code == 0, result.output
    actions = {action for each in json.loads(result.stdout)["Statement"] for action in each["Action"]}
    assert {"lambda:UpdateAlias", "cloudwatch:GetMetricData", "sns:Publish"} <= actions

"""`status`, `hold`, `resume`, `promote` and `abort`, mostly by somebody else while a first process is at work."""

import json

import pytest

from onramp.exits import EngineError
from simulator.world.faults import Killed
from simulator.world.traffic import Quality, constant, recorded
from tests.onramp.rollout.conftest import MakeDesk
from tests.onramp.rollout.stage import SERVICE
from tests.rollouts.stages import BAD


def test_abort_by_somebody_else_takes_the_traffic_back_and_the_first_process_stops(make: MakeDesk) -> None:
    desk = make()
    others: list[tuple[int, str]] = []

    def abort() -> None:
        done = desk.run("abort", "dev", SERVICE, "--reason", "customers call", "--actor", "alice", "--once")
        others.append((done.exit_code, done.stdout))
        assert desk.shares() == {"1": 1}

    desk.after(3, abort)
    first = desk.run("start", "dev", SERVICE)
    assert first.exit_code == 5
    assert "alice has taken over the rollout of thumbnails" in first.stderr
    assert "`abort` at 01:13:00 UTC" in first.stderr
    assert "touched nothing since" in first.stderr
    assert desk.shares() == {"1": 1}
    assert others[0][0] == 4  # one tick is not the end of it
    last = desk.run("resume", "dev")
    assert (last.exit_code, desk.record().ending) == (1, "aborted")
    assert desk.record().reason == "customers call (alice)"


def test_abort_moves_the_weight_in_the_first_call_that_it_makes_to_aws(make: MakeDesk) -> None:
    desk = make()
    desk.run("start", "dev", "--for", "2")
    assert desk.shares() == {"1": 0.8, "2": 0.2}
    before = len(desk.world.calls)
    desk.run("abort", "dev")
    assert desk.world.calls[before].operation == "UpdateAlias"
    assert desk.world.calls[before].params["RoutingConfig"] == {"AdditionalVersionWeights": {}}


def test_abort_works_without_engine_state_project_or_a_stack_file_that_is_right(make: MakeDesk) -> None:
    desk = make()
    desk.run("start", "dev", "--for", "2")
    address = desk.document("status", "dev")["ledger"]
    desk.stack.refusal = EngineError("There is no Pulumi engine here.")
    (desk.project / "Pulumi.dev.yaml").write_text("config: {onramp:services: {thumbnails: 7}}", encoding="utf-8")
    (desk.project / "Pulumi.yaml").unlink()
    result = desk.run("abort", "dev", "--ledger", address)
    assert result.exit_code == 0, result.output
    assert desk.shares() == {"1": 1}
    assert "ABORTED" in result.stdout
    assert "Pulumi's state was not reconciled: There is no Pulumi engine here." in result.stdout


def test_abort_that_aws_refuses_is_in_the_ledger_so_that_whoever_goes_on_tries_again(make: MakeDesk) -> None:
    desk = make()
    desk.run("start", "dev", "--for", "2")
    desk.world.faults.on("expired", "lambda", times=None)
    assert desk.run("abort", "dev").exit_code == 3
    desk.world.faults.clear()
    assert desk.record().phase == "aborting"
    assert desk.run("resume", "dev").exit_code == 1
    assert desk.shares() == {"1": 1}


def test_abort_past_the_point_of_no_return_is_refused(make: MakeDesk) -> None:
    desk = make()
    desk.run("start", "dev")
    assert desk.run("abort", "dev", SERVICE).exit_code == 2
    assert desk.shares() == {"2": 1}


def test_hold_by_somebody_else_stops_the_first_process_and_takes_no_step(make: MakeDesk) -> None:
    desk = make()
    desk.after(2, lambda: desk.run("hold", "dev", "--reason", "a look at the logs", "--actor", "alice"))
    first = desk.run("start", "dev", SERVICE)
    assert first.exit_code == 5
    assert "alice has taken over" in first.stderr
    desk.world.clock.advance(30)
    assert desk.shares() == {"1": 0.8, "2": 0.2}
    status = desk.run("status", "dev").stdout
    assert "by alice for 30 min: a look at the logs" in status
    assert "at work nobody" in status
    assert f"onramp rollout resume dev {SERVICE}" in status


def test_a_schedule_watches_what_is_held_and_takes_no_step(make: MakeDesk) -> None:
    desk = make()
    desk.run("start", "dev", "--for", "2")
    assert desk.run("hold", "dev").exit_code == 0
    desk.world.clock.advance(10)
    for _ in range(3):
        result = desk.run("resume", "dev", "--keep-hold", "--for", "50")
        assert result.exit_code == 4
        assert "HELD" in result.stdout
    assert desk.shares() == {"1": 0.8, "2": 0.2}
    assert desk.run("resume", "dev", "--actor", "bob").exit_code == 0
    assert [event.kind for event in desk.events()].count("resumed") == 1


def test_a_version_that_is_held_and_turns_out_bad_is_taken_back_by_the_schedule(make: MakeDesk) -> None:
    desk = make(BAD)
    desk.run("start", "dev", "--for", "1")
    desk.run("hold", "dev")
    desk.world.clock.advance(10)
    assert desk.run("resume", "dev", "--keep-hold").exit_code == 1
    assert desk.shares() == {"1": 1}


def test_hold_before_the_first_step_keeps_all_traffic_away(make: MakeDesk) -> None:
    desk = make()
    desk.run("start", "dev", "--once")
    desk.run("hold", "dev")
    for _ in range(4):
        desk.run("resume", "dev", "--keep-hold", "--for", "5")
    assert desk.shares() == {"1": 1}
    assert desk.run("resume", "dev").exit_code == 0


def test_a_deadline_that_holds_says_so_and_a_person_decides(make: MakeDesk) -> None:
    gates = {"deadlineMinutes": 30, "onDeadline": "hold"}
    desk = make(script=recorded([*[3000] * 72, *[0] * 1000]), gates=gates)
    first = desk.run("start", "dev")
    assert first.exit_code == 4
    assert "HELD" in first.stdout
    assert "undecided after 30 minutes" in first.stdout
    promoted = desk.run("promote", "dev", "--full", "--once", "--actor", "alice")
    assert promoted.exit_code == 4
    assert desk.run("resume", "dev", "--for", "5").exit_code == 4
    assert desk.shares() == {"2": 1}
    assert "promote" in [event.kind for event in desk.events() if event.actor.startswith("alice")]


def test_promote_by_somebody_else_goes_on_without_the_sample(make: MakeDesk) -> None:
    desk = make(Quality(error_rate=0.003), script=constant(900))
    desk.after(4, lambda: desk.run("promote", "dev", "--once", "--actor", "alice"))
    first = desk.run("start", "dev", SERVICE)
    assert first.exit_code == 5
    assert "alice has taken over" in first.stderr
    assert "shifted" in first.stderr
    assert desk.shares() == {"2": 1}


def test_promote_without_a_step_that_is_watched_is_refused_and_gives_the_lease_back(make: MakeDesk) -> None:
    desk = make()
    desk.run("start", "dev", "--once")
    result = desk.run("promote", "dev")
    assert result.exit_code == 2
    assert "there is no step that anybody could call good" in result.stderr
    assert desk.document("status", "dev")["rollouts"][0]["lease"] is None


def test_two_at_work_are_one_too_many(make: MakeDesk) -> None:
    desk = make()
    codes: dict[str, int] = {}

    def come() -> None:
        second = desk.run("resume", "dev", SERVICE, "--once", "--actor", "bob")
        assert "me (" in second.stderr
        assert "is at work on it until" in second.stderr
        codes["second"] = second.exit_code

    desk.after(3, come)
    codes["first"] = desk.run("start", "dev", SERVICE).exit_code
    assert codes == {"first": 0, "second": 5}


def test_take_over_stops_the_first(make: MakeDesk) -> None:
    desk = make()
    desk.after(3, lambda: desk.run("resume", "dev", SERVICE, "--once", "--take-over", "--actor", "bob"))
    first = desk.run("start", "dev", SERVICE)
    assert first.exit_code == 5
    assert "bob has taken over" in first.stderr


def test_another_goes_on_with_what_a_killed_process_has_left(make: MakeDesk) -> None:
    desk = make()
    desk.after(3, lambda: desk.world.faults.on("kill-before", "lambda"))
    with pytest.raises(Killed):
        desk.run("start", "dev")
    assert desk.record().is_open
    assert desk.run("resume", "dev").exit_code == 0
    assert desk.shares() == {"2": 1}


@pytest.mark.parametrize("command", ["hold", "promote", "abort"])
def test_without_an_open_rollout_there_is_nothing_to_do_it_to(make: MakeDesk, command: str) -> None:
    desk = make()
    result = desk.run(command, "dev", "thumbnail")
    assert result.exit_code == 2
    assert "There is no open rollout of dev thumbnail." in result.stderr
    assert desk.writes() == []


def test_resume_of_a_stack_with_nothing_open_is_fine(make: MakeDesk) -> None:
    desk = make()
    result = desk.run("resume", "dev")
    assert result.exit_code == 0
    assert "nothing to go on with" in result.stdout
    assert json.loads(desk.run("resume", "dev", "--json").stdout) == {"rollouts": []}


def test_status_while_it_goes_on_says_where_it_is_and_who_is_at_work(make: MakeDesk) -> None:
    desk = make()
    seen: list[str] = []
    desk.after(4, lambda: seen.append(desk.run("status", "dev").stdout))
    assert desk.run("start", "dev").exit_code == 0
    assert "step 1 of 2: 20 % of the traffic on version 2" in seen[0]
    assert "at work me, until" in seen[0]
    assert "onramp rollout abort dev thumbnails" in seen[0]


def test_status_of_a_service_that_never_had_one_is_said(make: MakeDesk) -> None:
    desk = make()
    assert desk.run("status", "dev").exit_code == 0
    assert desk.run("status", "dev", SERVICE).exit_code == 2

"""`plan` and `start`: a good version goes live, a bad one comes back, and what cannot work is refused untouched."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from onramp.exits import EngineError, LockedError
from rollouts.control import begin
from rollouts.errors import NotBuilt
from simulator.world.faults import Kind
from simulator.world.traffic import Quality, constant
from stacks.targets import AliasTarget
from tests.onramp.conftest import services
from tests.onramp.rollout.conftest import MakeDesk
from tests.onramp.rollout.stage import IMAGE, OTHER, REPOSITORY, SERVICE, Desk, push
from tests.rollouts.stages import BAD, GOOD


def refused(desk: Desk, *words: str, service: str = SERVICE) -> str:
    """`start` ends with 2 and says these words; neither AWS nor the stack nor the ledger was touched."""
    before = len(desk.events()), desk.shares()
    result = desk.run("start", "dev", service)
    assert result.exit_code == 2, result.output
    for each in words:
        assert each in result.stderr
    assert "Traceback" not in result.output
    assert result.stdout == ""
    assert (len(desk.events()), desk.shares()) == before
    assert desk.writes() == []
    assert "build" not in desk.stack.asked
    return result.stderr


def test_a_good_version_goes_live_step_by_step(make: MakeDesk) -> None:
    desk = make(steps=(5, 25, 50, 100))
    result = desk.run("start", "dev", SERVICE)
    assert result.exit_code == 0, result.output
    assert desk.shares() == {"2": 1}
    assert desk.stack.asked == ["targets", "build", f"reconcile {SERVICE}"]
    shifted = [event.data["weight"] for event in desk.events() if event.kind == "shifted"]
    assert shifted == [5, 25, 50, 100]
    assert "PROMOTED" in result.stdout
    assert "version 2 is live and verified; before it was version 1" in result.stdout
    for weight in ("5 %", "25 %", "50 %", "100 %"):
        assert f"{weight} of the traffic on version 2" in result.stderr


def test_a_bad_version_is_taken_back_and_the_end_says_why(make: MakeDesk) -> None:
    desk = make(BAD)
    result = desk.run("start", "dev", SERVICE)
    assert result.exit_code == 1
    assert desk.shares() == {"1": 1}
    assert "ABORTED" in result.stdout
    assert desk.record().reason in result.stdout
    assert "5xx: worse: of the new version" in result.stdout
    assert f"onramp rollout history dev {SERVICE} --record {desk.record().id}" in result.stdout


@pytest.mark.parametrize("command", ["plan", "start"])
def test_a_version_that_was_taken_back_may_be_tried_again_and_that_is_said(make: MakeDesk, command: str) -> None:
    desk = make(BAD)
    assert "was taken back before" not in desk.run("start", "dev", SERVICE).stderr
    first = desk.record()
    desk.stack.before = desk.stack.after  # as it was built last
    desk.world.traffic.behave(f"{SERVICE}:2", GOOD)

    result = desk.run(command, "dev", SERVICE)

    assert result.exit_code == 0, result.output
    said = " ".join((result.stderr if command == "start" else result.stdout).split())
    assert f"note version 2 was taken back before, by {first.id} (me) at 2026-01-01 " in said
    assert f" UTC: {first.reason}" in said
    assert desk.shares() == ({"2": 1} if command == "start" else {"1": 1})


def test_a_mended_version_was_never_taken_back(make: MakeDesk) -> None:
    desk = make(BAD)
    desk.run("start", "dev", SERVICE)

    assert "was taken back before" not in desk.run("plan", "dev", SERVICE).stdout


def test_a_version_that_is_live_already_is_nothing_to_do(make: MakeDesk) -> None:
    desk = make()
    desk.stack.after = desk.stack.before
    result = desk.run("start", "dev", SERVICE)
    assert result.exit_code == 0
    assert "NOTHING TO DO" in result.stdout
    assert desk.writes() == []


def test_what_runs_in_the_end_is_not_what_was_asked_for(make: MakeDesk) -> None:
    desk = make(steps=(100,))

    def somebody_else() -> None:
        if desk.record().phase == "verifying":
            desk.world.lambda_.set_alias(SERVICE, "live", "1", {})
        else:
            desk.world.clock.after(1, somebody_else)

    desk.world.clock.after(1, somebody_else)
    result = desk.run("start", "dev", SERVICE)
    assert result.exit_code == 6, result.output
    assert "ROLLED BACK" in result.stdout
    assert "1 runs, and 2 was asked for" in result.stdout


def test_time_is_up_and_another_process_goes_on(make: MakeDesk) -> None:
    desk = make()
    first = desk.run("start", "dev", SERVICE, "--for", "3")
    assert first.exit_code == 4
    assert "NOT FINISHED" in first.stdout
    assert f"onramp rollout resume dev {SERVICE}" in first.stdout
    assert desk.record().is_open
    second = desk.run("resume", "dev")  # its lease was given back: nobody has to wait
    assert second.exit_code == 0, second.output
    assert desk.shares() == {"2": 1}


def test_one_tick_at_a_time_gets_there_too(make: MakeDesk) -> None:
    desk = make()
    codes = [desk.run("start", "dev", SERVICE, "--once").exit_code]
    while codes[-1] == 4:
        desk.world.clock.sleep(60)
        codes.append(desk.run("resume", "dev", SERVICE, "--once").exit_code)
    assert codes[-1] == 0
    assert len(codes) > 5
    assert desk.shares() == {"2": 1}


@pytest.mark.parametrize("by", ["ctrl-c", "sigterm"])
def test_a_stop_gives_the_lease_back_and_says_how_to_go_on(make: MakeDesk, by: str) -> None:
    desk = make()

    def stop() -> None:
        if by == "ctrl-c":
            raise KeyboardInterrupt
        os.kill(os.getpid(), signal.SIGTERM)

    desk.after(3, stop)
    former = signal.getsignal(signal.SIGTERM)
    result = desk.run("start", "dev", SERVICE)
    assert result.exit_code == 4, result.output
    assert "STOPPED" in result.stdout
    assert f"Next: onramp rollout resume dev {SERVICE}" in result.stdout
    assert signal.getsignal(signal.SIGTERM) is former
    assert desk.document("status", "dev")["rollouts"][0]["lease"] is None
    assert desk.run("resume", "dev").exit_code == 0


def test_the_rules_say_no_and_nothing_was_built(make: MakeDesk) -> None:
    desk = make()
    desk.stack.refusal = NotBuilt("the rules say no: log-retention (thumbnails): 14 days")
    result = desk.run("start", "dev", SERVICE)
    assert result.exit_code == 1
    assert "the rules say no: log-retention" in result.stdout
    assert "nothing was built and nothing was touched" in result.stdout
    assert desk.writes() == []
    assert not desk.record().is_open


@pytest.mark.parametrize(
    ("error", "code"), [(EngineError("the engine is gone"), 3), (LockedError("an update is running"), 5)]
)
def test_an_engine_that_fails_leaves_the_rollout_to_go_on_with(make: MakeDesk, error: Exception, code: int) -> None:
    desk = make()
    desk.stack.refusal = error
    result = desk.run("start", "dev", SERVICE)
    assert result.exit_code == code
    assert str(error) in result.stderr
    assert desk.record().phase == "building"
    desk.stack.refusal = None
    assert desk.run("resume", "dev").exit_code == 0


@pytest.mark.parametrize(("kind", "words"), [("expired", "log in again"), ("lost", "AWS did not answer")])
def test_aws_that_refuses_in_the_middle_is_readable_and_the_ledger_keeps_the_rollout(
    make: MakeDesk, kind: Kind, words: str
) -> None:
    desk = make()
    desk.after(3, lambda: desk.world.faults.on(kind, "lambda", times=None))
    result = desk.run("start", "dev", SERVICE)
    assert result.exit_code == 3
    assert words in result.stderr
    assert f"the ledger keeps the rollout, and onramp rollout resume dev {SERVICE} goes on" in result.stderr
    assert "Traceback" not in result.output
    desk.world.faults.clear()
    assert desk.run("resume", "dev").exit_code == 0
    assert desk.shares() == {"2": 1}


def test_a_service_that_does_not_exist_is_refused_with_what_was_meant(make: MakeDesk) -> None:
    refused(make(), "There is no service 'thumbnail' in this stack.", "did you mean `thumbnails`?", service="thumbnail")


def test_a_service_that_was_never_built_has_no_baseline(make: MakeDesk) -> None:
    refused(make(), "no live version", "onramp deploy dev", service=OTHER)


def test_which_service_must_be_said_when_there_are_several(make: MakeDesk) -> None:
    desk = make()
    desk.stack.before[OTHER] = desk.stack.before[SERVICE]
    result = desk.run("start", "dev")
    assert result.exit_code == 2
    assert f"name one of {SERVICE}, {OTHER}" in result.stderr


def test_a_rollout_that_is_open_is_refused_with_the_two_ways_out(make: MakeDesk) -> None:
    desk = make()
    desk.run("start", "dev", SERVICE, "--once")
    before, asked = len(desk.events()), len(desk.stack.asked)
    result = desk.run("start", "dev", SERVICE)
    assert result.exit_code == 2
    assert f"onramp rollout resume dev {SERVICE} goes on with it" in result.stderr
    assert f"onramp rollout abort dev {SERVICE} goes back" in result.stderr
    assert (len(desk.events()), desk.stack.asked[asked:]) == (before, ["targets"])


def test_weights_that_somebody_else_has_set_are_refused(make: MakeDesk) -> None:
    desk = make()
    desk.world.lambda_.set_alias(SERVICE, "live", "1", {"2": 0.1})
    refused(desk, "has a second version", "aws lambda update-alias")


def test_a_service_without_traffic_has_nothing_to_compare_with(make: MakeDesk) -> None:
    refused(make(script=constant(0)), "had no request in the last 60 minutes", "send it test traffic")


def test_a_first_step_that_can_never_decide_is_refused_with_one_that_can(make: MakeDesk) -> None:
    said = refused(make(script=constant(30), steps=(5, 100)), "can never decide")
    assert "a first weight of" in said or "a deadline of" in said


def test_everything_that_is_wrong_is_said_at_once(make: MakeDesk) -> None:
    desk = make(script=constant(0))
    desk.stack.before[SERVICE] = AliasTarget.model_validate(
        {**desk.stack.before[SERVICE].model_dump(by_alias=True), "alarms": ("thumbnails-errors",)}
    )
    said = refused(desk, "CloudWatch has no alarm thumbnails-errors", "had no request")
    assert said.count("\n  - ") == 2


def test_the_same_problems_are_in_the_plan_which_touches_nothing(make: MakeDesk) -> None:
    desk = make(script=constant(0))
    result = desk.run("plan", "dev", SERVICE)
    assert result.exit_code == 2
    assert "It would be refused. Nothing was touched:" in result.stdout
    assert "had no request in the last 60 minutes" in result.stdout
    assert desk.events() == []


class TestImages:
    """A service whose image is in ECR."""

    @pytest.fixture
    def desk(self, make: MakeDesk) -> Desk:
        desk = make()
        for found in (desk.stack.before, desk.stack.after):
            known = {**found[SERVICE].model_dump(by_alias=True), "repository": REPOSITORY, "image": "old"}
            found[SERVICE] = AliasTarget.model_validate(known)
        return desk

    def wants(self, desk: Desk, image: str) -> None:
        text = services(f"{SERVICE}: {{compute: lambda, package: image}}\n")
        text += f'  onramp:images: {{{SERVICE}: "{image}"}}\n'
        (desk.project / "Pulumi.dev.yaml").write_text(text, encoding="utf-8")

    @mock_aws
    def test_one_that_is_not_there_is_refused_before_anything_is_touched(self, desk: Desk) -> None:
        push("v1")
        self.wants(desk, IMAGE)
        refused(desk, f"the repository {REPOSITORY} in ECR has no image {IMAGE}", "push it")

    @mock_aws
    def test_a_repository_that_is_not_there_is_no_other_matter(self, desk: Desk) -> None:
        self.wants(desk, "v1")
        refused(desk, f"the repository {REPOSITORY} in ECR has no image v1")

    def test_none_at_all_is_refused_too(self, desk: Desk) -> None:
        refused(desk, f"names no image of {SERVICE}")

    @mock_aws
    @pytest.mark.parametrize("by", ["tag", "digest"])
    def test_one_that_is_there_goes_live(self, desk: Desk, by: str) -> None:
        digest = push("v1")
        self.wants(desk, "v1" if by == "tag" else digest)
        assert desk.run("start", "dev", SERVICE).exit_code == 0
        assert desk.shares() == {"2": 1}


def test_the_plan_says_what_when_and_why(make: MakeDesk) -> None:
    desk = make(Quality(), script=constant(3000), steps=(5, 25, 50, 100), gates={"onDeadline": "hold"})
    result = desk.run("plan", "dev", SERVICE)
    assert result.exit_code == 0
    for words in ("live is version 1", "3,000 requests a minute", "25 %", "can decide after", "5xx", "p99", " ms"):
        assert words in result.stdout
    assert "it is held until a person decides" in result.stdout
    assert "It may start. Nothing was touched." in result.stdout
    assert desk.events() == []
    assert desk.writes() == []


def test_a_terminal_gets_a_picture_that_leaves_nothing_behind(make: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = make().run("start", "dev", SERVICE)
    assert result.exit_code == 0
    assert "█" in result.stderr
    assert "needed" in result.stderr


def test_the_ledger_of_this_machine_is_where_git_does_not_look_and_said_on_stderr(
    make: MakeDesk, tmp_path: Path
) -> None:
    desk = make()
    result = desk.run("status", "dev")
    assert "only this machine sees" in result.stderr
    assert (desk.project / ".pulumi" / "onramp" / "rollouts.db").is_file()
    other = desk.run("status", "dev", "--ledger", f"sqlite://{tmp_path}/other.db")
    assert other.exit_code == 0
    assert other.stderr == ""


def test_nobody_begins_twice_at_the_same_moment(make: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = make()

    def slow(*given: Any) -> Any:
        desk.stack.asked.append("slow")
        if desk.stack.asked.count("slow") == 1:
            assert desk.run("start", "dev", SERVICE, "--once", "--actor", "alice").exit_code == 4
        return begin(*given)

    monkeypatch.setattr("rollouts.control.begin", slow)
    result = desk.run("start", "dev", SERVICE)
    assert result.exit_code == 2
    assert "started by alice" in result.stderr


def test_nothing_heavy_is_imported_before_a_command_runs() -> None:
    heavy = "{'boto3', 'botocore', 'numpy', 'pulumi', 'scipy'} & {*sys.modules}"
    code = f"import sys, onramp.cli; print(*({heavy}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own
    assert done.stdout == "\n"

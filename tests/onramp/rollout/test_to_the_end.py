"""`start --to-the-end` and `check`, as a pipeline runs them: green only when what was asked for is live."""

from collections.abc import Callable
from typing import Final

import pytest

from onramp.exits import EngineError, LockedError
from rollouts.errors import NotBuilt
from rollouts.record import Rollout
from stacks.targets import AliasTarget
from tests.onramp.conftest import services
from tests.onramp.rollout.conftest import MakeDesk
from tests.onramp.rollout.stage import SERVICE, Desk
from tests.rollouts.stages import BAD, GOOD

START: Final = ("start", "dev", SERVICE, "--to-the-end", "--actor", "codepipeline/dev-thumbnails")
FORMER: Final = "sha256:" + "1" * 64
NEXT: Final = "sha256:" + "2" * 64


def builds_again(desk: Desk, version: str, *, code: str) -> None:
    """Put a former version back: AWS gives what runs already another number."""
    function = desk.world.lambda_._functions[SERVICE]  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - what is deployed
    published = function.publish(code=code)
    desk.world.traffic.behave(f"{SERVICE}:{published}", GOOD)
    assert published == version
    target = desk.stack.after[SERVICE]
    assert isinstance(target, AliasTarget)
    desk.stack.after = {SERVICE: target.model_copy(update={"revision": version})}


def ledger_kinds(desk: Desk) -> list[str]:
    return [event.kind for event in desk.events()]


def test_a_good_version_is_live_and_verified_when_it_ends(make: MakeDesk) -> None:
    desk = make()
    result = desk.run(*START)
    assert result.exit_code == 0, result.output
    assert "PROMOTED" in result.stdout
    assert desk.shares() == {"2": 1}
    assert desk.record().actor == "codepipeline/dev-thumbnails"


def test_a_bad_version_fails_it(make: MakeDesk) -> None:
    desk = make(BAD)
    assert desk.run(*START).exit_code == 1
    assert desk.shares() == {"1": 1}


def test_the_former_version_once_more_is_live_already(make: MakeDesk) -> None:
    desk = make(BAD)
    assert desk.run(*START).exit_code == 1
    builds_again(desk, "3", code="1")
    shifts = ledger_kinds(desk).count("shifted")

    result = desk.run(*START)

    assert result.exit_code == 0, result.output
    assert ledger_kinds(desk).count("shifted") == shifts
    assert desk.shares() == {"1": 1}


def test_the_former_version_is_live_already_also_while_the_alarm_of_the_bad_one_still_fires(make: MakeDesk) -> None:
    desk = make()
    with_alarm(desk)
    builds_again(desk, "3", code="1")

    result = desk.run(*START)

    assert result.exit_code == 0, result.output
    assert "live already (1)" in result.stdout
    assert desk.stack.asked.count("build") == 1
    assert desk.events() == []


def test_another_version_is_refused_while_an_alarm_fires(make: MakeDesk) -> None:
    desk = make()
    with_alarm(desk)
    result = desk.run(*START)
    assert result.exit_code == 2
    assert "in ALARM already" in result.stderr
    assert desk.shares() == {"1": 1}


def with_alarm(desk: Desk) -> None:
    desk.world.alarms.add("errors")
    desk.world.alarms.hold("errors", "ALARM")
    for found in (desk.stack.before, desk.stack.after):
        found[SERVICE] = found[SERVICE].model_copy(update={"alarms": ("errors",)})


def test_the_first_version_has_nothing_beside_which_it_could_go_in_steps(make: MakeDesk) -> None:
    desk = make()
    desk.stack.before = {}
    desk.world.lambda_.set_alias(SERVICE, "live", "2", {})
    result = desk.run(*START)
    assert result.exit_code == 0, result.output
    assert "the first version is live (2)" in result.stdout
    assert desk.events() == []


def test_a_first_version_that_does_not_come_up_fails_it(make: MakeDesk) -> None:
    desk = make()
    desk.stack.before = {}
    result = desk.run(*START)
    assert result.exit_code == 3
    assert "2 is not what runs" in result.stderr


def test_a_candidate_that_the_update_of_another_service_has_built_is_rolled_out(make: MakeDesk) -> None:
    desk = make()
    desk.stack.before = desk.stack.after
    assert desk.run(*START).exit_code == 0
    assert desk.shares() == {"2": 1}


def test_a_build_that_was_killed_is_gone_on_with(make: MakeDesk) -> None:
    desk = make()
    assert desk.run("start", "dev", SERVICE, "--for", "3").exit_code == 4
    result = desk.run(*START)
    assert result.exit_code == 0, result.output
    assert desk.shares() == {"2": 1}
    assert ledger_kinds(desk).count("started") == 1
    assert desk.stack.asked.count("build") == 2  # the second one is where the pack would refuse another version


def test_one_that_was_killed_before_its_candidate_was_built_is_built_now(make: MakeDesk) -> None:
    desk = make()
    desk.stack.refusal = EngineError("the engine is gone")
    assert desk.run(*START).exit_code == 3
    assert (desk.record().phase, desk.stack.asked.count("build")) == ("building", 1)
    desk.stack.refusal = None
    assert desk.run(*START).exit_code == 0
    assert desk.shares() == {"2": 1}


def test_an_open_rollout_of_another_version_is_left_alone(make: MakeDesk) -> None:
    desk = make()
    assert desk.run("start", "dev", SERVICE, "--for", "3").exit_code == 4
    before = desk.record()
    desk.stack.refusal = NotBuilt("the rules say no: open-rollout-undisturbed")
    result = desk.run(*START)
    assert result.exit_code == 2
    assert f"{before.id} of another version is open" in result.stderr
    assert f"onramp rollout abort dev {SERVICE}" in result.stderr
    assert desk.record() == before


def test_what_the_rules_refuse_is_not_built_and_fails_it(make: MakeDesk) -> None:
    desk = make()
    desk.stack.refusal = NotBuilt("the rules say no")
    assert desk.run(*START).exit_code == 1
    assert desk.shares() == {"1": 1}


def test_a_locked_stack_is_waited_for(make: MakeDesk) -> None:
    desk = make()
    desk.stack.refusal = LockedError("b is at work")
    desk.after(3, lambda: setattr(desk.stack, "refusal", None))
    result = desk.run(*START)
    assert result.exit_code == 0, result.output
    assert "waiting: b is at work" in result.stderr
    assert ledger_kinds(desk).count("started") == 1


def test_while_somebody_holds_it_it_waits_and_watches(make: MakeDesk) -> None:
    desk = make()
    desk.after(2, lambda: desk.run("hold", "dev", SERVICE, "--reason", "lunch", "--actor", "ada"))
    desk.after(30, lambda: desk.run("resume", "dev", SERVICE, "--once", "--actor", "ada"))
    result = desk.run(*START)
    assert result.exit_code == 0, result.output
    assert result.stderr.count("held by ada: lunch") == 1
    assert f"onramp rollout resume dev {SERVICE} goes on with it" in result.stderr
    looks = [event.at for event in desk.events() if event.kind == "look"]
    held, resumed = (next(event.at for event in desk.events() if event.kind == kind) for kind in ("held", "resumed"))
    assert [each for each in looks if held < each < resumed]


def test_a_held_version_that_turns_out_bad_fails_it(make: MakeDesk) -> None:
    desk = make(BAD, steps=(5, 100))
    desk.after(2, lambda: desk.run("hold", "dev", SERVICE, "--actor", "ada"))
    assert desk.run(*START).exit_code == 1
    assert "resumed" not in ledger_kinds(desk)
    assert desk.shares() == {"1": 1}


def test_it_ends_as_whoever_took_it_over_has_ended_it(make: MakeDesk) -> None:
    desk = make()
    desk.after(3, lambda: desk.run("abort", "dev", SERVICE, "--actor", "ada"))
    result = desk.run(*START)
    assert result.exit_code == 1, result.output
    assert ledger_kinds(desk).count("started") == 1
    assert desk.shares() == {"1": 1}


@pytest.mark.parametrize("is_held", [True, False])
def test_when_the_time_is_over_it_fails_and_says_how_to_go_on(make: MakeDesk, is_held: bool) -> None:  # noqa: FBT001 - a case
    desk = make()
    if is_held:
        desk.after(2, lambda: desk.run("hold", "dev", SERVICE, "--actor", "ada"))
    result = desk.run(*START, "--for", "4")
    assert result.exit_code == 4, result.output
    assert ("HELD" if is_held else "NOT FINISHED") in result.stdout
    assert f"onramp rollout resume dev {SERVICE}" in result.stdout
    assert desk.record().is_open


def test_a_passing_trouble_is_tried_again(make: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = make()
    fails = trouble(monkeypatch, times=3)
    result = desk.run(*START)
    assert result.exit_code == 0, result.output
    assert fails() == 0
    assert result.stderr.count("again in a minute: AWS is away") == 3


def test_a_trouble_that_does_not_pass_fails_it_and_keeps_the_rollout(
    make: MakeDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make()
    trouble(monkeypatch, times=5)
    result = desk.run(*START)
    assert result.exit_code == 3
    assert "AWS is away" in result.stderr
    assert desk.record().is_open


def trouble(monkeypatch: pytest.MonkeyPatch, *, times: int) -> Callable[[], int]:
    """The first `times` times that somebody goes on, it fails; returns what is left of them."""
    from onramp.rolling import doing

    usual, left = doing.resume, [times]

    def resume(*arguments: object, **options: object) -> doing.Outcome:
        if left[0]:
            left[0] -= 1
            raise EngineError("AWS is away")
        return usual(*arguments, **options)  # pyright: ignore[reportArgumentType] - passed on as they are

    monkeypatch.setattr(doing, "resume", resume)
    return lambda: left[0]


def test_it_is_for_one_service(make: MakeDesk) -> None:
    result = make().run("start", "dev", "--to-the-end")
    assert result.exit_code == 2
    assert "Which service" in result.stderr


def test_json_has_a_note_when_there_is_nothing_to_roll_out(make: MakeDesk) -> None:
    desk = make()
    with_alarm(desk)
    desk.stack.after = {**desk.stack.before}
    found = desk.document(*START)
    assert (found["ok"], found["rollout"]) == (True, None)
    assert "live already" in found["note"]


def naming(desk: Desk, image: str) -> None:
    """The stack file names an image of the service."""
    text = services(f"{SERVICE}: {{compute: lambda, package: image}}\n")
    text = text.replace("  onramp:services:", f"  onramp:images: {{{SERVICE}: '{image}'}}\n  onramp:services:")
    (desk.project / "Pulumi.dev.yaml").write_text(text, encoding="utf-8")


def half_way(desk: Desk) -> Rollout:
    assert desk.run("start", "dev", SERVICE, "--for", "3").exit_code == 4
    return desk.record()


def test_while_nothing_is_open_the_stack_file_may_name_anything(make: MakeDesk) -> None:
    assert make().run("check", "dev", SERVICE, NEXT).exit_code == 0


def test_while_a_rollout_is_open_the_stack_file_goes_on_naming_it(make: MakeDesk) -> None:
    desk = make()
    rollout = half_way(desk)
    naming(desk, NEXT)
    assert desk.run("check", "dev", SERVICE, NEXT).exit_code == 0
    refused = desk.run("check", "dev", SERVICE, FORMER)
    assert refused.exit_code == 2
    assert f"{rollout.id} of {NEXT} is open, and {FORMER} is another version" in refused.stderr
    assert f"onramp rollout abort dev {SERVICE} goes back" in refused.stderr

"""A way back that AWS does not go: what people and programs see of it."""

from collections.abc import Iterator
from typing import Final

import pytest
from moto import mock_aws

from onramp.exits import Exit
from onramp.rolling.doing import worst_of
from rollouts.driver import Ready
from rollouts.drivers.alias import AliasDriver
from simulator.world.api import REGION
from tests.onramp.rollout.conftest import MakeDesk
from tests.onramp.rollout.stage import OTHER, SERVICE
from tests.rollouts.stages import BAD

TOPIC: Final = f"arn:aws:sns:{REGION}:123456789012:rollouts"
WAITS: Final = "the old tasks are starting"


@pytest.fixture(autouse=True)
def _moto() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    with mock_aws():
        yield


def not_yet(_: AliasDriver) -> Ready:
    return Ready(done=False, because=WAITS)


@pytest.fixture
def never_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """No way back of a function gets steady."""
    monkeypatch.setattr(AliasDriver, "restore", not_yet)


@pytest.mark.usefixtures("never_back")
def test_it_ends_the_command_with_3_and_is_said_once_by_every_way(make: MakeDesk) -> None:
    desk = make(BAD, topic=TOPIC)
    desk.world.client("sns").create_topic(Name="rollouts")
    first = desk.run("start", "dev")
    assert first.exit_code == Exit.ENGINE_FAILED
    assert f"STUCK after 30 minutes: {WAITS}; tried again at each look" in first.stderr
    assert "STUCK" in first.stdout
    assert f"waits for {WAITS}" in first.stdout
    again = desk.run("resume", "dev", "--keep-hold", "--for", "50")
    assert again.exit_code == Exit.ENGINE_FAILED
    told = [call.params for call in desk.world.calls if call.operation == "Publish"]
    stuck = [each for each in told if each["MessageAttributes"]["kind"]["StringValue"] == "stuck"]
    assert [each["Subject"] for each in stuck] == [f"dev/{SERVICE}: STUCK"]
    assert f"why: after 30 minutes: {WAITS}" in stuck[0]["Message"]
    assert f"next: onramp rollout resume dev {SERVICE}  (ask AWS again" in stuck[0]["Message"]


@pytest.mark.usefixtures("never_back")
def test_status_says_since_when_and_what_it_waits_for(make: MakeDesk) -> None:
    desk = make(BAD)
    desk.run("start", "dev")
    since = desk.record().stuck_since
    assert since is not None
    shown = desk.run("status", "dev").stdout
    assert f"STUCK since {since:%Y-%m-%d %H:%M} UTC" in shown
    assert f"waits   {WAITS}" in shown
    found = desk.document("status", "dev")["rollouts"][0]
    assert (found["stuckSince"], found["waits"]) == (since.isoformat(timespec="seconds"), WAITS)


def test_resume_tries_again_and_brings_it_to_its_end(make: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(AliasDriver, "restore", not_yet)
        desk = make(BAD)
        assert desk.run("start", "dev").exit_code == Exit.ENGINE_FAILED
    assert desk.run("resume", "dev").exit_code == Exit.RULES_SAY_NO
    assert desk.shares() == {"1": 1}


@pytest.mark.usefixtures("never_back")
def test_one_that_is_stuck_is_not_hidden_by_one_that_goes_on(make: MakeDesk) -> None:
    desk = make(BAD)
    desk.run("start", "dev")
    desk.add(OTHER)
    desk.run("start", "dev", OTHER, "--for", "2")
    desk.run("hold", "dev", OTHER, "--reason", "a look")
    assert desk.run("resume", "dev", "--keep-hold", "--for", "10").exit_code == Exit.ENGINE_FAILED


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ((), Exit.FINE),
        ((Exit.FINE, Exit.HELD), Exit.HELD),
        ((Exit.HELD, Exit.LOCKED), Exit.LOCKED),
        ((Exit.HELD, Exit.RULES_SAY_NO), Exit.RULES_SAY_NO),
        ((Exit.LOCKED, Exit.ENGINE_FAILED), Exit.ENGINE_FAILED),
        ((Exit.ROLLED_BACK, Exit.ENGINE_FAILED), Exit.ROLLED_BACK),
    ],
)
def test_of_several_the_worst_code_is_one_that_needs_somebody(codes: tuple[Exit, ...], worst: Exit) -> None:
    assert worst_of(codes) is worst

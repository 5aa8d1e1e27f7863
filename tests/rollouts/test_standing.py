"""What the program learns of open rollouts, from the ledger that whoever rolls out writes."""

from pathlib import Path
from typing import Final

import pytest
from moto import mock_aws

from rollouts.clock import WallClock
from rollouts.ledger import Happening, Key, Ledger, open_ledger
from rollouts.place import FILE, LEDGER_VARIABLE, NO_LEDGER
from rollouts.record import Rollout
from rollouts.standing import LedgerSilent, standing
from stacks.load import Stack, load_stack_file
from stacks.standing import Standing
from tests.onramp.conftest import FUNCTION, services
from tests.rollouts.ledger.places import TABLE, Account
from tests.rollouts.stage import START
from tests.rollouts.stages import alias_stage

STACK: Final = "dev"
SERVICE: Final = "thumbnails"


def loaded(folder: Path, *, ledger: str = "") -> Stack:
    text = services(f"{SERVICE}: {{{FUNCTION}}}\n")
    if ledger:
        text = text.replace("    tier:", f"    ledger: {ledger}\n    tier:", 1)
    (folder / f"Pulumi.{STACK}.yaml").write_text(text, encoding="utf-8")
    return load_stack_file(folder / f"Pulumi.{STACK}.yaml")


def record(**changes: object) -> Rollout:
    target = alias_stage().target
    begun = Rollout(
        id="r-1",
        stack=STACK,
        service=SERVICE,
        actor="ann",
        started_at=START,
        target=target,
        live="1",
        candidate="2",
        steps=(),
        phase="stepping",
        phase_at=START,
        weight=20.0,
    )
    return begun.but(**changes)


def write(address: str, *rollouts: Rollout) -> None:
    ledger = open_ledger(address, WallClock())
    for rollout in rollouts:
        key = Key(stack=rollout.stack, service=rollout.service)
        lease = ledger.acquire(key, "ann", 60, START)
        happened = Happening(at=START, kind="started", rollout=rollout.id, data={})
        ledger.write(lease, 0, rollout.document, (happened,))


@pytest.fixture(autouse=True)
def _nothing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    monkeypatch.delenv(LEDGER_VARIABLE)


def ids(found: Standing) -> list[str]:
    return [each.id for each in found.rollouts]


def test_without_a_ledger_nothing_is_asked_and_nothing_is_made(tmp_path: Path) -> None:
    assert standing(tmp_path, loaded(tmp_path), must_know=True) == Standing()
    assert [path.name for path in tmp_path.iterdir()] == [f"Pulumi.{STACK}.yaml"]


def test_the_file_to_try_rollouts_with_is_read_when_it_is_there(tmp_path: Path) -> None:
    (tmp_path / FILE).parent.mkdir(parents=True)
    write(f"sqlite://{tmp_path / FILE}", record())

    (found,) = standing(tmp_path, loaded(tmp_path), must_know=True).rollouts

    assert (found.service, found.phase, found.live, found.candidate, found.weight) == (
        SERVICE,
        "stepping",
        "1",
        "2",
        20,
    )
    assert (found.actor, found.since, found.target) == ("ann", "2026-01-01T00:00:00+00:00", record().target)


def test_what_has_ended_and_what_is_another_stacks_is_not_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"sqlite://{tmp_path / 'ledger.db'}"
    write(address, record(), record(service="done", phase="ended"), record(stack="prod", id="r-2"))
    monkeypatch.setenv(LEDGER_VARIABLE, address)

    assert ids(standing(tmp_path, loaded(tmp_path), must_know=True)) == ["r-1"]


def test_what_was_taken_back_is_known_of_services_without_an_open_rollout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = {"phase": "ended", "ended_at": START}
    address = f"sqlite://{tmp_path / 'ledger.db'}"
    write(
        address,
        record(),
        record(service="bad", ending="aborted", reason="5xx: worse", **over),
        record(service="gone", ending="rolled-back", **over),
        record(service="good", ending="promoted", **over),
        record(service="same", ending=None, **over),
        record(stack="prod", ending="aborted", **over),
    )
    monkeypatch.setenv(LEDGER_VARIABLE, address)

    found = standing(tmp_path, loaded(tmp_path), must_know=True)

    assert ids(found) == ["r-1"]
    assert [each.service for each in found.taken_back] == ["bad", "gone"]
    assert (found.taken_back[0].why, found.taken_back[0].ended) == ("5xx: worse", "2026-01-01T00:00:00+00:00")


@mock_aws
def test_a_table_is_asked_once_for_all_services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    credentials(monkeypatch)
    account = Account()
    ledger = Ledger(account.store())
    for service in ("bad", "worse"):
        lease = ledger.acquire(Key(stack=STACK, service=service), "ann", 60, START)
        ended = record(service=service, phase="ended", ending="aborted", ended_at=START)
        ledger.write(lease, 0, ended.document, ())
    before = len(account.operations())

    def opened(*_: object) -> Ledger:
        return ledger

    monkeypatch.setattr("rollouts.ledger.open_ledger", opened)
    monkeypatch.setenv(LEDGER_VARIABLE, f"dynamodb://{TABLE}?region=us-east-1")

    found = standing(tmp_path, loaded(tmp_path), must_know=True)

    assert [each.service for each in found.taken_back] == ["bad", "worse"]
    assert account.operations()[before:] == ["Query"]


def test_a_file_that_is_named_and_not_there_is_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LEDGER_VARIABLE, f"sqlite://{tmp_path / 'ledger.db'}")

    assert standing(tmp_path, loaded(tmp_path), must_know=True) == Standing()
    assert not (tmp_path / "ledger.db").exists()


def test_who_says_none_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LEDGER_VARIABLE, NO_LEDGER)

    assert standing(tmp_path, loaded(tmp_path, ledger="dynamodb"), must_know=True) == Standing()


@mock_aws
def test_before_its_first_update_a_stack_has_no_table_and_nothing_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials(monkeypatch)

    assert standing(tmp_path, loaded(tmp_path, ledger="dynamodb"), must_know=True) == Standing()


def test_without_credentials_a_preview_says_that_nobody_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_credentials(monkeypatch)

    found = standing(tmp_path, loaded(tmp_path, ledger="dynamodb"), must_know=False)

    assert found.rollouts == ()
    assert found.unknown.startswith("the ledger dynamodb://dev-rollouts?region=eu-west-1 does not answer: ")
    assert "Unable to locate credentials" in found.unknown


def test_without_credentials_an_update_stops_and_says_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    no_credentials(monkeypatch)

    with pytest.raises(LedgerSilent, match=rf"fix: log in .*, set {LEDGER_VARIABLE}={NO_LEDGER} for this update$"):
        standing(tmp_path, loaded(tmp_path, ledger="dynamodb"), must_know=True)


def test_a_ledger_of_another_version_is_one_that_nobody_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"sqlite://{tmp_path / 'ledger.db'}"
    ledger = open_ledger(address, WallClock())
    lease = ledger.acquire(Key(stack=STACK, service=SERVICE), "ann", 60, START)
    ledger.write(lease, 0, '{"id": "r-9", "of": "the future"}', ())
    monkeypatch.setenv(LEDGER_VARIABLE, address)

    assert "does not answer" in standing(tmp_path, loaded(tmp_path), must_know=False).unknown


def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")

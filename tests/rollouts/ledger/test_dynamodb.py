"""DynamoDB as it is met on a bad day: lost answers, throttling, requests that arrive twice, pages."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError
from moto import mock_aws

from rollouts.aws import ATTEMPTS
from rollouts.errors import Locked, Refused
from rollouts.ledger import Happening, Key, Lease, Ledger
from simulator.world.faults import Killed, Kind
from tests.rollouts.ledger.places import KEY, START, TABLE, Account

WRITE = "dynamodb.TransactWriteItems"
LOOK = Happening(at=START, kind="look", rollout="r1")
LARGE = 300_000
"""Characters, so that four are more than a page (1 MB)."""


def begun(account: Account) -> tuple[Ledger, Lease]:
    ledger = Ledger(account.store())
    lease = ledger.acquire(KEY, "me", 60, START)
    ledger.write(lease, 0, "{}", (LOOK,))
    return ledger, lease


def seqs(ledger: Ledger) -> list[int]:
    return [event.seq for event in ledger.events(KEY, None, 100)]


@pytest.mark.parametrize("kind", ["lost", "repeated", "throttle", "unavailable"])
def test_what_passes_is_asked_again_and_has_its_effect_once(account: Account, kind: Kind) -> None:
    ledger, lease = begun(account)
    account.faults.on(kind, WRITE)
    assert ledger.write(lease, 1, "new", (LOOK,)).version == 2
    assert seqs(ledger) == [1, 2]


@pytest.mark.parametrize("kind", ["lost", "repeated", "throttle", "unavailable"])
def test_every_operation_survives_what_passes(account: Account, kind: Kind) -> None:
    for operation in ("GetItem", "Query", "TransactWriteItems"):
        account.faults.on(kind, f"dynamodb.{operation}", times=2)
    ledger, lease = begun(account)
    ledger.release(ledger.renew(lease, START))
    assert seqs(ledger) == [1]
    assert [entry.version for entry in ledger.entries("prod")] == [1]


@pytest.mark.parametrize("nth", range(1, ATTEMPTS + 1))
def test_a_write_whose_every_answer_is_lost_is_there_once(account: Account, nth: int) -> None:
    ledger, lease = begun(account)
    account.faults.on("lost", WRITE, times=nth)
    account.faults.on("throttle", WRITE, times=None)
    with pytest.raises((ReadTimeoutError, ClientError)):
        ledger.write(lease, 1, "new", (LOOK,))
    account.faults.clear()
    assert ledger.write(lease, 1, "new", (LOOK,)).version == 2
    assert seqs(ledger) == [1, 2]


def test_an_acquisition_whose_answer_was_lost_is_mine(account: Account) -> None:
    account.faults.on("lost", WRITE)
    ledger = Ledger(account.store())
    lease = ledger.acquire(KEY, "me", 60, START)
    with pytest.raises(Locked):
        ledger.acquire(KEY, "you", 60, START)
    assert ledger.write(lease, 0, "{}", ()).version == 1


def test_waiting_goes_by_the_clock_of_the_rollout(account: Account) -> None:
    ledger, lease = begun(account)
    account.faults.on("throttle", WRITE, times=2)
    ledger.write(lease, 1, "new", ())
    assert account.clock.now() > START


def test_expired_credentials_are_no_passing_matter(account: Account) -> None:
    ledger, lease = begun(account)
    account.faults.on("expired", WRITE, times=None)
    before = len(account.operations())
    with pytest.raises(ClientError, match="ExpiredToken"):
        ledger.write(lease, 1, "new", ())
    assert account.operations()[before:] == ["GetItem", "TransactWriteItems"]


@pytest.mark.parametrize("kind", ["kill-before", "kill-after"])
def test_a_kill_at_any_call_leaves_the_old_or_the_new(account: Account, kind: Kind) -> None:
    ledger, lease = begun(account)
    for number in range(1, 3):
        version = len(seqs(ledger))
        account.faults.on(kind, "", nth=number)
        with pytest.raises(Killed):
            ledger.write(lease, version, f"after {number}", (LOOK,))
        entry = ledger.read(KEY)
        assert entry is not None
        assert entry.version == len(seqs(ledger))
        assert (entry.version, entry.state) in {(version, "{}"), (version + 1, f"after {number}")}


@pytest.mark.parametrize("code", ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"])
def test_a_transaction_that_met_another_is_asked_again(
    account: Account, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    ledger, lease = begun(account)
    in_progress = ClientError({"Error": {"Code": "TransactionInProgressException"}}, "TransactWriteItems")
    send, answers = account.client.transact_write_items, [cancelled(code, "None"), in_progress]

    def meet(**parameters: Any) -> Any:
        if answers:
            raise answers.pop()
        return send(**parameters)

    monkeypatch.setattr(account.client, "transact_write_items", meet)
    assert ledger.write(lease, 1, "new", (LOOK,)).version == 2
    assert answers == []


def test_a_transaction_cancelled_for_good_is_passed_on(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, lease = begun(account)
    calls: list[str] = []

    def refuse(**parameters: Any) -> None:
        calls.append(parameters["ClientRequestToken"])
        raise cancelled("ValidationError", "TransactionConflict")

    monkeypatch.setattr(account.client, "transact_write_items", refuse)
    with pytest.raises(ClientError, match="TransactionCanceled"):
        ledger.write(lease, 1, "new", (LOOK,))
    assert len(calls) == 1


def test_all_attempts_of_a_transaction_have_one_token(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, lease = begun(account)
    send, tokens = account.client.transact_write_items, list[str]()

    def keep(**parameters: Any) -> Any:
        tokens.append(parameters["ClientRequestToken"])
        return send(**parameters)

    monkeypatch.setattr(account.client, "transact_write_items", keep)
    account.faults.on("throttle", WRITE, times=2)
    ledger.write(lease, 1, "a", ())
    ledger.write(lease, 2, "b", ())
    assert [tokens.count(token) for token in dict.fromkeys(tokens)] == [3, 1]


def test_all_pages_are_read(account: Account) -> None:
    ledger = Ledger(account.store())
    for number in range(5):
        key = Key(stack="prod", service=f"s{number}")
        lease = ledger.acquire(key, "me", 60, START)
        large = Happening(at=START, kind="look", rollout="r1", data={"text": "d" * LARGE})
        for version in range(4):
            ledger.write(lease, version, "s" * LARGE, (large,))
    before = len(account.operations())
    assert len(ledger.entries("prod")) == 5
    assert len(account.operations()) > before + 1
    assert [event.seq for event in ledger.events(Key(stack="prod", service="s0"), None, 100)] == [1, 2, 3, 4]
    assert len(ledger.history("prod", START)) == 20


def test_no_more_pages_are_read_than_needed(account: Account) -> None:
    ledger, lease = begun(account)
    large = Happening(at=START, kind="look", rollout="r1", data={"text": "d" * LARGE})
    for version in range(1, 9):
        ledger.write(lease, version, "{}", (large,))
    before = len(account.operations())
    assert [event.seq for event in ledger.events(KEY, None, 2)] == [8, 9]
    assert account.operations()[before:] == ["Query"]


def test_every_read_is_consistent(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[bool] = []

    def keep(send: Callable[..., Any], **parameters: Any) -> Any:
        reads.append(parameters.get("ConsistentRead", False))
        return send(**parameters)

    for name in ("get_item", "query"):
        monkeypatch.setattr(account.client, name, partial(keep, getattr(account.client, name)))
    ledger, _ = begun(account)
    ledger.read(KEY)
    ledger.entries("prod")
    ledger.history("prod", START)
    assert len(reads) >= 5
    assert all(reads)


def test_history_is_never_written_over_even_when_a_row_was_deleted_by_hand(account: Account) -> None:
    begun(account)
    account.client.delete_item(TableName=TABLE, Key={"pk": {"S": "prod"}, "sk": {"S": "entry#news-api"}})
    ledger = Ledger(account.store())
    lease = ledger.acquire(KEY, "me", 60, START)
    with pytest.raises(ClientError, match="TransactionCanceled"):
        ledger.write(lease, 0, "{}", (Happening(at=START, kind="other", rollout="r2"),))
    assert [event.kind for event in ledger.events(KEY, None, 10)] == ["look"]


def test_items_are_readable_by_whoever_looks_into_the_table(account: Account) -> None:
    begun(account)
    items = {item["sk"]["S"]: item for item in account.client.scan(TableName=TABLE)["Items"]}
    assert sorted(items) == ["entry#news-api", "event#news-api#000000000001"]
    assert items["entry#news-api"]["until"] == {"S": "2026-11-20T12:01:00.000000+00:00"}
    assert items["event#news-api#000000000001"]["kind"] == {"S": "look"}
    assert {item["pk"]["S"] for item in items.values()} == {"prod"}


def test_a_missing_table_is_refused_with_how_to_make_it() -> None:
    with mock_aws():
        ledger = Ledger(Account(has_table=False).store())
        for ask in (lambda: ledger.read(KEY), lambda: ledger.acquire(KEY, "me", 60, START)):
            with pytest.raises(Refused, match=f"aws dynamodb create-table --table-name {TABLE}"):
                ask()


def cancelled(*codes: str) -> ClientError:
    """As DynamoDB cancels a transaction, with a code for each of its items."""
    return ClientError(
        {
            "Error": {"Code": "TransactionCanceledException", "Message": "Transaction cancelled"},
            "CancellationReasons": [{"Code": code} for code in codes],
        },
        "TransactWriteItems",
    )

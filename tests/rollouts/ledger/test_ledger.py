from datetime import datetime, timedelta, timezone

import pytest
from pydantic import JsonValue

from rollouts.errors import LeaseLost, Locked, Refused
from rollouts.ledger import Entry, Happening, Key, Lease, Ledger, VersionError
from rollouts.ledger.ledger import DOCUMENT_BYTES_MAX, HAPPENINGS_MAX
from rollouts.ledger.store import Store
from tests.rollouts.ledger.places import KEY, START, LossyStore, LostError

OTHER = Key(stack="prod", service="news-api-2")
ELSEWHERE = Key(stack="staging", service="news-api")
MINUTE = timedelta(minutes=1)


def happening(kind: str = "look", *, minutes: int = 0, rollout: str = "r1", **data: str) -> Happening:
    return Happening(at=START + minutes * MINUTE, kind=kind, rollout=rollout, data=data)


def begun(ledger: Ledger, key: Key = KEY, state: str = "{}") -> tuple[Lease, Entry]:
    lease = ledger.acquire(key, "me", 60, START)
    return lease, ledger.write(lease, 0, state, (happening("started"),))


def test_a_lease_lasts_as_long_as_was_asked_for(ledger: Ledger) -> None:
    lease = ledger.acquire(KEY, "me", 90, START)
    assert lease == Lease(key=KEY, owner="me", fence=1, until=START + timedelta(seconds=90), seconds=90)


def test_nobody_else_gets_it_while_it_is_valid(ledger: Ledger) -> None:
    ledger.acquire(KEY, "me", 60, START)
    with pytest.raises(Locked, match="me is at work on it until 2026-11-20 12:01:00 UTC"):
        ledger.acquire(KEY, "you", 60, START + timedelta(seconds=59))


def test_an_expired_lease_is_taken_over_with_a_higher_fence(ledger: Ledger) -> None:
    ledger.acquire(KEY, "me", 60, START)
    assert ledger.acquire(KEY, "you", 60, START + MINUTE).fence == 2


def test_a_valid_lease_is_taken_over_by_force(ledger: Ledger) -> None:
    mine, _ = begun(ledger)
    assert ledger.acquire(KEY, "you", 60, START, by_force=True).fence == 2
    with pytest.raises(LeaseLost, match=r"you has taken over prod/news-api from me \(fence 2, after 1\)"):
        ledger.write(mine, 1, "{}", ())


def test_an_owner_gets_its_own_lease_again_and_its_former_one_is_void(ledger: Ledger) -> None:
    former, _ = begun(ledger)
    lease = ledger.acquire(KEY, "me", 60, START)
    with pytest.raises(LeaseLost):
        ledger.write(former, 1, "late", ())
    assert ledger.write(lease, 1, "new", ()).state == "new"


def test_a_paused_owner_can_do_nothing_after_a_take_over(ledger: Ledger) -> None:
    mine, _ = begun(ledger)
    yours = ledger.acquire(KEY, "you", 60, START + MINUTE)
    with pytest.raises(LeaseLost):
        ledger.write(mine, 1, "late", (happening(),))
    with pytest.raises(LeaseLost):
        ledger.renew(mine, START + MINUTE)
    ledger.release(mine)
    entry = ledger.read(KEY)
    assert entry == Entry(key=KEY, version=1, state="{}", lease=yours)
    assert [event.kind for event in ledger.events(KEY, None, 10)] == ["started"]


def test_an_expired_lease_is_good_until_somebody_takes_over(ledger: Ledger) -> None:
    lease, _ = begun(ledger)
    assert ledger.renew(lease, START + 5 * MINUTE).until == START + 6 * MINUTE
    assert ledger.write(lease, 1, "new", ()).version == 2


def test_a_renewal_keeps_others_out_for_longer(ledger: Ledger) -> None:
    lease = ledger.acquire(KEY, "me", 60, START)
    renewed = ledger.renew(lease, START + timedelta(seconds=30))
    assert (renewed.fence, renewed.until) == (lease.fence, START + timedelta(seconds=90))
    with pytest.raises(Locked):
        ledger.acquire(KEY, "you", 60, START + MINUTE)


def test_a_released_lease_is_free_at_once_and_void(ledger: Ledger) -> None:
    mine, _ = begun(ledger)
    ledger.release(mine)
    ledger.release(mine)
    with pytest.raises(LeaseLost, match="the lease of me on prod/news-api was released"):
        ledger.write(mine, 1, "late", ())
    assert ledger.acquire(KEY, "you", 60, START).fence == 2


def test_there_is_no_entry_before_the_first_document(ledger: Ledger) -> None:
    assert ledger.read(KEY) is None
    ledger.acquire(KEY, "me", 60, START)
    assert ledger.read(KEY) is None
    assert ledger.entries("prod") == []


def test_a_written_document_is_read_as_it_was(ledger: Ledger) -> None:
    state = '{"weight": 5.5, "note": "Grüße ☂"}'
    lease, entry = begun(ledger, state=state)
    assert entry == ledger.read(KEY) == Entry(key=KEY, version=1, state=state, lease=lease)


def test_a_write_on_a_version_that_is_not_there_changes_nothing(ledger: Ledger) -> None:
    lease, _ = begun(ledger)
    for expected in (0, 2):
        with pytest.raises(VersionError, match=f"the ledger has version 1 of prod/news-api, not {expected}"):
            ledger.write(lease, expected, "other", (happening(),))
    assert ledger.read(KEY) == Entry(key=KEY, version=1, state="{}", lease=lease)
    assert len(ledger.events(KEY, None, 10)) == 1


def test_the_same_write_twice_has_its_effect_once(ledger: Ledger) -> None:
    lease, first = begun(ledger)
    assert ledger.write(lease, 0, "{}", (happening("started"),)) == first
    assert len(ledger.events(KEY, None, 10)) == 1


def test_another_write_on_the_same_version_is_no_repetition(ledger: Ledger) -> None:
    lease, _ = begun(ledger)
    with pytest.raises(VersionError):
        ledger.write(lease, 0, "{}", (happening("started", by="somebody"),))


@pytest.mark.parametrize("loses", ["request", "answer"])
def test_a_write_without_an_answer_can_be_repeated(store: Store, loses: str) -> None:
    lossy = LossyStore(store)
    ledger = Ledger(lossy)
    lease, _ = begun(ledger)
    lossy.loses = "answer" if loses == "answer" else "request"
    with pytest.raises(LostError):
        ledger.write(lease, 1, "new", (happening(),))
    renewed = ledger.renew(lease, START)
    assert ledger.write(lease, 1, "new", (happening(),)) == Entry(key=KEY, version=2, state="new", lease=renewed)
    assert [event.seq for event in ledger.events(KEY, None, 10)] == [1, 2]


@pytest.mark.parametrize("loses", ["request", "answer"])
def test_an_acquisition_without_an_answer_can_be_repeated(store: Store, loses: str) -> None:
    lossy = LossyStore(store)
    ledger = Ledger(lossy)
    lossy.loses = "answer" if loses == "answer" else "request"
    with pytest.raises(LostError):
        ledger.acquire(KEY, "me", 60, START)
    lease = ledger.acquire(KEY, "me", 60, START)
    assert ledger.write(lease, 0, "{}", ()).version == 1


def test_events_have_numbers_without_gaps_newest_last(ledger: Ledger) -> None:
    lease, _ = begun(ledger)
    ledger.write(lease, 1, "{}", (happening("a", x="1"), happening("b")))
    ledger.write(lease, 2, "{}", ())
    ledger.write(lease, 3, "{}", (happening("c"),))
    events = ledger.events(KEY, None, 10)
    assert [(event.seq, event.kind) for event in events] == [(1, "started"), (2, "a"), (3, "b"), (4, "c")]
    assert {(event.key, event.actor, event.fence, event.at) for event in events} == {(KEY, "me", 1, START)}
    assert events[1].data == {"x": "1"}


def test_the_newest_events_come_when_there_are_more(ledger: Ledger) -> None:
    lease, _ = begun(ledger)
    ledger.write(lease, 1, "{}", [happening(str(number)) for number in range(20)])
    assert [event.kind for event in ledger.events(KEY, None, 3)] == ["17", "18", "19"]


def test_the_events_of_one_rollout_are_found_behind_those_of_others(ledger: Ledger) -> None:
    lease, _ = begun(ledger)
    ledger.write(lease, 1, "{}", (happening("mine", rollout="r0"), happening("other"), happening("last")))
    assert [event.kind for event in ledger.events(KEY, "r0", 5)] == ["mine"]
    assert [event.kind for event in ledger.events(KEY, "r1", 2)] == ["other", "last"]
    assert ledger.events(KEY, "r2", 5) == []


def test_services_and_stacks_do_not_meet(ledger: Ledger) -> None:
    for key in (OTHER, KEY, ELSEWHERE):
        begun(ledger, key, state=str(key))
    assert [entry.state for entry in ledger.entries("prod")] == ["prod/news-api", "prod/news-api-2"]
    assert [entry.key for entry in ledger.entries("staging")] == [ELSEWHERE]
    assert [event.key for event in ledger.events(KEY, None, 10)] == [KEY]
    assert {event.key for event in ledger.history("prod", START)} == {KEY, OTHER}


def test_the_history_of_a_stack_is_in_the_order_of_time(ledger: Ledger) -> None:
    for key, minutes in ((KEY, (1, 4)), (OTHER, (0, 2, 3))):
        lease = ledger.acquire(key, "me", 60, START)
        ledger.write(lease, 0, "{}", [happening(minutes=minute) for minute in minutes])
    history = ledger.history("prod", START + MINUTE)
    assert [(event.key, event.at) for event in history] == [
        (KEY, START + MINUTE),
        (OTHER, START + 2 * MINUTE),
        (OTHER, START + 3 * MINUTE),
        (KEY, START + 4 * MINUTE),
    ]


def test_moments_of_other_time_zones_are_the_same_moments(ledger: Ledger) -> None:
    there = START.astimezone(timezone(timedelta(hours=9)))
    lease = ledger.acquire(KEY, "me", 60, there)
    ledger.write(lease, 0, "{}", (Happening(at=there, kind="started", rollout="r1"),))
    assert lease.until == START + MINUTE
    assert ledger.events(KEY, None, 1)[0].at == START


def test_a_document_as_large_as_allowed_is_kept(ledger: Ledger) -> None:
    lease = ledger.acquire(KEY, "o" * 255, 60, START)
    state = "s" * DOCUMENT_BYTES_MAX
    data: dict[str, JsonValue] = {"d": "d" * (DOCUMENT_BYTES_MAX - len('{"d": ""}'))}
    assert ledger.write(lease, 0, state, (Happening(at=START, kind="look", rollout="r1", data=data),)).state == state
    assert ledger.events(KEY, None, 1)[0].data == data


def test_what_dynamodb_cannot_hold_is_refused_everywhere(ledger: Ledger) -> None:
    lease = ledger.acquire(KEY, "me", 60, START)
    too_large = "é" * (DOCUMENT_BYTES_MAX // 2 + 1)
    with pytest.raises(Refused) as refused:
        ledger.write(lease, 0, too_large, [happening(text=too_large)] * (HAPPENINGS_MAX + 1))
    assert [problem.split(" has ")[0] for problem in refused.value.problems] == [
        "the document",
        "what is told with it",
        f"{HAPPENINGS_MAX + 1} happenings in one write; the ledger takes {HAPPENINGS_MAX}; write in parts",
    ]
    assert ledger.read(KEY) is None


def test_as_many_happenings_as_allowed_are_kept(ledger: Ledger) -> None:
    lease = ledger.acquire(KEY, "me", 60, START)
    ledger.write(lease, 0, "{}", [happening(str(number)) for number in range(HAPPENINGS_MAX)])
    assert [event.seq for event in ledger.events(KEY, None, 200)] == list(range(1, HAPPENINGS_MAX + 1))


def test_a_moment_without_a_time_zone_is_never_stored(ledger: Ledger) -> None:
    naive = datetime(2026, 11, 20, 12, 0)  # noqa: DTZ001 - what must not get in
    with pytest.raises(ValueError, match="has no time zone"):
        ledger.acquire(KEY, "me", 60, naive)
    with pytest.raises(ValueError, match="has no time zone"):
        Happening(at=naive, kind="look", rollout="r1")
    assert ledger.acquire(KEY, "you", 60, START).fence == 1


def test_numbers_that_json_does_not_have_are_refused(ledger: Ledger) -> None:
    lease, _ = begun(ledger)
    endless = Happening(at=START, kind="look", rollout="r1", data={"p": float("inf")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        ledger.write(lease, 1, "{}", (endless,))


@pytest.mark.parametrize("name", ["", "a#b", "a b", "ä", "a\n", "a" * 256])
def test_names_that_no_stack_file_has_are_refused(name: str) -> None:
    with pytest.raises(Refused, match="is no name of a service"):
        Key(stack="prod", service=name)
    with pytest.raises(Refused, match="is no name of a stack"):
        Key(stack=name, service="news-api")

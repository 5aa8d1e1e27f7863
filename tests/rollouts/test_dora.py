"""What events tell of past rollouts, and the four figures, to the digit."""

from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import JsonValue

from rollouts.dora import figures
from rollouts.ledger import Event, Key
from rollouts.past import past, person

NOON: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)


def story(rollout: str, *told: tuple[float, str, dict[str, JsonValue]], service: str = "news-api") -> list[Event]:
    """Events at these minutes after noon."""
    return [
        Event(
            key=Key(stack="prod", service=service),
            seq=number,
            at=NOON + timedelta(minutes=minute),
            kind=kind,
            rollout=rollout,
            actor="alice (0123abcd)",
            fence=1,
            data=data,
        )
        for number, (minute, kind, data) in enumerate(told, start=1)
    ]


def promoted(rollout: str, begun: float, minutes: float) -> list[Event]:
    return story(
        rollout,
        (begun, "started", {}),
        (begun + 1, "built", {"candidate": "13"}),
        (begun + 2, "shifted", {"weight": 5}),
        (begun + minutes, "promoting", {}),
        (begun + minutes + 3, "ended", {"ending": "promoted"}),
    )


def taken_back(rollout: str, begun: float, minutes: float, kind: str, ending: str) -> list[Event]:
    return story(
        rollout,
        (begun, "started", {}),
        (begun + 2, "shifted", {"weight": 5}),
        (begun + 3, "shifted", {"weight": 25}),
        (begun + 2 + minutes, kind, {"reason": "worse"}),
        (begun + 2 + minutes + 5, "ended", {"ending": ending}),
    )


def test_a_rollout_is_told_from_its_events() -> None:
    (found,) = past(taken_back("r-1", 0, 6, "abort", "aborted"))
    assert (found.id, found.stack, found.service, found.actor) == ("r-1", "prod", "news-api", "alice")
    assert found.reached_at == NOON + timedelta(minutes=2)
    assert found.back_at == NOON + timedelta(minutes=8)
    assert found.ended_at == NOON + timedelta(minutes=13)
    assert (found.ending, found.reason, found.live_at) == ("aborted", "worse", None)


def test_one_whose_beginning_is_missing_is_left_out() -> None:
    assert past(promoted("r-1", 0, 10)[1:]) == ()


def test_the_figures_of_four_rollouts() -> None:
    events = [
        *promoted("r-1", 0, 20),
        *promoted("r-2", 100, 30),
        *promoted("r-3", 200, 70),
        *taken_back("r-4", 300, 6, "abort", "aborted"),
        *taken_back("r-5", 400, 10, "rolled-back", "rolled-back"),
    ]
    found = figures(past(events), days=10, now=NOON + timedelta(days=1))
    assert (found.deployments, found.per_day) == (3, 0.3)
    assert found.lead_minutes == 30
    assert (found.reached, found.failed, found.failure_rate) == (5, 2, 0.4)
    assert found.restore_minutes == 8


def test_what_reached_nobody_is_neither_a_deployment_nor_a_failure() -> None:
    never = story("r-1", (0, "started", {}), (1, "ended", {"ending": "aborted", "reason": "the rules say no"}))
    nothing = story("r-2", (5, "started", {}), (6, "ended", {"reason": "live already"}))
    still_open = story("r-3", (7, "started", {}), (8, "shifted", {"weight": 5}))
    found = figures(past([*never, *nothing, *still_open]), days=1, now=NOON + timedelta(hours=1))
    assert (found.deployments, found.reached, found.failed) == (0, 0, 0)
    assert (found.lead_minutes, found.failure_rate, found.restore_minutes) == (None, None, None)


def test_days_are_counted_back_from_now_by_the_end_of_a_rollout() -> None:
    events = [*promoted("r-1", 0, 10), *promoted("r-2", 60 * 24, 10)]
    now = NOON + timedelta(days=1, hours=12)
    assert figures(past(events), days=1, now=now).deployments == 1
    assert figures(past(events), days=2, now=now).deployments == 2


def test_what_runs_in_the_end_and_was_not_asked_for_is_a_failure_with_its_reason() -> None:
    (found,) = past(
        story(
            "r-1",
            (0, "started", {}),
            (1, "shifted", {"weight": 100}),
            (2, "promoting", {}),
            (3, "not-verified", {"running": "12"}),
            (4, "ended", {"ending": "rolled-back"}),
        )
    )
    assert (found.ending, found.reason) == ("rolled-back", "12 runs")
    assert figures([found], days=1, now=NOON + timedelta(hours=1)).failure_rate == 1


def test_a_person_is_the_same_in_all_runs() -> None:
    assert person("alice (0123abcd)") == person("alice (ffffffff)") == "alice"
    assert person("ci (prod)") == "ci (prod)"

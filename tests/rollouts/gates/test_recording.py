import json
from datetime import timedelta

import pytest

from rollouts.errors import Refused
from rollouts.gates import Minute, Targets, complete, judge, read, replay, slow, slow_from, write
from rollouts.gates.minutes import LATE_MINUTES
from tests.rollouts.gates.samples import PLAN, START, minutes_of, pair

FULL = Minute(
    at=START,
    step=0,
    counts={"5xx": pair((50, 1), (950, 9)), "p99": pair((50, 0), None)},
    values={"lag": 3.5},
    alarms={"errors": "OK"},
    targets=Targets(healthy=2, unhealthy=0),
)


def test_a_recording_is_read_as_it_was_written() -> None:
    minutes = (FULL, Minute(at=START + timedelta(minutes=1), step=1))
    assert read(write(minutes).splitlines()) == minutes


def test_a_recording_by_hand_needs_a_time_and_a_step() -> None:
    assert read(['{"at": "2026-01-01T00:00:00Z", "step": 0}', ""]) == (Minute(at=START, step=0),)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"step": "0"}, "line 2: step: "),
        ({"steps": 0}, "line 2: steps: "),
        ({"at": "2026-01-01T00:00:00"}, "line 2: : "),
        ({"at": "noon"}, "line 2: at: "),
        ({"alarms": {"errors": "RED"}}, "line 2: alarms.errors: "),
        ({"targets": {"healthy": 1}}, "line 2: targets.unhealthy: "),
        ({"counts": {"5xx": {"canary": {"total": 1, "bad": 2}, "baseline": None}}}, "line 2: counts.5xx.canary: "),
    ],
)
def test_lines_that_are_no_minutes_are_refused_with_their_numbers(change: dict[str, object], problem: str) -> None:
    line = {"at": "2026-01-01T00:00:00Z", "step": 0}
    with pytest.raises(Refused) as refused:
        read([json.dumps(line), json.dumps(line | change), "{"])
    first, second = refused.value.problems
    assert first.startswith(problem)
    assert second.startswith("line 3: ")


def test_a_replay_says_at_each_minute_what_the_gates_would_have_said_then() -> None:
    minutes = (
        *minutes_of(*[pair((500, 5), (9_500, 95))] * 9),
        *minutes_of(*[pair((5_000, 100), (5_000, 50))] * 4, step=1, first=9),
    )
    looks = replay(minutes, PLAN)
    assert [(look.at, look.step) for look in looks] == [(minute.at, minute.step) for minute in minutes]
    for number, look in enumerate(looks):
        assert look.verdict == judge(minutes[: number + 1], step=look.step, plan=PLAN)
    assert [look.verdict.verdict for look in (looks[0], looks[8], looks[-1])] == [
        "not-enough-evidence",
        "healthy",
        "unhealthy",
    ]


def test_the_newest_minutes_wait_until_late_points_have_come() -> None:
    minutes = minutes_of(*[pair((1, 0), (19, 0))] * 5)
    now = START + timedelta(minutes=5)
    assert complete(reversed(minutes), now=now) == minutes[: 5 - LATE_MINUTES]
    assert complete(minutes, now=now - timedelta(seconds=1)) == minutes[: 4 - LATE_MINUTES]
    assert complete(minutes, now=START - timedelta(hours=1)) == ()


def test_a_judged_minute_is_not_judged_again() -> None:
    minutes = minutes_of(*[pair((1, 0), (19, 0))] * 5)
    assert complete(minutes, now=START + timedelta(hours=1), after=minutes[1].at) == minutes[2:]


def test_slow_is_half_as_much_again_as_the_p99_before_the_start() -> None:
    beside = slow_from(baseline_p99=200, p99_max=250)
    alone = slow_from(baseline_p99=None, p99_max=250)
    assert beside is not None
    assert alone is not None
    assert (beside.milliseconds, beside.reason) == (300, "1.5 times the p99 of 200 ms before the start")
    assert (alone.milliseconds, alone.reason) == (250, "the limit of 250 ms")
    assert slow_from(baseline_p99=None, p99_max=None) is None


@pytest.mark.parametrize(("total", "rank", "bad"), [(1_000, 99, 10), (1_000, 100, 0), (0, 100, 0), (7, 0, 7)])
def test_a_percentile_rank_becomes_a_count(total: int, rank: float, bad: int) -> None:
    assert slow(total=total, rank=rank) == bad

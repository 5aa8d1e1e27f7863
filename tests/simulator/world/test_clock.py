from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.world.api import WorldError
from simulator.world.clock import Clock, Process, SkewedClock
from simulator.world.timeline import Timeline

START = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def test_time_stands_still_until_somebody_waits() -> None:
    clock = Clock(START)
    assert clock.now() == clock.now() == START
    clock.sleep(1.5)
    assert clock.now() == after(1.5)
    clock.advance(2)
    assert clock.now() == after(121.5)


@pytest.mark.parametrize(
    "start", [START + timedelta(seconds=3), datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=1)))]
)
def test_a_world_begins_on_a_whole_minute_in_utc(start: datetime) -> None:
    with pytest.raises(WorldError, match="whole minute"):
        Clock(start)


def test_everything_due_happens_in_order_and_at_its_moment() -> None:
    clock, seen = Clock(START), list[tuple[str, datetime]]()
    clock.every_minute(lambda minute: seen.append(("minute", minute)))
    clock.after(90, lambda: seen.append(("late", clock.now())))
    clock.after(60, lambda: seen.append(("same", clock.now())))
    clock.after(30, lambda: clock.after(5, lambda: seen.append(("nested", clock.now()))))
    clock.sleep(200)
    assert seen == [
        ("nested", after(35)),
        ("minute", START),
        ("same", after(60)),
        ("late", after(90)),
        ("minute", after(60)),
        ("minute", after(120)),
    ]


def test_a_process_moves_when_its_waits_are_over() -> None:
    clock, seen = Clock(START), list[datetime]()

    def process() -> Process:
        seen.append(clock.now())
        yield 10
        seen.append(clock.now())
        yield 0.5
        seen.append(clock.now())

    clock.run(process())
    assert seen == [START]
    clock.sleep(10.4)
    assert seen == [START, after(10)]
    clock.sleep(60)
    assert seen == [START, after(10), after(10.5)]


@given(waits=st.lists(st.floats(0, 500), max_size=20))
def test_how_the_waits_are_cut_does_not_matter(waits: list[float]) -> None:
    def story(*pieces: float) -> list[tuple[str, datetime]]:
        clock, seen = Clock(START), list[tuple[str, datetime]]()
        clock.every_minute(lambda minute: seen.append(("minute", minute)))

        def process() -> Process:
            for _ in range(300):
                seen.append(("move", clock.now()))
                yield 37

        clock.run(process())
        for piece in pieces:
            clock.sleep(piece)
        clock.sleep((after(10_000) - clock.now()).total_seconds())
        return seen

    assert story(*waits) == story(10_000)


def test_a_skewed_clock_is_wrong_by_a_constant() -> None:
    clock = Clock(START)
    wrong = SkewedClock(clock, -90)
    wrong.sleep(30)
    assert clock.now() == after(30)
    assert wrong.now() == after(-60)


def test_a_timeline_knows_what_was_when() -> None:
    line = Timeline(START, "a")
    line.set(after(10), "b")
    line.set(after(20), "c")
    assert [line.at(after(second)) for second in (-1, 0, 9, 10, 19, 20, 99)] == ["a", "a", "a", "b", "b", "c", "c"]
    assert list(line.changes(START, after(20))) == [after(10)]
    line.set(after(15), "d")
    assert line.at(after(99)) == "d"

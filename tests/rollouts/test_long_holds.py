"""What was held for a day or for weeks, and what nobody was at work on: which minutes are read, and judged."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

import pytest

from rollouts import control, judge
from rollouts.gates import read
from rollouts.judge import MINUTES_OF_A_LOOK, PAUSE_MINUTES_MAX
from rollouts.ledger.ledger import DOCUMENT_BYTES_MAX
from rollouts.machine.step import AGAIN_MINUTES
from rollouts.record import Rollout
from simulator.world.api import Document
from simulator.world.client import Call
from simulator.world.traffic import Quality
from stacks import limits
from tests.rollouts.hands import PERSON, at_phase, hold, promote, take_over
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, GOOD, alias_stage, balancer_stage
from tests.rollouts.stages_ecs import CANARY, PAUSE, ecs_stage
from tests.rollouts.together import check, finish, ignore


def waiting(minutes: int) -> Document:
    """How long ECS waits for an answer."""
    return {"timeoutConfiguration": {"action": "ROLLBACK", "timeoutInMinutes": minutes}}


def patient_ecs_stage(candidate: Quality) -> Stage:
    """It waits as long as it can, as it does where a person is to decide."""
    hook = {**PAUSE, **waiting(limits.ECS_PAUSE_MINUTES_MAX)}
    return ecs_stage(candidate, configuration={**CANARY, "lifecycleHooks": [hook]})


STAGES: Final[dict[str, Callable[[Quality], Stage]]] = {
    "alias": alias_stage,
    "balancer": balancer_stage,
    "ecs": patient_ecs_stage,
}
DAY: Final = 1_440
KEPT_MINUTES: Final = 15 * DAY
"""CloudWatch API, MetricStat: points of one minute."""

pytestmark = pytest.mark.usefixtures("few_looks")


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> Stage:
    """Held while its first share is watched."""
    made = STAGES[request.param](GOOD)
    at_phase(made, "stepping", lambda rollout: rollout.weight > 0 and rollout.watched_since is not None)
    hold(made, made.tools()).release()
    return made


def turns(stage: Stage, quality: Quality, minutes: float) -> None:
    """The candidate, after that time."""
    revision = "thumbnails:2" if stage.target.driver == "alias" else stage.target.revision
    stage.world.clock.after(minutes * 60, lambda: stage.world.traffic.behave(revision, quality))


def let_go(stage: Stage) -> Rollout:
    tools = stage.tools()
    journal = take_over(stage, tools)
    control.release(journal, tools, PERSON)
    return finish(journal, tools)


def look(stage: Stage) -> Rollout:
    """`resume --keep-hold --once`."""
    tools = stage.tools()
    return control.run(take_over(stage, tools), tools, tools.clock.now(), ignore)


def asked(calls: Sequence[Call]) -> list[tuple[datetime, float]]:
    """From when on CloudWatch was asked, and for how many minutes."""
    found = [call.params for call in calls if call.operation == "GetMetricData"]
    return [(each["StartTime"], (each["EndTime"] - each["StartTime"]) / timedelta(minutes=1)) for each in found]


def judged(stage: Stage) -> list[datetime]:
    lines = [str(event.data["minutes"]) for event in stage.events() if "minutes" in event.data]
    return [minute.at for each in lines for minute in read(each.splitlines())]


class TestLetGo:
    def test_only_minutes_after_it_are_read_and_judged_and_it_goes_live(self, stage: Stage) -> None:
        before, calls = judged(stage), len(stage.world.calls)
        stage.world.clock.advance(DAY)
        resumed = stage.world.clock.now()
        ended = let_go(stage)
        assert ended.ending == "promoted"
        assert all(start > resumed - timedelta(minutes=1) for start, _ in asked(stage.world.calls[calls:]))
        again = judged(stage)[len(before) :]
        assert resumed < again[0] < resumed + timedelta(minutes=2)
        shifted = [event.at for event in stage.events() if event.kind in {"shifted", "answer"} and event.at > resumed]
        assert shifted[0] >= resumed + timedelta(minutes=1)
        check_size(stage)

    def test_what_was_bad_while_nobody_watched_is_no_reason_any_more(self, stage: Stage) -> None:
        turns(stage, BAD, 10)
        turns(stage, GOOD, DAY - 10)
        stage.world.clock.advance(DAY)
        assert let_go(stage).ending == "promoted"

    def test_what_is_bad_by_then_is_taken_back_before_the_next_share(self, stage: Stage) -> None:
        turns(stage, BAD, 10)
        stage.world.clock.advance(DAY)
        resumed = stage.world.clock.now()
        ended = let_go(stage)
        assert ended.ending == "aborted"
        late = [event.kind for event in stage.events() if event.at >= resumed]
        assert not {"shifted", "answer"} & {*late}
        aborted = next(event.at for event in stage.events() if event.kind == "abort")
        assert aborted - resumed < timedelta(minutes=15)


class TestDeadline:
    def test_it_begins_anew(self, stage: Stage) -> None:
        stage.world.metrics.missing("", minutes=10 * DAY)
        stage.world.clock.advance(DAY)
        resumed = stage.world.clock.now()
        ended = let_go(stage)
        assert "undecided after 120 minutes" in ended.reason
        aborted = next(event.at for event in stage.events() if event.kind == "abort")
        assert timedelta(minutes=120) < aborted - resumed < timedelta(minutes=130)


class TestKeptHeld:
    def test_a_day_is_caught_up_with_in_pieces_and_nothing_goes_on(self, stage: Stage) -> None:
        stage.world.clock.advance(DAY)
        calls = len(stage.world.calls)
        for _ in range(DAY // MINUTES_OF_A_LOOK + 1):
            assert look(stage).hold is not None
        reads = asked(stage.world.calls[calls:])
        assert max(minutes for _, minutes in reads) <= MINUTES_OF_A_LOOK
        seen = stage.record_now().seen
        assert len(seen) >= DAY - 5
        assert {later.at - one.at for one, later in pairwise(seen)} == {timedelta(minutes=1)}
        check_size(stage)

    def test_what_was_bad_and_nobody_watched_is_taken_back_at_the_first_look(self, stage: Stage) -> None:
        turns(stage, BAD, 10)
        stage.world.clock.advance(DAY)
        assert look(stage).phase == "aborting"

    def test_watched_for_days_its_record_stays_as_it_is(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, minutes in {"MINUTES_OF_A_LOOK": 30, "PAUSE_MINUTES_MAX": 90, "SEEN_MAX": 120}.items():
            monkeypatch.setattr(judge, name, minutes)
        seen: list[int] = []
        for _ in range(20):
            stage.world.clock.advance(20)
            assert look(stage).hold is not None
            seen.append(len(stage.record_now().seen))
        assert seen[0] < 90 <= min(seen[6:]) < max(seen) < 120 + 30
        turns(stage, BAD, 0)
        stage.world.clock.advance(20)
        assert look(stage).phase == "aborting"


class TestWeeks:
    """Longer than CloudWatch keeps single minutes, with hardly any request in them."""

    @pytest.fixture
    @staticmethod
    def stage() -> Stage:
        weeks = alias_stage(GOOD, script=lambda minute: 30_000 if not 100 < minute < KEPT_MINUTES + DAY else 0)
        at_phase(weeks, "stepping", lambda rollout: rollout.watched_since is not None)
        hold(weeks, weeks.tools()).release()
        weeks.world.clock.advance(KEPT_MINUTES + 2 * DAY)
        return weeks

    def test_let_go_only_minutes_after_it_are_read(self, stage: Stage) -> None:
        calls, resumed = len(stage.world.calls), stage.world.clock.now()
        assert let_go(stage).ending == "promoted"
        assert all(start > resumed - timedelta(minutes=1) for start, _ in asked(stage.world.calls[calls:]))
        check_size(stage)

    def test_kept_held_the_last_day_is_judged(self, stage: Stage) -> None:
        calls, now = len(stage.world.calls), stage.world.clock.now()
        look(stage)
        reads = asked(stage.world.calls[calls:])
        assert min(start for start, _ in reads) == now.replace(second=0) - timedelta(minutes=PAUSE_MINUTES_MAX)
        assert max(minutes for _, minutes in reads) <= MINUTES_OF_A_LOOK
        for _ in range(DAY // MINUTES_OF_A_LOOK):
            look(stage)
        turns(stage, BAD, 0)
        stage.world.clock.advance(40)
        assert look(stage).phase == "aborting"


def test_what_is_held_for_longer_than_ecs_waits_for_an_answer_was_taken_back_by_ecs() -> None:
    stage = ecs_stage(GOOD, configuration={**CANARY, "lifecycleHooks": [{**PAUSE, **waiting(60)}]})
    at_phase(stage, "stepping", lambda rollout: rollout.weight > 0)
    hold(stage, stage.tools()).release()
    stage.world.clock.advance(120)
    assert let_go(stage).ending == "rolled-back"


def test_a_step_called_good_after_a_day_reads_nothing_of_that_day() -> None:
    stage = alias_stage()
    at_phase(stage, "stepping", lambda rollout: rollout.watched_since is not None)
    hold(stage, stage.tools()).release()
    stage.world.clock.advance(DAY)
    calls, now = len(stage.world.calls), stage.world.clock.now()
    tools = stage.tools()
    assert finish(promote(stage, tools), tools).ending == "promoted"
    assert all(start > now - timedelta(minutes=1) for start, _ in asked(stage.world.calls[calls:]))


@pytest.mark.parametrize("make", [alias_stage, balancer_stage])
def test_no_step_is_over_before_all_of_a_pause_in_which_nobody_worked_is_judged(make: Callable[..., Stage]) -> None:
    stage = make(GOOD, minutes=60)
    at_phase(stage, "stepping", lambda rollout: rollout.watched_since is not None)
    turns(stage, BAD, 3 * MINUTES_OF_A_LOOK)
    stage.world.clock.advance(4 * MINUTES_OF_A_LOOK)
    ended = stage.resume()
    assert (ended.ending, ended.step) == ("aborted", 1)
    check(stage)


def test_after_a_hold_a_step_is_watched_for_some_minutes_more() -> None:
    stage = alias_stage(minutes=10)
    at_phase(stage, "stepping", lambda rollout: len(rollout.seen) == 9)
    hold(stage, stage.tools()).release()
    stage.world.clock.advance(60)
    let_go(stage)
    first = next(event for event in stage.events() if event.kind == "resumed")
    again = next(event.at for event in stage.events() if event.kind == "shifted" and event.at > first.at)
    assert again - first.at >= timedelta(minutes=AGAIN_MINUTES)


def check_size(stage: Stage) -> None:
    """Of the record, and of whatever was told."""
    check(stage) if stage.target.driver != "ecs" else None
    assert len(stage.record_now().document.encode()) < DOCUMENT_BYTES_MAX / 4
    assert max(len(str(event.data)) for event in stage.events()) < DOCUMENT_BYTES_MAX / 2

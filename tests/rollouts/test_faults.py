"""Whatever AWS answers, or does not: no traffic on a bad version for good, and a ledger that says what AWS has."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final, NoReturn

import pytest
from botocore.exceptions import ClientError, HTTPClientError

from rollouts.control import begin, run, take
from rollouts.errors import Refused
from rollouts.machine.tools import LEASE_SECONDS
from rollouts.record import ALL
from simulator.world.api import AwsError
from simulator.world.faults import Kind
from simulator.world.traffic import Quality
from stacks.targets import Target
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, GOOD, alias_stage
from tests.rollouts.together import DRIVEN, check, ignore, share, zero_of

HALF_DONE: Final[tuple[Kind, ...]] = ("lost", "repeated")
PASSING: Final[tuple[tuple[str, Kind], ...]] = (
    *(("alias", kind) for kind in ("throttle", "unavailable")),
    *((driver, kind) for driver in DRIVEN for kind in HALF_DONE),
)
"""What is refused, and asked again, is the same for all drivers (`rollouts.aws`); what is done twice is not."""
ALARM: Final = "thumbnails-errors"
NO_ANSWER: Final = (AwsError, ClientError, HTTPClientError)
"""How a fault looks to whoever asked: of the ledger in these tests, of AWS, of the way there."""


def points(driver: str, candidate: Quality) -> range:
    """Every call of a rollout that nothing disturbs."""
    stage = DRIVEN[driver](candidate)
    stage.start()
    return range(1, len(stage.world.calls) + 1)


def struck(driver: str, candidate: Quality, strike: Callable[[Stage, int], None]) -> Iterator[tuple[int, Stage, bool]]:
    """A rollout for each of its calls, which goes wrong; whether its process ended with the error, and another went on.

    Between both, everything has to hold as it does at the end.
    """
    for number in points(driver, candidate):
        stage, died = DRIVEN[driver](candidate), False
        strike(stage, number)
        try:
            stage.start()
        except NO_ANSWER:
            died = True
        stage.world.faults.clear()
        check(stage)
        go_on(stage)
        check(stage)
        yield number, stage, died


def go_on(stage: Stage) -> None:
    """What the next process does when everything is well again."""
    left = stage.record()
    if left is None:
        stage.world.clock.sleep(LEASE_SECONDS)
        stage.start()
    elif left.is_open:
        stage.resume()


def outcome(stage: Stage) -> tuple[str, str | None, float | None]:
    record = stage.record_now()
    return record.phase, record.ending, share(stage)


@pytest.mark.usefixtures("few_looks")
class TestAtEveryCall:
    @pytest.mark.parametrize(("driver", "kind"), PASSING)
    def test_what_passes_changes_nothing_for_a_good_version(self, driver: str, kind: Kind) -> None:
        for number, stage, _ in struck(driver, GOOD, lambda stage, at: stage.world.faults.at_call(kind, at)):
            assert outcome(stage) == ("ended", "promoted", ALL), number

    @pytest.mark.parametrize("driver", DRIVEN)
    @pytest.mark.parametrize("kind", HALF_DONE)
    def test_what_passes_saves_no_bad_version(self, driver: str, kind: Kind) -> None:
        for number, stage, _ in struck(driver, BAD, lambda stage, at: stage.world.faults.at_call(kind, at)):
            assert outcome(stage) == ("ended", "aborted", 0), number

    @pytest.mark.parametrize("candidate", [GOOD, BAD])
    @pytest.mark.parametrize("driver", DRIVEN)
    def test_expired_credentials_end_the_process_and_with_new_ones_the_next_goes_on(
        self, driver: str, candidate: Quality
    ) -> None:
        def strike(stage: Stage, number: int) -> None:
            stage.world.faults.on("expired", "", nth=number, times=None)

        expected = ("promoted", ALL) if candidate is GOOD else ("aborted", 0)
        alive = 0
        for number, stage, died in struck(driver, candidate, strike):
            alive += not died
            assert outcome(stage) == ("ended", *expected), number
        assert alive <= 2  # giving the lease back, when all is done: a load and a swap


@pytest.mark.usefixtures("few_looks")
@pytest.mark.parametrize("driver", DRIVEN)
class TestMetrics:
    @pytest.mark.parametrize(("candidate", "ending"), [(GOOD, "promoted"), (BAD, "aborted")])
    @pytest.mark.parametrize("seconds", [90, 240, 600])
    def test_points_that_are_late_are_waited_for(
        self, driver: str, candidate: Quality, ending: str, seconds: float
    ) -> None:
        stage = DRIVEN[driver](candidate)
        stage.world.metrics.late("", minutes=120, seconds=seconds)
        assert stage.start().ending == ending
        check(stage)

    @pytest.mark.parametrize(("candidate", "ending"), [(GOOD, "promoted"), (BAD, "aborted")])
    def test_a_gap_of_all_metrics_only_takes_time(self, driver: str, candidate: Quality, ending: str) -> None:
        stage = DRIVEN[driver](candidate)
        stage.world.metrics.missing("", minutes=25)
        begun = stage.world.clock.now()
        assert stage.start().ending == ending
        assert stage.world.clock.now() - begun > timedelta(minutes=15)
        assert [event.data["weight"] for event in stage.events() if event.kind == "shifted"][:2] != [20, 20]

    def test_without_any_metrics_no_step_is_good_and_the_deadline_decides(self, driver: str) -> None:
        stage = DRIVEN[driver](GOOD)
        stage.world.metrics.missing("", minutes=1_000)
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert "undecided after" in rollout.reason
        assert [event.data["weight"] for event in stage.events() if event.kind == "shifted"] == [20]

    def test_a_hold_at_the_deadline_waits_for_a_person(self, driver: str) -> None:
        stage = DRIVEN[driver](GOOD)
        gates = stage.target.gates.model_copy(update={"on_deadline": "hold"})
        stage.target = target = stage.target.model_copy(update={"gates": gates})
        stage.build = lambda: target
        stage.world.metrics.missing("", minutes=1_000)
        rollout = stage.start()
        assert rollout.hold is not None
        assert "undecided" in rollout.hold.reason
        assert (rollout.weight, share(stage)) == (20, 20)


@pytest.mark.usefixtures("few_looks")
@pytest.mark.parametrize("seconds", [600, 100_000])
def test_errors_that_come_late_do_not_make_a_bad_function_good(seconds: float) -> None:
    stage = alias_stage(BAD)
    stage.world.metrics.late("Errors", minutes=1_000, seconds=seconds)
    assert stage.start().ending == "aborted"
    assert [event.data["weight"] for event in stage.events() if event.kind == "shifted"] == [20]


class TestAlarms:
    def test_one_that_fires_already_forbids_it(self) -> None:
        stage = alarmed()
        stage.world.alarms.hold(ALARM, "ALARM")
        assert any("in ALARM already" in problem for problem in stage.outlook().problems)

    def test_one_that_does_not_exist_forbids_it(self) -> None:
        stage = alias_stage()
        stage.target = stage.target.model_copy(update={"alarms": ("gone",)})
        assert any("has no alarm gone" in problem for problem in stage.outlook().problems)

    @pytest.mark.parametrize("minutes", [1, 3, 8])
    def test_one_that_fires_in_the_middle_takes_it_back_at_the_next_look(self, minutes: float) -> None:
        stage = alarmed()
        fired = stage.world.clock.now() + timedelta(minutes=minutes)
        stage.world.clock.after(minutes * 60, lambda: stage.world.alarms.hold(ALARM, "ALARM"))
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert f"the alarm {ALARM} fired" in rollout.reason
        aborted = next(event.at for event in stage.events() if event.kind == "abort")
        assert aborted - fired < timedelta(minutes=1)
        check(stage)

    def test_one_that_knows_nothing_yet_lets_no_step_be_good(self) -> None:
        stage = alarmed()
        stage.world.alarms.hold(ALARM, "INSUFFICIENT_DATA")
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert f"no data yet of the alarm {ALARM}" in rollout.reason


def alarmed() -> Stage:
    """A service with an alarm that is quiet."""
    stage = alias_stage()
    stage.world.alarms.add(ALARM)
    stage.world.alarms.hold(ALARM, "OK")
    stage.target = target = stage.target.model_copy(update={"alarms": (ALARM,)})
    stage.build = lambda: target
    return stage


@pytest.mark.parametrize("driver", DRIVEN)
@pytest.mark.parametrize("skew", [-290, -60, 60, 290])
class TestClocks:
    """As wrong as AWS still takes signed requests."""

    @pytest.mark.parametrize(("candidate", "ending"), [(GOOD, "promoted"), (BAD, "aborted")])
    def test_a_wrong_clock_judges_no_minute_before_it_is_over(
        self, driver: str, skew: float, candidate: Quality, ending: str
    ) -> None:
        stage = DRIVEN[driver](candidate)
        tools = stage.tools(skew)
        rollout = run(begin(stage.ledger, tools, stage.wanted(stage.outlook())), tools, None, ignore)
        assert rollout.ending == ending
        shifted = [event.data["weight"] for event in stage.events() if event.kind == "shifted"]
        assert shifted == ([20, 100] if candidate is GOOD else [20])
        check(stage)

    @pytest.mark.parametrize(("candidate", "ending"), [(GOOD, "promoted"), (BAD, "aborted")])
    def test_processes_whose_clocks_differ_take_turns(
        self, driver: str, skew: float, candidate: Quality, ending: str
    ) -> None:
        stage = DRIVEN[driver](candidate)
        right, wrong = stage.tools(), stage.tools(skew)
        run(begin(stage.ledger, right, stage.wanted(stage.outlook())), right, right.clock.now(), ignore)
        turn = 0
        while stage.record_now().is_open:
            turn += 1
            tools = wrong if turn % 2 else right
            run(take(stage.ledger, tools, stage.key, "me", by_force=False), tools, tools.clock.now(), ignore)
            stage.world.clock.advance(0.5)
            assert turn < 1_000
        assert outcome(stage)[:2] == ("ended", ending)
        check(stage, in_time=False)


@pytest.mark.parametrize("driver", DRIVEN)
def test_a_way_back_that_aws_refuses_is_in_the_ledger_and_tried_again(driver: str) -> None:
    stage = DRIVEN[driver](BAD)
    stage.world.faults.on("unavailable", zero_of(stage), nth=2, times=None)
    with pytest.raises(ClientError):
        stage.start()
    assert (stage.record_now().phase, share(stage)) == ("aborting", 20)
    stage.world.faults.clear()
    assert (stage.resume().ending, share(stage)) == ("aborted", 0)


def test_a_build_that_fails_touches_no_traffic_and_can_be_repeated() -> None:
    stage = alias_stage()
    built = stage.build

    def fails() -> NoReturn:
        raise RuntimeError("Pulumi says no")

    stage.build = fails
    with pytest.raises(RuntimeError, match="Pulumi says no"):
        stage.start()
    assert (stage.record_now().phase, share(stage)) == ("building", 0)
    stage.build = built
    assert stage.resume().ending == "promoted"


def test_the_stack_is_updated_once_and_only_before_there_is_any_traffic() -> None:
    stage = alias_stage()
    built = stage.build
    weights: list[float | None] = []

    def build() -> Target:
        weights.append(share(stage))
        return built()

    stage.build = build
    assert stage.start().ending == "promoted"
    assert weights == [0]


def test_what_the_survey_forbids_touches_nothing() -> None:
    stage = alias_stage()
    stage.world.lambda_.set_alias("thumbnails", "live", "1", {"2": 0.3})
    with pytest.raises(Refused, match="somebody is shifting it"):
        stage.start()
    assert stage.record() is None

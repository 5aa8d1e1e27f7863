"""A person who acts while a worker is at it, just before any of its calls: one of them is the owner, never both."""

import pytest

from rollouts import control
from rollouts.errors import LeaseLost, Locked, Refused
from rollouts.machine import tick
from rollouts.record import ALL, Rollout
from simulator.world.traffic import Quality
from tests.rollouts.hands import (
    PERSON,
    Encounter,
    Hand,
    abort,
    abort_and_look,
    at_phase,
    finish_left,
    hold,
    let_go,
    patiently,
    promote,
    promote_fully,
    take_over,
)
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, GOOD, SHORT, alias_stage
from tests.rollouts.together import DRIVEN, check, finish, is_shift, meddle, share


def points(driver: str, candidate: Quality = GOOD) -> range:
    """Every call of a worker's that nobody disturbs, from the first write on."""
    stage = DRIVEN[driver](candidate)
    stage.start()
    begun = next(at for at, name in enumerate(stage.operations()) if name == "ledger.Swap")
    return range(begun + 1, len(stage.world.calls) + 1)


@pytest.mark.usefixtures("few_looks")
@pytest.mark.parametrize("driver", DRIVEN)
class TestAtEveryPoint:
    """A good version, which would go live if nobody did anything."""

    @pytest.mark.parametrize("is_whole", [False, True])
    def test_an_abort_takes_all_traffic_back_for_good(self, driver: str, *, is_whole: bool) -> None:
        aborted = 0
        for number in points(driver):
            met = Encounter(stage=DRIVEN[driver](GOOD), number=number, hand=abort, is_whole=is_whole)
            if met.refused is not None:
                assert met.record.ending == "promoted", number
                continue
            aborted += 1
            if is_whole and met.is_on_its_way:
                continue
            met.check_loser()
            assert (met.record.phase, met.record.ending, share(met.stage)) == ("ended", "aborted", 0), number
        assert aborted > len(points(driver)) / 2

    def test_a_write_that_comes_through_late_is_taken_back_too(self, driver: str) -> None:
        late = 0
        for number in points(driver):
            met = Encounter(stage=DRIVEN[driver](GOOD), number=number, hand=abort_and_look)
            if met.late and is_shift(met.late[0]):
                late += 1
                met.check_loser()
                assert (met.record.phase, met.record.ending, share(met.stage)) == ("ended", "aborted", 0), number
        assert late == len(SHORT)

    @pytest.mark.parametrize("is_whole", [False, True])
    def test_who_takes_over_brings_it_to_its_end(self, driver: str, *, is_whole: bool) -> None:
        for number in points(driver):
            met = Encounter(stage=DRIVEN[driver](GOOD), number=number, hand=take_over, is_whole=is_whole)
            if is_whole and met.is_on_its_way:
                continue
            assert (met.record.phase, met.record.ending, share(met.stage)) == ("ended", "promoted", ALL), number
            if met.refused is None and met.ended is None:
                met.check_loser()


@pytest.mark.usefixtures("few_looks")
class TestAtEveryPointOfAnAlias:
    def test_what_is_held_takes_no_further_step(self) -> None:
        held = 0
        for number in points("alias"):
            met = Encounter(stage=alias_stage(), number=number, hand=hold, is_whole=True)
            if met.refused is not None:
                assert met.record.ending == "promoted" or "no step left" in str(met.refused), number
                continue
            held += 1
            assert met.record.hold is not None, number
            shifts = [call for call in met.late if is_shift(call)]
            assert share(met.stage) == met.record.weight or shifts == met.late[:1], number
            met.stage.world.faults.clear()
            assert finish_again(met.stage).ending == "promoted", number
            check(met.stage)
        assert held > len(points("alias")) / 3

    @pytest.mark.parametrize("hand", [promote, promote_fully])
    def test_what_is_called_good_still_goes_through_the_ledger(self, hand: Hand) -> None:
        for number in points("alias"):
            met = Encounter(stage=alias_stage(steps=(5, 20, 50, 100)), number=number, hand=hand)
            if met.refused is not None:
                finish_left(met.stage)
            assert (met.record.phase, met.record.ending, share(met.stage)) == ("ended", "promoted", ALL), number
            check(met.stage)

    def test_a_worker_that_finds_it_bad_at_the_same_time_leaves_nothing_behind(self) -> None:
        for number in points("alias", BAD):
            met = Encounter(stage=alias_stage(BAD), number=number, hand=promote)
            if met.refused is not None:
                finish_left(met.stage)
            assert (met.record.phase, met.record.ending, share(met.stage)) == ("ended", "aborted", 0), number
            check(met.stage)


@pytest.mark.usefixtures("few_looks")
@pytest.mark.parametrize("driver", DRIVEN)
@pytest.mark.parametrize("gap", [1, 2, 3, 4])
@pytest.mark.parametrize("ticks", [1, 2, 3, 30])
def test_an_abort_whose_rollout_is_promoted_meanwhile_leaves_nobody_without_tasks(
    driver: str, gap: int, ticks: int
) -> None:
    stage = DRIVEN[driver](GOOD)
    worker, tools = at_phase(stage, "stepping", lambda rollout: rollout.next_step is None)
    promoting = tools.clock
    begun = len(stage.world.calls)

    def work_on() -> None:
        while worker.rollout.phase == "stepping":
            tick(worker, tools)
            promoting.sleep(control.TICK_SECONDS)
        for _ in range(ticks - 1):
            tick(worker, tools)
            promoting.sleep(control.TICK_SECONDS)
            worker.guard()

    meddle(stage, begun + gap, work_on)
    person = stage.tools()
    try:
        finish(abort(stage, person), person)
    except Refused:
        finish_left(stage)
    record = stage.record()
    assert record is not None
    assert not record.is_open
    promoted = record.ending == "promoted"
    assert share(stage) == (ALL if promoted else 0)
    assert person.drive(record).running() == (record.candidate if promoted else record.live)


def finish_again(stage: Stage) -> Rollout:
    """A person lets it go on."""
    tools = stage.tools()
    return finish(let_go(stage, tools), tools)


@pytest.mark.usefixtures("few_looks")
@pytest.mark.parametrize("skew", [-290, 290])
class TestClocks:
    """As far apart as AWS still takes signed requests."""

    def test_an_abort_goes_back_for_good(self, skew: float) -> None:
        for number in points("alias"):
            met = Encounter(stage=alias_stage(), number=number, hand=abort, skew_seconds=skew)
            if met.refused is None:
                met.check_loser()
                assert (met.record.ending, share(met.stage)) == ("aborted", 0), number

    def test_who_goes_on_when_the_lease_is_over_by_his_clock_is_the_only_one(self, skew: float) -> None:
        for number in points("alias"):
            met = Encounter(stage=alias_stage(), number=number, hand=patiently, is_whole=True, skew_seconds=skew)
            assert (met.record.ending, share(met.stage)) == ("promoted", ALL), number
            if met.ended is None:
                met.check_loser()


def test_a_second_rollout_is_refused_while_one_is_open() -> None:
    stage = alias_stage()
    at_phase(stage, "stepping")
    with pytest.raises(Refused, match="onramp rollout resume goes on with it, onramp rollout abort goes back"):
        stage.start()


def test_who_slept_longer_than_his_lease_takes_nothing_back_any_more() -> None:
    stage = DRIVEN["balancer"](BAD)
    worker, tools = at_phase(stage, "stepping", lambda rollout: rollout.watched_since is not None)
    stage.world.clock.advance(30)
    control.take(stage.ledger, stage.tools(), stage.key, PERSON, by_force=False)
    before = len(stage.world.calls)
    with pytest.raises(LeaseLost):
        tick(worker, tools)
    assert "elbv2.ModifyRule" not in stage.operations()[before:]


def test_of_two_that_start_at_once_one_is_refused_and_one_goes_live() -> None:
    whole = alias_stage()
    at_phase(whole, "building")
    for number in range(1, len(whole.world.calls) + 1):
        stage = alias_stage()
        refused: list[Exception] = []
        meddle(stage, number, lambda stage=stage, refused=refused: _open(stage, refused))
        try:
            stage.start()
        except (Refused, Locked) as error:
            refused.append(error)
        assert len(refused) == 1, number
        stage.world.faults.clear()
        finish_left(stage)
        assert [event.kind for event in stage.events()].count("started") == 1, number
        assert (stage.record_now().ending, share(stage)) == ("promoted", ALL), number


def test_a_rollout_that_was_asked_for_before_another_one_went_live_touches_nothing() -> None:
    stage = DRIVEN["balancer"](GOOD)
    late, wanted = stage.tools(), stage.wanted(stage.outlook())
    assert stage.start().ending == "promoted"
    before = len(stage.world.calls)
    ended = finish(control.begin(stage.ledger, late, wanted), late)
    assert ended.ending == "aborted"
    assert "somebody has shifted meanwhile" in ended.reason
    assert not {"elbv2.ModifyRule", "ecs.UpdateService"} & {*stage.operations()[before:]}
    assert late.drive(ended).running() == stage.target.revision


def _open(stage: Stage, refused: list[Exception]) -> None:
    tools = stage.tools()
    try:
        control.begin(stage.ledger, tools, stage.wanted(stage.outlook())).release()
    except (Refused, Locked) as error:
        refused.append(error)

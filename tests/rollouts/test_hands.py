"""What people do with a rollout, at each of its phases."""

from datetime import timedelta
from typing import NoReturn

import pytest
from botocore.exceptions import ClientError

from rollouts import control
from rollouts.errors import Refused
from rollouts.record import ALL, Phase
from tests.rollouts.hands import Hand, abort, at_phase, hold, promote, promote_fully, take_over
from tests.rollouts.stages import BAD, GOOD, alias_stage, balancer_stage
from tests.rollouts.together import DRIVEN, check, finish, ignore, meddle, share, zero_of


@pytest.mark.usefixtures("few_looks")
@pytest.mark.parametrize("driver", DRIVEN)
class TestAtEveryPhase:
    @pytest.mark.parametrize("phase", ["building", "preparing", "stepping"])
    def test_an_abort_goes_back(self, driver: str, phase: Phase) -> None:
        stage = DRIVEN[driver](GOOD)
        at_phase(stage, phase)
        tools = stage.tools()
        ended = finish(abort(stage, tools), tools)
        assert (ended.phase, ended.ending, share(stage)) == ("ended", "aborted", 0)
        assert "somebody" in ended.reason
        check(stage)

    @pytest.mark.parametrize("phase", ["promoting", "verifying", "reconciling"])
    def test_after_the_last_step_an_abort_is_refused_and_touches_nothing(self, driver: str, phase: Phase) -> None:
        stage = DRIVEN[driver](GOOD)
        at_phase(stage, phase)
        before = len(stage.world.calls)
        with pytest.raises(Refused, match="past the point"):
            abort(stage, stage.tools())
        assert stage.operations()[before:] == ["ledger.Load"]

    def test_an_abort_of_what_goes_back_already_says_so(self, driver: str) -> None:
        stage = DRIVEN[driver](BAD)
        at_phase(stage, "aborting")
        with pytest.raises(Refused, match="on its way back"):
            abort(stage, stage.tools())

    @pytest.mark.parametrize("hand", [abort, take_over, hold, promote])
    def test_there_is_nothing_to_do_with_what_has_ended(self, driver: str, hand: Hand) -> None:
        stage = DRIVEN[driver](GOOD)
        stage.start()
        with pytest.raises(Refused, match="no open rollout"):
            hand(stage, stage.tools())

    def test_there_is_nothing_to_do_with_what_ends_just_now(self, driver: str) -> None:
        stage = DRIVEN[driver](GOOD)
        worker, its_tools = at_phase(stage, "reconciling")
        meddle(stage, len(stage.world.calls) + 2, lambda: finish(worker, its_tools))
        with pytest.raises(Refused, match="no open rollout"):
            hold(stage, stage.tools())
        assert stage.events()[-1].kind == "ended"

    def test_an_abort_that_aws_refuses_is_tried_again_by_whoever_goes_on(self, driver: str) -> None:
        stage = DRIVEN[driver](GOOD)
        at_phase(stage, "stepping", lambda rollout: rollout.step == 1)
        stage.world.faults.on("unavailable", zero_of(stage), times=None)
        with pytest.raises(ClientError):
            abort(stage, stage.tools())
        assert (stage.record_now().phase, share(stage)) == ("aborting", 20)
        stage.world.faults.clear()
        assert (stage.resume().ending, share(stage)) == ("aborted", 0)

    def test_an_abort_makes_its_zero_before_anything_else(self, driver: str) -> None:
        stage = DRIVEN[driver](GOOD)
        at_phase(stage, "stepping", lambda rollout: rollout.step == 1)
        before = len(stage.world.calls)
        abort(stage, stage.tools())
        assert stage.operations()[before : before + 2] == ["ledger.Load", zero_of(stage)]

    @pytest.mark.parametrize("phase", ["building", "stepping"])
    def test_an_abort_needs_no_engine(self, driver: str, phase: Phase) -> None:
        stage = DRIVEN[driver](GOOD)
        at_phase(stage, phase)
        stage.build = stage.reconcile = no_engine
        tools = stage.tools()
        ended = finish(abort(stage, tools), tools)
        assert (ended.ending, share(stage)) == ("aborted", 0)
        assert "not reconciled: the stack is locked" in ended.note

    def test_a_step_that_is_called_good_is_left_at_once_and_the_next_one_is_watched(self, driver: str) -> None:
        stage = DRIVEN[driver](GOOD)
        at_phase(stage, "stepping", lambda rollout: rollout.watched_since is not None)
        tools = stage.tools()
        journal = promote(stage, tools)
        control.run(journal, tools, tools.clock.now() + timedelta(minutes=2), ignore)
        assert (stage.record_now().step, stage.record_now().skip, share(stage)) == (2, False, ALL)

    def test_a_full_promotion_leaves_the_steps_between_out(self, driver: str) -> None:
        stage = {"alias": alias_stage, "balancer": balancer_stage}[driver](GOOD, steps=(5, 25, 50, 100))
        at_phase(stage, "stepping", lambda rollout: rollout.step == 1)
        tools = stage.tools()
        assert finish(promote_fully(stage, tools), tools).ending == "promoted"
        assert [event.data["weight"] for event in stage.events() if event.kind == "shifted"] == [5, 100]

    def test_nobody_can_call_good_what_nobody_watches(self, driver: str) -> None:
        stage = DRIVEN[driver](GOOD)
        at_phase(stage, "building")
        with pytest.raises(Refused, match="no step that anybody could call good"):
            promote(stage, stage.tools())

    def test_who_holds_it_before_the_first_step_keeps_all_traffic_where_it_is(self, driver: str) -> None:
        stage = DRIVEN[driver](GOOD)
        at_phase(stage, "building")
        tools = stage.tools()
        held = finish(hold(stage, tools), tools)
        again = finish(take_over(stage, tools), tools)
        assert (held.phase, again.phase, again.weight, share(stage)) == ("stepping", "stepping", 0, 0)

    def test_a_bad_version_that_is_held_is_taken_back_all_the_same(self, driver: str) -> None:
        stage = DRIVEN[driver](BAD)
        at_phase(stage, "stepping", lambda rollout: rollout.watched_since is not None)
        tools = stage.tools()
        finish(hold(stage, tools), tools)
        for _ in range(10):
            stage.world.clock.advance(1)
            left = stage.record_now()
            if left.is_open:
                finish(take_over(stage, tools), tools)
        assert (stage.record_now().ending, share(stage)) == ("aborted", 0)


def no_engine(*_: object) -> NoReturn:
    raise RuntimeError("the stack is locked")

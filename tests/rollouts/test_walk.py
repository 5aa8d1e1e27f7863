"""A walk at random through everything that people, jobs, AWS and time do to a rollout; looked at after every step."""

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from botocore.exceptions import ClientError, HTTPClientError
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rollouts import control
from rollouts.errors import RolloutError
from rollouts.ledger import Ledger
from rollouts.machine import tick
from rollouts.machine.tools import LEASE_SECONDS, Journal, Tools
from rollouts.record import Phase, Rollout
from simulator.world.api import AwsError
from simulator.world.faults import Killed, Kind
from simulator.world.traffic import Quality
from stacks.targets import BalancerTarget
from tests.rollouts.hands import HANDS, abort, let_go
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, GOOD, alias_stage, balancer_stage
from tests.rollouts.together import check, ignore, is_shift, share

CHANGES: Final = frozenset({"UpdateAlias", "ModifyRule", "UpdateService", "RegisterScalableTarget"})
"""What a rollout writes in AWS."""
KINDS: Final[tuple[Kind, ...]] = ("throttle", "unavailable", "lost", "repeated", "kill-before", "kill-after")
MOVABLE: Final[frozenset[Phase]] = frozenset({"building", "preparing", "stepping", "promoting", "aborting"})
STEPS: Final = (5, 50, 100)
TURNS_MAX: Final = 40
"""Of those who go on when nothing happens any more."""


def quietly(act: Callable[[], object]) -> None:
    """Whatever happens to somebody, nobody else learns of it but by the ledger and AWS."""
    with suppress(RolloutError, AwsError, ClientError, HTTPClientError, Killed):
        act()


class Walk(RuleBasedStateMachine):
    """One rollout, and everybody who is at it."""

    make: Callable[..., Stage] = staticmethod(alias_stage)

    @initialize(candidate=st.sampled_from([GOOD, GOOD, BAD]))
    def begin(self, candidate: Quality) -> None:
        self.stage = self.make(candidate, steps=STEPS, minutes=2)
        self.moved = False
        self.over: str | None = None
        self.workers: list[tuple[Journal, Tools]] = []
        tools = self.stage.tools()
        self.workers.append((control.begin(self.stage.ledger, tools, self.stage.wanted(self.stage.outlook())), tools))

    @property
    def record(self) -> Rollout:
        return self.stage.record_now()

    @rule(ticks=st.integers(1, 12))
    def a_job_of_single_ticks(self, ticks: int) -> None:
        for _ in range(ticks):
            quietly(self._once)
            self.stage.world.clock.sleep(45)

    def _once(self) -> None:
        tools = self.stage.tools()
        journal = control.take(self.stage.ledger, tools, self.stage.key, "a job", by_force=False)
        control.run(journal, tools, tools.clock.now(), ignore)

    @rule(hand=st.sampled_from([*HANDS]), stays=st.booleans())
    def a_person(self, hand: str, stays: bool) -> None:  # noqa: FBT001 - hypothesis passes what it has drawn
        tools = self.stage.tools()

        def act() -> None:
            journal = HANDS[hand](self.stage, tools)
            self.workers = [*self.workers[-2:], (journal, tools)]
            if not stays:
                control.run(journal, tools, tools.clock.now(), ignore)

        quietly(act)

    @precondition(lambda self: self.workers)
    @rule(number=st.integers(0, 2), ticks=st.integers(1, 12))
    def somebody_who_is_still_at_work(self, number: int, ticks: int) -> None:
        journal, tools = self.workers[number % len(self.workers)]
        entry = Ledger(self.stage.store).read(self.stage.key)
        owns = entry is not None and entry.lease is not None and entry.lease.fence == journal.lease.fence
        before, document = len(self.stage.world.calls), self.record.document

        def work() -> None:
            for _ in range(ticks):
                journal.guard()
                tick(journal, tools)
                tools.clock.sleep(control.TICK_SECONDS)

        quietly(work)
        if not owns:
            done = self.stage.world.calls[before:]
            assert not [call for call in done if is_shift(call)]
            assert self.record.document == document

    @rule(kind=st.sampled_from(KINDS), nth=st.integers(1, 40), ticks=st.integers(1, 8))
    def something_goes_wrong_for_a_job(self, kind: Kind, nth: int, ticks: int) -> None:
        self.stage.world.faults.on(kind, "", nth=nth)
        self.a_job_of_single_ticks(ticks)
        self.stage.world.faults.clear()

    @rule(kind=st.sampled_from(KINDS), nth=st.integers(1, 12), hand=st.sampled_from([*HANDS]))
    def something_goes_wrong_for_a_person(self, kind: Kind, nth: int, hand: str) -> None:
        self.stage.world.faults.on(kind, "", nth=nth)
        self.a_person(hand, stays=False)
        self.stage.world.faults.clear()

    @rule(minutes=st.sampled_from([1, 3, 5, 10, 30, 300]))
    def time_passes(self, minutes: int) -> None:
        self.stage.world.clock.advance(minutes)

    @precondition(lambda self: self.record.phase in MOVABLE)
    @rule(weight=st.sampled_from([0, 5, 30, 100]))
    def a_hand_on_the_weights(self, weight: int) -> None:
        self.moved = True
        match self.stage.target:
            case BalancerTarget() as target:
                groups = {target.groups.blue: 100 - weight, target.groups.green: weight}
                self.stage.world.elbv2.set_weights(target.rule, groups)
            case _:
                second = {"2": weight / 100} if 0 < weight < 100 else {}
                self.stage.world.lambda_.set_alias("thumbnails", "live", "1" if weight < 100 else "2", second)

    @rule(quality=st.sampled_from([GOOD, BAD]))
    def the_candidate_turns(self, quality: Quality) -> None:
        driver = self.stage.target.driver
        self.stage.world.traffic.behave("thumbnails:2" if driver == "alias" else self.stage.target.revision, quality)

    @invariant()
    def what_must_hold_holds(self) -> None:
        check(self.stage, moved=self.moved)
        self._check_shifts()
        if self.over is None and not self.record.is_open:
            self.over = self.record.document
            self._check_end()
        assert self.over in {None, self.record.document}

    def _check_shifts(self) -> None:
        """Each share was wanted first, by the ledger, and is one of the steps; nobody else's is ever taken for ours."""
        told = [(event.kind, event.data["weight"]) for event in self.stage.events() if "weight" in event.data]
        moves = [(kind, weight) for kind, weight in told if kind in {"intent", "shifted"}]
        assert all(weight in STEPS for _, weight in moves)
        before = [("", 0), *moves]
        assert all(one == ("intent", move[1]) for one, move in zip(before, moves, strict=False) if move[0] == "shifted")

    def _check_end(self) -> None:
        ended, kinds = self.record, [event.kind for event in self.stage.events()]
        running = self.stage.tools().drive(ended).running()
        if ended.ending == "promoted":
            assert running == ended.candidate
        if "abort" in kinds:
            assert (ended.ending, share(self.stage), running) == ("aborted", 0, ended.live)
        if ended.ending == "rolled-back":
            assert "not-verified" in kinds

    def teardown(self) -> None:
        """Quiet: whoever resumes it brings it to its end, or it is held because somebody has moved the weights."""
        if not hasattr(self, "stage"):
            return
        for _ in range(TURNS_MAX):
            if not self.record.is_open:
                break
            self.stage.world.clock.sleep(3 * LEASE_SECONDS)
            tools = self.stage.tools()
            control.run(let_go(self.stage, tools), tools, None, ignore)
            self.what_must_hold_holds()
        if self.record.is_open:
            assert self.moved
            assert self.record.hold is not None
            tools = self.stage.tools()
            control.run(abort(self.stage, tools), tools, None, ignore)
            self.what_must_hold_holds()
        assert not self.record.is_open


class BalancerWalk(Walk):
    """The same with two target groups."""

    make = staticmethod(balancer_stage)


FEW: Final = settings(
    max_examples=30,
    stateful_step_count=14,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAlias = Walk.TestCase
TestAlias.settings = FEW
TestBalancer = BalancerWalk.TestCase
TestBalancer.settings = FEW

"""What a person does with a rollout, and a person who does it while a worker is just about to do something else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from rollouts import control
from rollouts.errors import LeaseLost, Locked, Refused
from rollouts.machine import tick
from rollouts.machine.tools import LEASE_SECONDS, Journal, Tools
from rollouts.record import Phase, Rollout
from simulator.world.client import Call
from tests.rollouts.stage import Stage
from tests.rollouts.together import check, finish, is_shift, meddle

Hand = Callable[[Stage, Tools], Journal]
PERSON: Final = "somebody"


def abort(stage: Stage, tools: Tools) -> Journal:
    return control.abort(stage.ledger, tools, stage.key, PERSON, "by hand")


def abort_and_look(stage: Stage, tools: Tools) -> Journal:
    """And work on for as long as a request can be on its way at most."""
    journal = abort(stage, tools)
    for _ in range(3):
        tick(journal, tools)
        tools.clock.sleep(control.TICK_SECONDS / 3)
    return journal


def take_over(stage: Stage, tools: Tools) -> Journal:
    return control.take(stage.ledger, tools, stage.key, PERSON, by_force=True)


def hold(stage: Stage, tools: Tools) -> Journal:
    journal = take_over(stage, tools)
    control.hold(journal, tools, PERSON, "wait")
    return journal


def let_go(stage: Stage, tools: Tools) -> Journal:
    journal = take_over(stage, tools)
    control.release(journal, tools, PERSON)
    return journal


def promote(stage: Stage, tools: Tools) -> Journal:
    journal = take_over(stage, tools)
    control.promote(journal, tools, PERSON, is_full=False)
    return journal


def promote_fully(stage: Stage, tools: Tools) -> Journal:
    journal = take_over(stage, tools)
    control.promote(journal, tools, PERSON, is_full=True)
    return journal


HANDS: Final[Mapping[str, Hand]] = {
    "take over": take_over,
    "hold": hold,
    "let go": let_go,
    "promote": promote,
    "promote fully": promote_fully,
    "abort": abort,
}


def patiently(stage: Stage, tools: Tools) -> Journal:
    """Wait for the lease to be over, by one's own clock."""
    while True:
        try:
            return control.take(stage.ledger, tools, stage.key, PERSON, by_force=False)
        except Locked:
            tools.clock.sleep(LEASE_SECONDS / 4)


def at_phase(stage: Stage, phase: Phase, when: Callable[[Rollout], bool] = lambda _: True) -> tuple[Journal, Tools]:
    """A worker that has come so far, and still has the lease."""
    tools = stage.tools()
    journal = control.begin(stage.ledger, tools, stage.wanted(stage.outlook()))
    while not (journal.rollout.phase == phase and when(journal.rollout)):
        tick(journal, tools)
        tools.clock.sleep(control.TICK_SECONDS)
        journal.guard()
    return journal, tools


@dataclass(kw_only=True)
class Encounter:
    """A worker, and a person who acts just before one of its calls.

    Args:
        stage: where.
        number: of the worker's call.
        hand: what the person does.
        is_whole: whether the person also goes on to the end before the worker's call comes through.
        skew_seconds: of the person's clock.
    """

    stage: Stage
    number: int
    hand: Hand
    is_whole: bool = False
    skew_seconds: float = 0
    refused: Refused | None = None
    ended: Rollout | None = None
    lost: bool = False
    late: list[Call] = field(default_factory=list[Call])
    """What the worker did when the rollout was no longer its own; the first of it was on its way by then."""

    def __post_init__(self) -> None:
        tools = self.stage.tools(self.skew_seconds)
        journals: list[Journal] = []
        done: list[int] = []

        def act() -> None:
            try:
                journals.append(self.hand(self.stage, tools))
            except Refused as refused:
                self.refused = refused
            if journals and self.is_whole:
                finish(journals[0], tools)
            done.append(len(self.stage.world.calls))

        meddle(self.stage, self.number, act)
        try:
            self.ended = self.stage.start()
        except LeaseLost:
            self.lost = True
        if journals:
            self.late = [self.stage.world.calls[self.number - 1], *self.stage.world.calls[done[0] :]]
        if journals and not self.is_whole:
            finish(journals[0], tools)

    @property
    def record(self) -> Rollout:
        return self.stage.record_now()

    @property
    def is_on_its_way(self) -> bool:
        """Whether a write without a condition was stopped as long as the rest takes; AWS's answers take seconds."""
        return self.late[:1] != [] and self.late[0].operation == "ModifyRule" and is_shift(self.late[0])

    def check_loser(self) -> None:
        """Whoever has lost the rollout says so, and gives nobody any traffic; what had left already is looked after."""
        assert self.lost or self.ended == self.record, self.number  # it may have been over before the worker looked
        assert not any(is_shift(call) for call in self.late[1:]), self.number
        check(self.stage, in_time=not self.skew_seconds)


def finish_left(stage: Stage) -> None:
    """A refused command leaves the rollout to whoever comes next."""
    left = stage.record()
    if left is not None and left.is_open:
        stage.resume()

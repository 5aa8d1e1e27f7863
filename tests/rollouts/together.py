"""Two processes at one rollout, and what holds whatever they and AWS do."""

from collections.abc import Callable
from typing import Final, TypeVar

from rollouts.control import run
from rollouts.driver import Driven
from rollouts.machine.tools import Journal, Tools
from rollouts.record import ALL, Rollout
from simulator.world.client import Call
from simulator.world.faults import Faults
from simulator.world.traffic import Quality
from stacks.targets import AliasTarget, BalancerTarget
from tests.rollouts.stage import Stage
from tests.rollouts.stages import alias_stage, balancer_stage

T = TypeVar("T")
Make = Callable[[Quality], Stage]

DRIVEN: Final[dict[str, Make]] = {"alias": alias_stage, "balancer": balancer_stage}
"""The stages on which the machine itself is proven; every way of shifting has its own tests besides."""


class Meddler(Faults):
    """Somebody who acts just before the call of another one with this number."""

    def __init__(self, number: int, act: Callable[[], object]) -> None:
        super().__init__()
        self._number, self._act = number, act

    def meet(self, number: int, name: str, effect: Callable[[], T]) -> T:
        if number == self._number:
            self._act()
        return super().meet(number, name, effect)


def meddle(stage: Stage, number: int, act: Callable[[], object]) -> None:
    """Let `act` happen just before a call that somebody makes."""
    stage.world.faults = stage.world.gate.faults = Meddler(number, act)


def ignore(_: Rollout) -> None:
    """For those who do not watch."""


def finish(journal: Journal, tools: Tools) -> Rollout:
    """Until it ends, or is held."""
    return run(journal, tools, None, ignore)


def share(stage: Stage) -> float | None:
    """The candidate's share as AWS has it; 0 before there is a candidate."""
    record = stage.record()
    if record is None or not record.candidate:
        return 0
    driver = stage.tools().drive(record)
    assert isinstance(driver, Driven)
    return driver.weight()


def is_shift(call: Call) -> bool:
    """Whether it gives traffic to the second version of a stage."""
    if call.operation == "UpdateAlias":
        routing = call.params["RoutingConfig"]["AdditionalVersionWeights"]
        return call.params["FunctionVersion"] == "2" or bool(routing)
    if call.operation == "ModifyRule":
        groups = call.params["Actions"][0]["ForwardConfig"]["TargetGroups"]
        return any(group["Weight"] for group in groups if "green" in group["TargetGroupArn"])
    return False


def zero_of(stage: Stage) -> str:
    """The one call that takes all traffic back."""
    match stage.target:
        case AliasTarget():
            return "lambda.UpdateAlias"
        case BalancerTarget():
            return "elbv2.ModifyRule"
        case target:
            raise NotImplementedError(target.driver)


def check(stage: Stage, *, in_time: bool = True, moved: bool = False) -> None:
    """What holds at any moment at which no process is at work.

    Args:
        stage: with nothing going wrong any more.
        in_time: whether all clocks were right.
        moved: whether somebody has moved the weights by hand, and may be who explains them.
    """
    record, events = stage.record(), stage.events()
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    fences = [event.fence for event in events]
    assert fences == sorted(fences)
    assert len({(event.fence, event.actor) for event in events}) == len(set(fences))
    if in_time:
        assert [event.at for event in events] == sorted(event.at for event in events)
    kinds = [event.kind for event in events]
    begun = [at for at, kind in enumerate(kinds) if kind == "started"]
    assert begun == [0, *(at + 1 for at, kind in enumerate(kinds[:-1]) if kind == "ended")] if kinds else not begun
    if record is None:
        assert share(stage) == 0
        return
    found, judged_bad = share(stage), "abort" in kinds[begun[-1] :]
    assert not (judged_bad and "shifted" in kinds[begun[-1] + kinds[begun[-1] :].index("abort") :])
    if moved:
        return
    match record.phase:
        case "building" | "preparing":
            assert found == 0
        case "stepping":
            # Zero is what an abort leaves whose process died before it could say so; the next tick goes back.
            assert found in {record.weight, record.intent, 0} or record.hold is not None
        case "promoting":
            assert found in {ALL, 0}
        case "aborting":
            assert judged_bad
        case _:
            assert found == (ALL if record.ending == "promoted" else 0)

"""Any faults, kills, people and wrong clocks, in any order: what must hold holds, and it comes to an end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import pytest
from botocore.exceptions import ClientError, HTTPClientError
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from rollouts.control import begin, run, take
from rollouts.errors import RolloutError
from rollouts.machine.tools import LEASE_SECONDS, Journal, Tools
from simulator.world.api import AwsError
from simulator.world.faults import Killed, Kind
from simulator.world.traffic import Quality
from tests.rollouts.hands import HANDS, Hand, let_go
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, GOOD
from tests.rollouts.together import DRIVEN, check, ignore, share

TURNS_MAX: Final = 40
"""Of those who go on when nothing goes wrong any more."""


def go_on(stage: Stage, tools: Tools) -> Journal:
    if stage.record() is None:
        return begin(stage.ledger, tools, stage.wanted(stage.outlook()))
    return take(stage.ledger, tools, stage.key, "a job", by_force=False)


EVERYBODY: Final[Mapping[str, Hand]] = {"go on": go_on, **HANDS}


@dataclass(frozen=True, kw_only=True)
class Turn:
    """Somebody's turn.

    Args:
        hand: what he does first; then he works on.
        minutes: for how long he works.
        fault: what goes wrong for him, or nothing.
        at: at which of his calls.
        lasts: whether it goes on going wrong.
        skew_seconds: of his clock.
        pause: minutes until the next one's.
    """

    hand: str
    minutes: int
    fault: Kind | None
    at: int
    lasts: bool
    skew_seconds: float
    pause: int


TURNS: Final = st.lists(
    st.builds(
        Turn,
        hand=st.sampled_from(["go on"] * 6 + [*EVERYBODY]),
        minutes=st.integers(0, 8),
        fault=st.sampled_from(
            [None, "throttle", "unavailable", "expired", "lost", "repeated", "kill-before", "kill-after"]
        ),
        at=st.integers(1, 60),
        lasts=st.booleans(),
        skew_seconds=st.sampled_from([0.0, 0.0, -200.0, 200.0]),
        pause=st.sampled_from([0, 1, 3, 30]),
    ),
    min_size=2,
    max_size=12,
)


def take_turn(stage: Stage, turn: Turn) -> None:
    """Whatever happens to him, nobody else learns of it but by the ledger and AWS."""
    if turn.fault is not None:
        stage.world.faults.on(turn.fault, "", nth=turn.at, times=None if turn.lasts else 1)
    tools = stage.tools(turn.skew_seconds)
    try:
        journal = EVERYBODY[turn.hand](stage, tools)
        run(journal, tools, tools.clock.now() + timedelta(minutes=turn.minutes), ignore)
    except (RolloutError, AwsError, ClientError, HTTPClientError, Killed) as error:
        event(type(error).__name__)
    stage.world.faults.clear()
    stage.world.clock.advance(turn.pause)


@pytest.mark.parametrize("driver", DRIVEN)
@pytest.mark.parametrize("candidate", [GOOD, BAD])
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(turns=TURNS)
@pytest.mark.usefixtures("few_looks")
def test_everything_that_must_hold_holds_and_it_ends(driver: str, candidate: Quality, turns: Sequence[Turn]) -> None:
    stage = DRIVEN[driver](candidate)
    for turn in turns:
        take_turn(stage, turn)
        check(stage, in_time=not any(each.skew_seconds for each in turns))
    for _ in range(TURNS_MAX):
        left = stage.record()
        if left is not None and not left.is_open:
            break
        stage.world.clock.sleep(3 * LEASE_SECONDS)  # the last one's clock may have been ahead
        tools = stage.tools()
        run((let_go if left is not None else go_on)(stage, tools), tools, None, ignore)
    ended = stage.record_now()
    check(stage, in_time=False)
    event(f"{ended.ending}")
    assert ended.phase == "ended"
    hands = {turn.hand for turn in turns}
    if candidate is BAD and not hands & {"promote", "promote fully"}:
        assert (ended.ending, share(stage)) == ("aborted", 0)
    if candidate is GOOD and "abort" not in hands:
        assert ended.ending == "promoted"

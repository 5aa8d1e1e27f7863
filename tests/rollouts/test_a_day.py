"""A bake of 23 hours by jobs of minutes, each another process; and a record that DynamoDB holds after a whole day."""

from collections.abc import Callable
from datetime import timedelta

import numpy as np

from rollouts.control import begin, run, take
from rollouts.gates import Counts, Minute, Pair, Targets
from rollouts.judge import MINUTES_OF_A_LOOK, SEEN_MAX
from rollouts.ledger.ledger import DOCUMENT_BYTES_MAX
from rollouts.record import Rollout
from simulator.world.traffic import Quality, constant
from tests.rollouts.hands import at_phase, promote
from tests.rollouts.stage import START, Stage
from tests.rollouts.stages import BAD, GOOD, alias_stage
from tests.rollouts.together import check, ignore, share

BAKE_MINUTES = 1_380
BAD_AFTER_MINUTES = 1_180
EVERY_MINUTES = 15
GATES_OF_ONES_OWN = 20


def baking(*later: tuple[float, Quality]) -> Stage:
    """A rollout whose first share is watched for 23 hours; the new version may change later."""
    stage = alias_stage(GOOD, script=constant(2_000), steps=(50, 100), minutes=BAKE_MINUTES)
    stage.world.traffic.behave("thumbnails:2", GOOD, *later)
    tools = stage.tools()
    run(begin(stage.ledger, tools, stage.wanted(stage.outlook())), tools, tools.clock.now(), ignore)
    return stage


def once_every_so_often(stage: Stage, is_over: Callable[[Rollout], bool]) -> list[int]:
    """`resume --keep-hold --once` by a schedule; the bytes of the record after each."""
    sizes: list[int] = []
    while not is_over(stage.record_now()):
        stage.world.clock.advance(EVERY_MINUTES)
        tools = stage.tools()
        run(take(stage.ledger, tools, stage.key, "a scheduled job", by_force=False), tools, tools.clock.now(), ignore)
        sizes.append(len(stage.record_now().document))
    return sizes


def test_a_step_of_23_hours_needs_no_job_of_23_hours() -> None:
    stage = baking()
    sizes = once_every_so_often(stage, lambda rollout: rollout.step > 1)
    shifts = [each.at for each in stage.events() if each.kind == "shifted"]
    late = shifts[1] - shifts[0] - timedelta(minutes=BAKE_MINUTES)
    assert timedelta(0) <= late <= timedelta(minutes=3 * EVERY_MINUTES)
    looks = [len(str(each.data["minutes"]).splitlines()) for each in stage.events() if each.kind == "look"]
    assert sum(looks) >= BAKE_MINUTES
    assert max(looks) <= 2 * EVERY_MINUTES
    assert max(sizes) < DOCUMENT_BYTES_MAX / 8
    tools = stage.tools()
    promote(stage, tools).release()
    once_every_so_often(stage, lambda rollout: not rollout.is_open)
    assert stage.record_now().ending == "promoted"
    check(stage)


def test_a_version_that_turns_bad_in_the_twentieth_hour_is_taken_back_by_the_next_jobs() -> None:
    stage = baking((BAD_AFTER_MINUTES, BAD))
    once_every_so_often(stage, lambda rollout: rollout.phase == "aborting")
    first, aborted = (next(each.at for each in stage.events() if each.kind == kind) for kind in ("shifted", "abort"))
    turned = first + timedelta(minutes=BAD_AFTER_MINUTES)
    assert turned < aborted <= turned + timedelta(minutes=2 * EVERY_MINUTES)
    assert share(stage) == 0


def test_as_many_minutes_as_are_judged_together_with_many_gates_and_alarms_fits_into_the_ledger() -> None:
    numbers = np.random.default_rng(1)

    def counts(total: int) -> Counts:
        return Counts(total=total, bad=int(numbers.integers(0, total // 50)))

    def minute(number: int) -> Minute:
        requests = int(numbers.integers(10_000, 900_000))
        pairs = {name: Pair(canary=counts(requests // 20), baseline=counts(requests)) for name in ("5xx", "p99")}
        return Minute(
            at=START + timedelta(minutes=number),
            step=3,
            counts=pairs,
            values={f"a-metric-of-its-own-{each}": round(numbers.random(), 6) for each in range(GATES_OF_ONES_OWN)},
            alarms={f"news-api-prod-some-alarm-{each}": "OK" for each in range(GATES_OF_ONES_OWN)},
            targets=Targets(healthy=12, unhealthy=0),
        )

    journal, _ = at_phase(alias_stage(), "stepping")
    seen = tuple(minute(number) for number in range(SEEN_MAX + MINUTES_OF_A_LOOK))
    full = journal.rollout.but(seen=seen)
    assert len(full.document) < DOCUMENT_BYTES_MAX
    assert Rollout.model_validate_json(full.document) == full

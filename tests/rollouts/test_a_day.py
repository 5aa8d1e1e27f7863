"""A bake of 23 hours by jobs of minutes, each another process; and a record that DynamoDB holds after a whole day."""

from datetime import timedelta

import numpy as np

from rollouts.control import begin, run, take
from rollouts.gates import Counts, Minute, Pair, Targets
from rollouts.ledger.ledger import DOCUMENT_BYTES_MAX
from rollouts.record import Rollout
from simulator.world.traffic import constant
from tests.rollouts.hands import at_phase
from tests.rollouts.stage import START
from tests.rollouts.stages import GOOD, alias_stage
from tests.rollouts.together import check, ignore

BAKE_MINUTES = 1_380
JOB_EVERY_MINUTES = 60
DAY_MINUTES = 1_440
GATES_OF_ONES_OWN = 20


def test_a_step_of_23_hours_needs_no_job_of_23_hours() -> None:
    stage = alias_stage(GOOD, script=constant(2_000), steps=(50, 100), minutes=BAKE_MINUTES)
    tools = stage.tools()
    run(begin(stage.ledger, tools, stage.wanted(stage.outlook())), tools, tools.clock.now(), ignore)
    sizes: list[int] = []
    while stage.record_now().is_open:
        stage.world.clock.advance(JOB_EVERY_MINUTES)
        tools = stage.tools()
        begun = tools.clock.now()
        journal = take(stage.ledger, tools, stage.key, "a scheduled job", by_force=False)
        run(journal, tools, begun + timedelta(minutes=1), ignore)
        assert tools.clock.now() - begun <= timedelta(minutes=2)
        sizes.append(len(stage.record_now().document))
    assert stage.record_now().ending == "promoted"
    steps = [each.at for each in stage.events() if each.kind == "shifted"]
    assert steps[1] - steps[0] >= timedelta(minutes=BAKE_MINUTES)
    assert max(sizes) < DOCUMENT_BYTES_MAX / 4
    check(stage)


def test_a_day_of_minutes_with_many_gates_and_alarms_fits_into_the_ledger() -> None:
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
    seen = tuple(minute(number) for number in range(DAY_MINUTES))
    full = journal.rollout.but(seen=seen)
    assert len(full.document) < DOCUMENT_BYTES_MAX
    assert Rollout.model_validate_json(full.document) == full

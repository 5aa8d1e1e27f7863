"""Whole rollouts in the rollout world: preflight, steps, verdicts, promotion or the way back, by the real machine.

Half of them move the alias of a function, half the target groups of a container service. Services are those of the
gates' own benchmark. A third of the rollouts each have a new version that is good, fails twice as often, or has twice
the p99. Ceilings are above what the service itself reaches in a bad minute, as whoever knows it would write them.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from math import exp
from statistics import NormalDist, fmean, median
from typing import Final, Literal

import numpy as np

from benchmarks.services import DAY, FAILED, Draws, Service
from rollouts.control import begin, run
from rollouts.machine.tools import Tools
from rollouts.preflight import Outlook
from rollouts.record import Rollout
from simulator.world.traffic import Quality, recorded
from tests.rollouts.stage import BEFORE_MINUTES, START, Stage
from tests.rollouts.stages import alias_stage, balancer_stage

Kind = Literal["good", "5xx doubled", "p99 doubled"]
KINDS: Final[tuple[Kind, ...]] = ("good", "5xx doubled", "p99 doubled")
ROLLOUTS: Final = 1_000
SEED: Final = 11
STEPS: Final = (5, 25, 50, 100)
STEP_MINUTES: Final = 5
MEDIAN_MS: Final = 50.0
WORST_MOOD: Final = 12
"""An incident makes everything five times as bad, on top of what drifts."""
_Z99: Final = NormalDist().inv_cdf(0.99)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a rollout went.

    Args:
        kind: of the new version.
        ending: "refused" before the start, "held" at a deadline, else as the ledger has it.
        step: at which it ended, from 1.
        minutes: from the first share that was in force to the decision on it, or all of it when it was promoted.
        calls: of AWS, from its begin to its end.
    """

    kind: Kind
    ending: str
    step: int = 0
    minutes: float = 0
    calls: int = 0


def roll_out(number: int) -> Outcome:
    """The rollout with this number; always the same one."""
    kind, draws = KINDS[number % len(KINDS)], Draws(SEED * ROLLOUTS + number)
    draw: dict[Kind, Callable[[], Service]] = {
        "good": draws.service,
        "5xx doubled": draws.failing,
        "p99 doubled": draws.slow,
    }
    stage = _stage(number, draw[kind](), draws)
    outlook = _outlook(stage)
    if outlook.problems:
        return Outcome(kind=kind, ending="refused")
    tools, begun = stage.tools(), len(stage.world.calls)
    ended = run(begin(stage.ledger, tools, stage.wanted(outlook)), tools, None, _ignore)
    calls = sum(call.service != "ledger" for call in stage.world.calls[begun:])
    ending = ended.ending or "held"
    return Outcome(kind=kind, ending=ending, step=ended.step, minutes=_minutes(stage, tools), calls=calls)


def _stage(number: int, service: Service, draws: Draws) -> Stage:
    make = alias_stage if number // len(KINDS) % 2 else balancer_stage
    good, new = _quality(service, is_new=False), _quality(service, is_new=True)
    script = recorded(draws.coming(service.traffic, DAY).tolist())
    stage = make(new, seed=number, script=script, steps=STEPS, minutes=STEP_MINUTES)
    ceiling = min(50.0, max(1.0, WORST_MOOD * 100 * service.good[FAILED.name]))
    gates = stage.target.gates.model_copy(update={"error_percent": ceiling, "on_deadline": "hold"})
    _plan(stage, {"gates": gates})
    _let_errors_come_and_go(stage, draws, (good, new))
    stage.world.clock.advance(BEFORE_MINUTES)
    return stage


def _quality(service: Service, *, is_new: bool) -> Quality:
    slower = service.slower if is_new else "none"
    return Quality(
        error_rate=(service.new if is_new else service.good)[FAILED.name],
        median_ms=MEDIAN_MS * (2 if slower == "all" else 1),
        p99_ms=MEDIAN_MS * exp(service.spread * _Z99) * (1 if slower == "none" else 2),
    )


def _plan(stage: Stage, changes: dict[str, object]) -> None:
    stage.target = target = stage.target.model_copy(update=changes)
    stage.build = lambda: target


def _let_errors_come_and_go(stage: Stage, draws: Draws, qualities: tuple[Quality, Quality]) -> None:
    """As in the gates' benchmark: for both versions alike."""
    world, mood = stage.world, draws.mood(DAY)
    live = stage.outlook().survey.live
    revisions = [
        revision if stage.target.driver == "balancer" else f"thumbnails:{revision}"
        for revision in (live, stage.target.revision)
    ]

    def change(minute: object) -> None:
        del minute
        worse = float(mood[int((world.clock.now() - START).total_seconds() // 60) % DAY])
        for revision, quality in zip(revisions, qualities, strict=True):
            rate = min(1.0, quality.error_rate * worse)
            changed = Quality(error_rate=rate, median_ms=quality.median_ms, p99_ms=quality.p99_ms)
            world.traffic.behave(revision, changed)

    world.clock.every_minute(change)


def _outlook(stage: Stage) -> Outlook:
    """Where the preflight refuses the first step, with the weight that it names."""
    outlook = stage.outlook()
    weight = outlook.forecast.first_weight if outlook.forecast is not None else None
    if weight is None:
        return outlook
    _plan(stage, {"steps": (weight, *(step for step in STEPS if step > weight))})
    return stage.outlook()


def _minutes(stage: Stage, tools: Tools) -> float:
    settled = next((event.at for event in stage.events() if event.kind == "settled"), tools.clock.now())
    decided = next((event.at for event in stage.events() if event.kind in {"abort", "promoting"}), tools.clock.now())
    return (decided - settled).total_seconds() / 60


def _ignore(_: Rollout) -> None:
    return


def percent(outcomes: Sequence[Outcome], holds: Callable[[Outcome], bool]) -> float:
    """Of how many that were decided it holds."""
    decided = [outcome for outcome in outcomes if outcome.ending in {"promoted", "aborted"}]
    return round(100 * sum(map(holds, decided)) / len(decided), 1)


def is_stopped(outcome: Outcome) -> bool:
    """Whether any step stopped it."""
    return outcome.ending == "aborted"


def is_stopped_first(outcome: Outcome) -> bool:
    """Whether the first step did, which is the first that can decide: else the preflight refuses."""
    return is_stopped(outcome) and outcome.step == 1


def line(kind: Kind, outcomes: Sequence[Outcome]) -> None:
    """One line of the table."""
    refused, held = (sum(each.ending == ending for each in outcomes) for ending in ("refused", "held"))
    decided = [each.minutes for each in outcomes if (is_stopped(each) if kind != "good" else each.ending == "promoted")]
    minutes = f"{median(decided):.0f} / {np.quantile(decided, 0.95):.0f} min" if decided else "-"
    calls = fmean([each.calls for each in outcomes if each.ending != "refused"])
    stopped, first = percent(outcomes, is_stopped), percent(outcomes, is_stopped_first)
    print(f"{kind:14}{len(outcomes):6,}{refused:9}{held:6}{stopped:9} %{first:12} %{minutes:>18}{calls:10.0f}")


def main() -> None:
    """Simulate with all processors, and print the table."""
    started = time.perf_counter()
    found: list[Outcome] = []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for done, outcome in enumerate(pool.map(roll_out, range(ROLLOUTS), chunksize=5), start=1):
            found.append(outcome)
            if not done % 50:
                print(f"{done:,} of {ROLLOUTS:,} rollouts", file=sys.stderr, flush=True)
    print(f"{'new version':14}{'':6}  refused  held    stopped  at the first    until decided     calls")
    by_kind = {kind: [outcome for outcome in found if outcome.kind == kind] for kind in KINDS}
    for kind in KINDS:
        line(kind, by_kind[kind])
    print(
        "Shares are of those that were not refused or held; times are medians and 95 of 100, of the good ones to live."
    )
    figures = {
        "good_stopped": percent(by_kind["good"], is_stopped),
        "most": 5,
        "failing_stopped_first": percent(by_kind["5xx doubled"], is_stopped_first),
        "slow_stopped_first": percent(by_kind["p99 doubled"], is_stopped_first),
        "least": 95,
        "seconds": round(time.perf_counter() - started),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

"""How often the gates stop good versions and miss bad ones, in simulated rollouts, against a plain test at every look.

Traffic has waves and bursts, and errors come and go with what both versions depend on, so that minutes are alike to
those before them and vary more than chance alone. Both gates (5xx, p99) judge 5, 25 and 50 percent; where the forecast
refuses the first step, it starts with the weight that the forecast names.
"""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.services import DAY, FAILED, SLOW, Draws, Service
from rollouts.gates import Counts, GatePlan, Minute, Pair, Step, forecast, replay
from rollouts.gates.looks import beside_baseline

ROLLOUTS: Final = 1_000
FEWER: Final = 200
SEED: Final = 7
DEADLINE: Final = 240
NAIVE_LEVEL: Final = 0.05
START: Final = datetime(2026, 1, 1, tzinfo=UTC)
PLAN: Final = GatePlan(
    steps=tuple(Step(weight=weight, deadline_minutes=DEADLINE) for weight in (5, 25, 50)), gates=(FAILED, SLOW)
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How a rollout went.

    Args:
        verdict: "refused" before the start, else "stopped", "passed" or "held" at a deadline.
        step: at which it ended, from 0.
        minutes: until it ended, in that step.
        naive: after how many minutes of the first step the naive test would have stopped it.
        naive_ever: whether it would in any minute that was watched.
    """

    verdict: str
    step: int = 0
    minutes: int = 0
    naive: int | None = None
    naive_ever: bool = False


class World(Draws):
    """Draws the minutes of services too."""

    def minutes(self, service: Service, weight: float, step: int, count: int) -> list[Minute]:
        """What is recorded at a step."""
        coming = self.coming(service.traffic, count)
        share = weight / 100
        here = (
            np.floor(coming * share + self.random.random(count)).astype(np.int64)
            if service.even
            else self.random.binomial(coming, share)
        )
        pairs: dict[str, list[Pair]] = {}
        for gate in (FAILED, SLOW):
            mood = self.mood(count)
            sides = [
                self.bad(total, np.minimum(1, rates[gate.name] * mood), service.clump)
                for total, rates in ((here, service.new), (coming - here, service.good))
            ]
            pairs[gate.name] = [
                Pair(canary=Counts(total=int(c), bad=int(cb)), baseline=Counts(total=int(b), bad=int(bb)))
                for c, cb, b, bb in zip(here, sides[0], coming - here, sides[1], strict=True)
            ]
        start = START + timedelta(days=step)
        return [
            Minute(at=start + timedelta(minutes=i), step=step, counts={name: of[i] for name, of in pairs.items()})
            for i in range(count)
        ]

    def bad(self, total: NDArray[np.int64], rate: NDArray[np.float64], clump: float) -> NDArray[np.int64]:
        """How many of the requests are bad."""
        if clump == 1:
            return self.random.binomial(total, rate)
        clumps = self.random.binomial(total, rate / clump)
        sizes = clumps + np.where(clumps > 0, self.random.negative_binomial(np.maximum(clumps, 1), 1 / clump), 0)
        return np.minimum(sizes, total)


def roll_out(world: World, service: Service) -> Outcome:
    """Step after step, until it is stopped, held, or through."""
    plan = PLAN
    foreseen = forecast(plan, requests_per_minute=service.traffic, rates=service.good)
    if foreseen.refusal is not None:
        weight = foreseen.first_weight
        if weight is None:
            return Outcome(verdict="refused")
        greater = tuple(step for step in plan.steps if step.weight > weight)
        plan = replace(plan, steps=(Step(weight=weight, deadline_minutes=DEADLINE), *greater))
        foreseen = forecast(plan, requests_per_minute=service.traffic, rates=service.good)
    naive: int | None = None
    naive_ever = False
    for index, step in enumerate(foreseen.steps):
        count = DEADLINE if step.minutes is None else min(DEADLINE, 3 * step.minutes + 5)
        minutes = world.minutes(service, step.weight, index, count)
        looks = replay(minutes, plan)
        ended = next((i for i, look in enumerate(looks) if look.verdict.verdict != "not-enough-evidence"), count - 1)
        plain = naive_stop(minutes[: ended + 1])
        naive_ever = naive_ever or plain is not None
        naive = plain if index == 0 else naive
        verdict = looks[ended].verdict.verdict
        if verdict != "healthy":
            found = "stopped" if verdict == "unhealthy" else "held"
            return Outcome(verdict=found, step=index, minutes=ended + 1, naive=naive, naive_ever=naive_ever)
    return Outcome(verdict="passed", step=len(foreseen.steps) - 1, naive=naive, naive_ever=naive_ever)


def hold_for_a_day(world: World, service: Service) -> Outcome:
    """The first step, watched for a day whatever the gates say."""
    minutes = world.minutes(service, PLAN.steps[0].weight, 0, DAY)
    stops = [i for i, look in enumerate(replay(minutes, PLAN)) if look.verdict.verdict == "unhealthy"]
    naive = naive_stop(minutes)
    found = "stopped" if stops else "passed"
    return Outcome(verdict=found, minutes=stops[0] + 1 if stops else 0, naive=naive, naive_ever=naive is not None)


def naive_stop(minutes: list[Minute]) -> int | None:
    """The first minute after which either gate has p <= 5 percent, without a sample or a budget."""
    found = [
        np.flatnonzero(beside_baseline([m.counts[gate.name] for m in minutes], tolerance=0).alone <= NAIVE_LEVEL)
        for gate in (FAILED, SLOW)
    ]
    return min((int(first[0]) + 1 for first in found if first.size), default=None)


def percent(outcomes: list[Outcome], holds: Callable[[Outcome], bool]) -> float:
    """Of how many that could decide it holds."""
    decided = [outcome for outcome in outcomes if outcome.verdict in {"stopped", "passed"}]
    return round(100 * sum(map(holds, decided)) / len(decided), 1)


def is_stopped(outcome: Outcome) -> bool:
    """Whether any step stopped it."""
    return outcome.verdict == "stopped"


def is_stopped_first(outcome: Outcome) -> bool:
    """Whether the first step did."""
    return is_stopped(outcome) and outcome.step == 0


def minutes_until(stops: list[int]) -> str:
    """The median and the nineteenth of twenty."""
    return f"{median(stops):.0f} / {np.quantile(stops, 0.95):.0f} min" if stops else "-"


def line(name: str, outcomes: list[Outcome]) -> None:
    """One line of the table."""
    refused, held = (sum(outcome.verdict == verdict for outcome in outcomes) for verdict in ("refused", "held"))
    ours = minutes_until([outcome.minutes for outcome in outcomes if is_stopped_first(outcome)])
    naive = minutes_until([outcome.naive for outcome in outcomes if outcome.naive is not None])
    stopped, first = percent(outcomes, is_stopped), percent(outcomes, is_stopped_first)
    plain = percent(outcomes, lambda outcome: outcome.naive_ever)
    print(f"{name:37}{len(outcomes):6,}{refused:9}{held:6}{stopped:9} %{first:12} %{ours:>16}{plain:11} %{naive:>16}")


def main() -> None:
    """Simulate, and print the table."""
    started = time.perf_counter()
    world = World(SEED)
    good = [roll_out(world, world.service()) for _ in range(ROLLOUTS)]
    day = [hold_for_a_day(world, world.service()) for _ in range(FEWER)]
    clumped = [roll_out(world, world.clumped()) for _ in range(FEWER)]
    failing = [roll_out(world, world.failing()) for _ in range(ROLLOUTS)]
    slow = [roll_out(world, world.slow()) for _ in range(ROLLOUTS)]
    print(
        f"{'rollouts of a version that is':37}{'':6}  refused  held    stopped  at the first           after"
        "  naive: ever           after"
    )
    line("good", good)
    line("good, its first step held for a day", day)
    line("good, its errors in clumps (no promise)", clumped)
    line("5xx doubled from 1 percent", failing)
    line("p99 doubled", slow)
    print(
        "Shares are of those that were not refused or held at a deadline; times are medians and 95 of 100, first step."
    )
    figures = {
        "good_stopped": percent(good, is_stopped),
        "most": 5,
        "failing_stopped_first": percent(failing, is_stopped_first),
        "slow_stopped_first": percent(slow, is_stopped_first),
        "least": 95,
        "seconds": round(time.perf_counter() - started),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

"""The promises in drawn rollouts; each bound fails by chance less than once in a million runs with other seeds."""

from dataclasses import replace
from typing import Any, Final

import numpy as np
from scipy import stats  # pyright: ignore[reportMissingTypeStubs] # SciPy ships none

from rollouts.gates import GatePlan, Pair
from rollouts.gates.comparing import compare
from rollouts.gates.looks import beside_baseline
from tests.rollouts.gates.samples import FAILED, PLAN, draw

BINOMIAL: Final[Any] = stats.binom
BY_CHANCE: Final = 1e-6
ROLLOUTS: Final = 300
REQUESTS: Final = 6_000
MINUTES: Final = 60
SHARE: Final = 0.25
STRICT: Final = replace(FAILED, tolerance=0)
"""Without a tolerance a version that is just as good is the worst that is still good."""
WHOLE: Final[GatePlan] = replace(PLAN, gates=(STRICT,), steps=PLAN.steps[:1])
BUDGET: Final = WHOLE.budget_of(0)


def rollouts(rates: tuple[float, float]) -> list[list[Pair]]:
    """The same rollouts for every test."""
    random = np.random.default_rng(1)
    return [draw(random, minutes=MINUTES, requests=REQUESTS, share=SHARE, rates=rates) for _ in range(ROLLOUTS)]


def is_stopped(found: list[Pair]) -> bool:
    """Whether the gate stops it in an hour of looks."""
    return compare(STRICT, found, share=SHARE, budget=BUDGET)[-1].verdict == "unhealthy"


def test_good_versions_are_stopped_no_more_often_than_the_budget_says_and_the_naive_test_stops_many() -> None:
    good = rollouts((0.01, 0.01))
    most = BINOMIAL.isf(BY_CHANCE, ROLLOUTS, BUDGET)
    assert sum(map(is_stopped, good)) <= most
    naive = [bool(np.any(beside_baseline(found, tolerance=0).alone <= BUDGET)) for found in good]
    assert sum(naive) > most


def test_a_version_with_twice_the_errors_is_stopped_when_the_sample_is_complete() -> None:
    least = BINOMIAL.ppf(BY_CHANCE, ROLLOUTS, 0.95)
    stopped = 0
    for found in rollouts((0.01, 0.02)):
        verdicts = [verdict.verdict for verdict in compare(STRICT, found, share=SHARE, budget=BUDGET)]
        ended = next(verdict for verdict in verdicts if verdict != "not-enough-evidence")
        stopped += ended == "unhealthy"
    assert stopped >= least


def test_the_newest_verdict_alone_is_the_last_of_all() -> None:
    for found in [*rollouts((0.01, 0.01))[:5], *rollouts((0.01, 0.02))[:5]]:
        verdicts = compare(STRICT, found, share=SHARE, budget=BUDGET)
        newest = [compare(STRICT, found, share=SHARE, budget=BUDGET, first=at)[0] for at in range(MINUTES)]
        assert newest == [*verdicts]


def test_what_fails_outright_is_stopped_at_the_first_look() -> None:
    stopped = [compare(STRICT, found[:1], share=SHARE, budget=BUDGET)[0] for found in rollouts((0.01, 0.5))]
    assert {verdict.verdict for verdict in stopped} == {"unhealthy"}

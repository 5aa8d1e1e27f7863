from itertools import product
from typing import Any, Final
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats  # pyright: ignore[reportMissingTypeStubs] # SciPy ships none

from rollouts.gates import CountGate, Counts, Pair, evidence
from rollouts.gates.comparing import compare
from rollouts.gates.evidence import AT_ONCE, LATER_MINUTES
from rollouts.gates.looks import beside_baseline, under_ceiling
from tests.rollouts.gates.samples import pair

FISHER: Final[Any] = stats.hypergeom
TABLES: Final[Any] = stats.nchypergeom_fisher
BINOMIAL: Final[Any] = stats.binom
TOLERANT = 0.1
COUNTS = st.tuples(st.integers(1, 400), st.integers(0, 400)).map(lambda drawn: (drawn[0], min(drawn)))
MARGINS = st.lists(st.tuples(st.integers(1, 400), st.integers(1, 400), st.integers(0, 4)), min_size=1, max_size=4)
"""Requests of both sides and the bad ones of both together, minute by minute."""


@pytest.mark.parametrize(
    ("canary", "baseline", "published"),
    [((500, 5), (9_500, 10), 0.0006), ((400, 4), (7_600, 4), 0.0004)],
)
def test_one_look_at_one_minute_is_fishers_test_a_little_on_the_safe_side(
    canary: tuple[int, int], baseline: tuple[int, int], published: float
) -> None:
    ours = float(beside_baseline([pair(canary, baseline)], tolerance=0).alone[0])
    requests, bad = canary[0] + baseline[0], canary[1] + baseline[1]
    fisher = float(FISHER.sf(canary[1] - 1, requests, bad, canary[0]))
    assert round(fisher, 4) == published
    assert fisher <= ours <= 1.03 * fisher


def test_one_bad_request_alone_is_no_evidence() -> None:
    looks = beside_baseline([pair((20, 1), (380, 0))], tolerance=0)
    assert (looks.alone[0], looks.whenever[0]) == (1, 1)


def test_what_is_not_one_above_the_mean_is_no_evidence() -> None:
    """There the binomial is no bound for the sum of many minutes."""
    at_the_mean, above = (beside_baseline([pair((100, bad), (900, 100 - bad))], tolerance=0) for bad in (10, 11))
    assert at_the_mean.alone[0] == 1
    assert above.alone[0] == pytest.approx(float(BINOMIAL.sf(10, 100, 0.1)))


def test_the_watch_bets_on_three_odds_alike() -> None:
    """Two bad requests, each here with a probability of 5 percent unless the new version is worse."""
    won = [times**2 / (1 + (times - 1) * 0.05) ** 2 for times in (2, 4, 10)]
    looks = beside_baseline([pair((10, 1), (190, 0)), pair((10, 1), (190, 0))], tolerance=0)
    assert looks.whenever[1] == pytest.approx(1 / (AT_ONCE * sum(won) / 3 + 1 - AT_ONCE))


def test_what_turns_bad_after_a_day_is_seen_as_what_was_bad_from_the_start() -> None:
    good, bad = pair((150, 1), (150, 1)), pair((150, 3), (150, 1))
    at_once = beside_baseline([bad] * 120, tolerance=TOLERANT).whenever
    late = beside_baseline([good] * 1_440 + [bad] * 120, tolerance=TOLERANT).whenever
    assert at_once[59] < 1e-6
    assert (late[1_439], late[-1] < 1e-6) == (1, True)


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=5))
def test_every_probability_is_one(found: list[tuple[tuple[int, int], tuple[int, int]]]) -> None:
    pairs = [pair(canary, baseline) for canary, baseline in found]
    for looks in (beside_baseline(pairs, tolerance=TOLERANT), under_ceiling(pairs, ceiling=0.01)):
        for answer in (*looks.alone, *looks.whenever):
            assert 0 <= answer <= 1


@given(COUNTS, COUNTS, st.integers(1, 20))
def test_more_bad_requests_of_the_new_version_are_never_weaker_evidence(
    canary: tuple[int, int], baseline: tuple[int, int], more: int
) -> None:
    total, bad = canary
    worse = (total, min(total, bad + more))
    one, other = (beside_baseline([pair(side, baseline)], tolerance=TOLERANT) for side in (canary, worse))
    assert other.alone[0] <= one.alone[0] * (1 + 1e-9)
    assert other.whenever[0] <= one.whenever[0] * (1 + 1e-9)


@given(COUNTS, COUNTS, st.integers(1, 20))
def test_more_bad_requests_of_the_baseline_are_never_stronger_evidence(
    canary: tuple[int, int], baseline: tuple[int, int], more: int
) -> None:
    total, bad = baseline
    worse = (total, min(total, bad + more))
    one, other = (beside_baseline([pair(canary, side)], tolerance=TOLERANT) for side in (baseline, worse))
    assert other.alone[0] >= one.alone[0] * (1 - 1e-9)
    assert other.whenever[0] >= one.whenever[0] * (1 - 1e-9)


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=5))
def test_of_two_versions_at_most_one_is_worse_than_the_other(
    found: list[tuple[tuple[int, int], tuple[int, int]]],
) -> None:
    one = beside_baseline([pair(here, beside) for here, beside in found], tolerance=TOLERANT)
    other = beside_baseline([pair(beside, here) for here, beside in found], tolerance=TOLERANT)
    for minute in range(len(found)):
        assert max(one.alone[minute], other.alone[minute]) > 0.05
        assert max(one.whenever[minute], other.whenever[minute]) > 0.05


@pytest.mark.parametrize("later_minutes", [LATER_MINUTES, 1])
@given(margins=MARGINS, tolerance=st.sampled_from([0.0, TOLERANT]), budget=st.sampled_from([0.1, 0.3]))
@settings(max_examples=60, deadline=None)
def test_a_good_version_is_stopped_at_most_as_often_as_the_budget_says(
    later_minutes: int, margins: list[tuple[int, int, int]], tolerance: float, budget: float
) -> None:
    """Not drawn but added up: all ways in which the bad requests can fall, of a version just within the tolerance."""
    gate = CountGate(name="5xx", bad="failed", tolerance=tolerance)
    possible: list[list[tuple[float, Pair]]] = []
    for here, beside, bad in margins:
        bad_here = np.arange(max(0, bad - beside), min(bad, here) + 1)
        chances = TABLES(here + beside, bad, here, 1 + tolerance).pmf(bad_here)
        possible.append(
            [
                (float(chance), pair((here, int(x)), (beside, int(bad - x))))
                for x, chance in zip(bad_here, chances, strict=True)
            ]
        )
    stopped = 0.0
    for way in product(*possible):
        with mock.patch.object(evidence, "LATER_MINUTES", later_minutes):
            verdicts = compare(gate, [found for _, found in way], share=0.5, budget=budget)
        if verdicts[-1].verdict == "unhealthy":
            stopped += float(np.prod([chance for chance, _ in way]))
    assert stopped <= budget * (1 + 1e-9)


def test_the_ceiling_is_tested_with_the_exact_binomial() -> None:
    looks = under_ceiling([pair((1_000, 12), None), pair((1_000, 18), None)], ceiling=0.01)
    assert looks.alone[1] == pytest.approx(float(BINOMIAL.sf(29, 2_000, 0.01)))


def test_a_minute_in_which_one_side_had_no_requests_compares_nothing() -> None:
    found = [pair((20, 2), (380, 4)), pair((20, 20), (0, 0)), pair((0, 0), (380, 380)), pair((20, 20), None)]
    looks = beside_baseline([*found, None], tolerance=0)
    assert looks.sides(4) == (Counts(total=20, bad=2), Counts(total=380, bad=4))
    assert len(set(looks.alone)) == len(set(looks.whenever)) == 1


def test_minutes_of_different_shares_are_not_thrown_together() -> None:
    """While everything fails more, the new version has more of the traffic: that alone is no evidence."""
    calm, storm = pair((50, 0), (9_950, 10)), pair((5_000, 500), (5_000, 500))
    together = Counts(total=5_050, bad=500), Counts(total=14_950, bad=510)
    looks = beside_baseline([calm, storm], tolerance=0)
    pooled = beside_baseline([Pair(canary=together[0], baseline=together[1])], tolerance=0)
    assert pooled.alone[0] < 1e-9
    assert looks.alone[1] > 0.1

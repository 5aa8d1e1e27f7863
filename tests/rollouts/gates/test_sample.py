from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pytest
from scipy import stats  # pyright: ignore[reportMissingTypeStubs] # SciPy ships none

from rollouts.gates import power
from rollouts.gates.budget import DECISIVE_LOOK
from rollouts.gates.looks import beside_baseline
from tests.rollouts.gates.samples import FAILED, pair

BINOMIAL: Final[Any] = stats.binom
BUDGET = 0.0125
LEVEL = BUDGET * DECISIVE_LOOK
PROMISED = 0.95


@pytest.fixture
def textbook(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The power and the floor of the usual tables."""
    monkeypatch.setattr(power, "POWER", 0.8)
    monkeypatch.setattr(power, "MINIMUM_SAMPLE", 2)
    power.against_ceiling.cache_clear()
    yield
    power.against_ceiling.cache_clear()


@pytest.mark.usefixtures("textbook")
@pytest.mark.parametrize(
    ("ceiling", "times", "published"),
    [(0.01, 2, 910), (0.01, 3, 301), (0.01, 5, 112), (0.005, 2, 1_845), (0.001, 2, 9_092)],
)
def test_the_sample_of_the_one_sided_binomial_test_is_the_published_one(
    ceiling: float, times: float, published: int
) -> None:
    """To six percent: power goes up and down with whole numbers of bad requests, and more than one sample has it."""
    needed = power.against_ceiling(replace(FAILED, detect=times), ceiling=ceiling, budget=0.05 / DECISIVE_LOOK)
    assert needed == pytest.approx(published, rel=0.06)


def test_the_floor_is_where_no_bad_request_shows_less_than_one_percent() -> None:
    assert 0.99 ** (power.MINIMUM_SAMPLE - 1) <= 0.05 < 0.99 ** (power.MINIMUM_SAMPLE - 2)
    assert power.against_ceiling(FAILED, ceiling=0.4, budget=0.05 / DECISIVE_LOOK) == power.MINIMUM_SAMPLE


@pytest.mark.parametrize("share", [0.05, 0.25, 0.5])
@pytest.mark.parametrize("rate", [0.0, 0.001, 0.005, 0.01, 0.05])
def test_the_very_test_that_judges_catches_what_must_be_caught(rate: float, share: float) -> None:
    bad = max(2 * rate, FAILED.at_least)
    both = rate * (1 - share) + bad * share
    needed = power.against_baseline(FAILED, rate=both, share=share, budget=BUDGET)
    assert needed is not None
    for sample in (needed, round(1.1 * needed), round(1.5 * needed)):
        assert caught(sample, round(sample * (1 - share) / share), rate, bad) >= PROMISED


@pytest.mark.parametrize("ceiling", [0.001, 0.01, 0.05])
def test_what_is_twice_the_ceiling_is_caught(ceiling: float) -> None:
    needed = power.against_ceiling(FAILED, ceiling=ceiling, budget=BUDGET)
    assert needed is not None
    for sample in range(needed, 2 * needed, needed // 10):
        critical = next(bad for bad in range(sample) if BINOMIAL.sf(bad - 1, sample, ceiling) <= LEVEL)
        assert BINOMIAL.sf(critical - 1, sample, 2 * ceiling) >= PROMISED


def test_a_smaller_difference_takes_more_and_so_does_a_smaller_risk() -> None:
    def needed(detect: float, budget: float) -> int:
        found = power.against_baseline(replace(FAILED, detect=detect), rate=0.01, share=0.05, budget=budget)
        assert found is not None
        return found

    assert needed(3, 0.01) < needed(2, 0.01) < needed(1.5, 0.01)
    assert needed(2, 0.02) < needed(2, 0.01) < needed(2, 0.001)


@pytest.mark.parametrize("asked", [300, 50_000])
def test_a_sample_that_is_asked_for_counts_where_the_test_needs_fewer(asked: int) -> None:
    alone = power.against_baseline(FAILED, rate=0.01, share=0.05, budget=BUDGET)
    wider = power.against_baseline(replace(FAILED, sample=asked), rate=0.01, share=0.05, budget=BUDGET)
    assert alone is not None
    assert wider == max(alone, asked)


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_where_everything_fails_no_sample_is_enough(share: float) -> None:
    assert power.against_baseline(FAILED, rate=1.0, share=share, budget=BUDGET) is None


def caught(sample: int, beside: int, good: float, bad: float) -> float:
    """The power at one look, from the test's own answers: for each number here, the most there at which it stops."""
    total = 0.0
    here = np.arange(int(BINOMIAL.ppf(1e-6, sample, bad)), int(BINOMIAL.isf(1e-6, sample, bad)) + 1)
    for seen in here:
        least, most = -1, beside
        while least < most:
            middle = (least + most + 1) // 2
            alone = beside_baseline([pair((sample, int(seen)), (beside, middle))], tolerance=FAILED.tolerance).alone[0]
            least, most = (middle, most) if alone <= LEVEL else (least, middle - 1)
        total += float(BINOMIAL.pmf(seen, sample, bad) * BINOMIAL.cdf(least, beside, good))
    return total

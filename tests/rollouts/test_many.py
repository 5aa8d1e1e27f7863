"""A few of the benchmark's rollouts; `make bench` has a thousand."""

from typing import Final

from benchmarks.rollouts import KINDS, is_stopped, is_stopped_first, roll_out

ROLLOUTS: Final = 18


def test_good_versions_go_live_and_bad_ones_are_stopped_at_the_first_step() -> None:
    outcomes = [roll_out(number) for number in range(ROLLOUTS)]
    decided = [outcome for outcome in outcomes if outcome.ending in {"promoted", "aborted"}]
    assert {outcome.kind for outcome in decided} == {*KINDS}
    assert len(decided) >= ROLLOUTS - 2
    assert all(is_stopped(outcome) == (outcome.kind != "good") for outcome in decided)
    bad = [outcome for outcome in decided if outcome.kind != "good"]
    assert sum(map(is_stopped_first, bad)) >= len(bad) - 1  # one in twenty may get further


def test_a_rollout_of_the_benchmark_can_be_repeated() -> None:
    assert roll_out(1) == roll_out(1)

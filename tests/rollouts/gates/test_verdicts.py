from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollouts.gates import (
    AlarmGate,
    CountGate,
    Counts,
    GatePlan,
    GateVerdict,
    Minute,
    Pair,
    Step,
    TargetGate,
    Targets,
    ValueGate,
    Verdict,
    judge,
)
from rollouts.gates.budget import DECISIVE_LOOK
from rollouts.gates.comparing import compare
from rollouts.gates.looks import beside_baseline
from rollouts.gates.power import MINIMUM_SAMPLE
from rollouts.gates.verdicts import combine
from tests.rollouts.gates.samples import FAILED, PLAN, START, minutes_of, pair

BUDGET = 0.0125
SIDES = st.tuples(st.integers(0, 3_000), st.integers(0, 3_000)).map(lambda drawn: (max(drawn), min(drawn)))
PAIRS = st.one_of(st.none(), st.tuples(SIDES, SIDES).map(lambda both: pair(*both)))
SHARES = st.sampled_from([0.05, 0.5, None])


def last(pairs: Sequence[Pair | None], *, share: float | None = 0.05) -> GateVerdict:
    """What the gate says in the end."""
    return compare(FAILED, pairs, share=share, budget=BUDGET)[-1]


@given(st.lists(PAIRS, min_size=1, max_size=12), SHARES)
@settings(deadline=None)
def test_what_must_hold_of_every_gate_after_every_minute(pairs: list[Pair | None], share: float | None) -> None:
    verdicts = compare(FAILED, pairs, share=share, budget=BUDGET)
    assert len(verdicts) == len(pairs)
    for number, verdict in enumerate(verdicts):
        assert verdict.canary is not None
        assert verdict.p_value is not None
        assert 0 <= verdict.p_value <= 1
        assert 0 < verdict.spent <= verdict.budget == BUDGET
        assert "nan" not in verdict.reason
        assert (verdict.verdict == "unhealthy") == (verdict.p_value <= BUDGET)
        if verdict.verdict == "healthy":
            assert verdict.needed is None or verdict.canary.total >= MINIMUM_SAMPLE
        if number and verdicts[number - 1].verdict == "unhealthy":
            assert verdict == verdicts[number - 1]
        if number:
            assert verdict.spent >= verdicts[number - 1].spent
            assert verdict.p_value <= (verdicts[number - 1].p_value or 0)


@given(st.lists(PAIRS, min_size=2, max_size=8), SHARES)
@settings(deadline=None)
def test_what_was_said_does_not_change_with_what_follows(pairs: list[Pair | None], share: float | None) -> None:
    assert (
        compare(FAILED, pairs[:-1], share=share, budget=BUDGET)
        == (compare(FAILED, pairs, share=share, budget=BUDGET)[:-1])
    )


def test_the_first_healthy_look_is_the_first_with_the_needed_sample() -> None:
    verdicts = compare(FAILED, [pair((500, 5), (9_500, 95))] * 20, share=0.05, budget=BUDGET)
    healthy = [number for number, verdict in enumerate(verdicts) if verdict.verdict == "healthy"]
    needed = verdicts[-1].needed
    assert needed is not None
    assert healthy == list(range(-(-needed // 500) - 1, 20))


@pytest.mark.parametrize(
    ("pairs", "share", "verdict"),
    [
        ([None], 0.05, "not-enough-evidence"),
        ([pair((0, 0), (0, 0))], 0.05, "not-enough-evidence"),
        ([pair((299, 0), (5_681, 0))], 0.05, "not-enough-evidence"),
        ([pair((1_000, 0), (19_000, 0))], 0.05, "healthy"),
        ([pair((100_000, 0), None)], 0.05, "not-enough-evidence"),
        ([pair((100_000, 900), (0, 0))], 0.05, "not-enough-evidence"),
        ([pair((100_000, 900), (100, 0))], 0.05, "not-enough-evidence"),
        ([pair((1_000, 5), (19_000, 0))], 0.05, "unhealthy"),
        ([pair((2, 2), (38, 0))], 0.05, "not-enough-evidence"),
        ([pair((8, 8), (152, 1))], 0.05, "unhealthy"),
        ([pair((5_000, 5_000), (95_000, 95_000))], 0.05, "not-enough-evidence"),
        ([pair((5_000, 45), None)], None, "healthy"),
        ([pair((5_000, 100), None)], None, "unhealthy"),
        ([pair((299, 0), None)], None, "not-enough-evidence"),
    ],
)
def test_no_traffic_no_baseline_no_errors_and_errors_only(
    pairs: list[Pair | None], share: float | None, verdict: Verdict
) -> None:
    assert last(pairs, share=share).verdict == verdict


def test_the_decisive_look_spends_its_part_and_what_follows_only_the_watchs() -> None:
    a_bit_worse = pair((5_000, 62), (95_000, 950))
    decisive = last([a_bit_worse])
    alone = beside_baseline([a_bit_worse], tolerance=FAILED.tolerance).alone[0]
    assert decisive.p_value == pytest.approx(alone / DECISIVE_LOOK)
    assert decisive.spent == BUDGET
    followed = last([a_bit_worse] * 3)
    assert followed.p_value == decisive.p_value


def test_without_a_baseline_and_a_ceiling_nothing_can_be_said() -> None:
    found = compare(replace(FAILED, ceiling=None), [pair((5_000, 0), None)], share=None, budget=BUDGET)
    assert [verdict.verdict for verdict in found] == ["not-enough-evidence"]


def test_a_version_within_the_tolerance_is_still_good_however_sure_the_difference_is() -> None:
    a_little_worse = [pair((500_000, 5_250), (500_000, 5_000))] * 20
    strict = compare(replace(FAILED, tolerance=0), a_little_worse, share=0.5, budget=BUDGET)[-1]
    assert strict.verdict == "unhealthy"
    assert last(a_little_worse, share=0.5).verdict == "healthy"


def test_the_reason_has_the_counts_the_rates_and_the_budget() -> None:
    assert last([pair((500, 50), (9_500, 95))]).reason == (
        "5xx: worse: of the new version 50 of 500 (10 %) failed, 95 of 9,500 (1 %) beside it; up to 7.9 would be no "
        "worse (p = 3.31e-24, unhealthy at 0.0125 or less, of which 0.0025 is spent)"
    )


def test_a_plan_gives_out_its_whole_error_budget_and_no_more() -> None:
    slow = CountGate(name="p99", bad="were slow")
    alarms = AlarmGate(name="alarms", alarms=("a",))
    for count in (1, 2, 4, 10):
        steps = tuple(Step(weight=number + 1, deadline_minutes=60) for number in range(count))
        plan = GatePlan(steps=steps, gates=(FAILED, slow, alarms))
        assert sum(2 * plan.budget_of(step) for step in range(count)) == pytest.approx(plan.error_budget)


@pytest.mark.parametrize(
    ("found", "together"),
    [
        (("healthy", "healthy"), "healthy"),
        (("healthy", "not-enough-evidence"), "not-enough-evidence"),
        (("not-enough-evidence", "unhealthy"), "unhealthy"),
        (("healthy", "not-enough-evidence", "unhealthy"), "unhealthy"),
        ((), "not-enough-evidence"),
    ],
)
def test_gates_together_are_as_their_worst(found: tuple[Verdict, ...], together: Verdict) -> None:
    gates = tuple(GateVerdict(gate=verdict, verdict=verdict, reason=f"says {verdict}") for verdict in found)
    assert combine(gates).verdict == combine(gates[::-1]).verdict == together
    assert set(combine(gates).reason.split("; ")) == ({f"says {together}"} if gates else {""})


def test_all_kinds_of_gates_are_asked_and_the_worst_comes_first() -> None:
    plan = GatePlan(
        steps=PLAN.steps,
        gates=(
            FAILED,
            AlarmGate(name="alarms", alarms=("errors",)),
            TargetGate(name="targets", minutes=1),
            ValueGate(name="lag", most=5, minutes=1),
        ),
    )
    minute = Minute(
        at=START,
        step=0,
        counts={"5xx": pair((10, 0), (190, 0))},
        values={"lag": 9.0},
        alarms={"errors": "OK"},
        targets=Targets(healthy=2, unhealthy=0),
    )
    verdict = judge([minute], step=0, plan=plan)
    assert [(gate.gate, gate.verdict) for gate in verdict.gates] == [
        ("lag", "unhealthy"),
        ("5xx", "not-enough-evidence"),
        ("alarms", "healthy"),
        ("targets", "healthy"),
    ]


def test_a_step_is_judged_by_its_own_minutes() -> None:
    bad, good = pair((500, 50), (9_500, 95)), pair((10_000, 100), (10_000, 100))
    minutes = (*minutes_of(*[bad] * 9), *minutes_of(*[good] * 3, step=1, first=9))
    assert judge(minutes, step=0, plan=PLAN).verdict == "unhealthy"
    assert judge(minutes, step=1, plan=PLAN).verdict == "healthy"


def test_before_the_first_complete_minute_there_is_no_evidence() -> None:
    verdict = judge([], step=0, plan=PLAN)
    assert (verdict.verdict, verdict.reason) == ("not-enough-evidence", "5xx: no complete minute yet")


def test_minutes_that_are_twice_there_out_of_order_or_of_no_step_are_refused() -> None:
    one, other = minutes_of(*[pair((10, 0), (190, 0))] * 2)
    for wrong in ([one, one], [other, one], [replace(one, step=1), other], [replace(one, step=2)]):
        with pytest.raises(ValueError, match=r"^step \d at "):
            judge(wrong, step=0, plan=PLAN)


def test_counts_that_cannot_be_are_refused() -> None:
    for total, bad in ((1, 2), (1, -1), (-1, -1)):
        with pytest.raises(ValueError, match="bad of"):
            Counts(total=total, bad=bad)


def test_the_rate_of_no_requests_is_zero() -> None:
    assert Counts(total=0, bad=0).rate == 0
    assert Counts(total=3, bad=1) + Counts(total=1, bad=0) == Counts(total=4, bad=1)


def test_a_minute_takes_utc_and_numbers_only() -> None:
    with pytest.raises(ValueError, match="not in UTC"):
        Minute(at=START.replace(tzinfo=None), step=0)
    with pytest.raises(ValueError, match="no number: lag"):
        Minute(at=START + timedelta(minutes=1), step=0, values={"lag": float("nan")})
    with pytest.raises(ValueError, match="-1 unhealthy"):
        Targets(healthy=1, unhealthy=-1)

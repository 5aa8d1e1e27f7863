from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rollouts.gates import AlarmGate, CountGate, GatePlan, Step, TargetGate, ValueGate, forecast, problems
from rollouts.gates.minutes import LATE_MINUTES
from rollouts.gates.plan import Gate
from tests.rollouts.gates.samples import FAILED, PLAN, minutes_of, pair

SLOW = CountGate(name="p99", bad="were slow")
RATES = {"5xx": 0.01}


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        ((), "weights are [];"),
        ((5, 5), "weights are [5, 5];"),
        ((25, 5), "weights are [25, 5];"),
        ((0, 5), "weights are [0, 5];"),
        ((5, 101), "weights are [5, 101];"),
    ],
)
def test_steps_rise_from_above_nothing_to_all(steps: tuple[float, ...], found: str) -> None:
    plan = replace(PLAN, steps=tuple(Step(weight=weight, deadline_minutes=60) for weight in steps))
    assert [text for text in problems(plan) if found in text]


@pytest.mark.parametrize(
    ("gate", "found"),
    [
        (replace(FAILED, tolerance=-0.1), "tolerance (-0.1) is negative"),
        (replace(FAILED, detect=1.1), "detect (1.1) is within the tolerance (0.1)"),
        (replace(FAILED, at_least=0), "at least (0) is not between"),
        (replace(FAILED, ceiling=1), "ceiling (1) is not between"),
        (AlarmGate(name="a", alarms=()), "names no alarm"),
        (TargetGate(name="a", minutes=0), "minutes must be 1"),
        (ValueGate(name="a", most=1, minutes=0), "minutes must be 1"),
        (ValueGate(name="a"), "no bound"),
        (ValueGate(name="a", least=2, most=1), "least (2) is above most (1)"),
    ],
)
def test_gates_that_cannot_judge_are_refused(gate: Gate, found: str) -> None:
    (text,) = problems(replace(PLAN, gates=(gate,)))
    assert found in text


def test_all_problems_are_said_at_once() -> None:
    wrong = GatePlan(
        steps=(Step(weight=100, deadline_minutes=0),),
        gates=(SLOW, SLOW, FAILED),
        error_budget=0.5,
    )
    assert len(problems(wrong)) == 5
    assert problems(replace(PLAN, gates=())) == ("gates: there is none; without one nothing is judged",)


def test_a_plan_may_have_all_kinds_of_gates() -> None:
    alarms, targets = AlarmGate(name="alarms", alarms=("errors",)), TargetGate(name="targets")
    plan = replace(PLAN, gates=(FAILED, SLOW, alarms, targets, ValueGate(name="lag", most=5)))
    assert problems(plan) == ()


def test_the_forecast_is_what_then_happens() -> None:
    """At steady traffic the gate says healthy in the very minute that was forecast."""
    from rollouts.gates import judge

    (step, _) = forecast(PLAN, requests_per_minute=10_000, rates=RATES).steps
    assert step.minutes is not None
    minutes = minutes_of(*[pair((500, 5), (9_500, 95))] * (step.minutes - LATE_MINUTES))
    assert judge(minutes, step=0, plan=PLAN).verdict == "healthy"
    assert judge(minutes[:-1], step=0, plan=PLAN).verdict == "not-enough-evidence"


def test_little_traffic_is_refused_with_a_weight_and_a_deadline_that_work() -> None:
    foreseen = forecast(PLAN, requests_per_minute=800, rates=RATES)
    wait = foreseen.steps[0].minutes
    assert foreseen.refusal == (
        "the first step of 5 percent gets 40 requests a minute, so it can never decide in 60 minutes: "
        f"5xx needs {foreseen.steps[0].gates[0].needed:,}, which takes {wait} minutes; "
        f"write a first weight of {foreseen.first_weight} or a deadline of {wait} minutes"
    )
    assert foreseen.first_weight is not None
    assert wait is not None
    greater = (Step(weight=foreseen.first_weight, deadline_minutes=60), PLAN.steps[1])
    longer = (Step(weight=5, deadline_minutes=wait), PLAN.steps[1])
    for steps in (greater, longer):
        assert forecast(replace(PLAN, steps=steps), requests_per_minute=800, rates=RATES).refusal is None


def test_no_traffic_is_refused_with_what_can_be_done_about_it() -> None:
    foreseen = forecast(PLAN, requests_per_minute=0, rates={})
    assert foreseen.first_weight is None
    assert foreseen.refusal is not None
    assert foreseen.refusal.endswith("send it test traffic, or promote it by hand")
    assert [step.minutes for step in foreseen.steps] == [None, None]


def test_a_gate_without_a_ceiling_never_decides_where_there_is_no_baseline() -> None:
    plan = replace(PLAN, steps=(Step(weight=100, deadline_minutes=60),), gates=(SLOW,))
    foreseen = forecast(plan, requests_per_minute=10_000, rates={})
    assert foreseen.refusal is not None
    assert "p99 needs more than any number" in foreseen.refusal


def test_the_ceiling_has_a_forecast_too() -> None:
    plan = replace(PLAN, steps=(Step(weight=100, deadline_minutes=60),))
    (step,) = forecast(plan, requests_per_minute=1_000, rates={}).steps
    assert step.decides
    assert step.minutes is not None
    assert step.gates[0].needed is not None
    assert step.gates[0].needed <= 1_000 * (step.minutes - LATE_MINUTES)


def test_states_alone_need_one_complete_minute() -> None:
    plan = replace(PLAN, gates=(TargetGate(name="targets"),))
    foreseen = forecast(plan, requests_per_minute=0, rates={})
    assert [step.minutes for step in foreseen.steps] == [LATE_MINUTES + 1] * 2


@given(st.floats(1, 30_000), st.floats(0, 0.05), st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_more_traffic_never_takes_longer(traffic: float, rate: float, times: int) -> None:
    few, many = (
        forecast(PLAN, requests_per_minute=coming, rates={"5xx": rate}).steps[0].minutes
        for coming in (traffic, traffic * times)
    )
    assert few is not None
    assert many is not None
    assert many <= few

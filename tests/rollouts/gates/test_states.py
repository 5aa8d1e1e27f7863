from datetime import timedelta

import pytest

from rollouts.gates import AlarmGate, AlarmState, GatePlan, Minute, Step, TargetGate, Targets, ValueGate, Verdict, judge
from rollouts.gates.plan import Gate
from tests.rollouts.gates.samples import START


def said(gate: Gate, minutes: list[Minute]) -> tuple[Verdict, str]:
    """What one gate says of these minutes."""
    plan = GatePlan(steps=(Step(weight=5, deadline_minutes=60),), gates=(gate,))
    verdict = judge(minutes, step=0, plan=plan)
    return verdict.verdict, verdict.reason


def alarmed(*states: AlarmState | None) -> list[Minute]:
    """The alarm `errors` minute by minute, beside one that is always OK."""
    return [
        Minute(at=START + timedelta(minutes=i), step=0, alarms={"calm": "OK", **({"errors": state} if state else {})})
        for i, state in enumerate(states)
    ]


@pytest.mark.parametrize(
    ("states", "verdict", "reason"),
    [
        (["OK"], "healthy", "alarms: 2 alarms are OK"),
        (["INSUFFICIENT_DATA"], "not-enough-evidence", "alarms: no data yet of the alarm errors"),
        ([None], "not-enough-evidence", "alarms: no data yet of the alarm errors"),
        (["INSUFFICIENT_DATA", "OK"], "healthy", "alarms: 2 alarms are OK"),
        (["OK", "ALARM", "OK"], "unhealthy", "alarms: the alarm errors fired at 00:01 UTC"),
    ],
)
def test_one_alarm_in_one_minute_is_enough(states: list[AlarmState | None], verdict: Verdict, reason: str) -> None:
    assert said(AlarmGate(name="alarms", alarms=("errors", "calm")), alarmed(*states)) == (verdict, reason)


GOOD, FAILING, NONE = (2, 0), (1, 1), (0, 0)


@pytest.mark.parametrize(
    ("targets", "verdict"),
    [
        ([GOOD], "healthy"),
        ([None], "not-enough-evidence"),
        ([FAILING], "not-enough-evidence"),
        ([NONE, NONE], "not-enough-evidence"),
        ([FAILING, FAILING, GOOD], "healthy"),
        ([FAILING, NONE, FAILING], "unhealthy"),
        ([FAILING, None, FAILING, FAILING], "unhealthy"),
        ([FAILING, FAILING, FAILING, GOOD, GOOD], "unhealthy"),
        ([FAILING, FAILING, GOOD, FAILING], "not-enough-evidence"),
    ],
)
def test_targets_may_fail_for_less_than_three_minutes(targets: list[tuple[int, int] | None], verdict: Verdict) -> None:
    minutes = [
        Minute(
            at=START + timedelta(minutes=i),
            step=0,
            targets=None if found is None else Targets(healthy=found[0], unhealthy=found[1]),
        )
        for i, found in enumerate(targets)
    ]
    assert said(TargetGate(name="targets"), minutes)[0] == verdict


@pytest.mark.parametrize(
    ("values", "verdict", "reason"),
    [
        ([], "not-enough-evidence", "3 minutes in a row must be at least 1 and at most 5, and there is none yet"),
        ([3, 3], "not-enough-evidence", "3 minutes in a row must be at least 1 and at most 5, and the newest is 3"),
        ([1, 5, 3], "healthy", "the last 3 minutes were at least 1 and at most 5"),
        ([9, 0, 9], "unhealthy", "for 3 minutes in a row it was not at least 1 and at most 5"),
        ([9, None, 9, 9], "unhealthy", "for 3 minutes in a row it was not at least 1 and at most 5"),
        ([9, 9, 9, 3, 3, 3], "unhealthy", "for 3 minutes in a row it was not at least 1 and at most 5"),
        (
            [3, 9, 3, 3],
            "not-enough-evidence",
            "3 minutes in a row must be at least 1 and at most 5, and the newest is 3",
        ),
        ([9, 9, 3, 3, 3], "healthy", "the last 3 minutes were at least 1 and at most 5"),
    ],
)
def test_a_value_stays_within_its_bounds(values: list[float | None], verdict: Verdict, reason: str) -> None:
    minutes = [
        Minute(at=START + timedelta(minutes=i), step=0, values={} if value is None else {"lag": value})
        for i, value in enumerate([None, *values])
    ]
    assert said(ValueGate(name="lag", least=1, most=5), minutes) == (verdict, f"lag: {reason}")


def test_one_bound_is_enough() -> None:
    minutes = [Minute(at=START, step=0, values={"lag": 9.0})]
    assert said(ValueGate(name="lag", least=1, minutes=1), minutes)[0] == "healthy"
    assert said(ValueGate(name="lag", most=5, minutes=1), minutes)[0] == "unhealthy"

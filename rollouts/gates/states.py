"""The gates on what is no count: alarms, the health of targets, and values with bounds.

They have no error probability that could be promised, so each says how long something must last.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby

from rollouts.gates.minutes import Minute
from rollouts.gates.plan import AlarmGate, TargetGate, ValueGate
from rollouts.gates.verdicts import GateVerdict, Verdict


def judge_alarms(gate: AlarmGate, minutes: Sequence[Minute]) -> GateVerdict:
    """One that fired in any minute of the step is enough; healthy is when in the newest all are OK."""
    fired = [(m, name) for m in minutes for name in gate.alarms if m.alarms.get(name) == "ALARM"]
    if fired:
        minute, name = fired[0]
        return _verdict(gate.name, "unhealthy", f"the alarm {name} fired at {minute.at:%H:%M} UTC")
    newest = minutes[-1].alarms
    unknown = [name for name in gate.alarms if newest.get(name) != "OK"]
    if unknown:
        return _verdict(gate.name, "not-enough-evidence", f"no data yet of the alarm {', '.join(unknown)}")
    return _verdict(gate.name, "healthy", f"{len(gate.alarms)} alarms are OK")


def judge_targets(gate: TargetGate, minutes: Sequence[Minute]) -> GateVerdict:
    """Unhealthy after so many minutes in a row with a failing target, or with none that passes."""
    known = [minute.targets for minute in minutes if minute.targets is not None]
    good = [targets.healthy > 0 and targets.unhealthy == 0 for targets in known]
    if _longest(not passed for passed in good) >= gate.minutes:
        lasted = f"for {gate.minutes} minutes in a row targets of the new version failed their health checks"
        return _verdict(gate.name, "unhealthy", lasted)
    if not known:
        return _verdict(gate.name, "not-enough-evidence", "the health of the targets is not known yet")
    newest = f"{known[-1].healthy} targets pass their health checks, and {known[-1].unhealthy} fail"
    return _verdict(gate.name, "healthy" if good[-1] else "not-enough-evidence", newest)


def judge_values(gate: ValueGate, minutes: Sequence[Minute]) -> GateVerdict:
    """Unhealthy after so many minutes in a row outside the bounds.

    Healthy is after so many inside; minutes without a value are neither.
    """
    values = [minute.values[gate.name] for minute in minutes if gate.name in minute.values]
    inside = [
        (gate.least is None or value >= gate.least) and (gate.most is None or value <= gate.most) for value in values
    ]
    bounds = " and ".join(
        f"at {word} {bound:g}" for word, bound in (("least", gate.least), ("most", gate.most)) if bound is not None
    )
    if _longest(not within for within in inside) >= gate.minutes:
        return _verdict(gate.name, "unhealthy", f"for {gate.minutes} minutes in a row it was not {bounds}")
    if len(inside) >= gate.minutes and all(inside[-gate.minutes :]):
        return _verdict(gate.name, "healthy", f"the last {gate.minutes} minutes were {bounds}")
    seen = f"the newest is {values[-1]:g}" if values else "there is none yet"
    return _verdict(gate.name, "not-enough-evidence", f"{gate.minutes} minutes in a row must be {bounds}, and {seen}")


def _longest(holds: Iterable[bool]) -> int:
    """The longest row of minutes of which it holds."""
    return max((len(list(row)) for held, row in groupby(holds) if held), default=0)


def _verdict(gate: str, verdict: Verdict, reason: str) -> GateVerdict:
    return GateVerdict(gate=gate, verdict=verdict, reason=f"{gate}: {reason}")

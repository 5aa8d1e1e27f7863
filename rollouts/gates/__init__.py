"""Says from counts whether a new version is healthy, unhealthy, or not known well enough; no AWS and no clock.

`forecast` before the start, `complete` and `judge` at every look, `replay` afterwards.
"""

from rollouts.gates.counts import Counts, Pair
from rollouts.gates.forecast import Forecast, GateForecast, StepForecast, forecast
from rollouts.gates.judging import Look, judge, replay
from rollouts.gates.latency import SHARE, Threshold, slow, slow_from
from rollouts.gates.minutes import AlarmState, Minute, Targets, complete
from rollouts.gates.plan import AlarmGate, CountGate, Gate, GatePlan, Step, TargetGate, ValueGate, problems
from rollouts.gates.recording import read, write
from rollouts.gates.verdicts import GateVerdict, StepVerdict, Verdict

__all__ = [
    "SHARE",
    "AlarmGate",
    "AlarmState",
    "CountGate",
    "Counts",
    "Forecast",
    "Gate",
    "GateForecast",
    "GatePlan",
    "GateVerdict",
    "Look",
    "Minute",
    "Pair",
    "Step",
    "StepForecast",
    "StepVerdict",
    "TargetGate",
    "Targets",
    "Threshold",
    "ValueGate",
    "Verdict",
    "complete",
    "forecast",
    "judge",
    "problems",
    "read",
    "replay",
    "slow",
    "slow_from",
    "write",
]

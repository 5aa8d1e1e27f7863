"""What happens in a rollout, as one line for people; the same in a terminal and in the log of a job."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import JsonValue

from onramp.screens.words import plural
from rollouts.advice import short
from rollouts.gates import GateVerdict, StepVerdict
from rollouts.record import Rollout, said

VERDICT_STYLE: Final = {"healthy": "green", "unhealthy": "bold red", "not-enough-evidence": "yellow"}
VERDICT_WORDS: Final = {"healthy": "not worse", "unhealthy": "WORSE", "not-enough-evidence": "not known yet"}
_STYLES: Final = {
    **dict.fromkeys(("abort", "rolled-back", "stuck", "not-verified"), "bold red"),
    "held": "bold yellow",
}


def style_of(kind: str) -> str:
    """How loud it is."""
    return _STYLES.get(kind, "")


def clock(moment: datetime) -> str:
    """The time of a log line, in UTC."""
    return f"{moment:%H:%M:%S}"


def line_of(rollout: Rollout, kind: str, data: Mapping[str, JsonValue]) -> str:
    """What has happened; empty for what says nothing to a person."""
    new, old = short(rollout.candidate), short(rollout.live)
    reason = data.get("reason", "")
    lines = {
        "started": f"rollout {rollout.id} is open; live is {old}",
        "built": f"built {new}; it has no traffic yet",
        "waiting": f"waiting: {reason}",
        "prepared": f"{new} is up",
        "shifted": f"{said(rollout.weight)} of the traffic on {new} (step {rollout.step} of {len(rollout.steps)})",
        "settled": f"the weight is in force; watched from here, for {plural(rollout.least_minutes, 'minute')} at least",
        "answer": "AWS asked whether it may go on, and may",
        "held": f"HELD by {rollout.hold.by if rollout.hold else 'somebody'}: {reason}",
        "resumed": f"let go on by {data.get('actor')}, with a new deadline",
        "promote": f"this step is called good by {data.get('actor')}",
        "promoting": f"{new} is good with all the traffic; the former version's capacity goes",
        "not-promoted": f"{old} has traffic again, so its capacity stays",
        "abort": f"ABORTED, all traffic goes back to {old}: {reason}",
        "rolled-back": f"ROLLED BACK by AWS: {reason}",
        "stuck": f"STUCK {reason}; tried again at each look",
        "restored": f"{old} has all the traffic",
        "verified": f"verified: {short(str(data.get('running', '')))} runs",
        "not-verified": f"NOT VERIFIED: {short(str(data.get('running') or 'no single version'))} runs",
        "ended": f"ended: {rollout.ending or reason}",
    }
    return lines.get(kind, "")


def numbers(verdict: StepVerdict) -> str:
    """Every gate in a few words, the worst first."""
    return "; ".join(f"{gate.gate} {_few(gate)}" for gate in verdict.gates)


def _few(gate: GateVerdict) -> str:
    words = VERDICT_WORDS[gate.verdict]
    if gate.canary is None:
        return words
    beside = f" beside {gate.baseline.rate:.2%}" if gate.baseline else ""
    p = f"; p {gate.p_value:.2g}, worse at {gate.budget:.2g}" if gate.p_value is not None else ""
    return f"{words} ({gate.canary.bad:,} bad, {gate.canary.rate:.2%}{beside}; {sample(gate)}{p})"


def sample(gate: GateVerdict) -> str:
    """How much of the sample there is."""
    seen = gate.canary.total if gate.canary else 0
    return f"{seen:,} requests" + (f", {gate.needed:,} needed" if gate.needed is not None else "")

"""The JSON contract of the rollout commands: what `--json` prints, with every key always there."""

from dataclasses import asdict
from datetime import UTC, datetime

from onramp.rolling.looking import Look
from rollouts.advice import advice, headline
from rollouts.dora import Figures
from rollouts.gates import Forecast, GateVerdict, StepVerdict
from rollouts.gates import Look as Replayed
from rollouts.ledger import Lease
from rollouts.past import Past, person
from rollouts.preflight import Traffic
from rollouts.record import Rollout
from simulator.graph import Json


def rollout_document(rollout: Rollout) -> dict[str, Json]:
    """One rollout."""
    hold = rollout.hold
    return {
        "id": rollout.id,
        "stack": rollout.stack,
        "service": rollout.service,
        "compute": rollout.target.compute,
        "actor": rollout.actor,
        "phase": rollout.phase,
        "ending": rollout.ending,
        "said": headline(rollout),
        "reason": rollout.reason,
        "note": rollout.note,
        "live": rollout.live,
        "candidate": rollout.candidate,
        "weight": rollout.weight,
        "step": rollout.step,
        "steps": [{"weight": each.weight, "minutes": each.minutes} for each in rollout.steps],
        "verdict": rollout.verdict,
        "waits": rollout.waits,
        "stuckSince": _at(rollout.stuck_since),
        "hold": {"by": hold.by, "reason": hold.reason, "at": _at(hold.at)} if hold is not None else None,
        "startedAt": _at(rollout.started_at),
        "phaseAt": _at(rollout.phase_at),
        "endedAt": _at(rollout.ended_at),
        "next": [*advice(rollout)],
    }


def outcome_document(rollout: Rollout, code: int) -> dict[str, Json]:
    """How a command that works on a rollout has left it."""
    return {"ok": code == 0, "exit": code, "rollout": rollout_document(rollout)}


def status_document(found: list[tuple[Rollout, Lease | None]], address: str) -> dict[str, Json]:
    """The rollouts of a stack, each with who is at work on it."""
    rollouts: list[Json] = [{**rollout_document(rollout), "lease": _lease(lease)} for rollout, lease in found]
    return {"ledger": address, "rollouts": rollouts}


def history_document(rollouts: tuple[Past, ...], figures: Figures) -> dict[str, Json]:
    """Past rollouts and what they say together."""
    return {
        "rollouts": [
            {
                "id": each.id,
                "service": each.service,
                "actor": each.actor,
                "ending": each.ending,
                "reason": each.reason,
                "candidate": each.candidate,
                "startedAt": _at(each.started_at),
                "reachedAt": _at(each.reached_at),
                "liveAt": _at(each.live_at),
                "backAt": _at(each.back_at),
                "endedAt": _at(each.ended_at),
            }
            for each in rollouts
        ],
        "dora": {
            "days": figures.days,
            "deployments": figures.deployments,
            "deploymentsPerDay": figures.per_day,
            "leadMinutes": figures.lead_minutes,
            "reachedUsers": figures.reached,
            "failed": figures.failed,
            "changeFailureRate": figures.failure_rate,
            "restoreMinutes": figures.restore_minutes,
        },
    }


def plan_document(look: Look) -> dict[str, Json]:
    """What a rollout would be."""
    outlook, target, gates = look.outlook, look.target, look.target.gates
    return {
        "ok": not look.problems,
        "stack": look.stack,
        "service": target.service,
        "compute": target.compute,
        "driver": target.driver,
        "live": outlook.survey.live if outlook else "",
        "built": target.revision,
        "image": {"repository": target.repository, "built": target.image, "wanted": look.image},
        "traffic": _traffic(outlook.traffic) if outlook else None,
        "steps": [
            {"weight": step.weight, "minutes": step.minutes, **_expected(outlook.forecast if outlook else None, index)}
            for index, step in enumerate(look.steps)
        ],
        "gates": {
            "budgetPercent": gates.budget_percent,
            "detect": gates.detect,
            "errorPercent": gates.error_percent,
            "latencyP99Ms": gates.latency_p99_ms,
            "alarms": [*target.alarms],
            "metrics": [each.model_dump(mode="json", by_alias=True) for each in gates.metrics],
            "deadlineMinutes": gates.deadline_minutes,
            "onDeadline": gates.on_deadline,
        },
        "problems": [*look.problems],
        "notes": [*look.notes],
    }


def replay_document(looks: tuple[Replayed, ...]) -> dict[str, Json]:
    """What the gates would have said after each minute."""
    return {"looks": [{"at": _at(each.at), "step": each.step, **verdict_document(each.verdict)} for each in looks]}


def verdict_document(verdict: StepVerdict) -> dict[str, Json]:
    """A verdict with that of each gate."""
    return {"verdict": verdict.verdict, "reason": verdict.reason, "gates": [_gate(gate) for gate in verdict.gates]}


def _lease(lease: Lease | None) -> Json:
    return {"owner": person(lease.owner), "until": _at(lease.until)} if lease is not None else None


def _gate(gate: GateVerdict) -> dict[str, Json]:
    return {
        "gate": gate.gate,
        "verdict": gate.verdict,
        "reason": gate.reason,
        "canary": asdict(gate.canary) if gate.canary else None,
        "baseline": asdict(gate.baseline) if gate.baseline else None,
        "needed": gate.needed,
        "pValue": gate.p_value,
        "spent": gate.spent,
        "budget": gate.budget,
    }


def _traffic(traffic: Traffic | None) -> dict[str, Json] | None:
    if traffic is None:
        return None
    return {
        "requestsPerMinute": traffic.requests_per_minute,
        "failed": traffic.failed,
        "slow": traffic.slow,
        "slowFromMs": traffic.threshold.milliseconds if traffic.threshold else None,
    }


def _expected(forecast: Forecast | None, index: int) -> dict[str, Json]:
    if forecast is None:
        return {"requestsPerMinute": None, "decidesAfterMinutes": None, "gates": []}
    step = forecast.steps[index]
    return {
        "requestsPerMinute": step.requests_per_minute,
        "decidesAfterMinutes": step.minutes,
        "gates": [{"gate": each.gate, "needed": each.needed, "minutes": each.minutes} for each in step.gates],
    }


def _at(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment is not None else None

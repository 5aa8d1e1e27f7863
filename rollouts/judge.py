"""What the gates say of the present step: the complete minutes that CloudWatch has, and those that it had before."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from rollouts.alarms import alarm_states
from rollouts.aws import Aws
from rollouts.driver import Driver, Sources
from rollouts.gates import SHARE as SLOW_SHARE_MAX
from rollouts.gates import (
    AlarmGate,
    AlarmState,
    CountGate,
    Gate,
    GatePlan,
    Minute,
    Pair,
    Step,
    StepVerdict,
    TargetGate,
    ValueGate,
    complete,
    judge,
)
from rollouts.gates.minutes import LATE_MINUTES
from rollouts.measure import MINUTE, Side, minute_of, minutes_between, sides, values
from rollouts.record import ALL, Rollout
from stacks.targets import BalancerTarget

FAILED: Final = "5xx"
SLOW: Final = "p99"
ALARMS: Final = "alarms"
TARGETS: Final = "targets"
PATIENCE_MINUTES: Final = 15
"""For the points of a minute, while none of a later one has come either, our own; beyond it there was no request.

CloudWatch may be behind, or our clock ahead: then nothing is missing, and nothing may be judged yet.
"""
MINUTES_OF_A_LOOK: Final = 240
"""After a long pause the minutes are caught up with in pieces: one look is one event of the ledger, which has a size
(400 KB in DynamoDB; a minute has about 300 bytes)."""
PAUSE_MINUTES_MAX: Final = 1_440
"""How far back a look goes when nobody was at work: our own; a day of minutes is what people would look at, too.
CloudWatch keeps them for fifteen days, and then only sums of five (CloudWatch API, MetricStat)."""
SEEN_MAX: Final = PAUSE_MINUTES_MAX + MINUTES_OF_A_LOOK
"""Minutes before a look that are judged with its own, so that an item of DynamoDB holds them: of what is held for
longer, the last day, which is the longest that a step is watched at least."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """The verdict on the present step, every minute that it stands on, and those of them that are new.

    `judged_from` is as in the record. `is_current` is when none is left for the next look.
    """

    verdict: StepVerdict
    minutes: tuple[Minute, ...]
    fresh: tuple[Minute, ...]
    judged_from: datetime | None
    is_current: bool


def plan_of(rollout: Rollout, *, counts: bool) -> GatePlan:
    """What the stack file's gates are as the judge knows them.

    Args:
        rollout: which one; without `slow_ms`, latency is left out.
        counts: whether AWS counts the requests of both versions.
    """
    target, slow_ms = rollout.target, rollout.slow_ms
    gates = target.gates
    found: list[Gate] = []
    counted: list[tuple[str, str, float]] = []
    if counts:
        counted.append((FAILED, "failed", gates.error_percent / ALL))
    if counts and slow_ms is not None:
        counted.append((SLOW, f"were slower than {slow_ms:.0f} ms", SLOW_SHARE_MAX))
    found += [
        CountGate(name=name, bad=bad, detect=gates.detect, ceiling=ceiling, sample=gates.sample_min)
        for name, bad, ceiling in counted
    ]
    if target.alarms:
        found.append(AlarmGate(name=ALARMS, alarms=target.alarms))
    if isinstance(target, BalancerTarget):
        found.append(TargetGate(name=TARGETS))
    found += [
        ValueGate(name=each.name, least=each.least, most=each.most, minutes=each.minutes) for each in gates.metrics
    ]
    # Where AWS replaces everything without a split, there is one step: all of it.
    weights = [step.weight for step in rollout.steps] or [ALL]
    steps = tuple(Step(weight=weight, deadline_minutes=gates.deadline_minutes) for weight in weights)
    return GatePlan(steps=steps, gates=tuple(found), error_budget=gates.budget_percent / ALL)


class CloudWatchJudge:
    """Reads what CloudWatch has counted, and asks the gates."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws

    def __call__(self, rollout: Rollout, driver: Driver, now: datetime) -> Assessment:
        """What the gates say of the present step.

        Minutes that were judged stay as they were; points that arrive for them later change nothing.
        """
        sources = driver.sources()
        plan = plan_of(rollout, counts=sources is not None)
        step = max(rollout.step - 1, 0)
        before = rollout.seen if len(rollout.seen) < SEEN_MAX else rollout.seen[-PAUSE_MINUTES_MAX:]
        since, judged_from = _since(rollout, now)
        alarms, fresh = self._alarms(rollout), tuple[Minute, ...]()
        if since + (LATE_MINUTES + 1) * MINUTE <= now:
            targets = driver.targets()
            fresh = complete(self._minutes(rollout, sources, since, now), now=now)
            # What is seen now is one observation, however many minutes are new.
            fresh = (*fresh[:-1], *(replace(newest, alarms=alarms, targets=targets) for newest in fresh[-1:]))
        if not fresh and "ALARM" in alarms.values():
            fresh = (Minute(at=max(since, minute_of(now)), step=step, alarms=alarms),)
        minutes = (*before, *fresh)
        verdict = judge(minutes, step=step, plan=plan)
        is_current = minute_of(now) <= since + MINUTES_OF_A_LOOK * MINUTE
        return Assessment(verdict=verdict, minutes=minutes, fresh=fresh, judged_from=judged_from, is_current=is_current)

    def _minutes(self, rollout: Rollout, sources: Sources | None, since: datetime, now: datetime) -> list[Minute]:
        """Up to the last one that CloudWatch has gone beyond, or as many as one look takes."""
        until = last = min(minute_of(now), since + MINUTES_OF_A_LOOK * MINUTE)
        candidate = self._sides(rollout, sources, since, until, candidate=True)
        baseline = self._sides(rollout, sources, since, until, candidate=False)
        own = values(self._aws, rollout.target.gates.metrics, since, until)
        if sources is not None:
            counted = (at for side in (candidate, baseline) for at, found in side.items() if found.failed.total)
            until = min(last, max(minute_of(now) - PATIENCE_MINUTES * MINUTE, *counted, since))
        return [
            Minute(
                at=at,
                step=max(rollout.step - 1, 0),
                counts=_counts(candidate.get(at), baseline.get(at)),
                values={name: found[at] for name, found in own.items() if at in found},
            )
            for at in minutes_between(since, until)
        ]

    def _sides(
        self, rollout: Rollout, sources: Sources | None, since: datetime, until: datetime, *, candidate: bool
    ) -> Mapping[datetime, Side]:
        if sources is None:
            return {}
        source = sources.candidate if candidate else sources.baseline
        if source is None or (not candidate and rollout.weight == ALL):
            return {}
        return sides(self._aws, source, rollout.slow_ms, since, until)

    def _alarms(self, rollout: Rollout) -> dict[str, AlarmState]:
        found = alarm_states(self._aws, rollout.target.alarms)
        states: dict[str, AlarmState] = dict.fromkeys(rollout.target.alarms, "OK")
        states.update(dict.fromkeys(found.silent, "INSUFFICIENT_DATA"))
        states.update(dict.fromkeys(found.firing, "ALARM"))
        return states


def _since(rollout: Rollout, now: datetime) -> tuple[datetime, datetime | None]:
    """The next minute to judge, and from where on they are, when somebody has let it go or nobody was at work."""
    last = rollout.seen[-1].at if rollout.seen else minute_of(rollout.watched_since or now)
    earliest = minute_of(now) - PAUSE_MINUTES_MAX * MINUTE
    since, judged_from = last + MINUTE, rollout.judged_from
    if since < earliest and (judged_from is None or judged_from < earliest):
        judged_from = earliest
    return max(since, judged_from or since), judged_from


def _counts(candidate: Side | None, baseline: Side | None) -> dict[str, Pair]:
    if candidate is None:
        return {}
    found = {FAILED: Pair(canary=candidate.failed, baseline=baseline.failed if baseline else None)}
    if candidate.slow is not None and (baseline is None or baseline.slow is not None):
        found[SLOW] = Pair(canary=candidate.slow, baseline=baseline.slow if baseline else None)
    return found

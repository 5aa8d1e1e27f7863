"""Before anything is touched: may a rollout begin, what will it take, and what forbids it, all at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rollouts.alarms import alarm_states
from rollouts.aws import Aws
from rollouts.clock import Clock
from rollouts.driver import Source, Survey
from rollouts.drivers import driver_of
from rollouts.gates import Forecast, GatePlan, Threshold, forecast, problems, slow_from
from rollouts.judge import FAILED, SLOW, plan_of
from rollouts.measure import Query, minute_of, series, sides
from rollouts.plan import unborn
from rollouts.record import ALL, Rollout
from stacks.targets import Target

LOOK_BACK_MINUTES: Final = 60
"""Of the live version, before a rollout: our own; as long as a step may take unless the stack file says another."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Traffic:
    """The live version in the last hour.

    Rates are shares of one; `slow` is None when AWS does not count how long its requests take.
    """

    requests_per_minute: float
    failed: float
    slow: float | None
    threshold: Threshold | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outlook:
    """What is there and what to expect. With `problems`, a rollout is refused."""

    survey: Survey
    traffic: Traffic | None
    forecast: Forecast | None
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def look_ahead(aws: Aws, clock: Clock, target: Target) -> Outlook:
    """Ask everything that can be asked without changing anything."""
    rollout = unborn(target, clock.now())
    survey = driver_of(aws, clock, rollout).survey()
    found, notes = list(survey.problems), list(survey.notes)
    _alarms(aws, target, found, notes)
    traffic = expected = None
    sources = driver_of(aws, clock, rollout.but(live=survey.live, side=survey.side)).sources()
    if not survey.problems and sources is not None and sources.baseline is not None:
        traffic = traffic_of(aws, sources.baseline, target, clock.now())
        found += _baseline(target, traffic)
        plan = _gate_plan(rollout, traffic)
        wrong = problems(plan) if rollout.steps else ()
        found += wrong
        if rollout.steps and not wrong and traffic.requests_per_minute:
            rates = {FAILED: traffic.failed, SLOW: traffic.slow or 0.0}
            expected = forecast(plan, requests_per_minute=traffic.requests_per_minute, rates=rates)
            found += [expected.refusal] if expected.refusal else []
    return Outlook(survey=survey, traffic=traffic, forecast=expected, problems=tuple(found), notes=tuple(notes))


def _gate_plan(rollout: Rollout, traffic: Traffic) -> GatePlan:
    slow_ms = traffic.threshold.milliseconds if traffic.threshold else None
    return plan_of(rollout.but(slow_ms=slow_ms), counts=True)


def traffic_of(aws: Aws, live: Source, target: Target, now: datetime) -> Traffic:
    """The live version in the last complete hour."""
    until = minute_of(now) - timedelta(minutes=1)
    since = until - timedelta(minutes=LOOK_BACK_MINUTES)
    latency = Query(
        namespace=live.namespace,
        metric=live.latency,
        dimensions=live.dimensions,
        statistic="p99",
        seconds=LOOK_BACK_MINUTES * 60,
    )
    found = series(aws, {"p99": latency}, since, until)["p99"]
    p99 = next(iter(found.values())) * live.seconds * 1000 if found else None
    threshold = slow_from(baseline_p99=p99, p99_max=target.gates.latency_p99_ms)
    minutes = sides(aws, live, threshold.milliseconds if threshold else None, since, until).values()
    total = sum(side.failed.total for side in minutes)
    slow = [side.slow for side in minutes if side.slow is not None]
    return Traffic(
        requests_per_minute=total / LOOK_BACK_MINUTES,
        failed=sum(side.failed.bad for side in minutes) / total if total else 0.0,
        slow=sum(each.bad for each in slow) / max(sum(each.total for each in slow), 1) if slow else None,
        threshold=threshold,
    )


def _alarms(aws: Aws, target: Target, found: list[str], notes: list[str]) -> None:
    states = alarm_states(aws, target.alarms)
    if states.firing:
        firing = ", ".join(states.firing)
        found.append(f"in ALARM already, so nothing could be learned from it: {firing}; mend what it says first")
    if states.missing:
        found.append(f"CloudWatch has no alarm {', '.join(states.missing)}; run pulumi up, which makes it")
    if states.silent:
        notes.append(f"no data yet: {', '.join(states.silent)}")


def _baseline(target: Target, traffic: Traffic) -> list[str]:
    """Why the live version is none that a new one could be compared with."""
    if not traffic.requests_per_minute:
        idle = f"{target.service} had no request in the last {LOOK_BACK_MINUTES} minutes"
        return [f"{idle}, so there is nothing to compare with; send it test traffic first"]
    if traffic.failed * ALL <= target.gates.error_percent:
        return []
    rate = f"the live version fails {traffic.failed * ALL:.2g} % of its requests"
    allowed = f"gates.errorPercent allows {target.gates.error_percent:g}"
    return [f"{rate}, and {allowed}; no version would pass its last step. Mend it, or write what is normal"]

"""The four DORA figures, as far as rollouts know them (https://dora.dev/guides/dora-metrics)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from rollouts.past import Past


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """Of the rollouts that ended within some days.

    Args:
        days: how many.
        deployments: rollouts that went live.
        per_day: the same for each day: the deployment frequency.
        lead_minutes: median from the start of a rollout until its version had all the traffic and was judged good. It
            begins when the rollout does: the time from the commit until then is not in it.
        reached: rollouts whose version was used by anybody, whatever came of it.
        failed: those of them that were taken back, by us or by AWS.
        failure_rate: `failed` of `reached`, from 0 to 1: the change-failure rate. What was found to be bad after its
            rollout has ended, and was mended by another one, is not in it.
        restore_minutes: median from a failed version's first traffic until all of it was back.
    """

    days: int
    deployments: int
    per_day: float
    lead_minutes: float | None
    reached: int
    failed: int
    failure_rate: float | None
    restore_minutes: float | None


def figures(rollouts: Iterable[Past], *, days: int, now: datetime) -> Figures:
    """What the rollouts that ended in the last `days` days say."""
    since = now - timedelta(days=days)
    ended = [each for each in rollouts if each.ended_at is not None and since <= each.ended_at <= now]
    live = [each for each in ended if each.ending == "promoted"]
    reached = [each for each in ended if each.reached_at is not None and each.ending is not None]
    failed = [each for each in reached if each.ending != "promoted"]
    lead = [_minutes(each.started_at, each.live_at) for each in live if each.live_at is not None]
    restore = [_minutes(each.reached_at, each.back_at) for each in failed if each.reached_at and each.back_at]
    return Figures(
        days=days,
        deployments=len(live),
        per_day=len(live) / days,
        lead_minutes=median(lead) if lead else None,
        reached=len(reached),
        failed=len(failed),
        failure_rate=len(failed) / len(reached) if reached else None,
        restore_minutes=median(restore) if restore else None,
    )


def _minutes(begun: datetime, over: datetime) -> float:
    return (over - begun).total_seconds() / 60

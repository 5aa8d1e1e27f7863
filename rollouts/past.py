"""Rollouts as their events tell them: when each began, reached users, went live or back, and ended."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from typing import Final, cast

from rollouts.ledger import Event
from rollouts.record import Ending

_RUN: Final = re.compile(r" \([0-9a-f]{8}\)$")
"""What tells two runs of one person's process apart (`control`)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """One rollout, open or ended.

    Args:
        id: of the rollout.
        stack: whose.
        service: of the stack.
        actor: who started it.
        started_at: when it was opened in the ledger.
        candidate: what was built; empty when nothing was.
        reached_at: when the candidate got its first traffic; None when it never did.
        live_at: when the last step, with all the traffic, was judged good.
        back_at: when all traffic was with the former version again.
        ended_at: when nothing was left to do; None while it is open.
        ending: how it ended; None while it is open, and when there was nothing to roll out.
        reason: why it ended so.
    """

    id: str
    stack: str
    service: str
    actor: str
    started_at: datetime
    candidate: str = ""
    reached_at: datetime | None = None
    live_at: datetime | None = None
    back_at: datetime | None = None
    ended_at: datetime | None = None
    ending: Ending | None = None
    reason: str = ""


def person(owner: str) -> str:
    """Who it is that has a lease, without the run of his process."""
    return _RUN.sub("", owner)


def past(events: Iterable[Event]) -> tuple[Past, ...]:
    """The rollouts whose whole story is among the events, the oldest first; of others the beginning is missing.

    Args:
        events: in the order in which they happened, of any number of services.
    """
    ordered = sorted(events, key=lambda event: (event.key, event.rollout, event.seq))
    stories = (list(found) for _, found in groupby(ordered, key=lambda event: (event.key, event.rollout)))
    found = [_told(story) for story in stories if story[0].kind == "started"]
    return tuple(sorted(found, key=lambda each: (each.started_at, each.service)))


def _told(story: list[Event]) -> Past:
    first, *later = story
    told = Past(
        id=first.rollout,
        stack=first.key.stack,
        service=first.key.service,
        actor=person(first.actor),
        started_at=first.at,
    )
    for event in later:
        told = _with(told, event)
    return told


def _with(told: Past, event: Event) -> Past:
    reason = str(event.data.get("reason") or told.reason)
    found = told
    match event.kind:
        case "built":
            found = replace(told, candidate=str(event.data.get("candidate", "")))
        case "shifted" if event.data.get("weight"):
            found = replace(told, reached_at=told.reached_at or event.at)
        case "promoting":
            found = replace(told, live_at=event.at)
        case "abort" | "rolled-back":
            found = replace(told, back_at=told.back_at or event.at, reason=reason)
        case "not-verified":
            found = replace(told, reason=reason or f"{event.data.get('running') or 'no single version'} runs")
        case "ended":
            ending = cast("Ending | None", event.data.get("ending") or None)
            found = replace(told, ended_at=event.at, ending=ending, reason=reason)
        case _:
            pass
    return found

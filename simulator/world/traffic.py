"""Requests: how many there are in each minute, where the weights in force send them, and how they end."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple, Protocol, TypeAlias

import numpy as np

from simulator.world.api import WorldError
from simulator.world.clock import MINUTE, Clock
from simulator.world.latency import Histogram, draw

Script: TypeAlias = Callable[[int], int]
"""Requests in the n-th minute of the world, from 0."""


def constant(requests: int) -> Script:
    """The same in every minute."""
    return lambda _: requests


def ramp(first: int, last: int, minutes: int) -> Script:
    """From `first` to `last` in a straight line that takes `minutes`, and `last` from then on."""
    return lambda minute: round(first + (last - first) * min(minute / minutes, 1))


def wave(mean: int, swing: int, minutes: int) -> Script:
    """A sine around `mean`, up and down by `swing`, of this length."""
    return lambda minute: round(mean + swing * math.sin(2 * math.pi * minute / minutes))


def bursts(requests: int, *, peak: int, every: int, minutes: int) -> Script:
    """`requests`, and `peak` in the first `minutes` of each `every` minutes."""
    return lambda minute: peak if minute % every < minutes else requests


def recorded(requests: Sequence[int]) -> Script:
    """As in this list; after its end, from its beginning again."""
    return lambda minute: requests[minute % len(requests)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """How a revision answers.

    Args:
        error_rate: share of its requests that end in an error, from 0 to 1.
        median_ms: latency that half of them do not exceed; errors take as long as answers.
        p99_ms: latency that 99 % of them do not exceed.
    """

    error_rate: float = 0.0
    median_ms: float = 50.0
    p99_ms: float = 250.0


class Landing(NamedTuple):
    """Where requests end up.

    Args:
        place: a target group, an alias's version, a variant.
        revision: who answers there; empty when nobody does.
    """

    place: str
    revision: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What became of one minute's requests at one landing."""

    landing: Landing
    requests: int
    errors: int
    latency: Histogram


class Route(Protocol):
    """What splits a workload's requests, and publishes what came of them."""

    def shares(self, start: datetime, end: datetime) -> Mapping[Landing, float]:
        """Each landing's share of the requests between two moments; together 1."""
        ...

    def publish(self, minute: datetime, outcomes: Sequence[Outcome]) -> None:
        """Turn a minute's outcomes into the service's metrics; also called when there were none."""
        ...


class Traffic:
    """All workloads of a world.

    Args:
        clock: each minute's requests are made when it ends.
        random: decides where each goes and how it ends.
    """

    def __init__(self, clock: Clock, random: np.random.Generator) -> None:
        self._clock = clock
        self._random = random
        self._start = clock.now()
        self._workloads: list[tuple[Route, Script]] = []
        self._qualities: dict[str, Sequence[tuple[float, Quality]]] = {}
        self._first_request: dict[str, datetime] = {}
        clock.every_minute(self._make_requests)

    def add(self, route: Route, script: Script) -> None:
        """Send the requests of `script` to `route` from now on."""
        self._workloads.append((route, script))

    def behave(self, revision: str, quality: Quality, *later: tuple[float, Quality]) -> None:
        """Let `revision` answer with `quality`, and change `later`.

        Args:
            revision: a task definition's ARN, `function:version`, or what else a landing names.
            quality: from its first request on.
            later: minutes after its first request, and the quality from then on; in the order of time.
        """
        self._qualities[revision] = ((0.0, quality), *later)

    def _make_requests(self, minute: datetime) -> None:
        number = round((minute - self._start) / MINUTE)
        for route, script in self._workloads:
            shares = route.shares(minute, minute + MINUTE)
            counts = self._random.multinomial(script(number), list(shares.values()))
            split = zip(shares, counts.tolist(), strict=True)
            route.publish(minute, [self._outcome(landing, count, minute) for landing, count in split if count])

    def _outcome(self, landing: Landing, requests: int, minute: datetime) -> Outcome:
        if not landing.revision:
            nothing = np.zeros(0, dtype=np.int64)
            return Outcome(landing=landing, requests=requests, errors=requests, latency=nothing)
        quality = self._quality(landing.revision, minute)
        return Outcome(
            landing=landing,
            requests=requests,
            errors=int(self._random.binomial(requests, quality.error_rate)),
            latency=draw(self._random, requests, median_ms=quality.median_ms, p99_ms=quality.p99_ms),
        )

    def _quality(self, revision: str, minute: datetime) -> Quality:
        if revision not in self._qualities:
            raise WorldError(f"nobody said how {revision} behaves; call traffic.behave")
        since = (minute - self._first_request.setdefault(revision, minute)) / MINUTE
        return [quality for after, quality in self._qualities[revision] if after <= since][-1]


def by_time(
    start: datetime, end: datetime, changes: Sequence[datetime], shares: Callable[[datetime], Mapping[Landing, float]]
) -> Mapping[Landing, float]:
    """The shares of a stretch of time in which they change: each counts for as long as it is in force.

    Args:
        start: its beginning.
        end: its end.
        changes: the moments between, in any order, at which `shares` may change.
        shares: what is in force at a moment; together 1.
    """
    moments = [start, *sorted(set(changes)), end]
    together: dict[Landing, float] = {}
    for begun, over in pairwise(moments):
        part = (over - begun) / (end - start)
        for landing, share in shares(begun).items():
            together[landing] = together.get(landing, 0.0) + part * share
    return together

"""The world's time: it stands still until somebody waits, and then everything due happens in order."""

import heapq
import itertools
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

from simulator.world.api import WorldError

MINUTE: Final = timedelta(minutes=1)

Process = Iterator[float]
"""Something that goes on by itself; it yields the seconds until its next move, and ends by returning."""


class Clock:
    """A clock that moves only by `sleep` and `advance`.

    Args:
        start: the first moment: in UTC, on a whole minute.
    """

    def __init__(self, start: datetime) -> None:
        if start.utcoffset() != timedelta(0) or start.second or start.microsecond:
            raise WorldError(f"the world starts on a whole minute, in UTC; not at {start}")
        self._now = start
        self._minute = start
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._listeners: list[Callable[[datetime], None]] = []

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass, with all that happens in them."""
        end = self._now + timedelta(seconds=seconds)
        while True:
            minute_ends = self._minute + MINUTE
            action_due = self._due[0][0] if self._due else None
            if minute_ends <= end and (action_due is None or minute_ends <= action_due):
                self._end_minute(minute_ends)
            elif action_due is not None and action_due <= end:
                self._now, _, action = heapq.heappop(self._due)
                action()
            else:
                break
        self._now = end

    def advance(self, minutes: float) -> None:
        """Let `minutes` pass."""
        self.sleep(minutes * MINUTE.total_seconds())

    def every_minute(self, listener: Callable[[datetime], None]) -> None:
        """Call `listener` whenever a minute ends, with its beginning; listeners come before anything due just then."""
        self._listeners.append(listener)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do `action` when `seconds` have passed; what is due at the same moment happens in the order of asking."""
        heapq.heappush(self._due, (self._now + timedelta(seconds=seconds), next(self._order), action))

    def run(self, process: Process) -> None:
        """Let `process` make its first move now, and the others as it wishes."""
        wait = next(process, None)
        if wait is not None:
            self.after(wait, lambda: self.run(process))

    def _end_minute(self, end: datetime) -> None:
        begun, self._minute, self._now = self._minute, end, end
        for listener in self._listeners:
            listener(begun)


class SkewedClock:
    """How somebody reads the time whose clock is wrong by `seconds` (ahead when positive)."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._skew = timedelta(seconds=seconds)

    def now(self) -> datetime:
        """The wrong time, in UTC."""
        return self._clock.now() + self._skew

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass for everybody."""
        self._clock.sleep(seconds)

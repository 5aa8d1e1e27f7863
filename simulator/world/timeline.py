"""A value that changes at known moments, such as the weights that a load balancer goes by."""

import bisect
from collections.abc import Iterator
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


class Timeline(Generic[T]):
    """What a value was at any moment.

    Args:
        since: the first moment.
        value: from then on.
    """

    def __init__(self, since: datetime, value: T) -> None:
        self._since = [since]
        self._values = [value]

    def set(self, since: datetime, value: T) -> None:
        """Let it be `value` from `since` on; whatever was to come after `since` is forgotten."""
        index = bisect.bisect_left(self._since, since)
        self._since[index:] = [since]
        self._values[index:] = [value]

    def at(self, moment: datetime) -> T:
        """What it is at `moment`; before the first, the first."""
        return self._values[max(0, bisect.bisect_right(self._since, moment) - 1)]

    def changes(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """The moments strictly between `start` and `end` at which it changes."""
        first = bisect.bisect_right(self._since, start)
        last = bisect.bisect_left(self._since, end)
        return iter(self._since[first:last])

"""The time, as everything in this room reads it: the wall's, or a simulated one."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

SKEW_MAX: Final = timedelta(hours=1)
"""How far AWS's clock and ours may be apart, our own: beyond any skew with which AWS still takes signed requests."""


class Clock(Protocol):
    """What a rollout waits by."""

    def now(self) -> datetime:
        """The time, in UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class WallClock:
    """The real time."""

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

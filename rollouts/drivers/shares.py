"""Percent, as plans have it, and the fractions of one that AWS takes."""

from typing import Final

from rollouts.record import ALL

_DIGITS: Final = 4


def share(percent: float) -> float:
    """As a part of one."""
    return round(percent / ALL, _DIGITS)


def percent(share: float) -> float:
    """As a part of a hundred."""
    return round(share * ALL, _DIGITS - 2)

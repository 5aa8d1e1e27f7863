"""Whole numbers within the range that an AWS service takes, refused with the range and the reason."""

from collections.abc import Callable

from pydantic.config import JsonDict


def between(low: int, high: int, reason: str) -> Callable[[int], int]:
    """A validator that takes `low` to `high`; `reason` says who sets the bounds, as the end of a sentence."""

    def check(value: int) -> int:
        if not low <= value <= high:
            raise ValueError(f"must be {low} to {high}: {reason}")
        return value

    return check


def bounds(low: int, high: int) -> JsonDict:
    """The same range for editors, as JSON Schema writes it."""
    return {"minimum": low, "maximum": high}

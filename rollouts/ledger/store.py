"""What the ledger asks of a store: to keep rows and events, and to swap one row for another in one piece."""

from collections.abc import Generator, Sequence
from typing import Protocol

from rollouts.errors import RolloutError
from rollouts.ledger.rows import Row
from rollouts.ledger.values import Event, Key


class ChangedError(RolloutError):
    """Somebody else was faster, or this very change was made before and its answer was lost; nothing was changed."""

    def __init__(self, key: Key) -> None:
        super().__init__(f"{key} is being changed by others in the ledger all the time; try again")


class Store(Protocol):
    """Keeps everything for good; reads what was written last, never something older."""

    def load(self, key: Key) -> Row:
        """The row as it is now; one with revision 0 when there is none."""
        ...

    def swap(self, row: Row, events: Sequence[Event]) -> None:
        """Store `row` in place of the one with the revision before, and append the events: all of it, or nothing.

        Raises:
            ChangedError: the stored row has another revision.
        """
        ...

    def rows(self, stack: str) -> list[Row]:
        """The rows of all services of a stack."""
        ...

    def newest_first(self, key: Key) -> Generator[Event, None, None]:
        """Its events, read only as far as somebody asks."""
        ...

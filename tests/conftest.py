"""The day on which all tests take place, so that statements and waivers in stack files do not expire under them."""

import os
from collections.abc import Iterator
from datetime import date
from typing import Final
from unittest import mock

import pytest

from rollouts.place import LEDGER_VARIABLE, NO_LEDGER

THE_DAY: Final = date(2026, 12, 1)
"""Shortly after the day on which the repository's own stack files make their statements."""


@pytest.fixture(scope="session", autouse=True)
def _no_ledger() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    """No test asks the ledger of whoever runs it; those about ledgers name one."""
    with mock.patch.dict(os.environ, {LEDGER_VARIABLE: NO_LEDGER}):
        yield


@pytest.fixture(scope="session", autouse=True)
def _the_day() -> Iterator[None]:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    """The judge asks for the day of the calendar in one place; there, it is always the same."""
    with mock.patch("policies.judge.date", today=lambda: THE_DAY):
        yield

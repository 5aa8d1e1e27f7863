"""What several tests of rollouts need."""

import pytest

from rollouts import control
from tests.rollouts import stage


@pytest.fixture
def few_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """One look a minute instead of four, and a short past: the same calls, and fewer of those that only repeat."""
    monkeypatch.setattr(control, "TICK_SECONDS", 60)
    monkeypatch.setattr(stage, "BEFORE_MINUTES", 10)

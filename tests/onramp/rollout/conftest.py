"""A project with two functions, and the rollout world in place of AWS and Pulumi."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.onramp.conftest import FUNCTION, ROOT, services
from tests.onramp.rollout.stage import OTHER, SERVICE, Desk, desk

MakeDesk = Callable[..., Desk]
_THE_CALLERS: Final = ("CI", "GITHUB_ACTIONS", "GITHUB_ACTOR", "GITHUB_STEP_SUMMARY", "ONRAMP_LEDGER")


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeDesk:
    """Makes a desk; whoever runs the tests lends it nothing of his own."""
    for name in _THE_CALLERS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("LOGNAME", "me")
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(ROOT / "Pulumi.yaml", folder)
    text = services(f"{SERVICE}: {{{FUNCTION}}}\n{OTHER}: {{{FUNCTION}}}\n")
    (folder / "Pulumi.dev.yaml").write_text(text, encoding="utf-8")

    def make(*arguments: object, **options: object) -> Desk:
        made = desk(folder, *arguments, **options)  # pyright: ignore[reportArgumentType] - passed on as they are
        monkeypatch.setattr("onramp.rolling.surroundings.surroundings", made.surroundings)
        return made

    return make

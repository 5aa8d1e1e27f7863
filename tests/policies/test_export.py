from pathlib import Path

import pytest

from policies.export import PATH_VARIABLE, export, imported
from policies.verdicts import Judgement, Verdict, Violation

JUDGEMENT = Judgement(
    verdicts={"news-api": {"PRE-1": Verdict(verdict="pass", because="it is one")}},
    violations=(
        Violation(
            rule="no-public-ip",
            item=None,
            level="mandatory",
            severity="critical",
            service=None,
            urn="urn",
            path="a.b",
            message="m",
            fix="f",
            url="u",
        ),
    ),
)


def test_what_is_exported_is_what_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PATH_VARIABLE, str(tmp_path / "judgement.json"))
    export(JUDGEMENT)
    assert imported(tmp_path / "judgement.json") == JUDGEMENT
    assert [found.name for found in tmp_path.iterdir()] == ["judgement.json"]


def test_nothing_is_written_where_nobody_asks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(PATH_VARIABLE, raising=False)
    monkeypatch.chdir(tmp_path)
    export(JUDGEMENT)
    assert list(tmp_path.iterdir()) == []
    assert imported(tmp_path / "judgement.json") is None

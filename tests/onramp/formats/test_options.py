"""The options of `onramp preview` that write reports."""

import json
from datetime import datetime
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from onramp.formats import files
from onramp.report import Report
from tests.onramp.conftest import ROOT, MakeProject, document, onramp, services

WHEN: Final = datetime(2026, 11, 21, 12, 0, 0)  # noqa: DTZ001 - the format has no zone
OPTIONS = ("sarif", "junit", "markdown", "html", "codequality")


def options(folder: Path) -> list[str | Path]:
    return [part for name in OPTIONS for part in (f"--{name}", folder / name)]


def test_all_reports_are_written_beside_the_document(tmp_path: Path) -> None:
    result = onramp("preview", "prod", "--project", ROOT, "--json", *options(tmp_path))
    assert result.exit_code == 0
    assert document(result)["ok"] is True
    assert {each.name for each in tmp_path.iterdir()} == set(OPTIONS)
    assert json.loads((tmp_path / "sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"
    assert ET.parse(tmp_path / "junit").getroot().tag == "testsuites"  # noqa: S314 - our own output
    assert (tmp_path / "markdown").read_text(encoding="utf-8").startswith("<!-- onramp prod -->")
    assert (tmp_path / "html").read_text(encoding="utf-8").startswith("<!doctype html>")
    assert json.loads((tmp_path / "codequality").read_text(encoding="utf-8")) == []


def test_reports_are_written_when_the_rules_say_no(tmp_path: Path, project: MakeProject) -> None:
    text = services("api: {compute: fargate, port: 80, route: /api/*, alarms: {cpuPercent: 99}}", tier="prod")
    result = onramp("preview", "dev", "--project", project(text), "--annotations", "--sarif", tmp_path / "sarif")
    assert result.exit_code == 1
    assert json.loads((tmp_path / "sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert "\n::error file=Pulumi.dev.yaml,line=10," in result.stdout


def test_all_that_is_wrong_with_the_files_is_told_before_anything_is_previewed(tmp_path: Path) -> None:
    wrong = ("--sarif", tmp_path / "none" / "s", "--junit", tmp_path, "--html", tmp_path / "a", "--markdown")
    result = onramp("preview", "no-such-stack", "--project", ROOT, *wrong, tmp_path / "a")
    assert result.exit_code == 2
    for option, what in {"--sarif": "there is no folder", "--junit": "is a folder", "--html": "is the file of"}.items():
        assert any(option in line and what in line for line in result.stderr.splitlines())
    assert list(tmp_path.iterdir()) == []


def test_annotations_and_a_document_do_not_share_stdout() -> None:
    result = onramp("preview", "dev", "--project", ROOT, "--json", "--annotations")
    assert (result.exit_code, document(result)["ok"]) == (2, False)


def test_a_file_that_cannot_be_replaced_stays_whole(
    tmp_path: Path, dev: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.html"
    path.write_text("before", encoding="utf-8")

    def full(_self: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(files.BadInputError, match="No space left on device"):
        files.write_reports(dev, {"html": path}, WHEN)
    assert path.read_text(encoding="utf-8") == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_may_be_read_by_whom_others_may_be_read(tmp_path: Path, dev: Report) -> None:
    other = tmp_path / "other"
    other.touch()
    files.write_reports(dev, {"sarif": tmp_path / "new"}, WHEN)
    assert (tmp_path / "new").stat().st_mode == other.stat().st_mode

"""`--policy-config`: levels of rules as Pulumi takes them; a file that is wrong is bad input, with all of it."""

import json
from pathlib import Path
from typing import Final

import pytest

from tests.onramp.conftest import MakeProject, document, onramp, services

LOOSE: Final = "api: {compute: fargate, port: 80, alarms: {cpuPercent: 99}, telemetry: {retentionDays: 60}}"
WRONG: Final = {"onramp-rules": {"levels": {"log-retenton": "advisory"}}, "remedies": "remediate"}


@pytest.fixture
def folder(project: MakeProject) -> Path:
    return project(services(LOOSE, tier="staging"))


def written(folder: Path, config: object) -> Path:
    file = folder / "policy.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    return file


def test_levels_decide_about_the_exit_code(folder: Path) -> None:
    assert onramp("preview", "dev", "--project", folder).exit_code == 1

    advice = written(folder, {"onramp-rules": {"levels": {"log-retention": "advisory", "alarm-looser": "disabled"}}})
    result = onramp("preview", "dev", "--project", folder, "--policy-config", advice, "--json")

    assert result.exit_code == 0
    assert {each["rule"]: each["level"] for each in document(result)["violations"]}.get("log-retention") == "advisory"
    assert "alarm-looser" not in {each["rule"] for each in document(result)["violations"]}


def test_a_policy_that_is_disabled_reports_nothing(folder: Path) -> None:
    nothing = written(folder, {"all": "disabled"})

    result = onramp("preview", "dev", "--project", folder, "--policy-config", nothing, "--json")

    assert (result.exit_code, document(result)["violations"]) == (0, [])


def test_a_wrong_config_is_bad_input_with_all_that_is_wrong(folder: Path) -> None:
    result = onramp("preview", "dev", "--project", folder, "--policy-config", written(folder, WRONG))

    assert result.exit_code == 2
    assert "2 problems in the policy config" in result.stderr
    assert "did you mean log-retention?" in result.stderr
    assert "remedies: there is no such policy" in result.stderr


def test_a_program_gets_every_problem(folder: Path) -> None:
    result = onramp("preview", "dev", "--project", folder, "--policy-config", written(folder, WRONG), "--json")

    paths = [each["path"] for each in document(result)["problems"]]

    assert (result.exit_code, paths) == (2, ["onramp-rules.levels.log-retenton", "remedies"])


@pytest.mark.parametrize("content", [None, b"\xff"])
def test_a_file_that_cannot_be_read_is_bad_input(folder: Path, content: bytes | None) -> None:
    file = folder / "policy.json"
    if content is not None:
        file.write_bytes(content)

    result = onramp("preview", "dev", "--project", folder, "--policy-config", file)

    assert result.exit_code == 2
    assert "fix: " in result.stderr


def test_remedies_take_the_real_engine(folder: Path) -> None:
    on = written(folder, {"remedy-log-retention": "remediate"})

    result = onramp("preview", "dev", "--project", folder, "--policy-config", on)

    assert result.exit_code == 2
    assert "remedy-log-retention" in result.stderr
    assert "fix: add --engine pulumi" in result.stderr

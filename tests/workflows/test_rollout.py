"""The scripts of the rollout's workflow, on a machine that looks like GitHub's."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.workflows.conftest import Runner, workflow

_TOOLS = {
    "curl": """echo '{"value": "a-token"}'""",
    "aws": """echo "$*" >> "$CALLS"
echo '{"Credentials": {"AccessKeyId": "AKIA", "SecretAccessKey": "hidden", "SessionToken": "also"}}'""",
}


def script(name: str) -> str:
    """What a step runs."""
    steps: list[Any] = workflow("rollout")["jobs"]["rollout"]["steps"]
    (found,) = [each["run"] for each in steps if each.get("name") == name]
    return found


def tool(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.skipif(shutil.which("jq") is None, reason="GitHub's machines have jq; this one has not")
def test_it_logs_in_for_the_job_and_hides_what_is_secret(runner: Runner) -> None:
    for name, text in _TOOLS.items():
        tool(runner.temporary / name, text)
    environment = runner.temporary / "environment"
    done = runner.run(
        script("Log in"),
        ROLE="arn:aws:iam::123456789012:role/rollout",
        GITHUB_RUN_ID="7",
        GITHUB_ENV=str(environment),
        ACTIONS_ID_TOKEN_REQUEST_TOKEN="t",  # noqa: S106 - made up
        ACTIONS_ID_TOKEN_REQUEST_URL="https://example.com/?a=b",  # noqa: S106 - as above
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["::add-mask::hidden", "::add-mask::also"]
    assert environment.read_text(encoding="utf-8").splitlines() == [
        "AWS_ACCESS_KEY_ID=AKIA",
        "AWS_SECRET_ACCESS_KEY=hidden",
        "AWS_SESSION_TOKEN=also",
    ]
    assert not (runner.temporary / "role.json").exists()


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (4, 0), (5, 5), (1, 1), (2, 2), (3, 3), (6, 6)])
def test_what_is_not_finished_is_no_failure_and_what_was_taken_back_or_never_begun_is(
    runner: Runner, code: int, ends: int
) -> None:
    tool(runner.folder / ".venv" / "bin" / "onramp", f'echo "$*"\nexit {code}')
    done = runner.run(script("Roll out"), STACK="prod", SERVICE="news-api")
    assert done.returncode == ends
    assert done.stdout == "rollout start prod news-api --for 50\n"


@pytest.mark.parametrize(("code", "ends"), [(0, 0), (4, 0), (5, 0), (1, 1), (2, 2), (3, 3), (6, 6)])
def test_the_schedule_goes_on_with_what_is_open_and_lets_nothing_go_that_is_held(
    runner: Runner, code: int, ends: int
) -> None:
    tool(runner.folder / ".venv" / "bin" / "onramp", f'echo "$*"\nexit {code}')
    done = runner.run(script("Roll out"), STACK="prod", SERVICE="")
    assert done.returncode == ends
    assert done.stdout == "rollout resume prod --keep-hold --for 10\n"


def test_one_job_at_a_time_moves_a_stack_and_none_is_ended_by_another() -> None:
    found = workflow("rollout")
    assert found["concurrency"]["cancel-in-progress"] is False
    assert "inputs.stack" in found["concurrency"]["group"]
    assert found["permissions"] == {}
    assert found["jobs"]["rollout"]["permissions"] == {"contents": "read", "id-token": "write"}

"""The workflow files: what GitHub takes, with as few rights as can be, and nothing that changes by itself."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
from jsonschema import Draft7Validator

from tests.workflows.conftest import WORKFLOWS, workflow

SCHEMA: Final = Path(__file__).parent / "schemas" / "github-workflow.json"
NAMES: Final = sorted(path.stem for path in WORKFLOWS.glob("*.yml"))
PINNED: Final = re.compile(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")


def faults(document: Any) -> list[str]:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    validator: Any = Draft7Validator(schema)
    return [error.message for error in validator.iter_errors(document)]


def scripts(found: Any) -> list[str]:
    return [each["run"] for job in found["jobs"].values() for each in job["steps"] if "run" in each]


def test_there_are_those_that_the_documents_name() -> None:
    assert NAMES == ["ci", "pull-request", "rollout"]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_valid_by_the_published_schema(name: str) -> None:
    assert faults(workflow(name)) == []


def test_the_schema_would_tell() -> None:
    found = workflow("pull-request")
    found["jobs"]["preview"]["permissions"]["contents"] = "all"
    assert faults(found) != []


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_pinned_to_a_commit_with_its_version_beside_it(name: str) -> None:
    lines = (WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8").splitlines()
    used = [line.strip().removeprefix("- ") for line in lines if "uses:" in line]
    assert used
    assert [line for line in used if not PINNED.match(line)] == []


@pytest.mark.parametrize("name", NAMES)
def test_there_are_no_secrets_and_nothing_of_the_event_is_written_into_a_script(name: str) -> None:
    expressions = re.findall(r"\${{.*?}}", (WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8"))
    assert [each for each in expressions if "secrets" in each] == []
    assert [script for script in scripts(workflow(name)) if "${{" in script] == []


def test_what_runs_the_pull_requests_code_may_only_read() -> None:
    found = workflow("pull-request")
    assert found["on"] == {"pull_request": None}
    assert found["permissions"] == {}
    assert found["jobs"]["preview"]["permissions"] == {"contents": "read"}
    assert workflow("ci")["permissions"] == {"contents": "read"}


def test_what_may_write_runs_nothing_of_the_pull_request() -> None:
    publish = workflow("pull-request")["jobs"]["publish"]
    assert {right for right, level in publish["permissions"].items() if level == "write"} == {
        "pull-requests",
        "security-events",
    }
    assert not [each for each in publish["steps"] if "checkout" in each.get("uses", "")]


def test_no_checkout_leaves_its_token_behind() -> None:
    jobs = [job for name in NAMES for job in workflow(name)["jobs"].values()]
    checkouts = [each for job in jobs for each in job["steps"] if "checkout" in each.get("uses", "")]
    assert checkouts
    assert all(each["with"]["persist-credentials"] is False for each in checkouts)


def test_what_a_fork_brings_is_not_sent_to_code_scanning() -> None:
    (upload,) = [
        each for each in workflow("pull-request")["jobs"]["publish"]["steps"] if "upload-sarif" in each.get("uses", "")
    ]
    assert "env.MAY_WRITE == 'true'" in upload["if"]

"""What was previewed and looked at is what is done, or nothing is."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from rollouts.place import LEDGER_VARIABLE
from stacks.targets import TARGETS
from tests.components.conftest import DIGEST, stack_text
from tests.e2e.conftest import MakeProject, Project
from tests.rollouts.test_standing import record, write

SERVICES: Final = "api: {{compute: fargate, port: {port}}}"


def text(port: int) -> str:
    return stack_text(SERVICES.format(port=port), images={"api": DIGEST})


@pytest.fixture(scope="module")
def project(make_project: MakeProject) -> Project:
    return make_project(dev=text(8000))


@pytest.fixture(scope="module")
def plan(project: Project) -> Path:
    path = project.folder / ".pulumi" / "plan.json"
    project.onramp("preview", "dev", "--plan", path).ended(0)
    return path


def test_what_was_previewed_is_done_and_nothing_that_was_not(project: Project, plan: Path) -> None:
    assert project.things() == {}
    project.write("dev", text(8001))
    refused = project.onramp("deploy", "dev", "--plan", plan).ended(2)
    assert "is not what was previewed into the plan" in refused.err
    assert "onramp preview dev --engine pulumi --plan FILE" in refused.err
    assert "port" in refused.err
    assert not [each for each in project.things().values() if "8001" in str(each)]

    project.write("dev", text(8000))
    done = project.onramp("deploy", "dev", "--plan", plan, "--json").ended(0).document
    managed = [each for each in project.exported("dev") if each["custom"] and "pulumi:" not in each["type"]]
    assert done["succeeded"]
    assert len(project.things()) == len(managed)
    assert {each["urn"] for each in project.things().values()} == {each["urn"] for each in managed}


def test_a_plan_with_something_that_is_not_done_any_more_is_not_applied(project: Project) -> None:
    """What is only in the plan: a rollout that was open, which a preview states, and an update does not."""
    ledger, path = project.folder / "ledger.db", project.folder / ".pulumi" / "open.json"
    told = TARGETS.validate_json(project.pulumi("stack", "output", "rollouts", "--json", "--stack", "dev").out)["api"]
    write(f"sqlite://{ledger}", record(service="api", target=told, live="arn:7", candidate=told.revision))
    watched = replace(project, variables={**project.variables, LEDGER_VARIABLE: f"sqlite://{ledger}"})
    watched.onramp("preview", "dev", "--plan", path).ended(0)
    before = watched.things()

    refused = watched.onramp("deploy", "dev", "--plan", path).ended(2)

    assert "is not what was previewed into the plan" in refused.err
    assert "expected resource operations for " in refused.err
    assert "api-rollout" in refused.err
    assert watched.things() == before


def test_a_plan_that_is_not_there_is_bad_input(project: Project) -> None:
    refused = project.onramp("deploy", "dev", "--plan", project.folder / "none.json").ended(2)
    assert "none.json" in refused.err
    assert "fix: " in refused.err

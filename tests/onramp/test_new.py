"""Adding a service to a stack file."""

from pathlib import Path

import pytest

from stacks.load import load_stack_file
from stacks.models import SERVICES
from stacks.stanzas import STANZAS
from tests.onramp.conftest import MakeProject, document, onramp, services

FILE = services("api: {compute: fargate, port: 80}  # ours since 2019\n") + "\n  # what the pipeline writes\n"


def file_of(folder: Path) -> Path:
    return folder / "Pulumi.dev.yaml"


@pytest.mark.parametrize("compute", SERVICES)
def test_the_least_stanza_of_every_compute_type_is_added_and_loads(project: MakeProject, compute: str) -> None:
    folder = project(FILE)
    result = onramp("new", "search", "--compute", compute, "--project", folder, "--json")
    assert result.exit_code == 0, result.output
    assert document(result) == {"file": "Pulumi.dev.yaml", "service": "search", "written": STANZAS[compute]("search")}
    assert load_stack_file(file_of(folder)).services["search"].compute_type == compute


def test_what_a_person_wrote_stays(project: MakeProject) -> None:
    folder = project(FILE)
    onramp("new", "search", "--compute", "lambda", "--project", folder)
    after = file_of(folder).read_text(encoding="utf-8").splitlines()
    assert [line for line in FILE.splitlines() if line.strip() and line not in after] == []


def test_the_first_service_of_a_stack_is_added(project: MakeProject) -> None:
    folder = project(FILE.replace("\n    api: {compute: fargate, port: 80}  # ours since 2019\n", " {}\n"))
    assert onramp("new", "search", "--compute", "fargate", "--project", folder).exit_code == 0
    assert set(load_stack_file(file_of(folder)).services) == {"search"}


@pytest.mark.parametrize(
    ("name", "compute", "said"),
    [
        ("api", "fargate", "has a service api already"),
        ("search", "fargat", "did you mean `fargate`?"),
        ("Search_2", "fargate", "cannot name a service"),
        ("adot", "fargate", "is the name of a container that runs beside every service"),
    ],
)
def test_what_cannot_be_added_is_refused_and_the_file_is_untouched(
    project: MakeProject, name: str, compute: str, said: str
) -> None:
    folder = project(FILE)
    result = onramp("new", name, "--compute", compute, "--project", folder)
    assert result.exit_code == 2
    assert said in result.stderr
    assert file_of(folder).read_text(encoding="utf-8") == FILE
    assert not list(folder.glob(".*"))


def test_a_stack_that_does_not_exist_is_refused(project: MakeProject) -> None:
    result = onramp("new", "search", "--compute", "fargate", "--stack", "prd", "--project", project(FILE))
    assert result.exit_code == 2
    assert "Pulumi.prd.yaml" in result.stderr

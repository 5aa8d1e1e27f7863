"""A preview on the real engine: what it says, what it leaves behind, and what it is not told."""

import json
from typing import Any, Final

import pytest

from engine.model import engines_folder
from tests.components.conftest import stack_text
from tests.e2e.conftest import ROOT, Done, MakeProject, Project

CALLERS: Final = {
    "AWS_ACCESS_KEY_ID": "caller",
    "AWS_SECRET_ACCESS_KEY": "caller",
    "AWS_SESSION_TOKEN": "caller",
    "AWS_PROFILE": "caller",
    "AWS_DEFAULT_PROFILE": "caller",
    "AWS_ROLE_ARN": "caller",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "caller",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "caller",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "caller",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "caller",
}
"""Every way in which the AWS SDKs find credentials in the environment."""

SPY: Final = """
import json, os
with open(".pulumi/seen.json", "w") as file:
    json.dump(dict(os.environ), file)
"""


@pytest.fixture(scope="module")
def project(make_project: MakeProject) -> Project:
    project = make_project()
    program = project.folder / "__main__.py"
    program.write_text(program.read_text(encoding="utf-8") + SPY, encoding="utf-8")
    return project


@pytest.fixture(scope="module")
def before(project: Project) -> dict[str, bytes]:
    return project.contents()


@pytest.fixture(scope="module")
def preview(project: Project, before: dict[str, bytes]) -> Done:
    assert before
    return project.onramp("preview", "dev", **CALLERS).ended(0)


@pytest.fixture(scope="module")
def seen(project: Project, preview: Done) -> Any:
    """The environment of the program, as it was during the preview."""
    assert preview.code == 0
    return json.loads((project.folder / ".pulumi" / "seen.json").read_text(encoding="utf-8"))


def test_a_preview_says_which_engine_it_was_and_that_aws_is_not_aws(project: Project, preview: Done) -> None:
    assert f"pulumi {project.engine.version} with a stand-in for AWS, nothing is real" in preview.out
    assert "The rules hold." in preview.out


def test_a_preview_writes_nothing_outside_the_ignored_folder(
    project: Project, preview: Done, before: dict[str, bytes]
) -> None:
    assert preview.code == 0
    assert project.contents() == before
    assert ".pulumi/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_a_preview_makes_nothing(project: Project, preview: Done) -> None:
    assert preview.code == 0
    assert project.things() == {}
    assert [each["type"] for each in project.exported("dev")] in ([], ["pulumi:pulumi:Stack"])


def test_no_credentials_of_the_caller_reach_the_program(seen: Any) -> None:
    assert [name for name, value in seen.items() if value == "caller"] == []
    assert seen["AWS_ACCESS_KEY_ID"] == seen["AWS_SECRET_ACCESS_KEY"] == "stand-in"
    assert seen["AWS_SHARED_CREDENTIALS_FILE"] == seen["AWS_CONFIG_FILE"] == "/dev/null"
    assert seen["AWS_EC2_METADATA_DISABLED"] == "true"


def test_no_plugin_is_downloaded(preview: Done, seen: Any) -> None:
    assert preview.code == 0
    assert seen["PULUMI_HOME"] == str(engines_folder() / "home")
    assert seen["PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"] == "true"
    assert [path.name for path in (engines_folder() / "home").glob("plugins/*")] == []


def test_the_cli_by_hand_applies_the_pack(project: Project, preview: Done) -> None:
    assert preview.code == 0
    by_hand = project.pulumi("preview", "--stack", "dev", "--policy-pack", project.folder / "policies").ended(0)
    assert f"onramp@v0.1.0 (local: {project.folder / 'policies'})" in by_hand.out
    assert "stand-in aws provider: nothing reaches AWS" in by_hand.out


BAD: Final = {
    "an unknown key": (stack_text("api: {compute: fargate, prot: 80}"), "did you mean `port`?"),
    "not YAML": ("config: [", "is not YAML"),
    "an empty file": ("", "the file is empty"),
}


@pytest.mark.parametrize("command", ["preview", "deploy"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_stack_file_stops_before_the_engine(make_project: MakeProject, name: str, command: str) -> None:
    text, words = BAD[name]
    project = make_project(dev=text)
    refused = project.onramp(command, "dev").ended(2)
    assert refused.out == ""
    assert words in refused.err
    assert not (project.folder / ".pulumi" / "onramp").exists()


def test_a_bad_stack_file_stops_the_cli_without_a_traceback(project: Project, preview: Done) -> None:
    assert preview.code == 0
    text, words = BAD["an unknown key"]
    settings = project.folder / ".pulumi" / "onramp" / "work" / "Pulumi.dev.yaml"
    written = settings.read_text(encoding="utf-8")
    settings.write_text(text, encoding="utf-8")
    by_hand = project.pulumi("preview", "--stack", "dev")
    settings.write_text(written, encoding="utf-8")
    assert by_hand.code != 0
    assert words in by_hand.out + by_hand.err
    assert "Traceback" not in by_hand.out + by_hand.err

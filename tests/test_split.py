"""The example of one environment in three stacks, previewed in process."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from components.foundation.interface import OUTPUT_NAME, PUBLISHED
from onramp.evaluate import evaluate
from onramp.report import Report
from simulator.graph import UNKNOWN
from stacks.load import Stack
from tests.onramp.conftest import document, onramp

ROOT: Final = Path(__file__).parents[1]
EXAMPLE: Final = ROOT / "examples" / "split"
TEAMS: Final = {"prod-shared": "platform", "prod-news": "news", "prod-payments": "payments"}
ON_THE_FOUNDATION: Final = ("prod-news", "prod-payments")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of the repository's program and the example's stack files, as its README has it."""
    folder = tmp_path_factory.mktemp("split")
    for path in (ROOT / "Pulumi.yaml", ROOT / "__main__.py", *EXAMPLE.glob("Pulumi.*.yaml")):
        shutil.copy(path, folder)
    shutil.copytree(ROOT / "services", folder / "services")
    return folder


@pytest.fixture(scope="module")
def reports(project: Path) -> Mapping[str, Report]:
    return {name: evaluate(project, name, lambda _: None) for name in TEAMS}


def tags(report: Report, key: str) -> set[str]:
    """The values of one tag on all resources of a stack that have tags."""
    tagged = [found.inputs["tags"] for found in report.graph.resources if "tags" in found.inputs]
    return {str(each[key]) for each in tagged if isinstance(each, dict)}


def test_the_example_is_these_three() -> None:
    assert {path.name for path in EXAMPLE.glob("Pulumi.*.yaml")} == {f"Pulumi.{name}.yaml" for name in TEAMS}


@pytest.mark.parametrize("stack", TEAMS)
def test_the_rules_hold_in_each(reports: Mapping[str, Report], stack: str) -> None:
    assert reports[stack].judgement.violations == ()
    assert reports[stack].graph.warnings == ()


@pytest.mark.parametrize("stack", TEAMS)
def test_each_belongs_to_its_team_and_all_to_one_environment(reports: Mapping[str, Report], stack: str) -> None:
    assert tags(reports[stack], "Owner") == {TEAMS[stack]}
    assert tags(reports[stack], "Env") == {"prod"}


def test_the_foundation_is_built_once_and_published_whole(reports: Mapping[str, Report]) -> None:
    shared = reports["prod-shared"]
    assert shared.stack.services == {}
    published = shared.graph.outputs[OUTPUT_NAME]
    assert isinstance(published, dict)
    assert set(published) == set(PUBLISHED)
    for stack in ON_THE_FOUNDATION:
        types = [found.type for found in reports[stack].graph.resources]
        assert "pulumi:pulumi:StackReference" in types
        assert not [kind for kind in types if kind.startswith(("onramp:foundation:", "awsx:"))]


def test_no_name_is_given_twice_in_the_environment(reports: Mapping[str, Report]) -> None:
    seen: dict[tuple[str, str], str] = {}
    for stack, report in reports.items():
        for found in report.graph.resources:
            for key in ("name", "family", "repositoryName"):
                name = (found.type, f"{key} {found.inputs.get(key)}")
                if (
                    found.inputs.get(key, UNKNOWN) != UNKNOWN
                    and found.parent
                    and found.custom
                    and _is_unique(found.type)
                ):
                    assert seen.setdefault(name, stack) == stack, name
    assert len(seen) > len(TEAMS)


def _is_unique(kind: str) -> bool:
    """Names of types that AWS wants only once in an account and region."""
    return kind.rpartition(":")[2] in {
        "EventRule",
        "Function",
        "LogGroup",
        "MetricAlarm",
        "Queue",
        "Repository",
        "Role",
        "Secret",
        "TaskDefinition",
        "Topic",
    }


def test_two_teams_routes_never_get_the_same_priority(reports: Mapping[str, Report]) -> None:
    found = [
        resource.inputs["priority"]
        for report in reports.values()
        for resource in report.graph.resources
        if resource.type == "aws:lb/listenerRule:ListenerRule"
    ]
    assert len(found) == len(ON_THE_FOUNDATION)
    assert len(set(map(str, found))) == len(found)


@pytest.mark.parametrize("published", [{}, {OUTPUT_NAME: {"vpc_id": "vpc-1"}}], ids=["missing", "too old"])
@pytest.mark.parametrize("as_json", [False, True], ids=["screen", "json"])
def test_a_missing_or_old_foundation_is_bad_input(
    project: Path, monkeypatch: pytest.MonkeyPatch, published: Mapping[str, Any], *, as_json: bool
) -> None:
    def references(_stack: Stack) -> Mapping[str, Any]:
        return {"prod-shared": published}

    monkeypatch.setattr("onramp.evaluate._references", references)
    refused = onramp("preview", "prod-news", "--project", project, *(["--json"] if as_json else []))
    assert refused.exit_code == 2
    assert "prod-shared publishes no `foundation." in refused.stderr
    assert "pulumi up --stack prod-shared" in refused.stderr
    assert "Traceback" not in refused.stderr
    if as_json:
        assert document(refused)["ok"] is False

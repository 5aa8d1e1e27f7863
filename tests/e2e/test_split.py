"""One environment in three stacks of three teams, on the real engine: in order, out of order, and with an old part."""

import shutil
from collections.abc import Mapping
from typing import Any, Final

import pytest

from components.foundation.interface import PUBLISHED
from tests.e2e.conftest import ROOT, Done, MakeProject, Project

EXAMPLE: Final = ROOT / "examples" / "split"
ON_THE_FOUNDATION: Final = ("prod-news", "prod-payments")
ALL: Final = ("prod-shared", *ON_THE_FOUNDATION)
WHOLE: Final = "getattr(self, name) for name in PUBLISHED}"
NEWEST: Final = PUBLISHED[-1]


@pytest.fixture(scope="module")
def project(make_project: MakeProject) -> Project:
    project = make_project()
    for path in EXAMPLE.glob("Pulumi.*.yaml"):
        shutil.copy(path, project.folder)
    return project


@pytest.fixture(scope="module")
def too_early(project: Project) -> Done:
    return project.onramp("preview", "prod-news")


@pytest.fixture(scope="module")
def on_an_old_one(project: Project, too_early: Done) -> Done:
    """A preview on a foundation that an older version has built, which published one thing less."""
    assert too_early.code
    interface = project.folder / "components" / "foundation" / "interface.py"
    current = interface.read_text(encoding="utf-8")
    assert current.count(WHOLE) == 1
    interface.write_text(current.replace(WHOLE, WHOLE.replace("}", "[:-1]}")), encoding="utf-8")
    project.onramp("deploy", "prod-shared").ended(0)
    interface.write_text(current, encoding="utf-8")
    return project.onramp("preview", "prod-news")


@pytest.fixture(scope="module")
def deployed(project: Project, on_an_old_one: Done) -> Mapping[str, Any]:
    """What each update said, in the order of the example."""
    assert on_an_old_one.code
    return {name: project.onramp("deploy", name, "--json").ended(0).document for name in ALL}


def test_a_foundation_that_is_not_there_is_bad_input(too_early: Done) -> None:
    too_early.ended(2)
    assert "There is no stack prod-shared" in too_early.err
    assert "fix: onramp deploy prod-shared first" in too_early.err


def test_a_foundation_that_is_too_old_is_bad_input(on_an_old_one: Done) -> None:
    on_an_old_one.ended(2)
    assert f"The stack prod-shared publishes no `foundation.{NEWEST}`" in on_an_old_one.err
    assert "fix: run `pulumi up --stack prod-shared`" in on_an_old_one.err


def test_a_newer_program_publishes_what_was_missing_and_changes_nothing_else(deployed: Mapping[str, Any]) -> None:
    assert set(deployed["prod-shared"]["changes"]) == {"same"}
    assert NEWEST in deployed["prod-shared"]["outputs"]["foundation"]


def test_services_stand_on_what_the_foundation_stack_has_built(project: Project, deployed: Mapping[str, Any]) -> None:
    foundation = deployed["prod-shared"]["outputs"]["foundation"]
    things = project.things().values()
    rules = [each["properties"] for each in things if each["kind"] == "aws:lb/listenerRule:ListenerRule"]
    services = [each["properties"] for each in things if each["kind"] == "aws:ecs/service:Service"]
    assert [rule["listenerArn"] for rule in rules] == [foundation["listener_arn"]] * 2
    assert len({rule["priority"] for rule in rules}) == 2
    assert [each["networkConfiguration"]["subnets"] for each in services] == [foundation["private_subnet_ids"]] * 2


def test_the_teams_stacks_share_nothing_but_the_foundation(project: Project, deployed: Mapping[str, Any]) -> None:
    assert all(deployed[name]["succeeded"] for name in ALL)
    owners = {"prod-shared": "platform", "prod-news": "news", "prod-payments": "payments"}
    tagged = [each for each in project.things().values() if each["properties"].get("tags")]
    assert {(each["urn"].split(":")[2], each["properties"]["tags"]["Owner"]) for each in tagged} == set(owners.items())


@pytest.mark.parametrize("stack", ON_THE_FOUNDATION)
def test_the_full_name_of_a_stack_means_the_same(project: Project, deployed: Mapping[str, Any], stack: str) -> None:
    assert deployed[stack]["succeeded"]
    text = (EXAMPLE / f"Pulumi.{stack}.yaml").read_text(encoding="utf-8")
    project.write(stack, text.replace("{stack: prod-shared}", "{stack: organization/onramp/prod-shared}"))
    found = project.onramp("preview", stack, "--json").ended(0).document
    project.write(stack, text)
    assert [each["urn"] for each in found["resources"] if each["type"] != "pulumi:pulumi:StackReference"] == [
        each["urn"] for each in deployed[stack]["resources"] if each["type"] != "pulumi:pulumi:StackReference"
    ]


@pytest.mark.parametrize("stack", ALL)
def test_both_engines_say_the_same_of_each_stack(project: Project, deployed: Mapping[str, Any], stack: str) -> None:
    embedded = project.onramp("embedded", stack, "--json").ended(0).document
    real = deployed[stack]
    assert [each["urn"] for each in embedded["resources"]] == [each["urn"] for each in real["resources"]]
    assert embedded["violations"] == real["violations"] == []
    assert embedded["checklist"] == real["checklist"]

"""What the rules forbid, and what prod keeps, on the real engine."""

from typing import Any, Final

import pytest

from tests.components.conftest import DIGEST, stack_text
from tests.e2e.conftest import MakeProject, Project

API: Final = "api: {compute: fargate, port: 8000, secrets: [DATABASE_URL]}"
PROTECTED: Final = {
    "aws:ecr/repository:Repository",
    "aws:kms/alias:Alias",
    "aws:kms/key:Key",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
}
"""What cannot be had back: data, the keys to it, images that run, and the address that others know."""


def test_a_mandatory_violation_stops_an_update_before_anything_is_made(make_project: MakeProject) -> None:
    project = make_project(prod=stack_text(API, tier="prod", images={"api": "latest"}))
    refused = project.onramp("deploy", "prod", "--json").ended(1).document
    assert (refused["ok"], refused["succeeded"], refused["changes"]) == (False, False, {})
    assert [(each["rule"], each["service"]) for each in refused["violations"]] == [("image-pinned", "api")]
    assert project.things() == {}
    assert [each["urn"] for each in project.exported("prod") if each["custom"]] == []


def test_the_screen_says_which_rule_and_that_nothing_was_changed(make_project: MakeProject) -> None:
    project = make_project(prod=stack_text(API, tier="prod", images={"api": "latest"}))
    refused = project.onramp("deploy", "prod").ended(1)
    assert "image-pinned" in refused.out
    assert "nothing was changed" in refused.out


@pytest.fixture(scope="module")
def prod(make_project: MakeProject) -> Project:
    project = make_project(prod=stack_text(API, tier="prod", images={"api": DIGEST}))
    project.onramp("deploy", "prod").ended(0)
    return project


def protected(project: Project) -> list[Any]:
    return [each for each in project.exported("prod") if each.get("protect")]


def test_what_holds_state_in_prod_is_protected(prod: Project) -> None:
    assert {each["type"] for each in protected(prod)} == PROTECTED
    of_these_types = [each for each in prod.exported("prod") if each["type"] in PROTECTED]
    assert of_these_types == protected(prod)


def test_what_holds_data_in_prod_stays_in_aws_even_when_the_stack_lets_go_of_it(prod: Project) -> None:
    let_go = {each["type"] for each in protected(prod) if not each.get("retainOnDelete")}
    assert let_go == {"aws:lb/loadBalancer:LoadBalancer"}


def test_prod_is_not_destroyed_and_loses_nothing(prod: Project) -> None:
    before = prod.things()
    refused = prod.pulumi("destroy", "--stack", "prod", "--yes")
    assert refused.code != 0
    named = [each["urn"] for each in protected(prod) if f'"{each["urn"]}" cannot be deleted' in refused.out]
    assert {urn.split("::")[2].rpartition("$")[2] for urn in named} >= PROTECTED - {"aws:kms/key:Key"}
    assert prod.things() == before


def test_a_service_that_is_taken_out_of_prod_is_refused_while_it_has_state(prod: Project) -> None:
    before = prod.things()
    prod.write("prod", stack_text("{}", tier="prod"))
    refused = prod.onramp("deploy", "prod").ended(3)
    prod.write("prod", stack_text(API, tier="prod", images={"api": DIGEST}))
    assert "cannot be deleted" in refused.err
    assert "protected" in refused.err
    assert prod.things() == before

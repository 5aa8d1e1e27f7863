"""Each example on the real engine: the same graph as in process; it builds; a new version changes only what it must."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.e2e.conftest import MakeProject, Project
from tests.e2e.test_one_truth import both

ROOT: Final = Path(__file__).parents[2]
FILES: Final = {path.parent.name: path for path in sorted(ROOT.glob("examples/*/Pulumi.example.yaml"))}
STATEFUL: Final = (
    "aws:dynamodb/", "aws:ecr/repository:", "aws:kms/", "aws:rds/", "aws:s3/bucket:", "aws:secretsmanager/secret:",
    "aws:sqs/queue:",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """New versions: what the pipeline writes in place of what, and the resources that change with it."""

    written: Mapping[str, str]
    updated: frozenset[str] = frozenset()
    """Changed in place."""
    replaced: frozenset[str] = frozenset()
    """Made anew."""


NEW: Final = "sha256:" + "a" * 64
SHOP: Final = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
"""The digest of a service in most examples."""
NEWS_API: Final = Release(
    written={SHOP: NEW},
    updated=frozenset({"news-api-service"}),
    replaced=frozenset({"news-api-task-definition"}),
)
RELEASES: Final[Mapping[str, Release]] = {
    "api": NEWS_API,
    "apprunner": Release(written={SHOP: NEW}, updated=frozenset({"shop-service"})),
    "express": Release(written={SHOP: NEW}, updated=frozenset({"catalog-service"})),
    # One that runs, and one that a schedule starts.
    "fargate": Release(
        written={SHOP: NEW, "sha256:fd61a03af4f77d870fc21e05e7e80678095c92d808cfb3b5c279ee04c74aca13": NEW},
        updated=frozenset({"shop-service", "report-ingress-schedule"}),
        replaced=frozenset({"shop-task-definition", "report-task-definition"}),
    ),
    # Its alias is not among them: what is live is moved by the rollout.
    "lambda": Release(written={"sha256:" + "0" * 64: NEW}, updated=frozenset({"matcher-function"})),
    "pipeline": NEWS_API,
    "sagemaker": Release(
        written={'churn: "12"': 'churn: "13"'},
        updated=frozenset({"churn-endpoint"}),
        replaced=frozenset({"sagemaker-churn-model", "sagemaker-churn-config"}),
    ),
}


@pytest.fixture(scope="module")
def project(make_project: MakeProject) -> Project:
    return make_project(**{name: path.read_text(encoding="utf-8") for name, path in FILES.items()})


@pytest.mark.parametrize("name", FILES)
def test_an_example_is_the_same_on_both_engines(project: Project, name: str) -> None:
    assert both(project, name, 0)["violations"] == []


@pytest.mark.parametrize("name", RELEASES)
def test_a_new_version_changes_only_what_it_must(make_project: MakeProject, name: str) -> None:
    release = RELEASES[name]
    text = FILES[name].read_text(encoding="utf-8")
    assert all(text.count(old) == 1 for old in release.written)
    project = make_project(**{name: text})
    built = project.onramp("deploy", name, "--json").ended(0).document
    assert built["changes"] == {"create": len(built["resources"])}
    before = by_name(project)
    for old, new in release.written.items():
        text = text.replace(old, new)
    project.write(name, text)

    project.onramp("deploy", name, "--json").ended(0)

    after = by_name(project)
    replaced = {each for each in before if set(before[each]) != set(after.get(each, {}))}
    updated = {each for each in before if each not in replaced and before[each] != after[each]}
    assert (updated, replaced) == (release.updated, release.replaced)
    assert set(after) == set(before)
    assert not any(kind.startswith(STATEFUL) for each in replaced for kind in before[each])


def by_name(project: Project) -> dict[str, dict[str, Any]]:
    """What AWS has, with its properties: by the name that Pulumi gives a resource, then by type, ARN and id."""
    found: dict[str, dict[str, Any]] = {}
    for key, thing in project.things().items():
        name = str(thing["urn"]).rpartition("::")[2]
        found.setdefault(name, {})[key] = thing["properties"]
    return found

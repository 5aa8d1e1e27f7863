"""Versions that a rollout took back, in the graph of a preview: stated where an update could bring them live."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from rollouts.place import LEDGER_VARIABLE
from simulator.graph import Graph, Resource
from stacks.targets import BEGUN_BY_UPDATE, TARGETS, Target
from tests.components.conftest import DIGEST, component, graph_of, of, stack_text
from tests.rollouts.stage import START
from tests.rollouts.test_standing import record, write

KIND: Final = "TakenBack"
FORMER: Final = DIGEST.replace("0", "1")
MODEL: Final = "compute: sagemaker, model: {package: churn, data: s3://models/churn/}"
WEB: Final = "compute: fargate, port: 80, route: /web/*"
IMAGE: Final = "compute: lambda, package: image"
KINDS: Final = {
    "ecs": f"web: {{{WEB}, rollout: {{strategy: canary}}}}",
    "worker": "web: {compute: fargate, queue: {}}",
    "guardrails": f"web: {{{MODEL}}}",
    "apprunner": "web: {compute: apprunner, port: 80}",
    "express": "web: {compute: express, port: 80}",
    "balancer": f"web: {{{WEB}, rollout: {{strategy: stepped}}}}",
    "codedeploy": f"web: {{{WEB}, rollout: {{strategy: canary, controller: codedeploy}}}}",
    "alias": f"web: {{{IMAGE}, rollout: {{strategy: stepped}}}}",
    "shifted": f"web: {{{IMAGE}, rollout: {{strategy: canary}}}}",
    "variants": f"web: {{{MODEL}, rollout: {{strategy: stepped}}}}",
}
TOLD: Final[dict[str, object]] = {
    "driver": "ecs",
    "service": "web",
    "compute": "fargate",
    "region": "eu-west-1",
    "revision": "arn:8",
    "release": "7",
    "gates": {},
    "cluster": "dev",
    "ecsService": "web",
    "strategy": "canary",
    "percent": 20.0,
    "intervalMinutes": 5,
    "bakeMinutes": 5,
    "asks": False,
}
Taken = Callable[..., None]


def target(release: str) -> Target:
    return TARGETS.validate_python({"web": {**TOLD, "release": release}})["web"]


def released(case: str) -> str:
    """What the stack file names: the version of a model, or the digest of an image."""
    return "7" if "sagemaker" in KINDS[case] else DIGEST


@pytest.fixture
def took_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Taken:
    """Lets the ledger say that the last rollout of `web` in the stack `test` took this release back."""

    def make(release: str, **changes: object) -> None:
        address = f"sqlite://{tmp_path / 'ledger.db'}"
        known = {"stack": "test", "service": "web", "target": target(release), "live": "arn:7", "candidate": "arn:8"}
        over = {"phase": "ended", "ending": "aborted", "reason": "5xx: worse", "ended_at": START}
        write(address, record(**{**known, **over, **changes}))
        monkeypatch.setenv(LEDGER_VARIABLE, address)

    return make


def preview(case: str, release: str | None) -> Graph:
    images = {"web": release} if release is not None else {}
    return graph_of(stack_text(KINDS[case], images=images))


def stated(graph: Graph) -> list[Resource]:
    return of(graph, KIND)


@pytest.mark.parametrize("case", KINDS)
def test_it_is_stated_where_an_update_begins_the_deployment_and_nowhere_else(took_back: Taken, case: str) -> None:
    took_back(released(case))

    found = stated(preview(case, released(case)))

    assert bool(found) == (case in {*BEGUN_BY_UPDATE, "worker"})


def test_it_stands_below_its_service_with_what_the_ledger_says_and_what_the_program_builds(took_back: Taken) -> None:
    took_back(DIGEST)

    graph = preview("express", DIGEST)
    (found,) = stated(graph)

    assert found.parent == component(graph, "web").urn
    revision = found.inputs["revision"]
    assert isinstance(revision, str)
    assert revision.endswith(f"/web/dev@{DIGEST}")
    assert {key: fact for key, fact in found.inputs.items() if key != "revision"} == {
        "id": "r-1",
        "stack": "test",
        "service": "web",
        "live": "arn:7",
        "former": "",
        "candidate": "arn:8",
        "release": DIGEST,
        "why": "5xx: worse",
        "ended": "2026-01-01T00:00:00+00:00",
        "actor": "ann",
    }


@pytest.mark.parametrize("case", ["ecs", "guardrails", "apprunner"])
def test_the_former_release_is_in_nobodys_way(took_back: Taken, case: str) -> None:
    took_back(released(case))

    assert stated(preview(case, FORMER if released(case) == DIGEST else "6")) == []


def test_a_service_without_a_release_brings_nothing_back(took_back: Taken) -> None:
    took_back(DIGEST)

    assert stated(preview("ecs", None)) == []


@pytest.mark.parametrize("changes", [{"phase": "building", "candidate": ""}, {"phase": "stepping"}])
def test_while_it_is_rolled_out_again_on_purpose_nothing_forbids_it(took_back: Taken, changes: dict[str, str]) -> None:
    took_back(DIGEST, **{"ending": None, "ended_at": None, **changes})

    graph = preview("ecs", DIGEST)

    assert stated(graph) == []
    assert len(of(graph, "OpenRollout")) == 1


def test_nobody_knows_what_a_silent_ledger_would_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LEDGER_VARIABLE, "nowhere")

    graph = preview("ecs", DIGEST)

    assert [each for each in graph.warnings if "or from bringing back what one took back" in each]
    assert stated(graph) == []

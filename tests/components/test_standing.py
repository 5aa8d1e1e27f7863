"""Open rollouts in the graph of a preview, as facts that the pack can judge."""

from pathlib import Path
from typing import Final

import pytest

from rollouts.place import LEDGER_VARIABLE
from simulator.graph import Graph, Resource
from stacks.targets import TARGETS, Target
from tests.components.conftest import DIGEST, component, graph_of, of, stack_text
from tests.rollouts.test_standing import record, write

KIND: Final = "OpenRollout"
SERVICES: Final = "web: {compute: fargate, port: 8000, route: /web/*, rollout: {strategy: stepped}}"
IMAGES: Final = {"web": DIGEST}
TARGET: Final[Target] = TARGETS.validate_python(
    {
        "web": {
            "driver": "balancer",
            "service": "web",
            "compute": "fargate",
            "region": "eu-west-1",
            "route": "/web/*",
            "revision": "arn:8",
            "image": DIGEST,
            "gates": {},
            "cluster": "dev",
            "services": {"blue": "web-blue", "green": "web-green"},
            "rule": "arn:rule",
            "groups": {"blue": "arn:blue", "green": "arn:green"},
            "balancer": "app/dev/1",
            "tasks": 1,
            "steps": (5, 100),
            "stepMinutes": 5,
            "keepMinutes": 10,
        }
    }
)["web"]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The ledger has an open rollout of `web` in the stack `test`."""
    address = f"sqlite://{tmp_path / 'ledger.db'}"
    write(address, record(stack="test", service="web", target=TARGET, live="arn:7", candidate="arn:8"))
    monkeypatch.setenv(LEDGER_VARIABLE, address)


def preview(services: str = SERVICES) -> Graph:
    return graph_of(stack_text(services, images=IMAGES if "web" in services else {}))


def stated(graph: Graph) -> Resource:
    (found,) = of(graph, KIND)
    return found


def test_without_an_open_rollout_nothing_is_stated() -> None:
    assert of(preview(), KIND) == []


@pytest.mark.usefixtures("opened")
def test_an_open_rollout_stands_below_its_service_with_what_the_ledger_says() -> None:
    graph = preview()
    found = stated(graph)

    assert found.parent == component(graph, "web").urn
    assert {key: found.inputs[key] for key in ("id", "stack", "phase", "live", "candidate", "weight", "actor")} == {
        "id": "r-1",
        "stack": "test",
        "phase": "stepping",
        "live": "arn:7",
        "candidate": "arn:8",
        "weight": 20,
        "actor": "ann",
    }
    assert found.inputs["was"] == TARGET.model_dump(mode="json", by_alias=True, exclude_none=True)


@pytest.mark.usefixtures("opened")
def test_what_the_program_builds_now_is_spelled_as_what_the_ledger_has() -> None:
    found = stated(preview())
    was, now = found.inputs["was"], found.inputs["now"]

    assert isinstance(was, dict)
    assert isinstance(now, dict)
    assert set(now) == set(was)
    assert {key: now[key] for key in ("driver", "route", "image")} == {
        "driver": "balancer",
        "route": "/web/*",
        "image": DIGEST,
    }


@pytest.mark.usefixtures("opened")
def test_the_rollout_of_a_service_that_is_gone_stands_alone() -> None:
    found = stated(preview(""))

    assert found.parent.endswith("::pulumi:pulumi:Stack::onramp-test")
    assert "now" not in found.inputs


@pytest.mark.usefixtures("opened")
def test_a_service_without_a_released_version_builds_nothing_that_could_go_on() -> None:
    graph = graph_of(stack_text(SERVICES))

    assert "now" not in stated(graph).inputs


def test_a_ledger_that_does_not_answer_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(LEDGER_VARIABLE, "nowhere")

    graph = preview()

    assert [each for each in graph.warnings if each.startswith("open rollouts are unknown")]
    assert of(graph, KIND) == []


BEGUN: Final = {
    "ecs": ("web: {compute: fargate, port: 8000, route: /web/*, rollout: {strategy: canary}}", "web-service"),
    "asks": (
        "web: {compute: fargate, port: 8000, route: /web/*, rollout: {strategy: canary, pause: true}}",
        "web-service",
    ),
    "worker": ("web: {compute: fargate, queue: {}}", "web-service"),
    "sagemaker": ("web: {compute: sagemaker, model: {data: s3://models/web.tar.gz}}", "web-endpoint"),
}
"""Services whose deployment an update begins, and the resource with which it does."""


def left_alone(case: str) -> set[str]:
    services, name = BEGUN[case]
    graph = preview(services)
    (found,) = [each for each in graph.resources if each.name == name]
    return set(graph.wire[found.urn].options.ignoreChanges) - {"desiredCount"}


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(
    ("case", "owned"),
    [
        ("ecs", {"taskDefinition"}),
        ("asks", set[str]()),  # an update does not wait for it, so the rollout sees it from the start all the same
        ("worker", {"taskDefinition"}),
        ("sagemaker", {"endpointConfigName", "deploymentConfig"}),
    ],
)
def test_the_deployment_of_an_open_rollout_is_not_begun_by_an_update(case: str, owned: set[str]) -> None:
    assert left_alone(case) == owned


@pytest.mark.parametrize("case", BEGUN)
def test_without_one_an_update_begins_it(case: str) -> None:
    assert left_alone(case) == set()

"""What a routine change of a container service changes, to the resource: a new image, Spot, a schedule."""

import pytest

from simulator.graph import Graph
from tests.components.conftest import DIGEST, FUNCTION, shared_graph, stack_text
from tests.components.updates import updates

NEWER = "sha256:" + "1" * 64
SERVICES = f"""\
web: {{compute: fargate, port: 80, route: /web/*, rollout: {{strategy: canary}}, secrets: [DATABASE_URL]}}
worker: {{compute: fargate, queue: {{}}, spot: true}}
inner: {{compute: fargate, port: 80, discovery: {{cloudMap: true}}}}
handed: {{compute: fargate, port: 80, route: /handed/*, rollout: {{controller: codedeploy}}}}
nightly: {{compute: fargate, schedule: rate(1 day)}}
function: {{{FUNCTION}, calls: [inner]}}
"""
RELEASED = ("web", "worker", "inner", "handed", "nightly")


def graph(services: str = SERVICES, **images: str) -> Graph:
    released: dict[str, str] = {name: images.get(name, DIGEST) for name in RELEASED}
    return shared_graph(stack_text(services, tier="prod", images=released))


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("web", {"web-task-definition": "replace", "web-service": "update"}),
        ("worker", {"worker-task-definition": "replace", "worker-service": "update"}),
        ("inner", {"inner-task-definition": "replace", "inner-service": "update"}),
        ("handed", {"handed-task-definition": "replace"}),  # the pipeline has CodeDeploy roll it out
        ("nightly", {"nightly-task-definition": "replace", "nightly-ingress-schedule": "update"}),
    ],
)
def test_a_new_image_changes_the_task_and_what_runs_it(service: str, expected: dict[str, str]) -> None:
    assert updates(graph(), graph(**{service: NEWER})) == expected


def test_the_same_file_changes_nothing() -> None:
    before = stack_text(SERVICES, tier="prod", images=dict.fromkeys(RELEASED, DIGEST))  # pyright: ignore[reportArgumentType] - names are text
    assert updates(graph(), shared_graph(f"{before}\n")) == {}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            ("strategy: canary", "strategy: linear"),
            {"web-service": "update"},
        ),
        (("queue: {}, spot: true", "queue: {}"), {"worker-task-definition": "replace", "worker-service": "update"}),
        (("rate(1 day)", "rate(1 hour)"), {"nightly-ingress-schedule": "update"}),
        (
            ("route: /web/*", "route: /web/*, headers: {x-version: beta}"),
            {"web-ingress-rule": "update", "web-health-probe": "update"},
        ),
    ],
)
def test_a_routine_change_replaces_nothing_that_answers(change: tuple[str, str], expected: dict[str, str]) -> None:
    assert updates(graph(), graph(SERVICES.replace(*change))) == expected

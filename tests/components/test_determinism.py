"""The same file gives the same graph, and what one service writes changes nothing of another."""

from collections.abc import Mapping

import pytest

from simulator.graph import Graph, Json
from tests.components.conftest import DIGEST, FUNCTION, below, component, graph_of, named, of, stack_text

SERVICES = {
    "news": "{compute: fargate, port: 80, route: /news/*, publishes: [placed], secrets: [DATABASE_URL]}",
    "mail": "{compute: fargate, consumes: [news/placed], calls: [news]}",
    "thumbs": f"{{{FUNCTION}, route: /thumbs/*, secrets: [news/DATABASE_URL]}}",
}
MORE = "{compute: fargate, port: 80, route: /more/*, consumes: [news/placed], calls: [news]}"


def text(services: Mapping[str, str]) -> str:
    return stack_text("\n".join(f"{name}: {spec}" for name, spec in services.items()), images={"news": DIGEST})


def by_urn(graph: Graph) -> dict[str, Mapping[str, Json]]:
    return {each.urn: each.inputs for each in graph.resources}


@pytest.fixture(scope="module")
def three() -> Graph:
    return graph_of(text(SERVICES))


def test_two_previews_are_identical(three: Graph) -> None:
    assert graph_of(text(SERVICES)) == three


def test_the_order_of_the_file_does_not_matter(three: Graph) -> None:
    turned = graph_of(text(dict(reversed(SERVICES.items()))))
    assert turned.resources == three.resources
    assert turned.outputs == three.outputs


def test_another_service_changes_nothing_of_those_that_are_there(three: Graph) -> None:
    before, after = by_urn(three), by_urn(graph_of(text({**SERVICES, "more": MORE})))
    assert {urn: after.get(urn) for urn in before} == before
    assert {urn for urn in after if urn not in before}
    assert all("more" in urn.rpartition("::")[2] for urn in after if urn not in before)


def test_a_service_that_goes_takes_only_its_own_with_it(three: Graph) -> None:
    without = by_urn(graph_of(text({name: spec for name, spec in SERVICES.items() if name != "thumbs"})))
    gone = {each.urn for each in below(three, component(three, "thumbs").urn)} | {component(three, "thumbs").urn}
    assert {urn: inputs for urn, inputs in by_urn(three).items() if urn not in gone} == without


def test_a_new_image_changes_the_task_definition_alone(three: Graph) -> None:
    released = graph_of(text(SERVICES).replace(DIGEST, "sha256:" + "1" * 64))
    before, after = by_urn(three), by_urn(released)
    assert [urn.rpartition("::")[2] for urn in before if before[urn] != after[urn]] == ["news-task-definition"]


def test_a_service_without_an_image_exists_and_runs_nothing(three: Graph) -> None:
    assert named(three, "mail-service").inputs["desiredCount"] == 0
    assert named(three, "mail-scaling").inputs["minCapacity"] == 0
    assert '"image":"111122223333.dkr.ecr.eu-west-1.amazonaws.com/mail/dev:unreleased"' in str(
        named(three, "mail-task-definition").inputs["containerDefinitions"]
    )
    assert three.warnings == ("mail: no image in onramp:images yet, so it runs no task",)
    assert named(three, "news-service").inputs["desiredCount"] == 1


def test_a_function_without_its_folder_is_warned_of() -> None:
    graph = graph_of(
        stack_text("ghost: {compute: lambda, handler: a.b, runtime: python3.13, source: ./services/ghost}")
    )
    assert graph.warnings == ("ghost: there is no folder ./services/ghost; `pulumi up` will not find the code",)


def test_topics_of_owners_and_names_that_run_together_are_two() -> None:
    services = "a: {compute: fargate, publishes: [b-c]}\na-b: {compute: fargate, publishes: [c]}"
    names = [each.inputs["name"] for each in of(graph_of(stack_text(services)), ":Topic", None)]
    assert sorted(map(str, names)) == ["dev-a-b_c", "dev-a_b-c", "dev-paging"]


def test_a_service_may_be_called_like_a_part_of_the_foundation() -> None:
    names = ("flow-logs", "load-balancer", "endpoints", "paging", "services")
    graph = graph_of(stack_text("\n".join(f"{name}: {{compute: fargate, queue: {{}}}}" for name in names)))
    for kind in (":LogGroup", ":SecurityGroup", ":Role", ":Queue", ":MetricAlarm"):
        physical = [each.inputs["name"] for each in of(graph, kind)]
        assert len(set(map(str, physical))) == len(physical)

"""Where resources hang in the tree, and that all of them are there before AWS has answered anything."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi.runtime.proto import resource_pb2

from simulator.graph import STACK_TYPE, UNKNOWN, Graph
from simulator.monitor import Monitor
from tests.components.conftest import ROOT, SERVICE_TYPES, below, graph_of, named

COMPONENTS = ROOT / "components"


@pytest.fixture(params=["dev_file", "prod_file"])
def graph(request: pytest.FixtureRequest) -> Graph:
    return request.getfixturevalue(request.param)


def test_everything_hangs_below_a_component(graph: Graph) -> None:
    by_urn = {each.urn: each for each in graph.resources}
    for each in graph.resources:
        if each.type != STACK_TYPE and each.custom:
            parents = [by_urn[each.parent]]
            while parents[-1].parent:
                parents.append(by_urn[parents[-1].parent])
            assert any(parent.type.startswith("onramp:") for parent in parents), each.urn


def test_only_what_is_shared_and_the_services_hang_at_the_top(graph: Graph) -> None:
    top = {each.type for each in graph.resources if each.parent == graph.resources[0].urn}
    assert "onramp:foundation:Foundation" in top
    assert top <= {"onramp:foundation:Foundation", "onramp:foundation:Pipelines", *SERVICE_TYPES}


def test_what_bears_a_services_tag_is_below_exactly_that_service(graph: Graph) -> None:
    services = {each.name: each for each in graph.resources if each.type in SERVICE_TYPES}
    owners = {each.urn: name for name, top in services.items() for each in below(graph, top.urn)}
    for each in graph.resources:
        tags = each.inputs.get("tags")
        if isinstance(tags, dict):
            assert tags["Service"] == owners.get(each.urn, "foundation"), each.urn


def test_children_are_called_after_their_service(graph: Graph) -> None:
    for service in (each for each in graph.resources if each.type in SERVICE_TYPES):
        for each in below(graph, service.urn):
            assert each.name.startswith(f"{service.name}-"), each.urn


class Answering(Monitor):
    """An engine in an update: every resource has an id, an ARN and whatever else is read of it."""

    def RegisterResource(  # noqa: N802 - the engine's name for it
        self, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        answer = super().RegisterResource(request)
        name = request.name
        if request.remote:
            subnets = {key: [f"{name}-{key}"] for key in ("publicSubnetIds", "privateSubnetIds", "isolatedSubnetIds")}
            answer.object.update({"vpcId": f"{name}-vpc", **subnets})
        elif request.custom:
            answer.id = f"{name}-id"
            proof = {f"resourceRecord{part}": f"{name}-{part}" for part in ("Name", "Type", "Value")}
            for key in ("arn", "arnSuffix", "url", "version", "keyId", "fqdn", "dnsName", "zoneId"):
                if key not in answer.object or answer.object[key] == UNKNOWN:
                    answer.object[key] = f"{name}-{key}"
            answer.object["domainValidationOptions"] = [proof]
            answer.object["certificateArn"] = f"{name}-certificate"
            answer.object["engineArn"] = f"arn:aws:lambda:eu-west-1:111122223333:function:cwsyn-{name}:1"
        return answer


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_an_update_builds_what_the_preview_showed(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    previewed: Graph = request.getfixturevalue(f"{name}_file")
    monkeypatch.setattr("simulator.embedded.Monitor", Answering)
    updated = graph_of((ROOT / f"Pulumi.{name}.yaml").read_text(encoding="utf-8"))
    assert [each.urn for each in updated.resources] == [each.urn for each in previewed.resources]
    plugin = {each.urn for each in below(updated, named(updated, "test-network", "awsx:ec2:Vpc").urn)}
    still_unknown = [
        each.urn for each in updated.resources if each.urn not in plugin and UNKNOWN in json.dumps(dict(each.inputs))
    ]
    assert still_unknown == []  # nothing was hidden from the program: every `apply` ran


def resource_classes(trees: dict[Path, ast.Module]) -> set[str]:
    """The names of our own resource classes: those that have a component, or another of ours, as their base."""
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found = {"ComponentResource", "CustomResource"}
    while more := {name for name, of in bases.items() if of & found} - found:
        found |= more
    return found


def built_inside_apply(tree: ast.Module, classes: set[str]) -> Iterator[str]:
    """Every resource that is built by a function that is given to `.apply(`, or by what that function calls here."""
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}

    def walk(node: ast.AST, seen: frozenset[str]) -> Iterator[str]:
        for call in (each for each in ast.walk(node) if isinstance(each, ast.Call)):
            called = ast.unparse(call.func)
            last = called.rpartition(".")[2]
            is_class = last[:1].isupper() and not last.endswith(("Args", "ArgsDict", "Options"))
            if (is_class and called.startswith(("aws.", "awsx."))) or last in classes:
                yield called
            elif last in functions and last not in seen:
                yield from walk(functions[last], seen | {last})

    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "apply":
            for given in (*call.args, *(keyword.value for keyword in call.keywords)):
                name = given.id if isinstance(given, ast.Name) else getattr(given, "attr", "")
                yield from walk(functions.get(name, given), frozenset({name}))


def test_no_resource_is_built_inside_apply() -> None:
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(COMPONENTS.rglob("*.py"))}
    classes = resource_classes(trees)
    assert {"Alerting", "Network", "FargateService", "LambdaFunction", "LogBucket"} <= classes
    assert {str(path): list(built_inside_apply(tree, classes)) for path, tree in trees.items()} == {
        str(path): [] for path in trees
    }


@pytest.mark.parametrize(
    "code",
    [
        "x.apply(lambda v: aws.sns.Topic(v))",
        "x.apply(func=lambda v: [awsx.ec2.Vpc(n) for n in v])",
        "def make(v):\n    return Alerting(v)\nx.apply(make)",
        "def deep(v):\n    aws.sqs.Queue(v)\ndef make(v):\n    deep(v)\nx.apply(lambda v: make(v))",
        "class A:\n    def f(self):\n        x.apply(self.g)\n    def g(self, v):\n        aws.s3.Bucket(v)",
    ],
)
def test_the_check_for_apply_finds_one(code: str) -> None:
    assert list(built_inside_apply(ast.parse(code), {"Alerting"}))


def test_stack_outputs_are_the_same_shape_for_every_environment(dev_file: Graph, prod_file: Graph) -> None:
    assert set(dev_file.outputs) == set(prod_file.outputs) == {"foundation", "rollouts", "services"}
    assert dev_file.outputs["services"] == {
        "article-index": "lambda",
        "news-api": "fargate",
        "thumbnails": "lambda",
        "user-service": "fargate",
    }
    assert json.dumps(dict(dev_file.outputs)).count("[secret]") == 0

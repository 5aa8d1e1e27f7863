"""Any valid stack file becomes a graph: nothing crashes, no name is given twice, and the quotas are counted right."""

import json
import math
from collections import Counter, defaultdict
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.graph import Graph, Json, Resource
from stacks.load import load_stack_file
from stacks.quotas import QUOTAS, usage
from tests.components.conftest import graph_of, of, stack_text

NAMES: Final = ("api", "api-two", "web", "mail-worker", "x" * 60)
PHYSICAL: Final = ("name", "alarmName", "ruleName", "family", "dashboardName", "deploymentConfigName", "bucket")

NAMED_WITHIN_ANOTHER: Final = frozenset(
    {
        "aws:iam/rolePolicy:RolePolicy",
        "aws:appautoscaling/policy:Policy",
        "aws:codedeploy/deploymentGroup:DeploymentGroup",
        "aws:lambda/alias:Alias",
        "aws:route53/record:Record",
    }
)
"""Types whose name need only be unique within what they belong to."""

Spec = dict[str, Json]


def optional(values: dict[str, st.SearchStrategy[Json]]) -> st.SearchStrategy[Spec]:
    return st.fixed_dictionaries({}, optional=values)


COMMON: Final[dict[str, st.SearchStrategy[Json]]] = {
    "secrets": st.lists(
        st.sampled_from(["DATABASE_URL", "ORDERS_DB_URL", "CACHE_URL", "API_TOKEN"]), unique=True, max_size=3
    ).map(list[Json]),
    "config": st.dictionaries(st.sampled_from(["MODE", "CURRENCY"]), st.just("x"), max_size=2).map(dict[str, Json]),
    "publishes": st.lists(st.sampled_from(["placed", "placed-two"]), unique=True, max_size=2).map(list[Json]),
    "queue": st.just({}),
    "route": st.sampled_from(["path", "host"]),
    "owner": st.just("sales"),
}
FARGATE: Final = optional(
    {
        **COMMON,
        "port": st.sampled_from([80, 8000, 65535]),
        "cpu": st.just(1024),
        "scaling": st.just({"min": 1, "max": 3}),
        "discovery": st.sampled_from([{"cloudMap": True}, {"serviceConnect": False}]).map(dict[str, Json]),
        "health": st.just({"path": "/up", "intervalSeconds": 10}),
    }
)
LAMBDA: Final = optional(
    {
        **COMMON,
        "schedule": st.sampled_from(["rate(1 minute)", "cron(0 3 * * ? *)"]),
        "events": st.just({"source": "aws.s3", "detailType": "Object Created"}),
        "timeout": st.sampled_from([1, 30, 900]),
        "batch": st.sampled_from([1, 10, 100]),
        "runtime": st.sampled_from(["python3.13", "nodejs22.x", "java21", "provided.al2023"]),
        "rollout": st.sampled_from([{"strategy": "canary", "percent": 20}, {"strategy": "all-at-once"}]).map(
            dict[str, Json]
        ),
    }
)


def valid(name: str, spec: Spec) -> Spec:
    """The spec with what its keys ask for, and without what they forbid."""
    found = dict(spec)
    if "route" in found:
        found["route"] = f"/{name}/*" if found["route"] == "path" else f"{name[:20]}.example.com/*"
    if found["compute"] == "fargate":
        if "cpu" in found:
            found["memory"] = 2048
        if "route" in found or found.get("discovery") == {"cloudMap": True}:
            found.setdefault("port", 80)
    return found


@st.composite
def stack_files(draw: st.DrawFn) -> str:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=3))
    services: dict[str, Spec] = {}
    for name in names:
        if draw(st.booleans()):
            spec: Spec = {"compute": "fargate", **draw(FARGATE)}
        else:
            code = {"handler": "app.handler", "runtime": "python3.13", "source": "./services/thumbnails"}
            spec = {"compute": "lambda", **code, **draw(LAMBDA)}
        services[name] = valid(name, spec)
    topics = [f"{name}/{topic}" for name, spec in services.items() for topic in _list(spec, "publishes")]
    ports = [name for name, spec in services.items() if "port" in spec]
    for name in ports:
        services[name]["discovery"] = {"cloudMap": True}  # functions find them too
    for spec in services.values():
        spec["consumes"] = [*draw(st.lists(st.sampled_from(topics), unique=True, max_size=2))] if topics else []
        spec["calls"] = [*draw(st.lists(st.sampled_from(ports), unique=True, max_size=2))] if ports else []
    tier = draw(st.sampled_from(["dev", "staging", "prod"]))
    return stack_text(json.dumps(services), tier=tier)  # JSON is YAML


def _list(spec: Spec, key: str) -> list[Json]:
    found = spec.get(key)
    return found if isinstance(found, list) else []


def physical_name(resource: Resource) -> Json:
    return next((resource.inputs[key] for key in PHYSICAL if key in resource.inputs), None)


def counted(graph: Graph) -> dict[str, int]:
    """What the graph needs of each quota."""
    kinds = Counter(each.type.rpartition(":")[2] for each in graph.resources)
    groups = Counter(
        (each.type, *each.property_dependencies.get("securityGroupId", ()))
        for each in graph.resources
        if each.type.startswith("aws:vpc/securityGroup")
    )
    size = {str(each.inputs["family"]): int(str(each.inputs["cpu"])) for each in of(graph, ":TaskDefinition")}
    most = {
        each.name.removesuffix("-scaling"): int(str(each.inputs["maxCapacity"])) for each in of(graph, "/target:Target")
    }
    cpus = {
        each.name.removesuffix("-task-definition"): size[str(each.inputs["family"])]
        for each in of(graph, ":TaskDefinition")
    }
    reserved = sum(int(str(each.inputs["reservedConcurrentExecutions"])) for each in of(graph, ":Function"))
    ecs_services = [each for each in graph.resources if each.type == "aws:ecs/service:Service"]
    return {
        "alb-rules": kinds["ListenerRule"],
        "alb-target-groups": kinds["TargetGroup"],
        "cloudwatch-alarms": kinds["MetricAlarm"] + kinds["CompositeAlarm"],
        "codedeploy-applications": kinds["Application"],
        "ecr-repositories": kinds["Repository"],
        "ecs-services": len(ecs_services),
        "eventbridge-rules": kinds["EventRule"],
        "fargate-vcpu": math.ceil(sum(cpus[name] * most[name] for name in cpus) / 1024),
        "iam-roles": kinds["Role"],
        "lambda-concurrency": reserved + 100 if reserved else 0,
        "security-group-rules": max(groups.values()),
        "security-groups": kinds["SecurityGroup"],
        "ssm-parameters": kinds["Parameter"],
        "target-groups": kinds["TargetGroup"],
        "xray-sampling-rules": kinds["SamplingRule"],
    }


@given(stack_files())
@settings(
    deadline=None,
    max_examples=15,
    phases=[Phase.reuse, Phase.generate],  # to shrink an example is to preview hundreds
    suppress_health_check=[HealthCheck.too_slow],
)
def test_a_valid_file_becomes_a_graph_in_which_no_name_is_given_twice_and_the_quotas_add_up(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "Pulumi.test.yaml"
    path.write_text(text, encoding="utf-8")
    stack = load_stack_file(path)
    graph = graph_of(text)
    assert isinstance(built := graph.outputs["services"], dict)
    assert built.keys() == stack.services.keys()
    taken: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for each in graph.resources:
        name = physical_name(each)
        if each.custom and isinstance(name, str) and each.type not in NAMED_WITHIN_ANOTHER:
            taken[each.type, name].append(each.urn)
    assert {key: urns for key, urns in taken.items() if len(urns) > 1} == {}
    assert dict(usage(stack.environment, stack.services)) == counted(graph)


def test_every_quota_is_counted() -> None:
    assert counted(graph_of(stack_text(""))).keys() == QUOTAS.keys()

"""Values and joins of the graph model."""

import pulumi
import pytest

from policies import kinds
from policies.graph import Graph, Resource
from policies.values import MISSING, OPAQUE, SECRET, UNKNOWN, Value, clean, get, number, parsed
from tests.policies.golden import FARGATE, LAMBDA, PAGING, good

SIGNATURE = "4dabf18193072939515e22adb298388d"
SENTINELS = [
    "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]


@pytest.mark.parametrize("sentinel", SENTINELS)
def test_every_sentinel_is_the_one_unknown(sentinel: str) -> None:
    assert clean({"a": [sentinel, 1]}) == {"a": [UNKNOWN, 1]}


def test_secrets_lose_their_value_and_files_stay_closed() -> None:
    secret = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"}
    asset = {SIGNATURE: "c44067f5952c0a294b673a41bacd8c17", "path": "x"}

    assert clean({"a": secret, "b": asset, "c": pulumi.FileArchive(".")}) == {"a": SECRET, "b": OPAQUE, "c": OPAQUE}


@pytest.mark.parametrize(
    ("value", "path", "found"),
    [
        ({"a": {"b": 1}}, "a.b", 1),
        ({"a": UNKNOWN}, "a.b.c", UNKNOWN),
        ({"a": None}, "a", MISSING),
        ({"a": None}, "a.b", MISSING),
        ({}, "a.b", MISSING),
        ({"a": "text"}, "a.b", MISSING),
        ({"a": [{"b": 1}, {"b": 2}]}, "a.1.b", 2),
        ({"a": [{"b": 1}]}, "a.b", 1),
        ({"a": [{"b": 1}, {"b": 2}]}, "a.b", MISSING),
        ({"a": []}, "a.0", MISSING),
        ({"a": [UNKNOWN]}, "a.b", UNKNOWN),
        ({"a": False}, "a", False),
    ],
)
def test_a_path_finds_a_value_or_says_why_not(value: Value, path: str, found: Value) -> None:
    assert get(value, path) == found


@pytest.mark.parametrize(
    ("value", "found"), [("15", 15.0), (3, 3.0), (True, None), ("x", None), (MISSING, None), (UNKNOWN, UNKNOWN)]
)
def test_a_number_may_be_spelled_as_text(value: Value, found: Value) -> None:
    assert number(value) == found


def test_a_string_of_json_is_read_with_its_unknowns() -> None:
    assert parsed(f'{{"a": "{SENTINELS[0]}"}}') == {"a": UNKNOWN}
    assert parsed("no json") == "no json"
    assert parsed(UNKNOWN) is UNKNOWN


def test_everything_below_a_component_belongs_to_its_service() -> None:
    draft = good()
    draft.add("concern", "onramp:concern:Health", FARGATE)
    draft.add("deep", kinds.LOG_GROUP, "concern")

    graph = draft.graph()

    owner = graph.service_of(draft.urn("deep"))
    assert owner is not None
    assert owner.name == FARGATE
    assert graph.service_of(draft.urn("cluster")) is None
    assert {FARGATE, LAMBDA} <= {service.name for service in graph.services}


@pytest.mark.parametrize(
    ("text", "kind", "named"),
    [
        (PAGING, kinds.TOPIC, ["paging"]),
        (PAGING, kinds.ROLE, []),
        ("arn:aws:iam::111122223333:role/prod-news-api", kinds.ROLE, [f"{FARGATE}-role"]),
        ("arn:aws:iam::111122223333:role/path/prod-news-api", kinds.ROLE, [f"{FARGATE}-role"]),
        ("arn:aws:lambda:eu-west-1:111122223333:function:prod-thumbnails", kinds.FUNCTION, [f"{LAMBDA}-function"]),
        ("arn:aws:logs:eu-west-1:1:log-group:/onramp/prod/news-api", kinds.LOG_GROUP, [f"{FARGATE}-logs"]),
        ("arn:aws:sqs:eu-west-1:111122223333:paging", kinds.TOPIC, []),
        ("paging", kinds.TOPIC, ["paging"]),
        ("lost", kinds.TOPIC, []),
    ],
)
def test_names_and_arns_stand_for_resources(text: str, kind: str, named: list[str]) -> None:
    assert [resource.name for resource in good().graph().named(text, kind)] == named


def test_an_unknown_value_refers_to_what_its_input_depends_on() -> None:
    key = Resource(urn="urn:key", type="aws:kms/key:Key", name="key", inputs={})
    group = Resource(
        urn="urn:group",
        type=kinds.LOG_GROUP,
        name="group",
        inputs={"kmsKeyId": UNKNOWN},
        property_dependencies={"kmsKeyId": ("urn:key", "urn:gone")},
    )
    graph = Graph([group, key])

    assert graph.refers(group, "kmsKeyId", "aws:kms/key:Key") == (key,)
    assert graph.is_set(group, "kmsKeyId", "aws:kms/key:Key")
    assert not graph.is_set(group, "kmsKeyId", kinds.TOPIC)


@pytest.mark.parametrize("told", [("urn:a", "urn:b"), ("urn:b", "urn:a")])
def test_an_engine_may_tell_dependencies_in_any_order(told: tuple[str, ...]) -> None:
    subnets = [Resource(urn=urn, type=kinds.SUBNET, name=urn, inputs={}) for urn in ("urn:b", "urn:a")]
    service = Resource(
        urn="urn:service", type=kinds.ECS_SERVICE, name="s", inputs={}, property_dependencies={"subnets": told}
    )
    found = Graph([service, *subnets]).refers(service, "subnets", kinds.SUBNET)
    assert [each.urn for each in found] == ["urn:a", "urn:b"]


def test_who_refers_to_a_resource_is_found_once_however_many_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    count = 20
    rules = [
        Resource(urn=f"urn:rule-{each}", type=kinds.EVENT_RULE, name=f"rule-{each}", inputs={}) for each in range(count)
    ]
    targets = [
        Resource(
            urn=f"urn:target-{each}",
            type=kinds.EVENT_TARGET,
            name=f"target-{each}",
            inputs={"rule": UNKNOWN},
            property_dependencies={"rule": (f"urn:rule-{each}",)},
        )
        for each in range(count)
    ]
    graph = Graph([*rules, *targets])
    looked_at: list[str] = []
    refers = Graph.refers

    def counting(self: Graph, resource: Resource, path: str, *types: str) -> tuple[Resource, ...]:
        looked_at.append(resource.name)
        return refers(self, resource, path, *types)

    monkeypatch.setattr(Graph, "refers", counting)
    found = [[each.name for each in graph.referring(rule, kinds.EVENT_TARGET, "rule")] for rule in rules]

    assert found == [[f"target-{each}"] for each in range(count)]
    assert len(looked_at) == count

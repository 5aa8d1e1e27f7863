from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias, cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from stacks import limits
from stacks.load import resolve
from stacks.models import SERVICES
from stacks.problems import StackFileError
from stacks.schema import SCHEMA_FILE, schema_text, stack_schema
from stacks.source import Json, Source, read_source
from stacks.standards import TIERS

ROOT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = stack_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def schema_accepts(file: Json) -> bool:
    return VALIDATOR.is_valid(file)  # pyright: ignore[reportUnknownMemberType] - jsonschema has no types of its own


def loading_accepts(file: dict[str, Json]) -> bool:
    try:
        resolve("dev", Source(file="Pulumi.dev.yaml", values=file, lines={}))
    except StackFileError:
        return False
    return True


def file_with(services: dict[str, Json], **environment: Json) -> dict[str, Json]:
    return {
        "config": {
            "aws:region": "eu-west-1",
            "onramp:environment": {
                "tier": "prod",
                "owner": "platform",
                "costCenter": "1001",
                "domain": "example.com",
                "paging": {"pagerduty": "pd"},
                **environment,
            },
            "onramp:services": services,
        }
    }


def test_the_committed_schema_is_the_one_that_the_models_give() -> None:
    assert (ROOT / SCHEMA_FILE).read_text(encoding="utf-8") == schema_text()


def test_the_schema_is_a_valid_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", sorted(ROOT.glob("Pulumi.*.yaml")), ids=lambda path: path.name)
def test_every_stack_file_of_the_project_is_valid(path: Path) -> None:
    assert schema_accepts(read_source(path).values)


def described(schema: dict[str, Any], *keys: str) -> str:
    for key in keys:
        schema = schema["properties"][key]
    return str(schema["description"])


@pytest.mark.parametrize(
    ("definition", "keys", "ending"),
    [
        ("fargate", ("telemetry", "retentionDays"), "Default: dev 30, staging 30, prod 90."),
        ("fargate", ("scaling", "max"), "Default: dev 2, staging 4, prod 10."),
        ("fargate", ("rollout", "strategy"), "Default: dev rolling, staging blue-green, prod blue-green."),
        ("fargate", ("memory",), "Default: 512."),
        ("lambda", ("rollout", "intervalMinutes"), "Default: dev 5, staging 1, prod 5."),
        ("lambda", ("telemetry", "samplingPercent"), "Default: dev 100, staging 25, prod 5."),
        ("environment", ("network", "natPerZone"), "Default: dev false, staging false, prod true."),
    ],
)
def test_a_description_ends_with_the_defaults_of_the_tiers(definition: str, keys: tuple[str, ...], ending: str) -> None:
    assert described(SCHEMA["$defs"][definition], *keys).endswith(ending)


@pytest.mark.parametrize(
    ("definition", "required"),
    [
        ("environment", ["costCenter", "domain", "owner", "paging", "tier"]),
        ("fargate", ["compute"]),
        ("lambda", ["compute"]),
    ],
)
def test_only_what_has_no_default_is_required(definition: str, required: list[str]) -> None:
    assert SCHEMA["$defs"][definition]["required"] == required


def objects(schema: object) -> Iterator[dict[str, Any]]:
    if isinstance(schema, list):
        for child in cast("list[object]", schema):
            yield from objects(child)
    if isinstance(schema, dict):
        node = cast("dict[str, Any]", schema)
        if node.get("type") == "object":
            yield node
        for child in node.values():
            yield from objects(child)


@pytest.mark.parametrize("definition", ["environment", *SERVICES])
def test_no_object_takes_keys_that_it_does_not_name(definition: str) -> None:
    for schema in objects(SCHEMA["$defs"][definition]):
        assert schema.get("additionalProperties") is False or "propertyNames" in schema


@pytest.mark.parametrize(
    ("config", "accepted"),
    [
        ({"kubernetes:context": "x"}, True),
        ({"aws:profile": "x"}, True),
        ({"onramp:images": {"api": "v1"}}, True),
        ({"onramp:images": {"api": "a b"}}, False),
        ({"onramp:service": {}}, False),
        ({"region": "x"}, False),
        ({"aws:region": "ireland"}, False),
    ],
)
def test_the_configuration_takes_keys_of_other_providers_and_no_misspelt_ones(
    config: dict[str, Json],
    accepted: bool,  # noqa: FBT001 - pytest passes the column
) -> None:
    file = file_with({"api": {"compute": "fargate"}})
    whole = file["config"]
    assert isinstance(whole, dict)
    file["config"] = {**whole, **config}
    assert (schema_accepts(file), loading_accepts(file)) == (accepted, accepted)


@pytest.mark.parametrize("name", ["a" * 61, "News", "news_api", "a--b", "1st"])
def test_a_name_that_loading_refuses_is_refused(name: str) -> None:
    file = file_with({name: {"compute": "fargate"}})
    assert not schema_accepts(file)
    assert not loading_accepts(file)


def test_keys_of_another_compute_type_are_refused() -> None:
    assert not schema_accepts(file_with({"api": {"compute": "fargate", "handler": "app.handler"}}))
    assert not schema_accepts(file_with({"api": {"compute": "batch"}}))
    assert not schema_accepts(file_with({"api": {"port": 80}}))


def test_an_unknown_quota_is_refused() -> None:
    assert schema_accepts(file_with({}, quotas={"alb-rules": 200}))
    assert not schema_accepts(file_with({}, quotas={"alb-rule": 200}))


Strategy: TypeAlias = st.SearchStrategy[Any]


def keys(**optional: Strategy) -> Strategy:
    """A mapping with any of these keys."""
    return st.fixed_dictionaries({}, optional=optional)


def names(pattern: str) -> Strategy:
    return st.from_regex(pattern, fullmatch=True)


COMMON: dict[str, Strategy] = {
    "owner": st.text(st.sampled_from("abc é_.:/=+@-"), min_size=1, max_size=20),
    "route": st.sampled_from([None, "/", "/news/*", "news.example.com/*", "*.example.com/a?c", "/a&b"]),
    "secrets": st.lists(st.sampled_from(["DATABASE_URL", "REDIS_URL", "API_KEY"]), unique=True),
    "config": st.dictionaries(names(r"[A-Z][A-Z0-9_]{0,10}"), st.text(max_size=5), max_size=3),
    "publishes": st.lists(names(r"[a-z][a-z0-9-]{0,9}"), max_size=2, unique=True),
    "queue": st.none() | keys(maxReceive=st.integers(1, 1000)),
    "discovery": keys(serviceConnect=st.booleans(), cloudMap=st.booleans()),
    "telemetry": keys(
        retentionDays=st.sampled_from(limits.LOG_RETENTION_DAYS),
        samplingPercent=st.integers(0, 100) | st.floats(0, 100),
    ),
    "alarms": keys(cpuPercent=st.integers(1, 100), http5xx=st.integers(1, 10**6), errorPercent=st.floats(0.1, 100)),
    "attest": st.just({"HLTH-1": {"by": "platform", "on": "2026-11-21", "evidence": "https://example.com/1"}}),
    "waive": st.just(
        [
            {
                "rule": "dashboard",
                "component": "news-api-dashboard",
                "reason": "comes with the next release",
                "owner": "news",
                "approver": "security",
                "ticket": "NEWS-7",
                "expires": "2026-11-21",
            }
        ]
    ),
}
FARGATE: Strategy = st.fixed_dictionaries(
    {"compute": st.just("fargate"), "port": st.integers(1, 65_535)},
    optional={
        **COMMON,
        "cpu": st.just(256),
        "memory": st.sampled_from([512, 1024, 2048]),
        "ephemeralGib": st.none() | st.integers(21, 200),
        "scaling": keys(min=st.integers(1, 10), max=st.integers(10, 5000)),
        "health": keys(path=st.just("/up"), command=st.just(["CMD", "/check"])),
        "rollout": keys(strategy=st.sampled_from(["rolling", "blue-green"]), bakeMinutes=st.integers(0, 1440)),
    },
)
FUNCTION: Strategy = st.fixed_dictionaries(
    {
        "compute": st.just("lambda"),
        "handler": st.sampled_from(["app.handler", "com.example.Main::run"]),
        "runtime": st.sampled_from(limits.LAMBDA_RUNTIMES),
        "source": st.just("./services/f"),
    },
    optional={
        **COMMON,
        "memory": st.integers(128, 10_240),
        "timeout": st.integers(1, 900),
        "schedule": st.sampled_from([None, "rate(1 day)", "rate(5 minutes)", "cron(0 3 * * ? *)"]),
        "events": st.none() | st.just({"source": "aws.s3", "detailType": "Object Created", "bucket": "my-bucket"}),
        "batch": st.integers(1, 10_000),
        "scaling": keys(max=st.integers(1, 1000)),
        "rollout": keys(strategy=st.just("linear"), percent=st.integers(1, 99)),
    },
)


@given(st.sampled_from(TIERS), FARGATE | FUNCTION)
def test_what_loading_accepts_the_schema_accepts(tier: str, service: dict[str, Json]) -> None:
    file = file_with({"api": service}, tier=tier)
    assume(loading_accepts(file))
    assert schema_accepts(file)


def with_each_key_misspelt(value: Json) -> Iterator[Json]:
    """One copy for each key at any depth, with that key misspelt."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield {(f"{k}x" if k == key else k): v for k, v in value.items()}
            for misspelt in with_each_key_misspelt(child):
                yield {**value, key: misspelt}


@given(FARGATE | FUNCTION)
def test_a_misspelt_key_is_refused_by_both(service: dict[str, Json]) -> None:
    assume(loading_accepts(file_with({"api": service})))
    for misspelt in with_each_key_misspelt(service):
        file = file_with({"api": misspelt})
        assert not schema_accepts(file)
        assert not loading_accepts(file)

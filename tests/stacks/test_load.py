import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.load import (
    CONFIG_KEYS,
    ENVIRONMENT_KEY,
    IMAGES_KEY,
    REGION_KEY,
    SERVICES_KEY,
    Stack,
    load_running,
    resolve,
)
from stacks.models import FargateSpec, FunctionSpec
from stacks.problems import Problem, StackFileError
from stacks.source import Json, Source

GOOD = """\
config:
  aws:region: eu-west-1
  onramp:environment:
    tier: dev
    owner: platform
    costCenter: "1001"
    domain: dev.example.com
    paging: {pagerduty: pagerduty-integration}
  onramp:services:
    news-api:
      compute: fargate
      port: 8000
      route: /news/*
      secrets: [DATABASE_URL]
    thumbnails: {compute: lambda, handler: app.handler, runtime: python3.13, source: ./services/thumbnails}
  onramp:images: {news-api: "sha256:0000000000000000000000000000000000000000000000000000000000000000"}
"""


def test_a_good_file_loads_into_typed_values(load: Callable[[str], Stack]) -> None:
    stack = load(GOOD)
    assert (stack.name, stack.file, stack.region) == ("dev", "Pulumi.dev.yaml", "eu-west-1")
    assert (stack.environment.tier, stack.environment.owner, stack.environment.cost_center) == (
        "dev",
        "platform",
        "1001",
    )
    assert (stack.environment.paging.provider, stack.environment.paging.secret) == (
        "pagerduty",
        "pagerduty-integration",
    )
    api, thumbnails = stack.services.values()
    assert isinstance(api, FargateSpec)
    assert isinstance(thumbnails, FunctionSpec)
    assert (api.port, api.route, api.secrets) == (8000, "/news/*", ("DATABASE_URL",))
    assert (thumbnails.handler, thumbnails.runtime) == ("app.handler", "python3.13")
    assert stack.images["news-api"].startswith("sha256:")


def test_an_environment_without_services_loads(load: Callable[[str], Stack]) -> None:
    assert dict(load(GOOD[: GOOD.index("  onramp:services")]).services) == {}


def test_what_pulumi_keeps_at_the_top_of_the_file_is_left_alone(load: Callable[[str], Stack]) -> None:
    assert load(f"secretsprovider: awskms://x\nencryptedkey: abc\nenvironment: [shared]\n{GOOD}").name == "dev"


def test_a_secret_of_the_own_service_may_be_written_with_its_owner(load: Callable[[str], Stack]) -> None:
    stack = load(GOOD.replace("[DATABASE_URL]", "[news-api/DATABASE_URL, REDIS_URL]"))
    refs = stack.services["news-api"].secret_refs("news-api")
    assert [(ref.owner, ref.name, ref.kind) for ref in refs] == [
        ("news-api", "DATABASE_URL", "postgres"),
        ("news-api", "REDIS_URL", "redis"),
    ]


TEN_MISTAKES = """\
config:
  aws:region: eu-west-1
  onramp:environment:
    tier: prod
    owner: 5
    costCenter: "1001"
    domain: example.com
    paging: {pagerduty: 'https://events.pagerduty.com/x'}
  onramp:servces: {}
  onramp:services:
    news-api:
      compute: fargate
      prot: 8000
    orders:
      compute: fargate
      port: 80
      route: /orders/*
      cpu: 256
      memory: 4096
    basket:
      compute: fargate
      port: 80
      route: /orders/*
      secrets: [orders/DATABASE_URL]
    Thumbnails: {compute: fargate}
    resize: {compute: lambda, runtime: python3.13, source: ./f}
    train: {compute: batch}
"""


def test_all_mistakes_are_reported_at_once_each_with_its_line(problems: Callable[[str], tuple[Problem, ...]]) -> None:
    services = "config.onramp:services"
    assert [(problem.line, problem.path) for problem in problems(TEN_MISTAKES)] == [
        (5, "config.onramp:environment.owner"),
        (8, "config.onramp:environment.paging.pagerduty"),
        (9, "config.onramp:servces"),
        (13, f"{services}.news-api.prot"),
        (19, f"{services}.orders.memory"),
        (23, f"{services}.basket.route"),
        (24, f"{services}.basket.secrets.0"),
        (25, f"{services}.Thumbnails"),
        (26, f"{services}.resize.handler"),
        (27, f"{services}.train.compute"),
    ]


def test_the_list_of_mistakes_is_readable(problems: Callable[[str], tuple[Problem, ...]]) -> None:
    text = StackFileError(problems(TEN_MISTAKES)).render()
    assert text.startswith(
        "10 problems in the stack file; nothing was built.\n\nPulumi.dev.yaml:5  config.onramp:environment.owner:"
    )
    assert (
        "Pulumi.dev.yaml:13  config.onramp:services.news-api.prot: is not a key here\n"
        "    got: 'prot'\n"
        "    allowed: alarms, attest, auth, calls,"
    ) in text
    assert "    fix: did you mean `port`?" in text


def test_a_long_list_of_mistakes_is_cut_for_reading_only(problems: Callable[[str], tuple[Problem, ...]]) -> None:
    services = "".join(f"    s{i}: {{compute: fargate, zzzzz: 1}}\n" for i in range(60))
    found = problems(GOOD[: GOOD.index("    news-api")] + services)
    assert len(found) == 60
    assert StackFileError(found).render().endswith("... and 10 more (all of them with --json)")


def configured(**values: Json) -> dict[str, str | None]:
    raw = {key: json.dumps(value) for key, value in values.items()}
    return {key: raw.get(key.partition(":")[2]) for key in CONFIG_KEYS if key != REGION_KEY} | {REGION_KEY: None}


def test_a_running_program_believes_the_engine_where_it_differs_from_the_file(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(GOOD, encoding="utf-8")
    services: Json = {"news-api": {"compute": "fargate", "port": 9000, "route": "/news/*"}}
    stack = load_running(tmp_path, "dev", {**configured(services=services), REGION_KEY: "us-east-1"})
    api = stack.services["news-api"]
    assert isinstance(api, FargateSpec)
    assert (stack.region, api.port, api.secrets, list(stack.services)) == ("us-east-1", 9000, (), ["news-api"])
    assert stack.environment.owner == "platform"


def test_problems_of_a_running_program_have_the_lines_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(GOOD, encoding="utf-8")
    services: Json = {"news-api": {"compute": "fargate", "port": "9000", "route": "/news/*"}}
    with pytest.raises(StackFileError) as caught:
        load_running(tmp_path, "dev", configured(services=services))
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.got) == ("Pulumi.dev.yaml", 12, "'9000'")


def test_a_running_program_needs_no_file(tmp_path: Path) -> None:
    environment: Json = {
        "tier": "prod",
        "owner": "platform",
        "costCenter": "1",
        "domain": "example.com",
        "paging": {"opsgenie": "og"},
    }
    stack = load_running(tmp_path, "live", {**configured(environment=environment), REGION_KEY: "eu-west-1"})
    assert (stack.name, stack.environment.name, stack.environment.paging.provider) == ("live", "live", "opsgenie")


def test_text_where_the_engine_should_have_an_object_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.dev.yaml").write_text(GOOD, encoding="utf-8")
    with pytest.raises(StackFileError, match=r"config\.onramp:services: is not a mapping"):
        load_running(tmp_path, "dev", {SERVICES_KEY: "news-api"})


KEYS = st.sampled_from(
    [
        *CONFIG_KEYS,
        "compute",
        "tier",
        "paging",
        "pagerduty",
        "scaling",
        "queue",
        "consumes",
        "secrets",
        "timeout",
        "attest",
        "waive",
        "rule",
    ]
) | st.text(max_size=8)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["fargate", "lambda", "prod", "/x/*", "a/B", "rate(1 day)", "python3.13"])
    | st.text(max_size=8)
)
ANY_JSON: st.SearchStrategy[Json] = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=20
)
ENVIRONMENT: Json = {
    "tier": "dev",
    "owner": "platform",
    "costCenter": "1",
    "domain": "example.com",
    "paging": {"pagerduty": "pd"},
}
SERVICE_KEYS = (
    "scaling",
    "queue",
    "consumes",
    "secrets",
    "timeout",
    "calls",
    "route",
    "cpu",
    "memory",
    "attest",
    "waive",
    "x",
)
SERVICE: st.SearchStrategy[Any] = st.fixed_dictionaries(
    {"compute": st.sampled_from(["fargate", "lambda"])}, optional=dict.fromkeys(SERVICE_KEYS, ANY_JSON)
)
SERVICES: st.SearchStrategy[Any] = st.dictionaries(
    st.sampled_from(["api", "mail", "Bad"]), SERVICE | ANY_JSON, max_size=3
)
CONFIG_PARTS: dict[str, st.SearchStrategy[Json]] = {
    REGION_KEY: st.just("eu-west-1") | ANY_JSON,
    ENVIRONMENT_KEY: st.just(ENVIRONMENT) | ANY_JSON,
    SERVICES_KEY: SERVICES | ANY_JSON,
    IMAGES_KEY: ANY_JSON,
    "other": ANY_JSON,
}
CONFIG: st.SearchStrategy[Json] = st.fixed_dictionaries({}, optional=CONFIG_PARTS)


@given(CONFIG | ANY_JSON)
def test_no_configuration_ends_in_another_error(config: Json) -> None:
    with suppress(StackFileError):
        resolve("dev", Source(file="Pulumi.dev.yaml", values={"config": config}, lines={}))

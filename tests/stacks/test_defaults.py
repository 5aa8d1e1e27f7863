from collections.abc import Callable

import pytest

from stacks.load import Stack
from stacks.models import FargateSpec, FunctionSpec
from stacks.standards import TIERS, Tier
from tests.stacks.texts import ENVIRONMENT

SHARED = "{by: platform, on: '2026-11-21', evidence: docs/attestations.md}"
OWN = "{by: news, on: '2026-11-21', evidence: dashboard of news}"
SERVICES = """\
api: {compute: fargate, port: 80, route: /api/*}
internal: {compute: fargate, port: 80}
resize: {compute: lambda, handler: a.b, runtime: python3.13, source: ./f}
"""


def test_what_is_stated_for_all_services_counts_where_a_service_states_nothing(load: Callable[[str], Stack]) -> None:
    text = f"""\
config:
  aws:region: eu-west-1
  onramp:environment:
    {{{ENVIRONMENT}, attest: {{OBS-4: {SHARED}, SECR-6: {SHARED}}}}}
  onramp:services:
    one: {{compute: fargate, port: 80, attest: {{OBS-4: {OWN}}}}}
    two: {{compute: fargate, port: 80}}
"""
    stated = {name: fargate(load(text), name).attest for name in ("one", "two")}

    assert {item: found.by for item, found in stated["one"].items()} == {"OBS-4": "news", "SECR-6": "platform"}
    assert {item: found.by for item, found in stated["two"].items()} == {"OBS-4": "platform", "SECR-6": "platform"}


def fargate(stack: Stack, name: str) -> FargateSpec:
    service = stack.services[name]
    assert isinstance(service, FargateSpec)
    return service


def function(stack: Stack, name: str) -> FunctionSpec:
    service = stack.services[name]
    assert isinstance(service, FunctionSpec)
    return service


TABLE: dict[Tier, dict[str, object]] = {
    "dev": {
        "tasks": (1, 2),
        "rollout": ("rolling", 5),
        "concurrency": 5,
        "function rollout": "all-at-once",
        "one NAT gateway per zone": False,
        "days of logs": 30,
        "percent traced": 100.0,
    },
    "staging": {
        "tasks": (1, 4),
        "rollout": ("blue-green", 5),
        "concurrency": 10,
        "function rollout": "linear",
        "one NAT gateway per zone": False,
        "days of logs": 30,
        "percent traced": 25.0,
    },
    "prod": {
        "tasks": (2, 10),
        "rollout": ("blue-green", 15),
        "concurrency": 50,
        "function rollout": "canary",
        "one NAT gateway per zone": True,
        "days of logs": 90,
        "percent traced": 5.0,
    },
}


@pytest.mark.parametrize("tier", TIERS)
def test_a_tier_decides_what_is_not_written(load_services: Callable[..., Stack], tier: Tier) -> None:
    stack = load_services(SERVICES, tier)
    api, resize = fargate(stack, "api"), function(stack, "resize")
    assert TABLE[tier] == {
        "tasks": (api.scaling.min, api.scaling.max),
        "rollout": (api.rollout.strategy, api.rollout.bake_minutes),
        "concurrency": resize.scaling.max,
        "function rollout": resize.rollout.strategy,
        "one NAT gateway per zone": stack.environment.network.nat_per_zone,
        "days of logs": api.telemetry.retention_days,
        "percent traced": resize.telemetry.sampling_percent,
    }


@pytest.mark.parametrize("tier", TIERS)
def test_a_service_without_a_route_has_no_traffic_to_shift(load_services: Callable[..., Stack], tier: Tier) -> None:
    rollout = fargate(load_services(SERVICES, tier), "internal").rollout
    assert (rollout.strategy, rollout.bake_minutes) == ("rolling", 0)


def test_a_written_key_replaces_only_itself(load_services: Callable[..., Stack]) -> None:
    api = fargate(
        load_services(
            "api: {compute: fargate, scaling: {max: 20}, alarms: {cpuPercent: 60}, health: {path: /up}}", "prod"
        ),
        "api",
    )
    assert (api.scaling.min, api.scaling.max, api.scaling.cpu_percent) == (2, 20, 70)
    assert (api.alarms.cpu_percent, api.alarms.memory_percent) == (60, 80)
    assert (api.health.path, api.health.interval_seconds) == ("/up", 30)


def test_a_written_list_replaces_the_whole_list(load_services: Callable[..., Stack]) -> None:
    api = fargate(load_services("api: {compute: fargate, health: {command: [CMD, /bin/check]}}"), "api")
    assert api.health.command == ("CMD", "/bin/check")


def test_a_service_has_the_tags_of_its_environment_unless_it_writes_its_own(
    load_services: Callable[..., Stack],
) -> None:
    stack = load_services("a: {compute: fargate}\nb: {compute: fargate, owner: news, dataClass: personal}\n")
    a, b = stack.services["a"], stack.services["b"]
    assert (a.owner, a.cost_center, a.data_class) == ("platform", "1001", "internal")
    assert (b.owner, b.cost_center, b.data_class) == ("news", "1001", "personal")


def test_names_of_the_environment_follow_from_the_stack_and_the_domain(load_services: Callable[..., Stack]) -> None:
    environment = load_services("{}").environment
    assert (environment.name, environment.org) == ("dev", "dev")
    assert environment.runbooks == "https://runbooks.dev.example.com"


TOPICS = "orders: {compute: fargate, publishes: [placed]}\n"


def test_a_service_that_consumes_gets_a_queue_and_one_that_does_not_gets_none(
    load_services: Callable[..., Stack],
) -> None:
    stack = load_services(TOPICS + "mail: {compute: fargate, consumes: [orders/placed]}\n")
    queue = stack.services["mail"].queue
    assert queue is not None
    assert (queue.visibility_seconds, queue.max_receive, queue.retention_days) == (300, 3, 14)
    assert stack.services["orders"].queue is None


@pytest.mark.parametrize(("timeout", "visibility"), [(30, 300), (50, 300), (60, 360), (900, 5400)])
def test_a_queue_hides_messages_for_six_times_the_timeout_of_its_function(
    load_services: Callable[..., Stack], timeout: int, visibility: int
) -> None:
    written = "handler: a.b, runtime: python3.13, source: ./f, consumes: [orders/placed]"
    stack = load_services(f"{TOPICS}mail: {{compute: lambda, timeout: {timeout}, {written}}}\n")
    queue = stack.services["mail"].queue
    assert queue is not None
    assert queue.visibility_seconds == visibility


def test_stacks_that_share_a_foundation_are_one_environment(load: Callable[[str], Stack]) -> None:
    text = """\
config:
  aws:region: eu-west-1
  onramp:environment:
    tier: prod
    owner: payments
    costCenter: "1001"
    domain: example.com
    paging: {pagerduty: pagerduty-integration}
    foundation: {stack: org/onramp/prod}
"""
    assert load(text).environment.name == "prod"

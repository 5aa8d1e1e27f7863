from collections.abc import Callable

import pytest

from stacks.load import Stack
from stacks.origins import Effective, environment_values, service_values

SERVICES = """\
news-api:
  compute: fargate
  port: 8000
  scaling:
    max: 20
  config: {LOG_LEVEL: info}
  queue: {maxReceive: 5}
"""


@pytest.fixture
def effective(load_services: Callable[..., Stack]) -> dict[str, Effective]:
    return {value.path: value for value in service_values(load_services(SERVICES, "prod"), "news-api")}


@pytest.mark.parametrize(
    ("path", "value", "kind", "where"),
    [
        ("port", 8000, "file", "Pulumi.dev.yaml:12"),
        ("scaling.max", 20, "file", "Pulumi.dev.yaml:14"),
        ("config.LOG_LEVEL", "info", "file", "Pulumi.dev.yaml:15"),
        ("queue.maxReceive", 5, "file", "Pulumi.dev.yaml:16"),
        ("scaling.min", 2, "tier", "tier prod"),
        ("telemetry.retentionDays", 90, "tier", "tier prod"),
        ("owner", "platform", "derived", "other keys"),
        ("rollout.strategy", "rolling", "derived", "other keys"),
        ("scaling.cpuPercent", 70, "default", "default"),
        ("queue.retentionDays", 14, "default", "default"),
        ("route", None, "default", "default"),
    ],
)
def test_each_value_of_a_service_says_where_it_comes_from(
    effective: dict[str, Effective], path: str, value: object, kind: str, where: str
) -> None:
    found = effective[path]
    assert (found.value, found.kind, found.where) == (value, kind, where)


def test_every_effective_value_is_listed_once(load_services: Callable[..., Stack]) -> None:
    paths = [value.path for value in service_values(load_services(SERVICES), "news-api")]
    assert len(set(paths)) == len(paths)
    assert {"cpu", "memory", "health.path", "alarms.http5xx", "discovery.serviceConnect"} <= set(paths)


@pytest.mark.parametrize(
    ("path", "kind", "where"),
    [
        ("tier", "file", "Pulumi.dev.yaml:4"),
        ("paging.pagerduty", "file", "Pulumi.dev.yaml:8"),
        ("network.natPerZone", "tier", "tier dev"),
        ("org", "derived", "other keys"),
        ("name", "derived", "other keys"),
        ("network.cidr", "default", "default"),
    ],
)
def test_each_value_of_the_environment_says_where_it_comes_from(
    load_services: Callable[..., Stack], path: str, kind: str, where: str
) -> None:
    effective = {value.path: value for value in environment_values(load_services("{}"))}
    assert (effective[path].kind, effective[path].where) == (kind, where)

"""Graphs of stack files written inline: each text is previewed once, in process, and shared by all tests."""

import json
import warnings
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from textwrap import indent
from typing import Final

import pytest
import yaml

with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # the generated SDKs warn of themselves
    import_module("components.environment")  # once here, so that every preview finds it loaded

from simulator.embedded import preview
from simulator.graph import Graph, Json, Resource

ROOT: Final = Path(__file__).parents[2]
ACCOUNT: Final = "111122223333"
REGION: Final = "eu-west-1"
DIGEST: Final = "sha256:" + "0" * 64
SERVICE_TYPES: Final = (
    "onramp:compute:FargateService",
    "onramp:compute:LambdaFunction",
    "onramp:compute:SageMakerEndpoint",
    "onramp:compute:AppRunnerService",
    "onramp:compute:ExpressService",
)
FUNCTION: Final = "compute: lambda, handler: app.handler, runtime: python3.13, source: ./services/thumbnails"

_HEADER: Final = """\
config:
  aws:region: eu-west-1
  onramp:environment:
    tier: {tier}
    name: {tier}
    account: "111122223333"
    owner: platform
    costCenter: "1001"
    domain: example.com
    paging: {{pagerduty: pagerduty-integration}}
{environment}  onramp:images: {images}
  onramp:services:
"""


def stack_text(
    services: str, *, tier: str = "dev", images: Mapping[str, str] | None = None, environment: str = ""
) -> str:
    """A whole stack file: `services` as YAML without indentation, `environment` as further keys of it."""
    head = _HEADER.format(tier=tier, images=json.dumps(dict(images or {})), environment=indent(environment, "    "))
    return head + indent(services or "{}", "    ")


def graph_of(stack_yaml_text: str, references: Mapping[str, Mapping[str, Json]] | None = None) -> Graph:
    """The previewed graph of a whole stack file; its stack is called `test`, which no file of the project is."""
    written = yaml.safe_load(stack_yaml_text)["config"]
    config = {
        key: value if isinstance(value, str) else json.dumps(value, default=str) for key, value in written.items()
    }
    return preview(
        ROOT, project="onramp", stack="test", config=config, region=config["aws:region"], references=references
    )


@cache
def shared_graph(stack_yaml_text: str) -> Graph:
    """`graph_of`, once for each text; what it returns is not changed by anybody."""
    return graph_of(stack_yaml_text)


@pytest.fixture(scope="session")
def dev_file() -> Graph:
    """The project's own dev environment."""
    return shared_graph((ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def prod_file() -> Graph:
    """The project's own prod environment."""
    return shared_graph((ROOT / "Pulumi.prod.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def web() -> Graph:
    """A minimal container service with a route, in dev, so it rolls."""
    services = "web: {compute: fargate, port: 8000, route: /web/*}"
    return shared_graph(stack_text(services, images={"web": DIGEST}))


@pytest.fixture(scope="session")
def orders() -> Graph:
    """A container service in prod with everything that shifts traffic or is kept secret, and one that calls it."""
    services = """\
orders:
  compute: fargate
  port: 8080
  route: orders.example.com/*
  secrets: [DATABASE_URL, CACHE_URL, API_TOKEN]
  config: {CURRENCY: EUR}
  publishes: [placed]
  discovery: {cloudMap: true}
  owner: sales
  costCenter: "2002"
  dataClass: confidential
caller: {compute: fargate, calls: [orders], secrets: [orders/DATABASE_URL]}
"""
    return shared_graph(stack_text(services, tier="prod", images={"orders": DIGEST, "caller": DIGEST}))


@pytest.fixture(scope="session")
def worker() -> Graph:
    """A queue worker in dev that consumes what another service publishes."""
    services = """\
worker: {compute: fargate, consumes: [shop/placed]}
shop: {compute: fargate, port: 80, publishes: [placed]}
"""
    return shared_graph(stack_text(services, images={"worker": DIGEST, "shop": DIGEST}))


@pytest.fixture(scope="session")
def busy() -> Graph:
    """A function in prod that is invoked by its queue, by a schedule and by events."""
    services = f"""\
busy:
  {{{FUNCTION}, queue: {{}}, schedule: rate(5 minutes), secrets: [DATABASE_URL], config: {{MODE: fast}},
  events: {{source: aws.s3, detailType: Object Created, bucket: uploads}}}}
"""
    return shared_graph(stack_text(services, tier="prod"))


@pytest.fixture(scope="session")
def front() -> Graph:
    """A function in dev behind the load balancer."""
    return shared_graph(stack_text(f"front: {{{FUNCTION}, route: /front/*}}"))


def component(graph: Graph, service: str) -> Resource:
    """The component of a service."""
    (found,) = (each for each in graph.resources if each.name == service and each.type in SERVICE_TYPES)
    return found


def below(graph: Graph, urn: str) -> Iterator[Resource]:
    """Everything below a resource, parents before children."""
    inside = {urn}
    for each in graph.resources:
        if each.parent in inside:
            inside.add(each.urn)
            yield each


def of(graph: Graph, kind: str, service: str | None = None) -> list[Resource]:
    """The resources whose type ends with `kind`, of one service or of all."""
    among = graph.resources if service is None else below(graph, component(graph, service).urn)
    return [each for each in among if each.type.endswith(kind)]


def named(graph: Graph, name: str, kind: str = "") -> Resource:
    """The one resource with this name and kind."""
    (found,) = (each for each in graph.resources if each.name == name and each.type.endswith(kind))
    return found


def texts(resources: Iterable[Resource], key: str) -> set[str]:
    """What stands in one input of these resources."""
    return {str(each.inputs[key]) for each in resources}


def inputs(resource: Resource) -> dict[str, Json]:
    """The inputs without the tags, which have their own tests."""
    return {key: value for key, value in resource.inputs.items() if key != "tags"}


def parsed(resource: Resource, key: str) -> Json:
    """The JSON in a string input."""
    return json.loads(str(resource.inputs[key]))

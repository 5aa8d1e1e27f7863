"""The HTTP API: routes, integrations and the counting of errors."""

import re
from collections.abc import Iterator
from typing import Final

from simulator.graph import Graph
from tests.components.acceptance.looking import Inputs, known, listed, of

API: Final = "aws:apigatewayv2/api:Api"
INTEGRATION: Final = "aws:apigatewayv2/integration:Integration"
ROUTE: Final = "aws:apigatewayv2/route:Route"
STAGE: Final = "aws:apigatewayv2/stage:Stage"
FILTER: Final = "aws:cloudwatch/logMetricFilter:LogMetricFilter"
ROUTE_KEY: Final = re.compile(
    r"\$default|(ANY|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) /([\w.-]+(/[\w.-]+)*(/\{\w+\+\})?)?"
)
SOCKET: Final = "-ingress-socket"
"""In the names of what belongs to a WebSocket API, which has other routes and no payload formats."""
PATTERN_CHARS_MAX: Final = 1024


def routes_are_distinct(graph: Graph) -> Iterator[str]:
    """API Gateway developer guide, routes of HTTP APIs: `METHOD /path`, a greedy variable last, or `$default`; once."""
    seen: set[str] = set()
    for resource, inputs in of(graph, ROUTE):
        if SOCKET in resource.name:
            continue
        key = inputs["routeKey"]
        if key in seen or not ROUTE_KEY.fullmatch(key):
            yield f"{resource.name}: route {key!r}"
        seen.add(key)


def integrations_are_consistent(graph: Graph) -> Iterator[str]:
    """API Gateway API, CreateIntegration: private ones are HTTP_PROXY over a link; functions get format 1.0 or 2.0."""
    for resource, inputs in of(graph, INTEGRATION):
        private = inputs.get("connectionType") == "VPC_LINK"
        if private != (inputs.get("connectionId") is not None) or (inputs.get("tlsConfig") and not private):
            yield f"{resource.name}: connection {inputs.get('connectionType')}"
        if private and inputs["integrationType"] != "HTTP_PROXY":
            yield f"{resource.name}: a private {inputs['integrationType']}"
        if inputs["integrationType"] == "AWS_PROXY" and inputs["integrationMethod"] != "POST":
            yield f"{resource.name}: a function is invoked with POST"
        if SOCKET in resource.name:
            continue
        wanted = ("1.0",) if inputs["integrationType"] == "HTTP_PROXY" else ("1.0", "2.0")
        if inputs["payloadFormatVersion"] not in wanted:
            yield f"{resource.name}: payload format {inputs['payloadFormatVersion']}"


def stages_are_within_limits(graph: Graph) -> Iterator[str]:
    """API Gateway developer guide, quotas of HTTP APIs: 3 KB of log format; a burst that the account has (5,000)."""
    for resource, inputs in of(graph, STAGE):
        if len(inputs["accessLogSettings"]["format"]) > 3 * 1024:
            yield f"{resource.name}: the format is too long"
        if not 0 < inputs["defaultRouteSettings"]["throttlingBurstLimit"] <= 5_000:
            yield f"{resource.name}: burst {inputs['defaultRouteSettings']['throttlingBurstLimit']}"


def origins_have_no_path(graph: Graph) -> Iterator[str]:
    """API Gateway developer guide, CORS of HTTP APIs: scheme://host[:port], or *."""
    for resource, inputs in of(graph, API):
        cors: Inputs = inputs.get("corsConfiguration") or {}
        for origin in listed(cors.get("allowOrigins")):
            if not re.fullmatch(r"\*|https?://[^/*]+", origin):
                yield f"{resource.name}: origin {origin!r}"


def errors_are_counted(graph: Graph) -> Iterator[str]:
    """CloudWatch Logs API, MetricTransformation: a pattern of at most 1,024 characters, a name without : * $."""
    for resource, inputs in of(graph, FILTER):
        name = inputs["metricTransformation"]["name"]
        if len(inputs["pattern"]) > PATTERN_CHARS_MAX or not inputs["pattern"].startswith("{ ("):
            yield f"{resource.name}: pattern {inputs['pattern']!r}"
        if known(name) and re.search(r"[:*$]", name):
            yield f"{resource.name}: metric {name!r}"


RULES: Final = (
    routes_are_distinct,
    integrations_are_consistent,
    stages_are_within_limits,
    origins_have_no_path,
    errors_are_counted,
)

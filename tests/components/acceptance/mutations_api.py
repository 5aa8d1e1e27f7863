"""What each rule of the HTTP API must see."""

from typing import Any, Final

from tests.components.acceptance.mutation import GONE, Mutation
from tests.components.acceptance.rules_api import API, FILTER, INTEGRATION, ROUTE, STAGE

_EXAMPLE: Final = "examples/api/Pulumi.example.yaml"


def _of(kind: str, rule: str, *changes: tuple[str, Any], name: str = "") -> list[Mutation]:
    return [
        Mutation(rule=rule, kind=kind, path=path, value=value, name=name, stack=_EXAMPLE) for path, value in changes
    ]


MUTATIONS_API: Final = [
    *_of(
        ROUTE,
        "routes_are_distinct",
        ("routeKey", "ANY /reports"),
        ("routeKey", "/news"),
        ("routeKey", "ANY /news/*"),
        ("routeKey", "ANY /{proxy+}/news"),
        name="news-api",
    ),
    *_of(
        INTEGRATION,
        "integrations_are_consistent",
        ("connectionId", GONE),
        ("connectionType", "INTERNET"),
        ("integrationType", "AWS_PROXY"),
        ("payloadFormatVersion", "2.0"),
        name="news-api",
    ),
    *_of(
        INTEGRATION,
        "integrations_are_consistent",
        ("integrationMethod", "ANY"),
        ("payloadFormatVersion", "3.0"),
        name="reports",
    ),
    *_of(
        STAGE,
        "stages_are_within_limits",
        ("accessLogSettings", {"format": "f" * 3_073}),
        ("defaultRouteSettings.throttlingBurstLimit", 5_001),
    ),
    *_of(API, "origins_have_no_path", ("corsConfiguration.allowOrigins", ["https://example.com/"])),
    *_of(FILTER, "errors_are_counted", ("pattern", "5xx"), ("metricTransformation.name", "a:b")),
]
"""At least one for each rule."""

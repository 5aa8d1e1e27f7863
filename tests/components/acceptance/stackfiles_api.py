"""Environments with an HTTP API at the edge of what is allowed."""

from collections.abc import Mapping
from typing import Final

from tests.components.acceptance.stackfiles import DIGEST, HEAD, LONG

_ENVIRONMENT: Final = "    network: {cidr: 172.16.0.0/16, zones: 2}\n"
_FUNCTION: Final = "compute: lambda, handler: app.handler, runtime: python3.14, source: ./services/thumbnails"


def _with_api(plan: str, services: str, *, name: str, domain: str, tier: str, images: str) -> str:
    head = HEAD.format(region="eu-central-1", tier=tier, name=name, org="shop", domain=domain, images=images)
    return head.replace(_ENVIRONMENT, f"{_ENVIRONMENT}    api: {plan}\n") + services


LONGEST: Final = _with_api(
    f"{{rate: 10000, burst: 5000, corsOrigins: [https://{'o' * 233}.example.com, 'http://localhost:65535']}}",
    f"""\
    {LONG}:
      compute: fargate
      port: 65535
      route: /{"p" * 60}/{"q" * 60}/*
      ingress: api-gateway
    {LONG[:-1]}b: {{{_FUNCTION}, route: /{"r" * 127}, ingress: api-gateway, auth: iam}}
    {LONG[:-1]}c: {{{_FUNCTION}, route: /{"s" * 125}/*, ingress: api-gateway}}
""",
    name="environment-long",
    domain=f"{'d' * 31}.{'e' * 28}.com",
    tier="prod",
    images=f"{{{LONG}: '{DIGEST}'}}",
)

SMALLEST: Final = _with_api(
    "{rate: 1, burst: 1, corsOrigins: ['*']}",
    f"""\
    a: {{compute: fargate, port: 80, route: /, ingress: api-gateway}}
    b: {{{_FUNCTION}, route: /*, ingress: api-gateway, timeout: 1}}
    c: {{compute: fargate, port: 80, route: /}}
""",
    name="x",
    domain="example.com",
    tier="dev",
    images=f"{{a: '{DIGEST}'}}",
)

WITH_API: Final[Mapping[str, str]] = {"api-longest": LONGEST, "api-smallest": SMALLEST}
"""By the stack's name."""

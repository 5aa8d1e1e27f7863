"""Pieces of stack files that several tests write."""

ENVIRONMENT = "tier: dev, owner: platform, costCenter: '1001', domain: example.com, paging: {pagerduty: pd}"
FUNCTION = "compute: lambda, handler: app.handler, runtime: python3.13, source: ./f"


def in_environment(written: str) -> str:
    return f"config:\n  aws:region: eu-west-1\n  onramp:environment: {{{written}}}\n"

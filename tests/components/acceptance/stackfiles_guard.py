"""Stack files at the edge of what probes, firewall and budget allow."""

from typing import Final

from tests.components.acceptance.stackfiles import HEAD, LONG

_HOST: Final = "h" * 20 + ".example.com"


def _with(tier: str, environment: str, services: str) -> str:
    head = HEAD.format(
        region="eu-west-1", tier=tier, name="environment-long", org="y", domain="example.com", images="{}"
    )
    return head.replace("  onramp:images", f"{environment}  onramp:images") + services


GUARDED: Final = {
    "guarded": _with(
        "dev",
        "    firewall: true\n    probes: true\n    budgetUsd: 10000000\n",
        f"""\
    {LONG}:
      compute: fargate
      port: 80
      route: '{_HOST}/a/*/b?c*'
      probe: {{everyMinutes: 1, path: '/{"p" * 1000}?query=a%20b', statusBelow: 600}}
    b: {{compute: fargate, port: 80, route: /, probe: {{everyMinutes: 60}}}}
    c: {{compute: fargate, port: 80, route: /c/*, probe: {{enabled: false}}}}
""",
    ),
    "unguarded": _with("prod", "    firewall: false\n    probes: false\n    budgetUsd: 1\n", "    {}\n"),
}
"""By the stack's name."""

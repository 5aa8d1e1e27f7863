"""Container services at the edge of what is allowed: every rollout, hooks at every stage, Spot, schedules, headers."""

from collections.abc import Mapping
from typing import Final, get_args

from stacks.models.fargate_rollout import Stage
from tests.components.acceptance.stackfiles import DIGEST, HEAD, LONG

_FUNCTION: Final = "compute: lambda, handler: app.handler, runtime: python3.14, source: ./services/thumbnails"
_HOOKS: Final = ", ".join(f"{{stage: {stage}, function: {LONG}}}" for stage in get_args(Stage))


def _file(services: str, *, name: str, tier: str, released: tuple[str, ...]) -> str:
    images = ", ".join(f"{each}: '{DIGEST}'" for each in released)
    head = HEAD.format(
        region="eu-central-1", tier=tier, name=name, org="shop", domain="example.com", images=f"{{{images}}}"
    )
    return head + services


_LONGEST: Final = f"""\
    {LONG}: {{{_FUNCTION}}}
    {LONG[:-1]}z:
      compute: fargate
      schedule: cron(0 2 ? * MON-FRI *)
      spot: true
      telemetry: {{logRouter: true}}
      secrets: [DATABASE_URL]
      calls: [b]
    a:
      compute: fargate
      port: 65535
      route: {"h" * 63}.example.com/{"p" * 50}*
      headers: {{{"x" * 40}: '{"v" * 128}', x-2: '?{"*" * 3}'}}
      spot: {{onDemandBase: 100000, onDemandWeight: 1000, spotWeight: 1000}}
      discovery: {{alias: {"a" * 63}, aliasPort: 65535, idleSeconds: 2147483647, requestSeconds: 2147483647}}
      telemetry: {{logRouter: true}}
      rollout: {{strategy: linear, percent: 3, intervalMinutes: 1440, bakeMinutes: 1440, hooks: [{_HOOKS}]}}
    b:
      compute: fargate
      port: 80
      route: /b
      discovery: {{cloudMap: true}}
      rollout: {{strategy: linear, controller: codedeploy, percent: 1, intervalMinutes: 29, bakeMinutes: 1440}}
    c:
      compute: fargate
      port: 80
      route: /c
      rollout: {{strategy: linear, percent: 3, pause: true, hooks: [{_HOOKS}], gates: {{onDeadline: hold}}}}
    {LONG[:-1]}w: {{compute: fargate, port: 80, route: /s, rollout: {{strategy: stepped, bakeMinutes: 1440}}}}
"""

_SMALLEST: Final = """\
    a:
      compute: fargate
      port: 80
      route: /
      headers: {a: b}
      spot: {onDemandBase: 0, onDemandWeight: 0, spotWeight: 1}
      discovery: {alias: a, aliasPort: 1, idleSeconds: 0, requestSeconds: 0}
      rollout: {strategy: canary, percent: 0.1, intervalMinutes: 0, bakeMinutes: 0}
    b:
      compute: fargate
      port: 80
      route: /b
      rollout: {strategy: canary, percent: 100, intervalMinutes: 1440}
    c:
      compute: fargate
      port: 80
      route: /c
      rollout: {strategy: blue-green, controller: codedeploy, bakeMinutes: 0}
    d:
      compute: fargate
      port: 80
      route: /d
      rollout: {strategy: canary, controller: codedeploy, percent: 10, intervalMinutes: 5}
    e: {compute: fargate, schedule: rate(1 minute)}
    f: {compute: fargate, port: 80, route: /f, rollout: {strategy: linear, percent: 100}}
    g: {compute: fargate, port: 80, route: /g, spot: true, rollout: {strategy: stepped}}
    h:
      compute: fargate
      port: 80
      route: /h
      rollout: {strategy: canary, percent: 1, pause: true, gates: {deadlineMinutes: 5}}
"""

CONTAINERS: Final[Mapping[str, str]] = {
    "containers-longest": _file(
        _LONGEST, name="environment-long", tier="prod", released=("a", "b", f"{LONG[:-1]}z", f"{LONG[:-1]}w")
    ),
    "containers-smallest": _file(_SMALLEST, name="x", tier="staging", released=("a", "c", "g", "h")),
}
"""By the stack's name."""

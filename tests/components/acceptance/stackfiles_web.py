"""Stack files at the edge of what App Runner and Express allow, and services of theirs before the first release."""

from typing import Final

from tests.components.acceptance.stackfiles import DIGEST, HEAD, KEY, LONG, ORG, SETTING, TOPIC

_LONGEST: Final = (
    HEAD.format(
        region="eu-central-1",
        tier="prod",
        name="environment-long",
        org=ORG,
        domain="example.com",
        images=f"{{{LONG}: '{DIGEST}', {LONG[:-1]}z: '{DIGEST}', b: '{DIGEST}'}}",
    )
    + f"""\
    {LONG}:
      compute: apprunner
      port: 65535
      public: false
      cpu: 4096
      memory: 12288
      scaling: {{min: 25, max: 25, concurrency: 200}}
      health: {{intervalSeconds: 20, timeoutSeconds: 20, healthyCount: 20, unhealthyCount: 20}}
      secrets: [DATABASE_{KEY[9:]}, REDIS_{KEY[6:]}, {KEY}]
      config: {{{SETTING}: value}}
      publishes: [{TOPIC}]
      discovery: {{cloudMap: true}}
      calls: [{LONG[:-1]}z, b]
    {LONG[:-1]}z:
      compute: express
      port: 65535
      public: false
      cpu: 4096
      memory: 8192
      scaling: {{min: 5000, max: 5000, memoryPercent: 100}}
      secrets: [DATABASE_{KEY[9:]}, REDIS_{KEY[6:]}, {KEY}]
      config: {{{SETTING}: value}}
      publishes: [{TOPIC}]
      discovery: {{cloudMap: true}}
      calls: [{LONG}]
    b: {{compute: fargate, port: 80, calls: [{LONG}, {LONG[:-1]}z], discovery: {{cloudMap: true}}}}
"""
)

_SHORTEST: Final = (
    HEAD.format(
        region="us-east-1",
        tier="dev",
        name="x",
        org="y",
        domain="example.com",
        images=f"{{a: live, b: '{DIGEST}'}}",
    )
    + """\
    a:
      compute: apprunner
      port: 1
      scaling: {min: 1, max: 1, concurrency: 1}
      health: {path: /, intervalSeconds: 1, timeoutSeconds: 1, healthyCount: 1, unhealthyCount: 1}
      rollout: {strategy: automatic}
      alarms: {cpuPercent: 1, memoryPercent: 1, http5xx: 1, latencyP99Ms: 1}
    b:
      compute: express
      port: 1
      scaling: {min: 1, max: 1, requestsPerTarget: 1}
      health: {path: /}
      calls: [a]
    c: {compute: apprunner, port: 80, discovery: {cloudMap: true}}
    d: {compute: express, port: 80, discovery: {cloudMap: true}}
"""
)

WEB: Final = {"web-longest": _LONGEST, "web-shortest": _SHORTEST}
"""By the stack's name."""

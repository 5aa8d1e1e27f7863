"""Stack files at the edge of what is allowed: longest names, smallest and largest values, every rollout, many triggers.

Each is loaded as a person's file is, so what it holds is allowed by `stacks`; AWS must then take what becomes of it.
"""

from collections.abc import Mapping
from typing import Final

LONG: Final = "s" + "-abcdefg" * 7 + "-xy"
"""60 characters, the longest name of a service."""
ORG: Final = "organization-" + "o" * 19
"""32 characters."""
KEY: Final = "K" * 64
SETTING: Final = "S" * 64
"""The longest keys of a secret and of configuration."""
TOPIC: Final = "t" * 40
DOMAIN: Final = f"{'d' * 31}.{'e' * 28}.com"
"""64 characters: the longest name that a certificate takes."""
DIGEST: Final = "sha256:" + "0" * 64


def _long(suffix: str) -> str:
    return LONG[: -len(suffix)] + suffix


HEAD: Final = """\
config:
  aws:region: {region}
  onramp:environment:
    tier: {tier}
    name: {name}
    org: {org}
    owner: platform
    costCenter: "1001"
    domain: {domain}
    paging: {{opsgenie: prod/opsgenie-integration}}
    network: {{cidr: 172.16.0.0/16, zones: 2}}
  onramp:images: {images}
  onramp:services:
"""

LONGEST: Final = (
    HEAD.format(
        region="eu-central-1",
        tier="prod",
        name="environment-long",
        org=ORG,
        domain=DOMAIN,
        images=f"{{{LONG}: '{DIGEST}', {_long('b')}: '{DIGEST}'}}",
    )
    + f"""\
    {LONG}:
      compute: fargate
      port: 65535
      route: {"h" * 63}.example.com/{"p" * 50}*
      secrets: [DATABASE_{KEY[9:]}, REDIS_{KEY[6:]}, {KEY}]
      config: {{{SETTING}: value, OTHER: other}}
      publishes: [{TOPIC}]
      consumes: [{_long("c")}/{TOPIC}]
      calls: [{_long("b")}]
      discovery: {{cloudMap: true}}
    {_long("b")}:
      compute: fargate
      port: 1
    {_long("c")}:
      compute: lambda
      handler: app.handler
      runtime: nodejs24.x
      source: ./services/thumbnails
      route: /{"q" * 64}
      secrets: [DATABASE_{KEY[9:]}, {LONG}/{KEY}]
      config: {{{SETTING}: value}}
      publishes: [{TOPIC}]
      consumes: [{LONG}/{TOPIC}]
      schedule: rate(1 minute)
      events: {{source: aws.s3, detailType: Object Created, bucket: {"b" * 63}}}
      rollout: {{strategy: canary, percent: 37, intervalMinutes: 7}}
"""
)

_SMALLEST: Final = """\
    a:
      compute: fargate
      port: 80
      route: /
      cpu: 256
      memory: 512
      ephemeralGib: 21
      scaling: {min: 1, max: 1, cpuPercent: 1, memoryPercent: 1, requestsPerTarget: 1, outSeconds: 0, inSeconds: 0}
      health: {path: /, intervalSeconds: 5, timeoutSeconds: 2, healthyCount: 2, unhealthyCount: 2, startSeconds: 0,
               graceSeconds: 0}
      rollout: {strategy: blue-green, bakeMinutes: 0}
      telemetry: {retentionDays: 1, samplingPercent: 0}
      alarms: {cpuPercent: 1, memoryPercent: 1, http5xx: 1, latencyP99Ms: 1}
    b:
      compute: fargate
      queue: {visibilitySeconds: 0, maxReceive: 1, retentionDays: 1}
      alarms: {queueAgeSeconds: 60}
      rollout: {strategy: rolling, bakeMinutes: 0}
      discovery: {serviceConnect: false}
    c:
      compute: lambda
      handler: app.handler
      runtime: java25
      source: ./services/thumbnails
      memory: 128
      timeout: 1
      batch: 1
      queue: {visibilitySeconds: 6}
      scaling: {max: 1}
      alarms: {errorPercent: 0.001, durationPercent: 1}
      schedule: cron(0 3 * * ? *)
      rollout: {strategy: all-at-once}
    d:
      compute: lambda
      handler: app.handler
      runtime: python3.14
      source: ./services/thumbnails
      route: '*.example.com/*'
      health: {path: /, intervalSeconds: 5, timeoutSeconds: 2}
      rollout: {strategy: linear, percent: 10, intervalMinutes: 1}
    e:
      compute: lambda
      handler: app.handler
      runtime: python3.13
      source: ./services/thumbnails
      rollout: {strategy: linear, percent: 1, intervalMinutes: 1}
"""

_LARGEST: Final = """\
    a:
      compute: fargate
      port: 65535
      route: /a/*
      cpu: 16384
      memory: 122880
      ephemeralGib: 200
      scaling: {min: 5000, max: 5000, cpuPercent: 100, memoryPercent: 100, outSeconds: 3600, inSeconds: 3600}
      health: {intervalSeconds: 300, timeoutSeconds: 120, healthyCount: 10, unhealthyCount: 10, startSeconds: 300}
      rollout: {strategy: blue-green, bakeMinutes: 1440}
      telemetry: {retentionDays: 3653, samplingPercent: 100}
      alarms: {cpuPercent: 100, memoryPercent: 100}
    b:
      compute: fargate
      queue: {visibilitySeconds: 43200, maxReceive: 1000, retentionDays: 14}
      alarms: {queueAgeSeconds: 1209600}
    c:
      compute: lambda
      handler: app.handler
      runtime: provided.al2023
      source: ./services/thumbnails
      memory: 10240
      timeout: 900
      ephemeralMib: 10240
      batch: 10000
      queue: {visibilitySeconds: 43200}
      scaling: {max: 900}
      alarms: {errorPercent: 100, durationPercent: 100}
      rollout: {strategy: canary, percent: 99, intervalMinutes: 2880}
"""


def _edge(services: str, *, tier: str, region: str) -> str:
    images = f"{{a: '{DIGEST}'}}"
    return HEAD.format(region=region, tier=tier, name="x", org="y", domain="example.com", images=images) + services


_RUNNING_TOGETHER: Final = """\
    a: {compute: fargate, publishes: [b-c], queue: {}}
    a-b: {compute: fargate, publishes: [c]}
    flow-logs: {compute: fargate}
    paging: {compute: fargate, publishes: [paging]}
    services: {compute: lambda, handler: a.b, runtime: nodejs22.x, source: ./services/thumbnails, queue: {}}
"""
"""Names that are those of parts of the foundation, or that become one another when joined with hyphens."""

GENERATED: Final[Mapping[str, str]] = {
    "longest": LONGEST,
    "smallest": _edge(_SMALLEST, tier="staging", region="us-east-1"),
    "running-together": _edge(_RUNNING_TOGETHER, tier="staging", region="us-west-2"),
    "largest": _edge(_LARGEST, tier="dev", region="eu-central-1"),
}
"""By the stack's name."""

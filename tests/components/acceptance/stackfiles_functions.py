"""Functions at the edge of what is allowed: longest names, smallest and largest values, every way in."""

from collections.abc import Mapping
from typing import Final

from tests.components.acceptance.stackfiles import DIGEST, HEAD, LONG, ORG, TOPIC

_ENVIRONMENT: Final = "    network: {cidr: 172.16.0.0/16, zones: 2}\n"
_ZIP: Final = "compute: lambda, handler: app.handler, runtime: python3.14, source: ./services/thumbnails"
_DYNAMODB: Final = "arn:aws:dynamodb:eu-central-1:111122223333:table/{}/stream/2026-01-01T00:00:00.000"
_KINESIS: Final = "arn:aws:kinesis:eu-central-1:111122223333:stream/{}"
_STREAM_NAME: Final = "n" * 40


def _with(shared: str, services: str, *, name: str, org: str, tier: str, images: str) -> str:
    head = HEAD.format(region="eu-central-1", tier=tier, name=name, org=org, domain="example.com", images=images)
    return head.replace(_ENVIRONMENT, f"{_ENVIRONMENT}    webSockets: true\n    capacity: {shared}\n") + services


LONGEST: Final = _with(
    "{instanceTypes: [m6g.large, m6g.xlarge, m7g.large, m7g.xlarge, m8g.24xlarge]}",
    f"""\
    {LONG}:
      compute: lambda
      package: image
      publishes: [{TOPIC}]
      rollout: {{hooks: {{before: {LONG[:-1]}b, after: {LONG[:-1]}c}}}}
      async: {{onSuccess: {TOPIC}}}
    {LONG[:-1]}b:
      {{{_ZIP}, notifiedBy: [{LONG}/{TOPIC}], functionUrl: true, webSocket: {{actions: [{"a" * 64}]}},
      streams: {{{_STREAM_NAME}: {{source: "{_DYNAMODB.format("t" * 255)}"}},
                k: {{source: "{_KINESIS.format("s" * 128)}", start: latest}}}}}}
    {LONG[:-1]}c: {{{_ZIP}, memory: 10240, instances: {{concurrency: 1600, memoryGibPerVcpu: 8}}}}
""",
    name="environment-long",
    org=ORG,
    tier="prod",
    images=f"{{{LONG}: '{DIGEST}'}}",
)

SMALLEST: Final = _with(
    "{maxVcpu: 2, instanceTypes: [c6g.large]}",
    f"""\
    a: {{{_ZIP}, memory: 2048, instances: {{concurrency: 1, memoryGibPerVcpu: 2}}}}
    b:
      {{{_ZIP}, snapStart: true, timeout: 1, webSocket: {{rate: 1, burst: 1}}, batch: 11, batchWindowSeconds: 1,
      queue: {{visibilitySeconds: 6}}, async: {{retries: 0, maxAgeSeconds: 60}},
      streams: {{k: {{source: "{_KINESIS.format("s")}", batch: 1, parallel: 1, retries: 0, maxAgeSeconds: 60}}}}}}
    c: {{{_ZIP}, scaling: {{max: 1, provisioned: {{min: 1, max: 1, utilization: 0.1}}}}}}
    d: {{compute: lambda, package: image, route: /d}}
""",
    name="x",
    org="y",
    tier="dev",
    images="{}",
)

LARGEST: Final = _with(
    "{maxVcpu: 15000}",
    f"""\
    a:
      {{{_ZIP}, timeout: 900, queue: {{}}, batch: 10000, batchWindowSeconds: 300,
      webSocket: {{rate: 10000, burst: 5000}},
      async: {{retries: 2, maxAgeSeconds: 21600}},
      streams: {{k: {{source: "{_DYNAMODB.format("tab")}", batch: 10000, windowSeconds: 300, parallel: 10,
                    retries: 10000, maxAgeSeconds: 604800}}}}}}
    b: {{{_ZIP}, scaling: {{max: 900, provisioned: {{min: 1, max: 900, utilization: 0.9}}}}}}
    c: {{compute: lambda, package: image, memory: 10240, ephemeralMib: 10240, timeout: 900}}
""",
    name="x",
    org="y",
    tier="staging",
    images="{c: v1.2.3}",
)

WITH_FUNCTIONS: Final[Mapping[str, str]] = {
    "functions-longest": LONGEST,
    "functions-smallest": SMALLEST,
    "functions-largest": LARGEST,
}
"""By the stack's name."""

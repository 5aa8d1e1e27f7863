"""Environments with tables and databases at the edge of what is allowed."""

from collections.abc import Mapping
from typing import Final

from tests.components.acceptance.stackfiles import DOMAIN, HEAD, LONG, ORG

_STORE: Final = "s" * 20
_ATTRIBUTE: Final = "a" * 255
_FUNCTION: Final = "compute: lambda, handler: app.handler, runtime: python3.14, source: ./services/thumbnails"

_LONGEST: Final = f"""\
    {LONG}:
      compute: fargate
      stores:
        {_STORE}: {{kind: aurora-postgres}}
        {_STORE[1:]}: {{kind: rds-postgres}}
        {_STORE[2:]}:
          kind: dynamodb
          partitionKey: {_ATTRIBUTE}
          sortKey: {_ATTRIBUTE[1:]}
          numbers: [{_ATTRIBUTE[1:]}]
          ttl: {_ATTRIBUTE}
          stream: true
          indexes: {{{"i" * 255}: {{partitionKey: {_ATTRIBUTE[1:]}, sortKey: {_ATTRIBUTE}}}}}
    {LONG[:-1]}b: {{{_FUNCTION}, uses: [{LONG}/{_STORE}, {LONG}/{_STORE[1:]}, {LONG}/{_STORE[2:]}]}}
"""

_SMALLEST: Final = f"""\
    a:
      compute: fargate
      stores:
        b: {{kind: aurora-postgres, minAcu: 0.5, maxAcu: 1}}
        c: {{kind: rds-postgres, instance: t4g.micro, storageGib: 20}}
        d: {{kind: dynamodb, partitionKey: a}}
    a-b:
      {{{_FUNCTION}, secrets: [POSTGRES], stores: {{c: {{kind: rds-postgres}}, postgres: {{kind: aurora-postgres}}}}}}
"""

_LARGEST: Final = f"""\
    a:
      {_FUNCTION.replace(", ", chr(10) + "      ")}
      stores:
        b: {{kind: aurora-postgres, minAcu: 128, maxAcu: 128}}
        c: {{kind: rds-postgres, instance: r7g.16xlarge, storageGib: 65536}}
        d:
          kind: dynamodb
          partitionKey: a
          indexes: {{{", ".join(f"by-{number}: {{partitionKey: a{number}}}" for number in range(20))}}}
"""


def _with(services: str, *, tier: str, name: str, org: str, domain: str) -> str:
    return HEAD.format(region="eu-central-1", tier=tier, name=name, org=org, domain=domain, images="{}") + services


WITH_STORES: Final[Mapping[str, str]] = {
    "stores-longest": _with(_LONGEST, tier="prod", name="environment-long", org=ORG, domain=DOMAIN),
    "stores-smallest": _with(_SMALLEST, tier="dev", name="x", org="y", domain="example.com"),
    "stores-largest": _with(_LARGEST, tier="prod", name="x", org="y", domain="example.com"),
}
"""By the stack's name."""

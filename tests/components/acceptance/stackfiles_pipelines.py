"""Pipelines at the edge: longest names, a first environment, and every kind of service that is delivered."""

from typing import Final

from tests.components.acceptance.stackfiles import DIGEST, DOMAIN, LONG, ORG

_PLAN: Final = """\
      connection: arn:aws:codestar-connections:eu-central-1:123456789012:connection/0a1b2c3d-1111-2222-3333-444455556666
      repository: organization/group/platform
      branch: release/next
      deployRole: arn:aws:iam::123456789012:role/platform/onramp-deploy
      backend: s3://pulumi-state?region=eu-central-1
"""

FIRST: Final = f"""\
config:
  aws:region: eu-central-1
  onramp:environment:
    tier: dev
    name: environment-long
    org: {ORG}
    owner: platform
    costCenter: "1001"
    domain: {DOMAIN}
    paging: {{opsgenie: prod/opsgenie-integration}}
    pipeline:
{_PLAN}  onramp:images: {{{LONG}: '{DIGEST}', follows: live}}
  onramp:services:
    {LONG}: {{compute: fargate, port: 80}}
    follows: {{compute: apprunner, port: 80, rollout: {{strategy: automatic}}}}
    packed: {{compute: lambda, package: image, rollout: {{strategy: linear, percent: 1, intervalMinutes: 29}}}}
    judged:
      compute: lambda
      handler: app.handler
      runtime: python3.13
      source: ./services/thumbnails
      rollout: {{strategy: canary, hooks: {{before: judge, after: judge}}}}
    judge: {{compute: lambda, handler: app.handler, runtime: python3.13, source: ./services/lambda-api}}
"""

DELIVERED: Final = {"first-pipelines": FIRST}

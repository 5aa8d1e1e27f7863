"""Stack files with every form of a SageMaker service, at the edges of what each allows."""

from collections.abc import Mapping
from typing import Final

from tests.components.acceptance.stackfiles import DIGEST, DOMAIN, HEAD, KEY, LONG, ORG, SETTING

_AWS_IMAGE: Final = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
_ARN: Final = "arn:aws:sagemaker:us-east-1:111122223333"
_GROUP: Final = "g" * 63


def _named(suffix: str) -> str:
    return LONG[: -len(suffix)] + suffix


def _steps(count: int) -> str:
    return ", ".join(f"{{image: '{_AWS_IMAGE}', data: s3://models/step-{step}.tar.gz}}" for step in range(count))


_FORMS: Final = f"""\
    {LONG}:
      compute: sagemaker
      model: {{package: {_GROUP}, data: s3://models/{_GROUP}/}}
      secrets: [DATABASE_{KEY[9:]}, {KEY}]
      config: {{{SETTING}: value}}
      calls: [{_named("b")}]
      scaling: {{min: 2, max: 1000, outSeconds: 3600, inSeconds: 0}}
      capture: {{percent: 100}}
      health: {{startSeconds: 3600, downloadSeconds: 60}}
      rollout: {{strategy: linear, percent: 50, intervalMinutes: 60, terminationMinutes: 60}}
    {_named("b")}:
      compute: sagemaker
      form: multi-model
      model: {{image: '{_AWS_IMAGE}', data: s3://models/tenants/}}
      instance: ml.g5.xlarge
    {_named("c")}:
      compute: sagemaker
      form: pipeline
      execution: direct
      containers: [{_steps(14)}, {{package: '{_ARN}:model-package-group/shared', repository: '{_AWS_IMAGE[:-6]}', data: s3://m-a/}}]
      scaling: {{min: 20, max: 20}}
      rollout: {{strategy: rolling, percent: 5, intervalMinutes: 10}}
    {_named("d")}:
      compute: sagemaker
      form: variants
      model: {{package: churn, data: s3://models/churn/}}
      variants:
        champion-of-twenty-c: {{weight: 99.5, model: {{version: 11}}}}
        challenger: {{weight: 0.5}}
        retired: {{weight: 0, model: {{version: 1}}, instance: ml.c5d.18xlarge}}
        own: {{weight: 1, model: {{version: 2, repository: '{_AWS_IMAGE[:-6]}'}}, instance: ml.t2.medium}}
    {_named("e")}:
      compute: sagemaker
      form: serverless
      model: {{data: s3://models/small.tar.gz}}
      serverless: {{memory: 6144, concurrency: 200, provisioned: 200}}
    {_named("f")}:
      compute: sagemaker
      form: batch
      model: {{package: churn, data: s3://models/churn/}}
      batch: {{schedule: 'cron(0 3 * * ? *)', input: s3://inbox/, strategy: MultiRecord, maxConcurrent: 100,
              maxPayloadMib: 1}}
      instance: ml.g5.48xlarge
    caller: {{compute: fargate, calls: [{LONG}, {_named("e")}]}}
"""
_SMALL: Final = """\
    a:
      compute: sagemaker
      model: {data: s3://abc/m.tar.gz}
      instance: ml.inf1.xlarge
      scaling: {min: 1, max: 1, invocationsPerInstance: 1}
      rollout: {strategy: all-at-once, intervalMinutes: 0}
      alarms: {latencyP99Ms: 1, overheadMs: 1, cpuPercent: 1, memoryPercent: 1}
    b: {compute: sagemaker, model: {package: unreleased, data: s3://abc/}}
    c:
      compute: sagemaker
      form: batch
      model: {package: churn, version: 1, data: s3://abc/}
      batch: {schedule: rate(1 day), input: s3://abc/in/, split: None}
    d: {compute: sagemaker, form: serverless, model: {}, serverless: {memory: 1024, concurrency: 1}}
    e: {compute: sagemaker, form: batch, model: {}, batch: {schedule: rate(1 day), input: s3://abc/in/}}
    f:
      compute: sagemaker
      model: {}
      scaling: {min: 10, max: 11}
      rollout: {strategy: canary, percent: 10, intervalMinutes: 60}
    g: {compute: sagemaker, model: {}, rollout: {strategy: stepped, terminationMinutes: 60}}
"""

WITH_MODELS: Final[Mapping[str, str]] = {
    "models": HEAD.format(
        region="us-east-1",
        tier="prod",
        name="environment-long",
        org=ORG,
        domain=DOMAIN,
        images=(
            f"{{{LONG}: '999999999', {_named('c')}: '{_ARN}:model-package/shared/7', {_named('d')}: '12', "
            f"{_named('e')}: '{DIGEST}', {_named('f')}: '3', caller: '{DIGEST}'}}"
        ),
    )
    + _FORMS,
    "small-models": HEAD.format(
        region="eu-west-1",
        tier="staging",
        name="x",
        org="y",
        domain="example.com",
        images=f"{{a: '{DIGEST}', d: v1, f: v1, g: v1}}",
    )
    + _SMALL,
}
"""By the stack's name."""

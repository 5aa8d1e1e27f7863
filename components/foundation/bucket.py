"""A private S3 bucket for logs: encrypted, versioned, HTTPS only, and emptied by age."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.scope import Scope, ServiceScope, compact_json, kept
from stacks import limits
from stacks.naming import fingerprint
from stacks.source import Json

LOG_EXPIRY_DAYS = 365
"""How long access logs and the audit trail can be looked at."""
PROBES: Final = "probes"
"""The purpose of the bucket of probes: their code, and below `RUNS` what they saw."""
RUNS: Final = "runs/"
RUN_EXPIRY_DAYS: Final = 30
"""As long as Synthetics itself remembers a run."""


class LogBucket(pulumi.ComponentResource):
    """Where an AWS service writes logs; `writers` are the statements that let it. Costs what it stores.

    What lies below `prefix` is gone after `expiry_days`. A bucket of a `service` has its tags, and may have a key.
    """

    bucket: pulumi.Output[str]
    ready: pulumi.Resource
    """Whoever writes must wait for this: the policy that lets them."""

    def __init__(  # noqa: PLR0913 - name, where, what for, for whom, how long, and that of Pulumi
        self,
        name: str,
        scope: Scope,
        purpose: str,
        writers: Sequence[Json],
        *,
        prefix: str = "",
        expiry_days: int = LOG_EXPIRY_DAYS,
        service: ServiceScope | None = None,
        key_arn: pulumi.Input[str] | None = None,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("onramp:foundation:LogBucket", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        bucket_name = bucket_name_of(scope, purpose)
        bucket = aws.s3.Bucket(
            f"{name}-bucket",
            bucket=bucket_name,
            tags=dict(service.tags) if service else scope.tags("foundation"),
            opts=kept(scope, self),
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.bucket,
            rules=[_encryption(key_arn)],
            opts=child,
        )
        aws.s3.BucketVersioning(
            f"{name}-versioning", bucket=bucket.bucket, versioning_configuration={"status": "Enabled"}, opts=child
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle",
            bucket=bucket.bucket,
            rules=[
                {
                    "id": "expire",
                    "status": "Enabled",
                    "filter": {"prefix": prefix},
                    "expiration": {"days": expiry_days},
                    "noncurrent_version_expiration": {"noncurrent_days": 30},
                    "abort_incomplete_multipart_upload": {"days_after_initiation": 7},
                }
            ],
            opts=child,
        )
        closed = aws.s3.BucketPublicAccessBlock(
            f"{name}-private",
            bucket=bucket.bucket,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=child,
        )
        self.ready = aws.s3.BucketPolicy(
            f"{name}-policy",
            bucket=bucket.bucket,
            policy=compact_json({"Version": "2012-10-17", "Statement": [_https_only(scope, bucket_name), *writers]}),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[closed]),
        )
        self.bucket = bucket.bucket
        self.register_outputs({"bucket": self.bucket})


def _encryption(
    key_arn: pulumi.Input[str] | None,
) -> aws.s3.BucketServerSideEncryptionConfigurationRuleArgsDict:
    """By a key of ours where there is one; several log writers of AWS can use none."""
    if key_arn is None:
        return {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    by_key: aws.s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgsDict = {
        "sse_algorithm": "aws:kms",
        "kms_master_key_id": key_arn,
    }
    return {"apply_server_side_encryption_by_default": by_key, "bucket_key_enabled": True}


def bucket_name_of(scope: Scope, purpose: str) -> str:
    """A name that is unique in the world, because account and region are part of its fingerprint."""
    unique = fingerprint(f"{scope.account}/{scope.region}/{scope.env}")
    return scope.name(limits.NAME_S3_BUCKET, scope.environment.org, purpose, unique)


def bucket_arn(scope: Scope, purpose: str, path: str = "") -> str:
    """The ARN of the bucket, or of the objects under `path`."""
    return f"arn:{scope.partition}:s3:::{bucket_name_of(scope, purpose)}{path}"


def _https_only(scope: Scope, bucket: str) -> Json:
    arn = f"arn:{scope.partition}:s3:::{bucket}"
    return {
        "Sid": "HttpsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }

"""What is watched in every environment: who read which secret, and what is open to the world."""

import pulumi
import pulumi_aws as aws

from components.foundation.bucket import LogBucket, bucket_arn
from components.foundation.keys import Keys
from components.scope import Scope
from stacks.source import Json

LOGS = "audit"


class Audit(pulumi.ComponentResource):
    """A CloudTrail trail over all regions, whose management events hold every Secrets Manager call; Access Analyzer."""

    def __init__(self, name: str, scope: Scope, keys: Keys, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("onramp:foundation:Audit", name, {}, opts)
        tags = scope.tags("foundation")
        trail_name = f"{scope.env}-audit"
        logs = LogBucket(
            f"{name}-logs", scope, LOGS, _trail_writes(scope, trail_name), opts=pulumi.ResourceOptions(parent=self)
        )
        aws.cloudtrail.Trail(
            f"{name}-trail",
            name=trail_name,
            s3_bucket_name=logs.bucket,
            is_multi_region_trail=True,
            include_global_service_events=True,
            enable_log_file_validation=True,
            kms_key_id=keys.logs_arn,
            event_selectors=[{"read_write_type": "All", "include_management_events": True}],
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs.ready]),
        )
        aws.accessanalyzer.Analyzer(
            f"{name}-analyzer",
            analyzer_name=f"{scope.env}-access",
            type="ACCOUNT",
            tags=tags,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def _trail_writes(scope: Scope, trail: str) -> list[Json]:
    """What CloudTrail asks of its bucket: to look at its rights, and to write under its own prefix."""
    source = {"aws:SourceArn": scope.arn("cloudtrail", f"trail/{trail}")}
    who: Json = {"Service": "cloudtrail.amazonaws.com"}
    return [
        {
            "Sid": "TrailLooks",
            "Effect": "Allow",
            "Principal": who,
            "Action": "s3:GetBucketAcl",
            "Resource": bucket_arn(scope, LOGS),
            "Condition": {"StringEquals": {**source}},
        },
        {
            "Sid": "TrailWrites",
            "Effect": "Allow",
            "Principal": who,
            "Action": "s3:PutObject",
            "Resource": bucket_arn(scope, LOGS, f"/AWSLogs/{scope.account}/*"),
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", **source}},
        },
    ]

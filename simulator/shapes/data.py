"""Keys, buckets, secrets, parameters, queues and topics."""

from collections.abc import Mapping
from typing import Final

from simulator.shapes.shape import Shape, arn, by_arn, named
from stacks import limits

_BUCKET: Final = Shape(id="{bucket}", unique=("bucket",))

DATA: Final[Mapping[str, Shape]] = {
    "aws:kms/alias:Alias": Shape(
        id="{name}",
        computed={"arn": arn("kms", "{name}"), "targetKeyArn": arn("kms", "key/{targetKeyId}")},
        unique=("name",),
    ),
    "aws:kms/key:Key": Shape(id="{uuid}", computed={"arn": arn("kms", "key/{id}"), "keyId": "{id}"}),
    "aws:s3/bucket:Bucket": Shape(
        id="{bucket}",
        computed={
            "arn": "arn:{partition}:s3:::{bucket}",
            "bucketDomainName": "{bucket}.s3.{suffix}",
            "bucketRegionalDomainName": "{bucket}.s3.{region}.{suffix}",
        },
        name="bucket",
        limit=limits.NAME_S3_BUCKET,
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _BUCKET,
    "aws:s3/bucketPolicy:BucketPolicy": _BUCKET,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _BUCKET,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _BUCKET,
    "aws:s3/bucketVersioning:BucketVersioning": _BUCKET,
    "aws:secretsmanager/secret:Secret": by_arn("secretsmanager", "secret:{name}-{alnum6}", name="name"),
    "aws:secretsmanager/secretRotation:SecretRotation": Shape(
        id="{secretId}", computed={"rotationEnabled": True}, unique=("secretId",)
    ),
    "aws:secretsmanager/secretVersion:SecretVersion": Shape(
        id="{secretId}|{versionId}",
        computed={"arn": "{secretId}", "versionId": "{uuid}", "versionStages": ["AWSCURRENT"]},
    ),
    "aws:sns/topic:Topic": by_arn("sns", "{name}", "name", limits.NAME_SNS_TOPIC, owner="{account}"),
    "aws:sns/topicPolicy:TopicPolicy": Shape(id="{arn}", computed={"owner": "{account}"}, unique=("arn",)),
    "aws:sns/topicSubscription:TopicSubscription": Shape(
        id="{topic}:{uuid}",
        computed={"arn": "{id}", "ownerId": "{account}", "pendingConfirmation": False},
        unique=("topic", "protocol", "endpoint"),
    ),
    "aws:sqs/queue:Queue": Shape(
        id="https://sqs.{region}.{suffix}/{account}/{name}",
        computed={"arn": arn("sqs", "{name}"), "url": "{id}"},
        name="name",
        limit=limits.NAME_SQS_QUEUE,
    ),
    "aws:sqs/queuePolicy:QueuePolicy": Shape(id="{queueUrl}", unique=("queueUrl",)),
    "aws:ssm/parameter:Parameter": named("ssm", "parameter{name}", version=1),
}

"""What is encrypted at rest beside tables, databases and buckets, and the keys themselves."""

from collections.abc import Iterator
from typing import Final

from policies import kinds
from policies.expect import expect_set, expect_true
from policies.graph import Graph
from policies.rule import ADVICE, FUNCTIONS, WITH_IMAGES, Meta, Outcome, Remedy, stack_rule
from policies.values import MISSING

_KEYS: Final = (kinds.KEY, kinds.STACK_REFERENCE)
"""Where a key that is not known yet may come from: this stack, or the one with the foundation."""
_FIX: Final = "with the ARN of the environment's data key (components/foundation/keys.py)"


@stack_rule(
    Meta(
        id="key-rotates",
        item=None,
        title="Every key rotates by itself",
        why="What was encrypted with one key for ten years is lost with that key.",
        fix="set enableKeyRotation of the key to true",
        severity="medium",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/kms-controls.html#kms-4",
        levels=ADVICE,
        frameworks=("SEC08-BP01", "KMS.4", "CIS 7.0.0/4.6"),
    ),
    Remedy(types=(kinds.KEY,), path="enableKeyRotation", value=True),
)
def key_rotates(graph: Graph) -> Iterator[Outcome]:
    """Rotation is on for every symmetric key that encrypts."""
    for key in graph.of(kinds.KEY):
        if key.get("keyUsage") in (MISSING, "ENCRYPT_DECRYPT"):
            yield from expect_true(key, "enableKeyRotation", f"{key.name} does not rotate")


@stack_rule(
    Meta(
        id="topic-encrypted",
        item=None,
        title="Every topic is encrypted with the environment's key",
        why="A message lies on AWS's disks until it is delivered.",
        fix=f"set kmsMasterKeyId of the topic, {_FIX}",
        severity="medium",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/sns-controls.html#sns-1",
        levels=ADVICE,
        frameworks=("SEC08-BP02", "SNS.1"),
    ),
)
def topic_encrypted(graph: Graph) -> Iterator[Outcome]:
    """A key is set."""
    for topic in graph.of(kinds.TOPIC):
        yield from expect_set(graph, topic, "kmsMasterKeyId", _KEYS, f"{topic.name} is not encrypted")


@stack_rule(
    Meta(
        id="queue-encrypted",
        item=None,
        title="Every queue is encrypted with the environment's key",
        why="A message waits on AWS's disks for up to fourteen days.",
        fix=f"set kmsMasterKeyId of the queue, {_FIX}",
        severity="medium",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/sqs-controls.html#sqs-1",
        levels=ADVICE,
        frameworks=("SEC08-BP02", "SQS.1"),
    ),
)
def queue_encrypted(graph: Graph) -> Iterator[Outcome]:
    """A key is set."""
    for queue in graph.of(kinds.QUEUE):
        yield from expect_set(graph, queue, "kmsMasterKeyId", _KEYS, f"{queue.name} is not encrypted with our key")


@stack_rule(
    Meta(
        id="secret-encrypted",
        item=None,
        title="Every secret is encrypted with the environment's key",
        why="With AWS's own key, nobody can say who may decrypt it, nor take that right away from all at once.",
        fix=f"set kmsKeyId of the secret, {_FIX}",
        severity="medium",
        url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html",
        levels=ADVICE,
        frameworks=("SEC08-BP01",),
    ),
)
def secret_encrypted(graph: Graph) -> Iterator[Outcome]:
    """A key is set."""
    for secret in graph.of(kinds.SECRET):
        yield from expect_set(graph, secret, "kmsKeyId", _KEYS, f"{secret.name} is encrypted with a key of AWS")


@stack_rule(
    Meta(
        id="log-group-encrypted",
        item=None,
        title="Every log group is encrypted with the environment's key",
        why="Logs quote requests, and requests have names and tokens in them.",
        fix="set kmsKeyId of the log group, with the ARN of the logs key (components/foundation/keys.py)",
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
        levels=ADVICE,
        frameworks=("SEC08-BP02",),
    ),
)
def log_group_encrypted(graph: Graph) -> Iterator[Outcome]:
    """A key is set."""
    for group in graph.of(kinds.LOG_GROUP):
        yield from expect_set(graph, group, "kmsKeyId", _KEYS, f"{group.name} is encrypted with a key of AWS")


@stack_rule(
    Meta(
        id="repository-encrypted",
        item=None,
        title="Every image repository is encrypted with the environment's key",
        why="An image holds all of a service's code.",
        fix=f"set encryptionConfigurations of the repository to KMS, {_FIX}; AWS makes a new repository for it",
        severity="medium",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html#ecr-5",
        levels=ADVICE,
        frameworks=("SEC08-BP01", "ECR.5"),
        applies=(*WITH_IMAGES, *FUNCTIONS),
    ),
)
def repository_encrypted(graph: Graph) -> Iterator[Outcome]:
    """A key is set."""
    for repository in graph.of(kinds.REPOSITORY):
        path = "encryptionConfigurations.kmsKey"
        yield from expect_set(graph, repository, path, _KEYS, f"{repository.name} is encrypted with a key of AWS")


@stack_rule(
    Meta(
        id="function-encrypted",
        item=None,
        title="The environment of every function is encrypted with the environment's key",
        why="Its variables and its code are kept for as long as a version of it exists.",
        fix=f"set kmsKeyArn of the function, {_FIX}",
        severity="low",
        url="https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html",
        levels=ADVICE,
        frameworks=("SEC08-BP01",),
        applies=FUNCTIONS,
    ),
)
def function_encrypted(graph: Graph) -> Iterator[Outcome]:
    """A key is set."""
    for function in graph.of(kinds.FUNCTION):
        yield from expect_set(graph, function, "kmsKeyArn", _KEYS, f"{function.name} is encrypted with a key of AWS")

"""Buckets: what AWS keeps in settings beside them, each a resource of its own. None of it is on the checklist."""

from collections.abc import Callable, Iterator
from typing import Final

from policies import kinds
from policies.expect import expect_joined, unknown
from policies.graph import Graph, Resource
from policies.rule import ADVICE, ALWAYS, Meta, Outcome, stack_rule
from policies.rules.identity import statements
from policies.values import UNKNOWN, Value, get, objects

_S3_URL: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html"
_DOORS: Final = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
_DEFAULT: Final = "applyServerSideEncryptionByDefault.sseAlgorithm"


@stack_rule(
    Meta(
        id="bucket-not-public",
        item=None,
        title="Every bucket blocks public access in all four ways",
        why="One policy or one object is enough to publish what is in it.",
        fix="add a BucketPublicAccessBlock of the bucket with all four settings true",
        severity="critical",
        url=f"{_S3_URL}#s3-8",
        levels=ALWAYS,
        frameworks=("SEC03-BP07", "S3.8", "CIS 7.0.0/3.1.4"),
    ),
)
def bucket_not_public(graph: Graph) -> Iterator[Outcome]:
    """A block of public access names the bucket, and nothing in it is off."""
    yield from _each(graph, kinds.BUCKET_PRIVATE, _is_closed, "does not block public access")


@stack_rule(
    Meta(
        id="bucket-encrypted",
        item=None,
        title="Every bucket states how it is encrypted",
        why="What is stated can be seen and kept; a default is whatever it was on the day the bucket was made.",
        fix="add a BucketServerSideEncryptionConfiguration of the bucket (AES256, or aws:kms with the data key)",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html",
        frameworks=("SEC08-BP02",),
    ),
)
def bucket_encrypted(graph: Graph) -> Iterator[Outcome]:
    """An encryption by default names the bucket."""
    yield from _each(graph, kinds.BUCKET_ENCRYPTION, _has_algorithm, "states no encryption")


@stack_rule(
    Meta(
        id="bucket-tls",
        item=None,
        title="Every bucket refuses requests without TLS",
        why="S3 answers plain HTTP to whoever asks with it.",
        fix="deny s3:* in the bucket's policy where aws:SecureTransport is false",
        severity="medium",
        url=f"{_S3_URL}#s3-5",
        levels=ADVICE,
        frameworks=("SEC09-BP02", "S3.5", "CIS 7.0.0/3.1.1"),
    ),
)
def bucket_tls(graph: Graph) -> Iterator[Outcome]:
    """A policy of the bucket denies everything that comes without TLS."""

    def denies(policy: Resource) -> bool:
        document = graph.parsed(policy, "policy")
        return any(_denies_plain(statement) for statement in statements(document))

    yield from _each(graph, kinds.BUCKET_POLICY, denies, "answers without TLS")


@stack_rule(
    Meta(
        id="bucket-versioned",
        item=None,
        title="Every bucket keeps older versions",
        why="What is overwritten or deleted by mistake is gone at once without them.",
        fix='add a BucketVersioning of the bucket with status "Enabled"',
        severity="medium",
        url=f"{_S3_URL}#s3-14",
        levels=ADVICE,
        frameworks=("SEC08-BP04", "S3.14"),
    ),
)
def bucket_versioned(graph: Graph) -> Iterator[Outcome]:
    """Versioning of the bucket is enabled."""
    yield from _each(graph, kinds.BUCKET_VERSIONING, _is_versioned, "keeps no older versions")


@stack_rule(
    Meta(
        id="bucket-lifecycle",
        item=None,
        title="Every bucket says when what is in it goes",
        why="Logs and old versions that nobody deletes are paid for as long as the account exists.",
        fix="add a BucketLifecycleConfiguration of the bucket with a rule that expires or moves objects",
        severity="low",
        url=f"{_S3_URL}#s3-13",
        levels=ADVICE,
        frameworks=("COST04-BP05", "S3.13"),
    ),
)
def bucket_lifecycle(graph: Graph) -> Iterator[Outcome]:
    """A rule of its lifecycle is enabled."""
    yield from _each(graph, kinds.BUCKET_LIFECYCLE, _has_rule, "keeps everything for ever")


def _each(graph: Graph, kind: str, holds: Callable[[Resource], bool], what: str) -> Iterator[Outcome]:
    for bucket in graph.of(kinds.BUCKET):
        if bucket.get("bucket") is UNKNOWN and not graph.referring(bucket, kind, "bucket"):
            yield unknown(bucket, "bucket")
        else:
            yield from expect_joined(graph, bucket, kind, "bucket", holds, f"{bucket.name} {what}")


def _is_closed(block: Resource) -> bool:
    return all(block.get(door) is True for door in _DOORS)


def _has_algorithm(encryption: Resource) -> bool:
    return any(isinstance(get(rule, _DEFAULT), str) for rule in objects(encryption.get("rules")))


def _is_versioned(versioning: Resource) -> bool:
    return versioning.get("versioningConfiguration.status") == "Enabled"


def _has_rule(lifecycle: Resource) -> bool:
    return any(rule.get("status") == "Enabled" for rule in objects(lifecycle.get("rules")))


def _denies_plain(statement: Value) -> bool:
    insecure = get(statement, "Condition.Bool")
    return get(statement, "Effect") == "Deny" and get(insecure, "aws:SecureTransport") in ("false", False)

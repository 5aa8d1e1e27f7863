"""Breakages of functions: how they run, what invokes them, and what becomes of what fails."""

from policies import kinds
from tests.policies.breaks import FUNCTION, OFF, Break, gone, put, without
from tests.policies.draft import Change, Draft, Json, Text
from tests.policies.golden import LAMBDA, TAGS
from tests.policies.golden_base import complete

_QUEUE, _STREAM = f"{LAMBDA}-from-queue", f"{LAMBDA}-from-stream"
_TRACKING = "targetTrackingScalingPolicyConfiguration"
_HOST = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/thumbnails/prod"
DIGEST = f"{_HOST}@sha256:{'0' * 64}"


def from_image(uri: str, *, tags: str = "IMMUTABLE", without: str = "") -> Change:
    """The function from an image, with all that belongs to one but the kind `without`."""
    around: dict[str, dict[str, Json]] = {
        kinds.REPOSITORY: {"imageTagMutability": tags, "tags": TAGS},
        kinds.LIFECYCLE_POLICY: {"policy": Text({"rules": []})},
        kinds.REPOSITORY_POLICY: {"policy": Text({"Statement": []})},
    }

    def change(draft: Draft) -> None:
        draft.set(FUNCTION, "packageType", "Image")
        draft.set(FUNCTION, "imageUri", uri)
        for kind, inputs in around.items():
            if kind != without:
                draft.add(f"{LAMBDA}-{kind}", kind, LAMBDA, **inputs)
        complete(draft, "prod")

    return change


BREAKS_FUNCTIONS = (
    Break("function-arm64", LAMBDA, put(FUNCTION, "architectures", ["x86_64"])),
    Break("function-arm64", LAMBDA, without(FUNCTION, "architectures")),
    Break("function-concurrency-reserved", LAMBDA, put(FUNCTION, "reservedConcurrentExecutions", -1)),
    Break("provisioned-scales", LAMBDA, gone(f"{LAMBDA}-scaling")),
    Break("provisioned-scales", LAMBDA, put(f"{LAMBDA}-scaling", f"{_TRACKING}.targetValue", 0.71)),
    Break("snap-start-published", LAMBDA, put(FUNCTION, "snapStart", {"applyOn": "PublishedVersions"})),
    Break("function-memory-alarms", LAMBDA, gone(f"{LAMBDA}-memory_utilization-70")),
    Break("function-memory-alarms", LAMBDA, put(f"{LAMBDA}-memory_utilization-90", "threshold", 91)),
    Break("function-memory-alarms", LAMBDA, put(f"{LAMBDA}-memory_utilization-70", "threshold", 80)),
    Break("function-image", LAMBDA, from_image(f"{_HOST}:latest")),
    Break("function-image", LAMBDA, from_image(_HOST)),
    Break("function-image", LAMBDA, from_image(DIGEST, tags="MUTABLE")),
    Break("function-image", LAMBDA, from_image(DIGEST, without=kinds.REPOSITORY_POLICY)),
    Break("function-image", LAMBDA, from_image(DIGEST, without=kinds.LIFECYCLE_POLICY)),
    Break("function-queue", LAMBDA, put(_QUEUE, "functionResponseTypes", [])),
    Break("function-queue", LAMBDA, without(f"{LAMBDA}-queue", "redrivePolicy")),
    Break("function-queue", LAMBDA, put(f"{LAMBDA}-queue", "visibilityTimeoutSeconds", 179)),
    Break("function-stream", LAMBDA, put(_STREAM, "bisectBatchOnFunctionError", OFF)),
    Break("function-stream", LAMBDA, put(_STREAM, "maximumRetryAttempts", -1)),
    Break("function-stream", LAMBDA, without(_STREAM, "maximumRecordAgeInSeconds")),
    Break("function-stream", LAMBDA, without(_STREAM, "destinationConfig")),
    Break("function-stream", LAMBDA, without(_STREAM, "functionResponseTypes")),
    Break("function-failed-events", LAMBDA, gone(f"{LAMBDA}-failures")),
    Break("function-failed-events", LAMBDA, without(f"{LAMBDA}-failures", "destinationConfig")),
    Break("function-failed-events", LAMBDA, without(f"{LAMBDA}-failures", "qualifier")),
    Break("function-url-alias", LAMBDA, without(f"{LAMBDA}-url", "qualifier")),
    Break("function-hooks", LAMBDA, put(LAMBDA, "hooks", {"AfterAllowTraffic": "nobody"})),
    Break("function-hooks", LAMBDA, put(f"{LAMBDA}-hooks", "policy.Statement.0.Effect", "Deny")),
    Break("function-hooks", LAMBDA, put(f"{LAMBDA}-hooks", "policy.Statement.1.Resource", ["arn:aws:x"])),
    Break("socket-connect", LAMBDA, put(f"{LAMBDA}-$connect", "authorizationType", "NONE")),
    Break("alarm-missing", LAMBDA, gone(f"{LAMBDA}-IteratorAge-900000")),
    Break("alarm-looser", LAMBDA, put(f"{LAMBDA}-IteratorAge-900000", "threshold", 900_001)),
)

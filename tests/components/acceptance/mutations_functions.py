"""What the rules of functions must see beyond the stacks of the repository itself."""

from typing import Any, Final

from tests.components.acceptance.looking import FUNCTION, MAPPING
from tests.components.acceptance.mutation import GONE, Mutation

_EXAMPLE: Final = "examples/lambda/Pulumi.example.yaml"


def _of(kind: str, rule: str, name: str, *changes: tuple[str, Any]) -> list[Mutation]:
    return [
        Mutation(rule=rule, kind=kind, path=path, value=value, name=name, stack=_EXAMPLE) for path, value in changes
    ]


MUTATIONS_FUNCTIONS: Final = [
    *_of(
        FUNCTION,
        "packages_are_whole",
        "matcher-function",
        ("layers", ["arn:aws:lambda:us-east-1:123456789012:layer:l:1"]),
        ("runtime", "python3.13"),
        ("handler", "app.handler"),
        ("imageUri", GONE),
    ),
    *_of(FUNCTION, "packages_are_whole", "checkout-function", ("handler", GONE), ("runtime", GONE), ("code", GONE)),
    *_of(
        FUNCTION,
        "snapshots_are_possible",
        "ledger-function",
        ("ephemeralStorage.size", 513),
        ("runtime", "nodejs24.x"),
        ("runtime", "python3.11"),
    ),
    *_of(
        FUNCTION,
        "shared_instances_take_the_function",
        "ranking-function",
        ("memorySize", 2047),
        ("runtime", "python3.12"),
        ("reservedConcurrentExecutions", 4),
        ("vpcConfig", {"subnetIds": [], "securityGroupIds": []}),
    ),
    *_of(
        MAPPING,
        "streams_have_a_start",
        "ledger-ingress-from-stream-orders",
        ("startingPosition", GONE),
        ("parallelizationFactor", 11),
        ("maximumBatchingWindowInSeconds", 301),
    ),
]

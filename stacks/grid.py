"""The grid of compute types and concerns: where a cell is empty, the reason in one line (seed 000, sections 1 to 8)."""

from collections.abc import Mapping
from typing import Final

CONCERNS: Final = (
    "delivery", "health", "discovery", "ingress", "observability", "images", "secrets", "alerting",
)  # fmt: skip

NOT_APPLICABLE: Final[Mapping[str, Mapping[str, str]]] = {
    "fargate": {},
    "lambda": {"images": "a zip is not an image; with `package: image` a function has a repository like any container"},
    "apprunner": {},
    "express": {"ingress": "AWS makes the load balancer, its rule, certificate and URL; nothing is ours to set"},
    "sagemaker": {
        "health": "SageMaker itself asks /ping and replaces instances; there is nothing to set",
        "ingress": "the way in is InvokeEndpoint, which AWS serves, encrypts and authorizes",
    },
}
"""By compute type and concern."""

"""The least that a service of each compute type has to write: where `onramp new` and the reference begin."""

from collections.abc import Callable, Mapping
from typing import Final

from stacks.source import Json

Stanza = dict[str, Json]

STANZAS: Final[Mapping[str, Callable[[str], Stanza]]] = {
    "apprunner": lambda _: {"compute": "apprunner", "port": 8080},
    "express": lambda _: {"compute": "express", "port": 8080},
    "fargate": lambda name: {"compute": "fargate", "port": 8080, "route": f"/{name}/*"},
    "lambda": lambda name: {
        "compute": "lambda",
        "handler": "app.handler",
        "runtime": "python3.13",
        "source": f"./services/{name}",
    },
    "sagemaker": lambda name: {
        "compute": "sagemaker",
        "model": {"package": name, "data": f"s3://example-models/{name}/"},
        "instance": "ml.m5.large",
    },
}
"""By compute type, of the service's name."""

FIRST_RELEASE: Final[Mapping[str, str]] = {"sagemaker": "1"}
"""What a pipeline would write into `onramp:images` first, where it is not the digest of an image."""

"""The least that a service of each compute type has to write: where `onramp new` and the reference begin."""

from collections.abc import Callable, Mapping
from typing import Final

from stacks.source import Json

Stanza = dict[str, Json]

STANZAS: Final[Mapping[str, Callable[[str], Stanza]]] = {
    "fargate": lambda name: {"compute": "fargate", "port": 8080, "route": f"/{name}/*"},
    "lambda": lambda name: {
        "compute": "lambda",
        "handler": "app.handler",
        "runtime": "python3.13",
        "source": f"./services/{name}",
    },
}
"""By compute type, of the service's name."""

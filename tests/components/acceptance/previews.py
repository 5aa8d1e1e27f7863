"""Previews of the repository's own stacks and of the extreme ones."""

import json
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from simulator.embedded import preview
from simulator.graph import Graph
from tests.components.acceptance.stackfiles import GENERATED
from tests.components.acceptance.stackfiles_api import WITH_API
from tests.components.acceptance.stackfiles_containers import CONTAINERS
from tests.components.acceptance.stackfiles_functions import WITH_FUNCTIONS
from tests.components.acceptance.stackfiles_guard import GUARDED
from tests.components.acceptance.stackfiles_models import WITH_MODELS
from tests.components.acceptance.stackfiles_pipelines import DELIVERED
from tests.components.acceptance.stackfiles_stores import WITH_STORES
from tests.components.acceptance.stackfiles_web import WEB

ROOT: Final = Path(__file__).parents[3]
EXAMPLES: Final = tuple(sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("examples/*/Pulumi.example.yaml")))
"""One for each compute type and shared part, as the documentation shows them."""
EXTREMES: Final = {
    **WITH_STORES,
    **GENERATED,
    **CONTAINERS,
    **WITH_API,
    **WITH_FUNCTIONS,
    **GUARDED,
    **WITH_MODELS,
    **DELIVERED,
    **WEB,
}
STACKS: Final = ("dev", "prod", *EXAMPLES, *EXTREMES)


def text_of(stack: str) -> str:
    """The stack file."""
    path = stack if stack in EXAMPLES else f"Pulumi.{stack}.yaml"
    return EXTREMES.get(stack) or (ROOT / path).read_text(encoding="utf-8")


def region_of(stack: str) -> str:
    """The region that the stack file names."""
    return yaml.safe_load(text_of(stack))["config"]["aws:region"]


def graph_of(stack: str, text: str) -> Graph:
    """What the stack file `text` becomes."""
    written = yaml.safe_load(text)["config"]
    config = {
        key: value if isinstance(value, str) else json.dumps(value, default=str) for key, value in written.items()
    }
    name = "example" if stack in EXAMPLES else stack
    return preview(ROOT, project="onramp", stack=name, config=config, region=config["aws:region"])


@cache
def previewed(stack: str) -> Graph:
    """What one of `STACKS` becomes, previewed once; nobody changes it."""
    return graph_of(stack, text_of(stack))

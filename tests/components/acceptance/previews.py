"""Previews of the repository's own stacks and of the extreme ones."""

import json
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from simulator.embedded import preview
from simulator.graph import Graph
from tests.components.acceptance.stackfiles import GENERATED

ROOT: Final = Path(__file__).parents[3]
EXAMPLES: Final = tuple(sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("examples/*/Pulumi.example.yaml")))
"""One for each compute type and shared part, as the documentation shows them."""
STACKS: Final = ("dev", "prod", *EXAMPLES, *GENERATED)


def text_of(stack: str) -> str:
    """The stack file."""
    path = stack if stack in EXAMPLES else f"Pulumi.{stack}.yaml"
    return GENERATED.get(stack) or (ROOT / path).read_text(encoding="utf-8")


def region_of(stack: str) -> str:
    """The region that the stack file names."""
    return yaml.safe_load(text_of(stack))["config"]["aws:region"]


def graph_of(stack: str, text: str) -> Graph:
    """What the stack file `text` becomes."""
    written = yaml.safe_load(text)["config"]
    config = {key: value if isinstance(value, str) else json.dumps(value) for key, value in written.items()}
    name = "example" if stack in EXAMPLES else stack
    return preview(ROOT, project="onramp", stack=name, config=config, region=config["aws:region"])


@cache
def previewed(stack: str) -> Graph:
    """What one of `STACKS` becomes, previewed once; nobody changes it."""
    return graph_of(stack, text_of(stack))

"""The graphs that are compared with AWS: the repository's own stacks and the extreme ones, each previewed once."""

import pytest

from simulator.graph import Graph
from tests.components.acceptance.previews import STACKS, previewed


@pytest.fixture(params=STACKS, scope="session")
def stack(request: pytest.FixtureRequest) -> str:
    """The name of each stack."""
    return request.param


@pytest.fixture(scope="session")
def graph(stack: str) -> Graph:
    """What the stack becomes."""
    return previewed(stack)

import textwrap
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Protocol

import pytest

from simulator.embedded import preview
from simulator.graph import Graph, Json, Resource
from tests.simulator.plugin_server import Client, serving

THINGS = """
import pulumi
from pulumi import Output, ResourceOptions


class Thing(pulumi.CustomResource):
    computed: Output[str]

    def __init__(self, name, props=None, opts=None):
        super().__init__("test:index:Thing", name, {**(props or {}), "computed": None}, opts)


class Group(pulumi.ComponentResource):
    def __init__(self, name, props=None, opts=None):
        super().__init__("test:index:Group", name, props, opts)
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state.json"


@pytest.fixture
def aws(state: Path) -> Generator[Client]:
    with serving(state) as client:
        yield client


class Run(Protocol):
    def __call__(
        self,
        program: str,
        *,
        config: Mapping[str, str] | None = None,
        references: Mapping[str, Mapping[str, Json]] | None = None,
        on_resource: Callable[[str, str], None] | None = None,
    ) -> Graph: ...


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Preview a program written inline; it finds `Thing`, `Group` and `pulumi` in the module `things`."""

    def run_program(
        program: str,
        *,
        config: Mapping[str, str] | None = None,
        references: Mapping[str, Mapping[str, Json]] | None = None,
        on_resource: Callable[[str, str], None] | None = None,
    ) -> Graph:
        (tmp_path / "things.py").write_text(THINGS)
        (tmp_path / "__main__.py").write_text("from things import *\n" + textwrap.dedent(program))
        return preview(
            tmp_path,
            project="shop",
            stack="dev",
            config=config or {},
            region="eu-west-1",
            references=references,
            on_resource=on_resource,
        )

    return run_program


def named(graph: Graph, name: str) -> Resource:
    """The one resource called `name`."""
    (found,) = (resource for resource in graph.resources if resource.name == name)
    return found

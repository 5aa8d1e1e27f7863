"""Stack files for tests: each is written to a folder of its own and loaded as the program loads it."""

from collections.abc import Callable
from pathlib import Path
from textwrap import indent

import pytest
from hypothesis import settings

from stacks.load import Stack, load_stack_file
from stacks.problems import Problem, StackFileError
from stacks.standards import Tier

settings.register_profile("stacks", deadline=None)  # a slow machine is no failure
settings.load_profile("stacks")

HEADER = """\
config:
  aws:region: eu-west-1
  onramp:environment:
    tier: {tier}
    owner: platform
    costCenter: "1001"
    domain: dev.example.com
    paging: {{pagerduty: pagerduty-integration}}
  onramp:services:
"""


@pytest.fixture
def load(tmp_path: Path) -> Callable[[str], Stack]:
    """Loads a whole stack file, given as text."""

    def load_text(text: str) -> Stack:
        path = tmp_path / "Pulumi.dev.yaml"
        path.write_text(text, encoding="utf-8")
        return load_stack_file(path)

    return load_text


@pytest.fixture
def load_services(load: Callable[[str], Stack]) -> Callable[..., Stack]:
    """Loads services, given as YAML without indentation, in a good environment; the first line is line 10."""

    def load_with_header(services: str, tier: Tier = "dev") -> Stack:
        return load(HEADER.format(tier=tier) + indent(services, "    "))

    return load_with_header


@pytest.fixture
def problems(load: Callable[[str], Stack]) -> Callable[[str], tuple[Problem, ...]]:
    """The problems of a whole stack file."""

    def problems_of(text: str) -> tuple[Problem, ...]:
        with pytest.raises(StackFileError) as caught:
            load(text)
        return caught.value.problems

    return problems_of


@pytest.fixture
def service_problems(load_services: Callable[..., Stack]) -> Callable[[str], tuple[Problem, ...]]:
    """The problems of services in a good environment."""

    def problems_of(services: str) -> tuple[Problem, ...]:
        with pytest.raises(StackFileError) as caught:
            load_services(services)
        return caught.value.problems

    return problems_of

"""The stack files in README.md: they load, and a service in them is as short as was promised."""

import re
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from stacks.load import load_stack_file
from tests.onramp.conftest import ROOT

LINES_AT_MOST = {"fargate": 8, "lambda": 6}


def yaml_blocks() -> list[str]:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    return [dedent(block) for block in re.findall(r"^ *```ya?ml\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)]


def whole_files() -> list[str]:
    return [block for block in yaml_blocks() if re.search(r"^config:", block, re.MULTILINE)]


def stanzas(block: str) -> dict[str, list[tuple[str, int]]]:
    """By compute type, the services of a stack file with how many lines each takes, blank lines and comments apart."""
    root = yaml.compose(block, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    lines = block.splitlines()
    found: dict[str, list[tuple[str, int]]] = {}
    for key, value in _pairs(_at(_at(root, "config"), "onramp:services")):
        compute = _at(value, "compute")
        written = [line.strip() for line in lines[key.start_mark.line : _last_line(value) + 1]]
        count = sum(1 for line in written if line and not line.startswith("#"))
        found.setdefault(str(compute.value), []).append((str(key.value), count))
    return found


def _pairs(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    assert isinstance(node, yaml.MappingNode)
    return list(node.value)


def _last_line(node: yaml.Node) -> int:
    """The line of the last value; a block's own end is where the next thing begins."""
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return _last_line(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return _last_line(node.value[-1])
    return int(node.end_mark.line)


def _at(node: yaml.Node, wanted: str) -> yaml.Node:
    return next(value for key, value in _pairs(node) if key.value == wanted)


@pytest.mark.parametrize("compute", LINES_AT_MOST)
def test_a_service_in_the_readme_is_as_short_as_promised(compute: str) -> None:
    services = [each for block in whole_files() for each in stanzas(block).get(compute, [])]
    assert services
    for name, count in services:
        assert 1 < count <= LINES_AT_MOST[compute], name


def test_the_first_example_uses_all_the_lines_that_it_may() -> None:
    assert list(stanzas(whole_files()[0]).values()) == [[("news-api", 8)]]


@pytest.mark.parametrize("index", range(len(whole_files())))
def test_every_stack_file_in_the_readme_loads(tmp_path: Path, index: int) -> None:
    path = tmp_path / "Pulumi.example.yaml"
    path.write_text(whole_files()[index], encoding="utf-8")
    assert load_stack_file(path).services


def test_lines_are_counted_without_blank_ones_and_comments() -> None:
    block = """\
config:
  onramp:services:
    a:
      # a comment
      compute: fargate

      port: 80
    b: {compute: lambda}
  onramp:images: {}
"""
    assert stanzas(block) == {"fargate": [("a", 3)], "lambda": [("b", 1)]}

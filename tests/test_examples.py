"""Every example is a stack file that loads, and that editors find nothing wrong with."""

import inspect
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from pulumi_aws import ProviderEndpointArgs
from pydantic.alias_generators import to_camel

from stacks.load import load_stack_file
from stacks.schema import stack_schema

ROOT = Path(__file__).parent.parent
FILES = sorted(ROOT.glob("examples/*/Pulumi.*.yaml"))


def test_there_are_examples() -> None:
    assert {path.parent.name for path in FILES} >= {"local", "split"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_example_loads_and_fits_the_schema(path: Path) -> None:
    assert load_stack_file(path).services is not None
    fits = Draft202012Validator(stack_schema()).is_valid(yaml.safe_load(path.read_text(encoding="utf-8")))  # pyright: ignore[reportUnknownMemberType] - jsonschema has no types of its own
    assert fits


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_example_names_the_schema_in_its_first_line(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    named = first.removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == ROOT / "stack.schema.json"


def test_the_simulator_is_named_for_services_that_the_provider_knows() -> None:
    written = yaml.safe_load((ROOT / "examples/local/Pulumi.local.yaml").read_text(encoding="utf-8"))["config"]
    (endpoints,) = written["aws:endpoints"]
    known = {to_camel(name.rstrip("_")) for name in inspect.signature(ProviderEndpointArgs).parameters}
    assert set(endpoints) <= known
    assert set(endpoints.values()) == {"http://127.0.0.1:5555"}

"""Every example is a stack file that loads, and that editors find nothing wrong with."""

import inspect
import json
from functools import cache
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from pulumi_aws import ProviderEndpointArgs
from pydantic.alias_generators import to_camel

from onramp.evaluate import evaluate_stack
from onramp.report import Report
from stacks.load import load_stack_file
from stacks.models import SERVICES
from stacks.schema import stack_schema
from stacks.standards import UNSCOPED_ACTIONS

ROOT = Path(__file__).parent.parent
FILES = sorted(ROOT.glob("examples/*/Pulumi.*.yaml"))
COMPLETE = sorted(ROOT.glob("examples/*/Pulumi.example.yaml"))


def test_there_are_examples() -> None:
    assert {path.parent.name for path in FILES} >= {"local", "split"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_an_example_loads_and_fits_the_schema(path: Path) -> None:
    assert load_stack_file(path).services is not None
    fits = Draft202012Validator(stack_schema()).is_valid(yaml.safe_load(path.read_text(encoding="utf-8")))  # pyright: ignore[reportUnknownMemberType] - jsonschema has no types of its own
    assert fits


@cache
def judged(path: Path) -> Report:
    """An example, previewed and judged."""
    return evaluate_stack(ROOT, load_stack_file(path), lambda _: None, {})


@pytest.mark.parametrize("compute", SERVICES)
def test_every_compute_type_has_an_example(compute: str) -> None:
    services = load_stack_file(ROOT / f"examples/{compute}/Pulumi.example.yaml").services
    assert compute in {service.compute_type for service in services.values()}


@pytest.mark.parametrize("path", COMPLETE, ids=lambda path: path.parent.name)
def test_an_example_passes_the_pack_in_prod_without_a_waiver(path: Path) -> None:
    report = judged(path)
    assert report.stack.environment.tier == "prod"
    assert report.judgement.violations == ()
    verdicts = {each.verdict for items in report.judgement.verdicts.values() for each in items.values()}
    assert verdicts <= {"pass", "attested", "undecided", "not-applicable"}


@pytest.mark.parametrize("path", COMPLETE, ids=lambda path: path.parent.name)
def test_no_role_of_an_example_has_a_wildcard_without_its_reason(path: Path) -> None:
    policies = [each for each in judged(path).graph.resources if each.type == "aws:iam/rolePolicy:RolePolicy"]
    statements = [each for policy in policies for each in json.loads(str(policy.inputs["policy"]))["Statement"]]
    assert statements
    for statement in statements:
        assert not any("*" in action for action in statement["Action"])
        if "*" in statement["Resource"]:
            assert set(statement["Action"]) <= set(UNSCOPED_ACTIONS)


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

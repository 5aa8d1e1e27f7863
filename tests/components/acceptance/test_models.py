"""Every previewed resource against AWS's own descriptions: botocore's service models and CloudFormation's schemas."""

from simulator.graph import Graph
from tests.components.acceptance.cloudformation import lint_problems, template_of
from tests.components.acceptance.previews import STACKS, previewed, region_of
from tests.components.acceptance.table import TABLE, aws_resources, call_problems, compared_keys

NOTHING_TO_COMPARE = {"aws:ec2/eip:Eip": "an address has nothing but tags, and those the schema compares"}


def test_every_type_of_resource_has_a_row_and_every_row_a_resource() -> None:
    seen = {resource.type for stack in STACKS for resource in aws_resources(previewed(stack))}
    assert seen == set(TABLE)


def test_every_row_without_a_schema_says_why() -> None:
    assert {kind for kind, row in TABLE.items() if bool(row.schema) == bool(row.no_schema)} == set()


def test_every_row_compares_something_with_a_call() -> None:
    compared: dict[str, set[str]] = {}
    for stack in STACKS:
        for resource in aws_resources(previewed(stack)):
            compared.setdefault(resource.type, set()).update(compared_keys(resource.type, resource.inputs))
    assert {kind for kind, keys in compared.items() if not keys} == set(NOTHING_TO_COMPARE)


def test_the_calls_of_aws_take_every_resource(graph: Graph) -> None:
    found = {
        f"{resource.name} ({resource.type}): {problem}"
        for resource in aws_resources(graph)
        for problem in call_problems(resource.type, resource.inputs)
    }
    assert found == set()


def test_cfn_lint_takes_the_same_resources(stack: str, graph: Graph) -> None:
    region = region_of(stack)
    template = template_of(aws_resources(graph), TABLE, region)
    assert set(lint_problems(template, region)) == set()

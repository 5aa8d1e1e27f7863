"""Any valid stack file becomes a graph: nothing crashes, no name is given twice, and the quotas are counted right."""

from collections import defaultdict
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from simulator.graph import UNKNOWN, Json, Resource
from stacks.load import load_stack_file
from stacks.quotas import QUOTAS, usage
from tests.components.conftest import graph_of, stack_text
from tests.components.counted import counted
from tests.components.stack_files import stack_files

PHYSICAL: Final = ("name", "alarmName", "ruleName", "family", "dashboardName", "deploymentConfigName", "bucket")

NAMED_WITHIN_ANOTHER: Final = frozenset(
    {
        "aws:iam/rolePolicy:RolePolicy",
        "aws:appautoscaling/policy:Policy",
        "aws:codedeploy/deploymentGroup:DeploymentGroup",
        "aws:lambda/alias:Alias",
        "aws:route53/record:Record",
        "aws:s3/bucketObjectv2:BucketObjectv2",
    }
)
"""Types whose name need only be unique within what they belong to."""


def physical_name(resource: Resource) -> Json:
    return next((resource.inputs[key] for key in PHYSICAL if key in resource.inputs), None)


@given(stack_files())
@settings(
    deadline=None,
    max_examples=15,
    phases=[Phase.reuse, Phase.generate],  # to shrink an example is to preview hundreds
    suppress_health_check=[HealthCheck.too_slow],
)
def test_a_valid_file_becomes_a_graph_in_which_no_name_is_given_twice_and_the_quotas_add_up(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "Pulumi.test.yaml"
    path.write_text(text, encoding="utf-8")
    stack = load_stack_file(path)
    graph = graph_of(text)
    assert isinstance(built := graph.outputs["services"], dict)
    assert built.keys() == stack.services.keys()
    taken: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for each in graph.resources:
        name = physical_name(each)
        if each.custom and isinstance(name, str) and name != UNKNOWN and each.type not in NAMED_WITHIN_ANOTHER:
            taken[each.type, name].append(each.urn)
    assert {key: urns for key, urns in taken.items() if len(urns) > 1} == {}
    assert dict(usage(stack.environment, stack.services)) == counted(graph)


def test_every_quota_is_counted() -> None:
    assert counted(graph_of(stack_text(""))).keys() == QUOTAS.keys()

"""Every input of the good environment, known only after the deployment, one at a time."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from policies.graph import Graph, Resource
from policies.judge import judge
from policies.values import UNKNOWN
from policies.verdicts import Judgement
from tests.policies.draft import Draft
from tests.policies.golden import FARGATE, good
from tests.policies.golden_base import QUEUE
from tests.policies.test_breakages import TODAY

NAMING: Final = frozenset({"name", "identifier", "clusterIdentifier", "metricName", "metricQueries", "dimensions"})
"""Inputs by which others find a resource. Ours are always known; docs/decisions/0001-known-names.md."""
REFERRING: Final = frozenset(
    {
        "actions",
        "arn",
        "dbClusterParameterGroupName",
        "monitorArnLists",
        "parameterGroupName",
        "repository",
        "resourceArn",
        "rule",
        "secretId",
        "target",
        "topic",
        "vpcSecurityGroupIds",
        "webAclArn",
    }
)
"""Inputs that say to what a resource belongs. Unknown ones say it by what they depend on, which is taken away here."""
DECIDING: Final = frozenset({"internal"})
"""Inputs that take something out of a rule: what may be public is held to what is public."""


def with_faults() -> Draft:
    """The good environment with faults of single inputs, each of another resource."""
    draft = good()
    draft.set("https", "sslPolicy", "ELBSecurityPolicy-2016-08")
    draft.set(f"{FARGATE}-logs", "retentionInDays", 1)
    draft.set("flow-log", "trafficType", "REJECT")
    draft.set(QUEUE, "messageRetentionSeconds", 60)
    draft.set("API_TOKEN", "recoveryWindowInDays", 0)
    draft.set(f"{FARGATE}-repository", "imageTagMutability", "MUTABLE")
    return draft


def found(judgement: Judgement) -> set[tuple[str, str]]:
    return {(violation.rule, violation.urn) for violation in judgement.violations}


def unknowns(resources: list[Resource]) -> Iterator[tuple[Resource, str, Judgement]]:
    """Each input of each resource of AWS with what is judged when it is unknown, and depends on nothing."""
    for place, resource in enumerate(resources):
        for key in resource.inputs if resource.type.startswith("aws:") else ():
            depends = {path: urns for path, urns in resource.property_dependencies.items() if path != key}
            waiting = replace(resource, inputs={**resource.inputs, key: UNKNOWN}, property_dependencies=depends)
            yield resource, key, judge(Graph([*resources[:place], waiting, *resources[place + 1 :]]), TODAY)


def test_an_unknown_input_breaks_no_rule_and_hides_no_fault_of_another_resource() -> None:
    resources = with_faults().resources()
    before = found(judge(Graph(resources), TODAY))
    asked = 0

    for resource, key, judgement in unknowns(resources):
        asked += 1
        about = f"{key} of {resource.name}"
        assert not [each for each in judgement.violations if "the rule itself failed" in each.message], about
        elsewhere = {each for each in before if each[1] != resource.urn}
        assert elsewhere <= found(judgement), f"{about} hides {elsewhere - found(judgement)}"
        if key not in NAMING | REFERRING | DECIDING:
            assert found(judgement) <= before, f"{about} makes {found(judgement) - before}"

    assert len(before) == 6
    assert asked > 800

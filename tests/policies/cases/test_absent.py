"""What the rule is about is not there at all: a stated verdict, never an exception."""

from collections.abc import Iterable
from typing import Final

import pytest

from policies import kinds
from policies.graph import Graph
from policies.judge import judge
from policies.rule import StackRule
from tests.policies.cases.case import FIRST, TODAY, VERDICT_CASES, Case, each, verdicts
from tests.policies.draft import Draft
from tests.policies.golden_web import with_web

FAIL: Final = frozenset(
    {
        "access-analyzer",
        "alarm-missing",
        "alias-shift",
        "api-route",
        "bucket-encrypted",
        "bucket-lifecycle",
        "bucket-not-public",
        "bucket-tls",
        "bucket-versioned",
        "budget",
        "composite-alarm",
        "config-in-parameter-store",
        "container-insights",
        "cost-anomaly",
        "dashboard",
        "database-tls",
        "dead-letter-alarm",
        "deployment-failure-notice",
        "endpoint-guardrails",
        "endpoint-rollback-alarms",
        "endpoint-secrets",
        "flow-logs",
        "function-failed-events",
        "function-memory-alarms",
        "image-repository",
        "image-scan",
        "image-signed",
        "listener-rule",
        "paging-subscription",
        "pipeline-failure-notice",
        "probe-alarm",
        "probe-missing",
        "provisioned-scales",
        "queue-redrive",
        "registry-approval",
        "runner-log-retention",
        "sampling-rule",
        "scaling",
        "secret-in-secrets-manager",
        "secret-rotation",
        "store-alarms",
        "subscription-allowed",
        "target-health-check",
        "trail-records-secrets",
        "vpc-endpoints",
        "vpc-link",
        "web-cloud-map",
    }
)
"""Rules that ask for the resource itself."""
UNDECIDED: Final = frozenset(
    {
        "approval-before-prod",
        "database-rotation",
        "delivery-pipeline",
        "scan-gate",
        "security-hub-gate",
        "web-image-released",
    }
)
"""Another stack, or a later release, may have it."""
NOT_APPLICABLE: Final = frozenset(
    {
        "api-integration-encrypted",
        "codedeploy-rollback-alarm",
        "function-image",
        "function-queue",
        "function-stream",
        "function-url-alias",
        "model-isolated",
        "pipeline-rolls-out",
        "rotation-administrator",
        "schedule-dead-letters",
        "snap-start-published",
        "socket-connect",
    }
)
"""Rules about a resource that nobody has to have, which say that there is none."""
UNASKED: Final = frozenset(
    {
        "firewall-attached",
        "firewall-logs",
        "firewall-rules",
        "listener-pattern-unique",
        "listener-priority-unique",
        "table-recovery",
    }
)
"""Rules that are asked only of services that have the resource."""
WORKLOADS: Final = (
    kinds.ECS_SERVICE,
    kinds.TASK_DEFINITION,
    kinds.FUNCTION,
    kinds.MODEL,
    kinds.APP_RUNNER,
    kinds.EXPRESS_GATEWAY,
)


def touched(case: Case) -> set[str]:
    """The types of what the breakage changes, adds or removes; components are no resources of AWS."""
    return {kind for kind in case.touched.values() if not kind.startswith("onramp:")}


ABOUT_RESOURCES: Final = tuple(case for case in FIRST if case in VERDICT_CASES and touched(case))
"""One breakage of each rule that looks at more than what a component states."""
OF_A_SERVICE: Final = tuple(case for case in FIRST if case.service)


def without(draft: Draft, types: Iterable[str]) -> Draft:
    gone = set(types)
    draft.drop(*[name for name, node in draft.nodes.items() if node.type in gone])
    return draft


def expected(rule: str) -> set[str]:
    """The verdict of a rule when there is nothing that it could look at: nothing is wrong, unless it is stated here."""
    if rule in UNASKED:
        return set()
    named = {"fail": FAIL, "undecided": UNDECIDED, "not-applicable": NOT_APPLICABLE}
    return {verdict for verdict, rules in named.items() if rule in rules} or {"pass"}


def below(draft: Draft, name: str) -> list[str]:
    """The names of everything under a component."""
    children = [child for child, node in draft.nodes.items() if node.parent == name]
    return [*children, *(inner for child in children for inner in below(draft, child))]


@each(ABOUT_RESOURCES)
def test_without_its_resources_the_rule_says_what_is_stated(case: Case) -> None:
    said = verdicts(without(case.good(), touched(case)), case.rule)
    found = {said[name].verdict for name in said if case.service in {None, name}}

    assert found == expected(case.meta.id), f"{case.name}: state in this file what it says when nothing is there"


@pytest.mark.parametrize("kind", WORKLOADS)
def test_a_workload_that_is_missing_is_missed(kind: str) -> None:
    violations = judge(without(with_web("prod"), [kind]).graph(), TODAY).violations

    assert "compute-type-supported" in {each.rule for each in violations}, f"nobody misses {kind}"


@each(OF_A_SERVICE)
def test_without_the_service_nobody_speaks_of_it_and_nothing_else_changes(case: Case) -> None:
    assert case.service is not None
    draft = case.good()
    draft.drop(case.service, *below(draft, case.service))

    judgement = judge(draft.graph(), TODAY)

    assert judgement.violations == (), case.name
    before = case.judged_good().verdicts
    assert judgement.verdicts == {name: before[name] for name in before if name != case.service}, case.name


@each(FIRST)
def test_of_an_empty_graph_only_what_every_stack_has_is_missed(case: Case) -> None:
    judgement = judge(Graph([]), TODAY, [case.rule])

    assert judgement.verdicts == {}, case.name
    found = {(each.rule, each.service, each.urn) for each in judgement.violations}
    assert found <= ({(case.meta.id, None, "")} if isinstance(case.rule, StackRule) else set()), case.name
    assert not any("the rule itself failed" in each.message for each in judgement.violations), case.name

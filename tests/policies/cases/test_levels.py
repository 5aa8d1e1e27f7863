"""A broken environment in every tier: this rule alone, for this service, at the level and severity that it states."""

from typing import Final

import pytest

from policies.judge import judge
from stacks.standards import Tier
from tests.policies.cases.case import CASES, TIERS, TODAY, Case

LAXER: Final = {
    ("image-scan-1", "dev"): "Inspector scans from staging on",
    ("image-scan-2", "dev"): "Inspector scans from staging on",
    ("image-scan-3", "dev"): "Inspector scans from staging on",
    ("image-scan-4", "staging"): "Inspector scans whatever a push does",
    ("image-scan-4", "prod"): "Inspector scans whatever a push does",
    ("image-released-1", "dev"): "the first image comes after the stack",
    ("image-released-1", "staging"): "the first image comes after the stack",
    ("deployment-strategy-1", "dev"): "dev may roll",
    ("alias-shift-3", "dev"): "dev may shift at once",
    ("alias-shift-4", "dev"): "dev may shift at once",
    ("database-rotation-1", "dev"): "a single user will do until prod",
    ("database-rotation-1", "staging"): "a single user will do until prod",
    ("model-released-1", "dev"): "the first version comes after the stack",
    ("model-released-1", "staging"): "the first version comes after the stack",
    ("endpoint-guardrails-1", "dev"): "steps are asked in prod",
    ("endpoint-guardrails-1", "staging"): "steps are asked in prod",
    ("endpoint-guardrails-2", "dev"): "nobody watches in dev",
    ("runner-log-retention-3", "dev"): "30 days are right outside of prod",
    ("runner-log-retention-3", "staging"): "30 days are right outside of prod",
}
"""Where the rule itself asks less of a tier, and why."""

IN_TIERS: Final = tuple((case, tier) for case in CASES for tier in TIERS)


@pytest.mark.parametrize(
    ("case", "tier"), [pytest.param(case, tier, id=f"{case.name}-{tier}") for case, tier in IN_TIERS]
)
def test_a_breakage_counts_as_the_tier_says(case: Case, tier: Tier) -> None:
    graph = case.bad(tier).graph()
    judgement = judge(graph, TODAY)
    # A service may state another tier than its stack, and then it is judged by its own.
    service = graph.service(case.service) if case.service else None
    level = case.meta.levels.of(service.tier if service else tier)

    if level == "disabled" or (case.name, tier) in LAXER:
        assert judgement.violations == (), f"{case.name} is not asked in {tier}"
        return
    assert judgement.violations, f"{case.name} breaks nothing in {tier}"
    for violation in judgement.violations:
        assert violation.rule == case.meta.id, case.name
        assert violation.item == case.meta.item, case.name
        assert violation.service == case.service, case.name
        assert violation.level == level, case.name
        assert violation.severity == case.meta.severity, case.name
        assert (violation.fix, violation.url) == (case.meta.fix, case.meta.url), case.name
        assert violation.message, case.name
    assert judgement.ok == (level == "advisory"), case.name

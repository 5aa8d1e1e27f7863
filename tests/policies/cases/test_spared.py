"""The good environment, in every tier: the rule finds nothing, and tells each service what it found out."""

from collections.abc import Iterable
from typing import Final

import pytest

from policies.rule import AttestedRule, ServiceRule
from stacks.standards import Tier
from tests.policies.cases.case import TIERS, VERDICT_CASES, Case, ask, verdicts

NOT_PASS: Final = {
    "snap-start-published": "not-applicable",  # it starts without a snapshot
    "function-image": "not-applicable",  # it is a zip
    "model-isolated": "not-applicable",  # it reads a secret, which takes a network
    "web-image-released": "undecided",  # before the first image, which prod alone forbids
    "express-tracing": "undecided",  # whether the image starts the SDK is not in the graph
}
"""Rules to which the good environment gives no reason to say `pass`."""


def _once() -> Iterable[tuple[Case, Tier]]:
    """A rule with an environment and a service once, however many breakages start from there."""
    cases = {(each.meta.id, each.broken.start, each.service): each for each in reversed(VERDICT_CASES)}
    return [(case, tier) for case in cases.values() for tier in TIERS]


SPARED: Final = tuple(_once())


@pytest.mark.parametrize(
    ("case", "tier"), [pytest.param(case, tier, id=f"{case.name}-{tier}") for case, tier in SPARED]
)
def test_a_good_environment_is_spared(case: Case, tier: Tier) -> None:
    draft = case.good(tier)

    assert ask(draft, case.rule).violations == (), case.name
    said = verdicts(draft, case.rule)
    found = {said[name].verdict for name in said if case.service in {None, name}}
    assert found <= {_expected(case, tier)}, case.name
    assert all(verdict.because for verdict in said.values()), case.name
    assert found or not isinstance(case.rule, ServiceRule | AttestedRule), f"{case.name} says nothing of {case.service}"


def _expected(case: Case, tier: Tier) -> str:
    if case.meta.levels.of(tier) == "disabled":
        return "not-applicable"
    if isinstance(case.rule, AttestedRule):
        return "attested"
    return NOT_PASS.get(case.meta.id, "pass")

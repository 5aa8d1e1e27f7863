"""A rule that fails itself is a finding of that rule, at its level, and of no other rule."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final, NoReturn

import pytest

from policies.judge import judge
from policies.rule import AttestedRule, Rule, ServiceRule, StackRule, WaiverRule
from tests.policies.breaks_waivers import waiver
from tests.policies.cases.case import FIRST, TODAY, Case

RAISING: Final = tuple(case for case in FIRST if not isinstance(case.rule, AttestedRule))
"""Statements of people have no function of their own."""


def _raises(*_asked: object) -> Iterator[NoReturn]:
    yield from ()
    raise KeyError("hunter2")


def broken(rule: Rule) -> Rule:
    """The rule, with a function that raises."""
    assert isinstance(rule, ServiceRule | StackRule | WaiverRule)
    return replace(rule, check=_raises)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.meta.id) for case in RAISING])
def test_an_exception_is_a_finding_of_the_rule(case: Case) -> None:
    draft = case.good()
    if isinstance(case.rule, WaiverRule):
        assert case.service is not None
        draft.nodes[case.service].inputs["waive"] = [waiver("dashboard")]

    judgement = judge(draft.graph(), TODAY, [broken(case.rule)])

    level = case.meta.levels.of(case.broken.tier)
    assert judgement.violations, case.name
    for violation in judgement.violations:
        assert (violation.rule, violation.item) == (case.meta.id, case.meta.item), case.name
        assert (violation.level, violation.severity) == (level, case.meta.severity), case.name
        assert violation.message.startswith("the rule itself failed: KeyError at test_raising.py:"), case.name
        assert "hunter2" not in violation.render(), case.name

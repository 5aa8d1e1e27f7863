"""What was changed is of another kind than AWS has it, as in a graph of foreign programs: no rule fails itself."""

from typing import Final

import pytest

from policies.judge import judge
from tests.policies.cases.case import FIRST, TODAY, Case
from tests.policies.draft import Json

WRONG: Final[dict[str, Json]] = {"a text": "x", "a number": -7, "a list": [None, [1]], "an object": {"a": None}}
CHANGING: Final = tuple(case for case in FIRST if case.changes)


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("case", [pytest.param(case, id=case.meta.id) for case in CHANGING])
def test_no_rule_fails_itself_over_a_wrong_kind_of_value(case: Case, kind: str) -> None:
    draft = case.good()
    for name, path in case.changes:
        key = path.partition(".")[0]
        draft.replace(name, key, WRONG[kind])

    failing = {each.rule for each in judge(draft.graph(), TODAY).violations if "the rule itself" in each.message}

    assert failing == set(), f"{case.name} with {kind} for {case.changes}"

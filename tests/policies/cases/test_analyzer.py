"""Through the SDK's real analyzer, with real protobufs: word for word what the judge says by itself."""

from typing import Final

import pytest
from pulumi.runtime import proto

from policies.judge import judge
from policies.rule import Level
from tests.policies.cases.batches import Batch, batches
from tests.policies.cases.case import CASES, TODAY
from tests.policies.cases.conftest import Analyse

LEVELS: Final[dict[Level, object]] = {"mandatory": proto.MANDATORY, "advisory": proto.ADVISORY}
BATCHES: Final = batches(CASES)


@pytest.mark.parametrize("batch", [pytest.param(batch, id=batch.name) for batch in BATCHES])
def test_the_analyzer_says_what_the_judge_says(batch: Batch, analyse: Analyse) -> None:
    draft = batch.bad()
    expected = judge(draft.graph(), TODAY)

    judgement, diagnostics = analyse(draft)

    broken = {each.rule for each in judgement.violations}
    for case in batch.cases:
        assert case.meta.id in broken, f"the analyzer does not see {case.name}"
    assert judgement == expected, f"{batch.name}: the analyzer judges otherwise"
    # The SDK puts the description of the policy into a line of its own before the message.
    told = [(each.message.partition("\n")[2], each.urn, each.enforcementLevel) for each in diagnostics]
    wanted = [(each.render(), each.urn, LEVELS[each.level]) for each in expected.violations]
    assert sorted(told) == sorted(wanted), f"{batch.name}: the analyzer tells otherwise"

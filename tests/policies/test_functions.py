"""What rules say of functions that have no layers, no network of their own, or no code yet."""

from datetime import date

import pytest

from policies import kinds
from policies.judge import judge
from policies.verdicts import Judgement
from stacks.standards import Tier
from tests.policies.breaks import FUNCTION
from tests.policies.breaks_functions import DIGEST, from_image
from tests.policies.draft import Draft
from tests.policies.golden import LAMBDA, UNKNOWN, good


def judged(draft: Draft) -> Judgement:
    return judge(draft.graph(), date(2026, 7, 1))


def test_nobody_can_see_what_an_image_brings() -> None:
    draft = good()
    from_image(DIGEST)(draft)
    draft.unset(FUNCTION, "layers")

    judgement = judged(draft)

    assert judgement.violations == ()
    verdicts = judgement.verdicts[LAMBDA]
    assert (verdicts["OBS-1"].verdict, verdicts["SECR-2"].verdict) == ("undecided", "undecided")
    assert "whether it has the extension" in verdicts["SECR-2"].because


@pytest.mark.parametrize(("tier", "rules"), [("prod", ["function-image"]), ("staging", []), ("dev", [])])
def test_a_function_without_an_image_is_refused_in_prod_and_waited_for_elsewhere(tier: Tier, rules: list[str]) -> None:
    draft = good(tier)
    from_image(DIGEST)(draft)
    draft.drop(FUNCTION, f"{LAMBDA}-alias", f"{LAMBDA}-failures")
    draft.set(LAMBDA, "unreleased", value=True)
    draft.unset(LAMBDA, "hooks")

    judgement = judged(draft)

    assert [violation.rule for violation in judgement.violations] == rules
    assert judgement.verdicts[LAMBDA]["CICD-4"].verdict == "undecided"
    assert judgement.verdicts[LAMBDA]["PRE-1"].verdict == "undecided"


def test_a_function_on_shared_instances_has_the_network_and_the_bound_of_its_provider() -> None:
    draft = good()
    draft.unset(FUNCTION, "vpcConfig")
    draft.unset(FUNCTION, "reservedConcurrentExecutions")
    draft.add("pool", kinds.CAPACITY_PROVIDER, "base", tags=draft.nodes[FUNCTION].inputs["tags"])
    provider = {"lambdaManagedInstancesCapacityProviderConfig": {"capacityProviderArn": UNKNOWN}}
    draft.set(FUNCTION, "capacityProviderConfig", provider)
    draft.nodes[FUNCTION].refers["capacityProviderConfig"] = ["pool"]

    assert judged(draft).violations == ()


def test_snap_start_is_right_where_nothing_is_kept_warm() -> None:
    draft = good()
    draft.drop(f"{LAMBDA}-warm", f"{LAMBDA}-scaling")
    draft.set(FUNCTION, "snapStart", {"applyOn": "PublishedVersions"})

    assert judged(draft).violations == ()


def test_a_policy_that_is_not_known_yet_may_let_the_hook_answer() -> None:
    draft = good()
    draft.nodes[f"{LAMBDA}-hooks"].inputs["policy"] = UNKNOWN

    assert judged(draft).violations == ()

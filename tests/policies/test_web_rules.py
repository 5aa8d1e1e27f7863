"""What rules say of App Runner and Express services where neither yes nor no would be honest."""

from datetime import date

import pytest

from policies.judge import judge
from policies.verdicts import Judgement
from stacks.standards import Tier
from tests.policies.draft import Draft
from tests.policies.golden import UNKNOWN
from tests.policies.golden_web import EXPRESS, RUNNER, automatic, unreleased, with_web

_TIERS: tuple[Tier, ...] = ("dev", "staging", "prod")


def judged(draft: Draft) -> Judgement:
    return judge(draft.graph(), date(2026, 7, 1))


@pytest.mark.parametrize("tier", _TIERS)
def test_a_good_environment_with_both_has_no_violation(tier: Tier) -> None:
    assert judged(with_web(tier)).violations == ()


@pytest.mark.parametrize("tier", _TIERS)
def test_the_one_tag_that_app_runner_follows_may_move(tier: Tier) -> None:
    assert judged(automatic(tier)).violations == ()


@pytest.mark.parametrize("tier", ["dev", "staging"])
def test_before_the_first_image_nothing_stands_in_the_way_of_making_the_repository(tier: Tier) -> None:
    judgement = judged(unreleased(tier))
    assert judgement.violations == ()
    for service in (RUNNER, EXPRESS):
        for item in ("PRE-1", "CICD-2", "CICD-4", "HLTH-4", "NET-2"):
            assert judgement.verdicts[service][item].verdict == "undecided"
    assert judgement.verdicts[RUNNER]["ALRT-1"].verdict == "undecided"
    assert judgement.verdicts[EXPRESS]["ALRT-1"].verdict == "pass"


def test_no_graph_can_tell_whether_an_image_sends_traces() -> None:
    verdict = judged(with_web("prod")).verdicts[EXPRESS]["OBS-1"]
    assert verdict.verdict == "undecided"
    assert "SDK" in verdict.because


def test_a_collector_that_app_runner_runs_counts_as_one() -> None:
    assert judged(with_web("prod")).verdicts[RUNNER]["OBS-1"].verdict == "pass"


def test_when_logs_end_is_not_known_before_app_runner_has_made_up_an_id() -> None:
    draft = with_web("prod")
    draft.set(f"{RUNNER}-ends-service", "target.input", UNKNOWN)
    judgement = judged(draft)
    assert judgement.violations == ()
    assert judgement.verdicts[RUNNER]["OBS-3"].verdict == "undecided"


def test_a_public_express_service_is_advised_and_not_stopped() -> None:
    draft = with_web("prod")
    draft.nodes[f"{EXPRESS}-service"].refers["networkConfigurations"] = ["public-1", f"{EXPRESS}-group"]
    judgement = judged(draft)
    assert [(each.rule, each.level) for each in judgement.violations] == [("web-private-subnet", "advisory")]
    assert judgement.ok
    assert judgement.verdicts[EXPRESS]["PRE-2"].verdict == "fail"


def test_express_is_asked_what_app_runner_is_asked_and_about_its_cluster() -> None:
    verdicts = judged(with_web("prod")).verdicts
    not_asked = {
        service: {item for item, verdict in verdicts[service].items() if verdict.because.startswith("asked of")}
        for service in (RUNNER, EXPRESS)
    }
    assert not_asked[RUNNER] - not_asked[EXPRESS] == {"OBS-6"}
    assert not_asked[EXPRESS] <= not_asked[RUNNER]

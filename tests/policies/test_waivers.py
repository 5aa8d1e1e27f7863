"""What a waiver does to a violation, and what it does not."""

import random
from datetime import date

import pytest

from policies.checklist import CHECKLIST
from policies.graph import Graph
from policies.judge import judge
from policies.rules.waivers import WAIVER_DAYS
from policies.verdicts import Judgement
from tests.policies.breaks_waivers import FOUNDATION, waiver
from tests.policies.draft import Draft, Json
from tests.policies.golden import FARGATE, LAMBDA, UNKNOWN, good

TODAY = date(2026, 7, 1)
SERVICE = f"{FARGATE}-service"
PUBLIC_IP = "networkConfiguration.assignPublicIp"
YES = True


def judged(draft: Draft, today: date = TODAY) -> Judgement:
    return judge(draft.graph(), today)


def rules(judgement: Judgement) -> list[str]:
    return [violation.rule for violation in judgement.violations]


def exposed(*waivers: dict[str, Json]) -> Draft:
    """A service with one critical violation, and these waivers."""
    draft = good()
    draft.set(SERVICE, PUBLIC_IP, YES)
    draft.set(FARGATE, "waive", list(waivers))
    return draft


def test_a_waived_violation_is_none_and_its_item_says_who_waived_it_why_and_until_when() -> None:
    judgement = judged(exposed(waiver("no-public-ip")))

    assert judgement.violations == ()
    assert judgement.ok
    verdict = judgement.verdicts[FARGATE]["PRE-2"]
    assert verdict.verdict == "waived"
    assert verdict.because == (
        "news-api-service assigns a public IP address to its tasks: the vendor mends it in the next release "
        "(waived until 2026-07-31, approved by security, NEWS-7)"
    )
    (waived,) = judgement.waived
    assert (waived.violation.rule, waived.violation.severity) == ("no-public-ip", "critical")
    assert waived.because == verdict.because


def test_nothing_else_changes_by_a_waiver() -> None:
    before, after = judged(good()), judged(exposed(waiver("no-public-ip")))

    changed = {
        (service, item)
        for service, verdicts in after.verdicts.items()
        for item in CHECKLIST
        if verdicts[item] != before.verdicts[service][item]
    }
    assert changed == {(FARGATE, "PRE-2")}


@pytest.mark.parametrize(
    ("refused", "rule"),
    [
        ({"expires": "2026-06-30"}, "waiver-expired"),
        ({"approver": "news"}, "waiver-self-approved"),
        ({"expires": "2026-08-01"}, "waiver-too-long"),
    ],
)
def test_a_waiver_that_is_refused_waives_nothing(refused: dict[str, str], rule: str) -> None:
    judgement = judged(exposed(waiver("no-public-ip", **refused)))

    assert rules(judgement) == ["no-public-ip", rule]
    assert judgement.verdicts[FARGATE]["PRE-2"].verdict == "fail"
    assert judgement.waived == ()
    assert not judgement.ok


def test_a_waiver_counts_to_the_end_of_its_last_day() -> None:
    draft = exposed(waiver("no-public-ip", expires="2026-07-31"))

    assert rules(judged(draft, date(2026, 7, 31))) == []
    assert rules(judged(draft, date(2026, 8, 1))) == ["no-public-ip", "waiver-expired"]


def test_the_worse_a_rule_the_shorter_its_waivers() -> None:
    assert sorted(WAIVER_DAYS, key=lambda severity: WAIVER_DAYS[severity]) == ["critical", "high", "medium", "low"]


def test_everything_that_is_wrong_with_a_waiver_is_said() -> None:
    judgement = judged(exposed(waiver("no-public-ip", approver="news", expires="2027-01-01")))

    assert rules(judgement) == ["no-public-ip", "waiver-self-approved", "waiver-too-long"]


@pytest.mark.parametrize(("component", "expected"), [(SERVICE, []), (FARGATE, ["no-public-ip", "waiver-unused"])])
def test_a_waiver_of_one_component_says_nothing_of_others(component: str, expected: list[str]) -> None:
    assert rules(judged(exposed(waiver("no-public-ip", component=component)))) == expected


def test_a_waiver_of_a_component_spares_only_that_one_of_several() -> None:
    draft = good()
    for name in ("first", "second"):
        draft.add(name, "aws:sqs/queue:Queue", FARGATE, name=name)
    broken = judged(draft).violations
    rule = broken[0].rule
    assert [each.urn.rpartition("::")[2] for each in broken if each.rule == rule] == ["first", "second"]
    draft.set(FARGATE, "waive", [waiver(rule, component="first")])

    left = [each for each in judged(draft).violations if each.rule == rule]

    assert [each.urn.rpartition("::")[2] for each in left] == ["second"]


def test_a_waiver_says_nothing_of_other_services() -> None:
    draft = exposed()
    draft.set(LAMBDA, "waive", [waiver("no-public-ip")])
    draft.set(FOUNDATION, "waive", [waiver("no-public-ip")])

    judgement = judged(draft)

    assert [(each.rule, each.service) for each in judgement.violations] == [
        ("waiver-unused", None),
        ("no-public-ip", FARGATE),
        ("waiver-unused", LAMBDA),
    ]


def test_what_all_share_is_waived_by_the_environment_for_every_service() -> None:
    draft = good()
    draft.drop("analyzer")
    draft.set(FOUNDATION, "waive", [waiver("access-analyzer")])

    judgement = judged(draft)

    assert judgement.violations == ()
    assert {verdicts["COMP-4"].verdict for verdicts in judgement.verdicts.values()} == {"waived"}


def test_a_service_does_not_waive_what_all_share() -> None:
    draft = good()
    draft.drop("analyzer")
    draft.set(FARGATE, "waive", [waiver("access-analyzer")])

    assert rules(judged(draft)) == ["access-analyzer", "waiver-unused"]


def test_the_rules_about_waivers_cannot_be_waived() -> None:
    draft = exposed(waiver("no-public-ip", expires="2026-06-30"), waiver("waiver-expired"))

    assert rules(judged(draft)) == ["no-public-ip", "waiver-expired", "waiver-unused"]


def test_one_failure_beside_a_waived_one_fails_the_item() -> None:
    draft = exposed(waiver("no-public-ip"))
    draft.nodes[SERVICE].refers["networkConfiguration"] = [f"{FARGATE}-group", "public-1"]

    judgement = judged(draft)

    assert rules(judgement) == ["no-public-subnet"]
    assert judgement.verdicts[FARGATE]["PRE-2"].verdict == "fail"


def test_a_waiver_of_what_is_undecided_is_not_unused() -> None:
    draft = exposed(waiver("no-public-ip"))
    draft.set(SERVICE, PUBLIC_IP, UNKNOWN)

    judgement = judged(draft)

    assert judgement.violations == ()
    assert judgement.verdicts[FARGATE]["PRE-2"].verdict == "undecided"


def test_a_waiver_of_a_rule_that_does_not_exist_says_so() -> None:
    draft = good()
    draft.set(FARGATE, "waive", [waiver("dashbord")])

    (violation,) = judged(draft).violations

    assert violation.message == "the waiver of dashbord: there is no such rule"
    assert (violation.urn, violation.path) == (draft.urn(FARGATE), "waive.0")


def test_an_unused_waiver_is_advice_in_dev() -> None:
    draft = good("dev")
    draft.set(FARGATE, "waive", [waiver("dashboard")])

    judgement = judged(draft)

    assert [each.level for each in judgement.violations] == ["advisory"]
    assert judgement.ok


def test_a_statement_that_is_too_old_can_be_waived() -> None:
    draft = good()
    draft.set(FARGATE, "attest.OBS-4.on", "2020-01-01")
    (violation,) = judged(draft).violations
    draft.set(FARGATE, "waive", [waiver(violation.rule)])

    assert judged(draft).verdicts[FARGATE]["OBS-4"].verdict == "waived"


def test_the_order_of_resources_changes_nothing() -> None:
    draft = exposed(waiver("dashboard"), waiver("no-public-ip"), waiver("no-public-ip", component=SERVICE))
    draft.drop("analyzer", f"{LAMBDA}-dashboard", f"{FARGATE}-dashboard")
    draft.set(LAMBDA, "waive", [waiver("dashboard"), waiver("no-such-rule")])
    draft.set(FOUNDATION, "waive", [waiver("access-analyzer")])
    resources = draft.resources()
    expected = judge(Graph(resources), TODAY)

    assert len(expected.waived) == 4
    assert rules(expected) == ["waiver-unused"]
    for seed in range(5):
        shuffled = random.Random(seed).sample(resources, len(resources))  # noqa: S311 - an order, not a secret
        assert judge(Graph(shuffled), TODAY) == expected

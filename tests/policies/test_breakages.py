"""Each rule is broken by one change of a good environment, and no other rule speaks up."""

from collections.abc import Iterator
from datetime import date

import pytest

from policies.catalog import RULES
from policies.checklist import CHECKLIST
from policies.judge import judge
from policies.verdicts import Judgement
from stacks.standards import ECR_KEEP_IMAGES, Tier
from tests.policies.breaks import BREAKS, MAIN, OFF, TASK, Break
from tests.policies.breaks_api import BREAKS_API
from tests.policies.breaks_base import BREAKS_BASE
from tests.policies.breaks_endpoint import BREAKS_ENDPOINT
from tests.policies.breaks_fargate import BREAKS_FARGATE
from tests.policies.breaks_functions import BREAKS_FUNCTIONS
from tests.policies.breaks_pipelines import BREAKS_PIPELINES
from tests.policies.breaks_rollouts import BREAKS_ROLLOUTS
from tests.policies.breaks_stepped import BREAKS_STEPPED
from tests.policies.breaks_stores import BREAKS_STORES
from tests.policies.breaks_waivers import BREAKS_WAIVERS
from tests.policies.breaks_watch import BREAKS_WATCH
from tests.policies.breaks_web import BREAKS_WEB
from tests.policies.draft import Draft, Text
from tests.policies.golden import FARGATE, LAMBDA, PAGING, STACK, good
from tests.policies.golden_endpoint import NAME as MODEL

TODAY = date(2026, 7, 1)
ALL_BREAKS = (
    *BREAKS,
    *BREAKS_BASE,
    *BREAKS_API,
    *BREAKS_FUNCTIONS,
    *BREAKS_ENDPOINT,
    *BREAKS_PIPELINES,
    *BREAKS_STORES,
    *BREAKS_WATCH,
    *BREAKS_FARGATE,
    *BREAKS_STEPPED,
    *BREAKS_WEB,
    *BREAKS_WAIVERS,
    *BREAKS_ROLLOUTS,
)


def judged(draft: Draft) -> Judgement:
    return judge(draft.graph(), TODAY)


def changed(before: Judgement, after: Judgement) -> Iterator[tuple[str, str, str]]:
    for service, verdicts in after.verdicts.items():
        for item, verdict in verdicts.items():
            if verdict.verdict != before.verdicts[service][item].verdict:
                yield service, item, verdict.verdict


def asked(item: str | None) -> set[str]:
    """The services that an item is asked of."""
    applies = CHECKLIST[item].applies if item else ()
    computes = {FARGATE: "fargate", LAMBDA: "lambda", MODEL: "sagemaker"}
    return {name for name, compute in computes.items() if compute in applies}


@pytest.mark.parametrize("broken", ALL_BREAKS, ids=[f"{case.rule}-{place}" for place, case in enumerate(ALL_BREAKS)])
def test_one_change_breaks_exactly_one_rule(broken: Break) -> None:
    draft = broken.start(broken.tier)
    broken.change(draft)

    after = judged(draft)

    assert {violation.rule for violation in after.violations} == {broken.rule}
    assert {violation.service for violation in after.violations} == {broken.service}
    item = after.violations[0].item
    concerned = {broken.service} if broken.service else asked(item)
    before = judged(broken.start(broken.tier))
    expected = {(service, item, "fail") for service in concerned if item}
    # What is broken may leave other items with nothing to judge.
    assert {change for change in changed(before, after) if change[2] not in {"not-applicable", "undecided"}} == expected


def test_every_rule_is_broken_by_some_change() -> None:
    assert {rule.meta.id for rule in RULES} == {case.rule for case in ALL_BREAKS}


@pytest.mark.parametrize("tier", ["dev", "staging", "prod"])
def test_a_good_environment_has_no_violation(tier: Tier) -> None:
    assert judged(good(tier)).violations == ()


def test_the_stack_resource_is_named_for_what_belongs_to_no_resource() -> None:
    draft = good()
    draft.drop("analyzer")

    (violation,) = judged(draft).violations

    assert violation.urn == draft.urn(STACK)
    assert violation.level == "mandatory"


def test_a_moving_tag_is_advice_in_dev() -> None:
    draft = good("dev")
    draft.set(TASK, f"{MAIN}.image", "host/news-api/dev:latest")

    judgement = judged(draft)

    assert [violation.level for violation in judgement.violations] == ["advisory"]
    assert judgement.ok


def test_deletion_protection_is_not_asked_in_dev() -> None:
    draft = good("dev")
    draft.set("balancer", "enableDeletionProtection", OFF)

    assert judged(draft).violations == ()


def test_no_secret_value_is_ever_shown() -> None:
    draft = good()
    draft.set(TASK, f"{MAIN}.environment", [{"name": "PASSWORD", "value": "hunter2-hunter2"}])

    judgement = judged(draft)

    assert judgement.violations
    assert "hunter2" not in repr(judgement)


def test_a_condition_or_a_named_principal_is_not_public() -> None:
    draft = good()
    limited = {"Effect": "Allow", "Principal": "*", "Condition": {"ArnEquals": {"aws:SourceArn": PAGING}}}
    named = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}}
    denied = {"Effect": "Deny", "Principal": "*"}
    draft.add(
        "policy", "aws:sqs/queuePolicy:QueuePolicy", FARGATE, policy=Text({"Statement": [limited, named, denied]})
    )

    assert judged(draft).violations == ()


def test_the_number_of_images_differs_by_tier() -> None:
    draft = good("staging")
    draft.set(f"{FARGATE}-keep", "policy.rules.0.selection.countNumber", ECR_KEEP_IMAGES["prod"])

    assert [violation.rule for violation in judged(draft).violations] == ["image-keep-count"]

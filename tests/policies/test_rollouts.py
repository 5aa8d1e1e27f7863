"""Rollouts that are open, and updates that leave them alone; versions that were taken back, and that stay out."""

from collections.abc import Callable
from typing import Final

import pytest

from policies.judge import judge
from policies.verdicts import Violation
from stacks.standards import Tier
from tests.policies.breaks_rollouts import (
    CANDIDATE,
    LIVE,
    ROLLOUT,
    TAKEN,
    another_image,
    building,
    comes_back,
    left_alone,
    mended,
    mended_model,
    mended_web,
    rolling,
)
from tests.policies.draft import Draft
from tests.policies.golden import FARGATE, UNKNOWN
from tests.policies.golden_web import RUNNER
from tests.policies.test_breakages import TODAY

RULE: Final = "open-rollout-undisturbed"
OUT: Final = "taken-back-version-stays-out"


def found(draft: Draft) -> Violation:
    (violation,) = judge(draft.graph(), TODAY).violations
    return violation


@pytest.mark.parametrize("start", [rolling, building])
def test_the_version_that_is_rolled_out_may_be_built_again_and_again(start: Callable[[Tier], Draft]) -> None:
    assert judge(start("prod").graph(), TODAY).violations == ()


def test_alarms_and_gates_may_change_at_any_time() -> None:
    draft = rolling("prod")
    draft.set(ROLLOUT, "now.alarms", ["another"])
    draft.set(ROLLOUT, "now.gates", {"detect": 3})
    draft.set(ROLLOUT, "now.topic", "arn:topic")

    assert judge(draft.graph(), TODAY).violations == ()


def test_what_is_empty_is_the_same_as_what_is_not_there() -> None:
    draft = rolling("prod")
    draft.set(ROLLOUT, "was.container", "")
    draft.set(ROLLOUT, "was.hooks", {})
    draft.set(ROLLOUT, "was.port", 0)
    draft.set(ROLLOUT, "now.repository", "")

    assert judge(draft.graph(), TODAY).violations == ()


def test_the_message_names_the_rollout_what_is_wrong_and_the_ways_out() -> None:
    draft = rolling("prod")
    another_image(draft)

    assert found(draft).message == (
        "r-1 of news-api is open since 2026-07-01 08:00 UTC (ann, 25 % of the traffic on the candidate), and its image "
        "would be sha256:03 instead of sha256:02; onramp rollout resume prod news-api goes on with it, "
        "onramp rollout abort prod news-api goes back"
    )


def test_a_service_that_is_gone_counts_for_the_stack() -> None:
    draft = rolling("prod")
    left_alone(draft)

    violation = found(draft)

    assert violation.service is None
    assert "the stack has no news-api any more" in violation.message


def test_the_same_image_with_other_settings_is_another_version() -> None:
    draft = rolling("prod")
    draft.set(ROLLOUT, "now.revision", "arn:another:9")

    violation = found(draft)

    assert violation.path == "now.revision"
    assert f"builds another version than {CANDIDATE}" in violation.message


def test_what_has_to_be_made_anew_is_called_so() -> None:
    draft = rolling("prod")
    draft.set(ROLLOUT, "now.groups.green", "04da6b54-80e4-46f7-96ec-b56ff0331ba9")

    assert "makes its groups anew" in found(draft).message


@pytest.mark.parametrize("tier", ["dev", "staging", "prod"])
def test_it_is_forbidden_in_every_tier(tier: Tier) -> None:
    draft = rolling(tier)
    another_image(draft)

    assert (found(draft).rule, found(draft).level) == (RULE, "mandatory")


@pytest.mark.parametrize("start", [mended, mended_model, mended_web])
def test_a_version_that_was_mended_or_is_the_former_one_is_built_by_any_update(start: Callable[[Tier], Draft]) -> None:
    assert judge(start("prod").graph(), TODAY).violations == ()


def test_settings_alone_that_are_made_anew_are_not_known_to_be_those_that_were_taken_back() -> None:
    draft = mended("prod")
    draft.set(TAKEN, "release", "")
    draft.set(TAKEN, "revision", UNKNOWN)

    assert judge(draft.graph(), TODAY).violations == ()


def test_the_message_says_who_took_it_back_when_why_and_both_ways_on() -> None:
    draft = mended("prod")
    comes_back(FARGATE)(draft)

    assert found(draft).message == (
        f"r-1 of news-api (ann) took {CANDIDATE} back at 2026-06-30 08:00 UTC "
        "(5xx: worse: of the new version 12 of 596 (2.01 %) failed), and this update would deploy it again; "
        f"put the former version back (onramp:images.news-api: the one of {LIVE}), "
        "or roll this one out on purpose, watched: onramp rollout start prod news-api"
    )


def test_the_line_to_write_is_there_where_it_is_known() -> None:
    draft = mended_web("prod")
    comes_back(RUNNER)(draft)

    assert f"put the former version back (onramp:images.{RUNNER}: sha256:01)" in found(draft).message


def test_the_same_release_with_other_settings_is_called_so() -> None:
    draft = mended("prod")
    draft.set(TAKEN, "revision", UNKNOWN)

    assert "this update would deploy sha256:02 again, with other settings" in found(draft).message


@pytest.mark.parametrize("tier", ["dev", "staging", "prod"])
def test_it_stays_out_in_every_tier(tier: Tier) -> None:
    draft = mended(tier)
    comes_back(FARGATE)(draft)

    assert (found(draft).rule, found(draft).level) == (OUT, "mandatory")

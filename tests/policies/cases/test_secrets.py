"""What was changed is a secret: the same verdict as in plain, and its value in no text."""

from collections.abc import Mapping
from typing import Final

import pytest

from policies.judge import judge
from tests.policies.cases.batches import Batch, batches
from tests.policies.cases.case import CASES, TODAY, Case, each
from tests.policies.cases.conftest import Analyse
from tests.policies.draft import Draft, Json

VALUE: Final = "hunter2-hunter2"
QUOTES: Final[Mapping[str, str]] = {
    "compute-type-supported": "the compute type",
    "target-health-check": "the path that is asked",
    "alarm-looser": "a comparison",
    "alarm-watches": "the name of what is watched",
    "rollback-alarm": "the name of an alarm",
    "shift-rollback-alarm": "the name of an alarm",
    "codedeploy-rollback-alarm": "the name of an alarm",
    "endpoint-rollback-alarms": "the name of an alarm",
    "function-hooks": "the name of a function",
    "secret-in-secrets-manager": "the name of a secret, which is not its value",
    "endpoint-secrets": "the name of a secret, which is not its value",
    "web-health-check": "the path that is asked",
    "open-rollout-undisturbed": "what a rollout moves and how: names, weights and times",
    "taken-back-version-stays-out": "the names of versions",
    "business-metrics": "the evidence, for people to look it up",
}
"""What a rule quotes, because it has to be found and cannot be a credential."""

SETTING: Final = tuple(case for case in CASES if any(case.bad().get(*place) is not None for place in case.changes))
"""Breakages that set a value, instead of removing one."""
BATCHES: Final = batches(SETTING)


def with_secrets(batch: Batch) -> Draft:
    """The broken environment, with everything that was set as a secret, in the way an engine hands secrets over."""
    draft = batch.bad()
    for name, path in (place for case in batch.cases for place in case.changes):
        if (value := draft.get(name, path)) is not None:
            draft.replace(name, path, secret(value))
    return draft


def secret(value: Json) -> Json:
    return {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": value}


@pytest.mark.parametrize("batch", [pytest.param(batch, id=batch.name) for batch in BATCHES])
def test_a_secret_is_judged_as_what_it_is(batch: Batch, analyse: Analyse) -> None:
    plain = judge(batch.bad().graph(), TODAY)

    judgement, _ = analyse(with_secrets(batch))

    for case in batch.cases:
        told, wanted = ([each for each in one.violations if each.rule == case.meta.id] for one in (judgement, plain))
        assert told == wanted, f"{case.name} is judged otherwise when it is a secret"
    assert judgement == plain, f"{batch.name} is judged otherwise when it is a secret"


@each(SETTING)
def test_the_value_is_in_no_text(case: Case) -> None:
    draft = case.bad()
    for name, path in case.changes:
        draft.replace(name, path, VALUE)

    judgement = judge(draft.graph(), TODAY)

    telling = {each.rule for each in judgement.violations if VALUE in each.render()}
    if VALUE in repr(judgement) and not telling:
        telling = {case.meta.id}  # a verdict that is no violation
    assert telling <= set(QUOTES), f"{case.name}: {telling} tell the value"

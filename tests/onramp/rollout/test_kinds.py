"""The commands from the plan to the history, on other kinds of services than functions behind an alias."""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from tests.onramp.conftest import services
from tests.onramp.rollout.conftest import MakeDesk
from tests.onramp.rollout.stage import Desk
from tests.onramp.rollout.test_taken_back import CONTAINER, MODEL, StagedStack
from tests.rollouts.stage import Stage
from tests.rollouts.stages import balancer_stage
from tests.rollouts.stages_ecs import ecs_stage
from tests.rollouts.stages_sagemaker import guardrails_stage

KINDS: Final[Mapping[str, tuple[Callable[[], Stage], str]]] = {
    "balancer": (balancer_stage, CONTAINER),
    "ecs": (ecs_stage, CONTAINER),
    "guardrails": (guardrails_stage, MODEL),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_commands_tell_one_story_from_the_plan_to_the_history(
    make: MakeDesk, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    make_stage, stanza = KINDS[kind]
    stage = make_stage()
    service, live = stage.target.service, stage.outlook().survey.live
    known = {service: stage.target}
    stack = StagedStack(before=known, after=known, stage=stage)
    desk = Desk(project=make().project, world=stage.world, stack=stack)
    (desk.project / "Pulumi.dev.yaml").write_text(services(f"{service}: {{{stanza}}}\n"), encoding="utf-8")
    monkeypatch.setattr("onramp.rolling.surroundings.surroundings", desk.surroundings)

    plan = desk.document("plan", "dev", service)
    assert (plan["ok"], plan["driver"], plan["live"]) == (True, kind, live)
    assert desk.events(service) == []

    started = desk.run("start", "dev", service, "--for", "4")
    assert started.exit_code == 4, started.output
    assert "NOT FINISHED" in started.stdout

    (opened,) = desk.document("status", "dev", service)["rollouts"]
    assert (opened["phase"], opened["live"], opened["lease"]) == ("stepping", live, None)
    assert opened["weight"] > 0

    aborted = desk.run("abort", "dev", service, "--reason", "customers call")
    assert aborted.exit_code == 0, aborted.output
    assert "ABORTED" in aborted.stdout
    assert stage.tools().drive(desk.record(service)).running() == live

    (past,) = desk.document("history", "dev", service)["rollouts"]
    assert (past["ending"], past["reason"]) == ("aborted", "customers call")
    assert past["candidate"] == stage.target.revision

"""What is asked of Pulumi: its update with the pack on, the outputs before it, and its refresh."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from pulumi import automation as auto

from onramp.exits import BadInputError, EngineError, LockedError
from onramp.rolling.stack import PulumiStack
from onramp.rolling.surroundings import Asked
from rollouts.errors import NotBuilt
from tests.onramp.rollout.conftest import MakeDesk
from tests.onramp.rollout.stage import SERVICE

URN = f"urn:pulumi:dev::onramp::onramp:compute:Function::{SERVICE}"


@dataclass(kw_only=True, slots=True)
class FakeEngine:
    """A selected stack of the Automation API."""

    published: Mapping[str, Any]
    asked: list[Any] = field(default_factory=list[Any])
    error: Exception | None = None

    def outputs(self) -> Mapping[str, Any]:
        return {name: auto.OutputValue(value=value, secret=False) for name, value in self.published.items()}

    def export_stack(self) -> auto.Deployment:
        return auto.Deployment(version=3, deployment={"resources": [{"urn": URN, "type": "onramp:compute:Function"}]})

    def refresh(self, **options: Any) -> None:
        self.asked.append(options["target"])
        if self.error is not None:
            raise self.error


@pytest.fixture
def engine(make: MakeDesk, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    target = make().stack.before[SERVICE].model_dump(mode="json", by_alias=True)
    found = FakeEngine(published={"rollouts": {SERVICE: target}})
    opened = SimpleNamespace(stack=found, provider="aws")
    monkeypatch.setattr("onramp.rolling.stack.open_workspace", mock.Mock(return_value=opened))
    return found


@pytest.fixture
def stack(engine: FakeEngine, tmp_path: Path) -> PulumiStack:
    del engine
    return PulumiStack(Asked(project=tmp_path / "project", stack="dev", provider=None), lambda _: None)


def deployed(
    monkeypatch: pytest.MonkeyPatch, *, ok: bool, succeeded: bool, changes: dict[str, int], **outputs: Any
) -> None:
    broken = (
        [] if ok else [SimpleNamespace(level="mandatory", rule="log-retention", service="news-api", message="14 days")]
    )
    report = SimpleNamespace(ok=ok, judgement=SimpleNamespace(violations=broken * 7))
    done = SimpleNamespace(report=report, succeeded=succeeded, changes=changes, outputs=outputs, errors=("it stopped",))
    monkeypatch.setattr("onramp.rolling.stack.deploy", mock.Mock(return_value=done))


def test_what_the_stack_has_told_is_read_from_its_outputs(stack: PulumiStack, engine: FakeEngine) -> None:
    assert [each.service for each in stack.targets().values()] == [SERVICE]
    engine.published = {}
    assert stack.targets() == {}


def test_a_stack_of_stand_ins_cannot_be_rolled_out(engine: FakeEngine, tmp_path: Path) -> None:
    del engine
    asked = Asked(project=tmp_path / "project", stack="dev", provider=None)
    with pytest.raises(BadInputError, match="--provider aws"):
        PulumiStack(asked, lambda _: None, cloud="stand-in").targets()


def test_what_the_rules_refuse_before_anything_was_changed_is_not_built(
    stack: PulumiStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(monkeypatch, ok=False, succeeded=False, changes={})
    with pytest.raises(NotBuilt, match=r"the rules say no: log-retention \(news-api\): 14 days; .*and 2 more"):
        stack.build()


def test_an_update_that_stopped_half_way_is_the_engines_failure(
    stack: PulumiStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(monkeypatch, ok=True, succeeded=False, changes={"create": 2})
    with pytest.raises(EngineError, match="it stopped"):
        stack.build()


def test_an_update_tells_what_it_has_built(
    stack: PulumiStack, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployed(monkeypatch, ok=True, succeeded=True, changes={"update": 1}, rollouts=engine.published["rollouts"])
    assert list(stack.build()) == [SERVICE]


def test_only_what_is_the_services_is_refreshed_and_all_when_nothing_is_known_of_it(
    stack: PulumiStack, engine: FakeEngine
) -> None:
    stack.reconcile(SERVICE)
    stack.reconcile("another")
    assert engine.asked == [[URN], None]


def test_a_stack_that_is_locked_says_so(stack: PulumiStack, engine: FakeEngine) -> None:
    engine.error = auto.ConcurrentUpdateError(auto.CommandResult(stdout="", stderr="locked", code=255))
    with pytest.raises(LockedError, match="--unlock"):
        stack.reconcile(SERVICE)

"""The rollout commands with the rollout world behind them: a project, one function, a ledger in a file."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import boto3
from typer.testing import CliRunner, Result

from onramp.cli import app
from onramp.evaluate import Progress
from onramp.rolling.surroundings import Asked, Surroundings
from rollouts.ledger import Event, Key, Ledger, open_ledger
from rollouts.record import Rollout
from simulator.world.alias_route import AliasRoute
from simulator.world.api import REGION
from simulator.world.traffic import Quality, Script
from simulator.world.world import World
from stacks.targets import AliasTarget, Target
from tests.rollouts.stage import BEFORE_MINUTES
from tests.rollouts.stages import BUSY, GOOD, alias_stage

STACK: Final = "dev"
SERVICE: Final = "thumbnails"
OTHER: Final = "nightly"
REPOSITORY: Final = "dev/thumbnails"
_SDK: Final[Any] = boto3  # it knows services by literal
IMAGE: Final = "sha256:" + "1" * 64


@dataclass(kw_only=True, slots=True)
class FakeStack:
    """In place of Pulumi: what `up` would say of the services, and what was asked of it."""

    before: dict[str, Target]
    after: dict[str, Target]
    asked: list[str] = field(default_factory=list[str])
    refusal: Exception | None = None
    """What it answers instead, when it is to build or to refresh."""

    def targets(self) -> Mapping[str, Target]:
        self.asked.append("targets")
        return self.before

    def build(self) -> Mapping[str, Target]:
        self._say("build")
        return self.after

    def reconcile(self, service: str) -> None:
        self._say(f"reconcile {service}")

    def _say(self, what: str) -> None:
        self.asked.append(what)
        if self.refusal is not None:
            raise self.refusal


@dataclass(kw_only=True, slots=True)
class Desk:
    """A person, or a job, with a terminal."""

    project: Path
    world: World
    stack: FakeStack
    variables: dict[str, str | None] = field(default_factory=dict[str, str | None])

    def run(self, *arguments: str) -> Result:
        """`onramp rollout ...`."""
        plain = [*arguments] if arguments[0] == "replay" else [*arguments, "--project", str(self.project)]
        return CliRunner().invoke(app, ["rollout", *plain], env=self.variables)

    def document(self, *arguments: str, code: int = 0) -> Any:
        """The JSON document of a command that ends with `code`."""
        result = self.run(*arguments, "--json")
        assert result.exit_code == code, result.output
        return json.loads(result.stdout)

    def surroundings(self) -> Surroundings:
        def connect(_region: str) -> Callable[[str], Any]:
            return self.world.client

        def builder(_asked: Asked, _progress: Progress) -> FakeStack:
            return self.stack

        return Surroundings(clock=self.world.clock, connect=connect, builder=builder)

    @property
    def ledger(self) -> Ledger:
        path = self.project / ".pulumi" / "onramp" / "rollouts.db"
        path.parent.mkdir(parents=True, exist_ok=True)
        return open_ledger(f"sqlite://{path}", self.world.clock, lambda _: self.world.client)

    def record(self, service: str = SERVICE) -> Rollout:
        """What the ledger has."""
        entry = self.ledger.read(Key(stack=STACK, service=service))
        assert entry is not None
        return Rollout.model_validate_json(entry.state)

    def events(self, service: str = SERVICE) -> list[Event]:
        return self.ledger.events(Key(stack=STACK, service=service), None, 10_000)

    def add(self, service: str) -> None:
        """Another function that is just like the first."""
        function = self.world.lambda_.add_function(service)
        old = function.publish()
        function.publish()
        alias = self.world.lambda_.add_alias(function, "live", old)
        self.world.traffic.add(AliasRoute(self.world.metrics, function, alias), BUSY)
        for version in function.versions:
            self.world.traffic.behave(f"{service}:{version}", GOOD)
        for found in (self.stack.before, self.stack.after):
            found[service] = found[SERVICE].model_copy(update={"service": service, "function": service})
        self.world.clock.advance(BEFORE_MINUTES)

    def shares(self, function: str = SERVICE) -> Mapping[str, float]:
        """What the alias does with the traffic, in parts of one."""
        alias = self.world.client("lambda").get_alias(FunctionName=function, Name="live")
        extra = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
        return {alias["FunctionVersion"]: 1 - sum(extra.values()), **extra}

    def writes(self) -> list[str]:
        """Every call so far that changes something."""
        return [call.operation for call in self.world.calls if call.operation.startswith(("Update", "Modify", "Put"))]

    def after(self, minutes: float, action: Callable[[], object]) -> None:
        """Let somebody else do something while a command is at work."""
        self.world.clock.after(timedelta(minutes=minutes).total_seconds(), lambda: _ignore(action()))


def _ignore(_: object) -> None:
    return


def desk(
    project: Path,
    candidate: Quality = GOOD,
    *,
    script: Script = BUSY,
    steps: tuple[int, ...] = (20, 100),
    topic: str = "",
    gates: Mapping[str, object] | None = None,
) -> Desk:
    """A function whose version 1 is live; `pulumi up` builds version 2, which is as good as `candidate`."""
    stage = alias_stage(candidate, script=script, steps=steps)
    assert isinstance(stage.target, AliasTarget)
    known = {**stage.target.model_dump(by_alias=True), "topic": topic, "gates": dict(gates or {})}
    before, after = ({SERVICE: AliasTarget.model_validate({**known, "revision": each})} for each in ("1", "2"))
    return Desk(project=project, world=stage.world, stack=FakeStack(before={**before}, after={**after}))


def push(image: str) -> str:
    """Make the repository, with an image whose tag is `image`; moto has been started."""
    ecr = _SDK.client("ecr", region_name=REGION)
    ecr.create_repository(repositoryName=REPOSITORY)
    media = "application/vnd.docker.distribution.manifest.v2+json"
    config = {"mediaType": media, "digest": IMAGE, "size": 1}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": media, "layers": [], "config": config})
    pushed = ecr.put_image(repositoryName=REPOSITORY, imageManifest=manifest, imageTag=image)
    return str(pushed["image"]["imageId"]["imageDigest"])

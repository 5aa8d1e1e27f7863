"""A stack on the real engine, with the rollout world behind what it has made, and rollouts of its services."""

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final
from unittest import mock

from onramp.rolling.stack import PulumiStack
from onramp.rolling.surroundings import Asked
from rollouts.control import begin, run
from rollouts.ledger.sqlite import SqliteStore
from rollouts.place import LEDGER_VARIABLE
from rollouts.record import Rollout
from simulator.world.traffic import Quality
from stacks.targets import CodeDeployTarget, Target
from tests.components.conftest import stack_text
from tests.e2e.conftest import Done, MakeProject, Project
from tests.e2e.twins import Account, AliasTwin, BalancerTwin, Twin
from tests.e2e.twins_delegated import DeployedFunctionTwin, EcsTwin, EndpointTwin, ExpressTwin, RunnerTwin, TaskSetTwin
from tests.rollouts.stage import Stage

STACK: Final = "prod"
"""As stages call it; what is in it is small, and of the tier dev."""
MODELS: Final = ("churn", "nightly")
"""Services whose versions are those of a model package."""
OURS: Final = "onramp:rollout:"
STAYS_OUT: Final = "taken-back-version-stays-out"


def release_of(service: str, number: int) -> str:
    """A version of a model, or the digest of an image."""
    return str(number) if service in MODELS else f"sha256:{number:064x}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Ended:
    """A rollout that has ended, and where."""

    rollout: Rollout
    stage: Stage
    twin: Twin
    operations: list[str]


@dataclass(kw_only=True, slots=True)
class Ground:
    """A deployed stack and its ledger; `images` are what the stack file names."""

    project: Project
    services: str
    ledger: Path
    images: dict[str, str]
    releases: int = 1
    rollouts: int = field(default=0)

    def roll_out(self, service: str, quality: Quality, middle: "Middle | None" = None) -> Ended:
        """Name a new version in the stack file, and take it live; `middle` is called once, while both have traffic."""
        target = self.targets()[service]
        twin = twin_of(Account(self.project), target)
        self.release(service)
        self.rollouts += 1
        stage = Stage(
            world=twin.world,
            target=target,
            build=lambda: self._build(service, twin, quality),
            store=SqliteStore(self.ledger),
            reconcile=lambda _: self._reconcile(service, twin),
            id=f"r-{self.rollouts}",
        )
        watched = _Once(partial(middle, self, twin) if middle is not None else None)
        tools = stage.tools()
        rollout = run(begin(stage.ledger, tools, stage.wanted(stage.outlook())), tools, None, watched)
        assert middle is None or watched.is_done, rollout.reason
        return Ended(rollout=rollout, stage=stage, twin=twin, operations=stage.operations())

    def release(self, service: str) -> None:
        """Write another version of a service into the stack file, as its pipeline does."""
        self.releases += 1
        self.put(service, release_of(service, self.releases))

    def put(self, service: str, version: str) -> None:
        """Write this version of a service into the stack file."""
        self.images[service] = version
        self.write()

    def write(self, services: str | None = None) -> None:
        """Write the stack file."""
        self.project.write(STACK, stack_text(services or self.services, images=self.images))

    def targets(self) -> Mapping[str, Target]:
        with self._as_the_project():
            return self._stack().targets()

    def update(self, **variables: str) -> Done:
        """By hand, without another look."""
        project = replace(self.project, variables={**self.project.variables, **variables})
        return project.pulumi("up", "--stack", STACK, "--yes", "--skip-preview")

    def planned(self, *options: str) -> dict[str, str]:
        """What an update would do, by the name of the resource; how rollouts stand is only stated."""
        done = self.project.pulumi("preview", "--stack", STACK, "--json", *options).ended(0)
        steps: list[Any] = done.document["steps"]
        changes = {str(each["urn"]): str(each["op"]) for each in steps if each["op"] not in {"same", "refresh", "read"}}
        return {urn.rpartition("::")[2]: op for urn, op in changes.items() if OURS not in urn}

    def brought_back(self) -> list[str]:
        """The services of which the pack says that an update would deploy what was taken back."""
        done = self.project.onramp("preview", STACK, "--json")
        found = [each for each in done.document["violations"] if each["rule"] == STAYS_OUT]
        assert done.code == (1 if found else 0), done.err
        return [str(each["service"]) for each in found]

    def _build(self, service: str, twin: Twin, quality: Quality) -> Target:
        twin.show()
        with self._as_the_project():
            target = self._stack().build()[service]
        twin.built(target.revision, quality)
        return target

    def _reconcile(self, service: str, twin: Twin) -> None:
        twin.show()
        with self._as_the_project():
            self._stack().reconcile(service)

    def _stack(self) -> PulumiStack:
        asked = Asked(project=self.project.folder, stack=STACK, provider="stand-in", ledger=f"sqlite://{self.ledger}")
        return PulumiStack(asked, lambda _: None, cloud="stand-in")

    @contextmanager
    def _as_the_project(self) -> Generator[None]:
        """What runs in this process runs as the project's commands do."""
        with mock.patch.dict(os.environ, self.project.variables, clear=True):
            yield


Middle = Callable[[Ground, Twin], None]


def undisturbed(ground: Ground, twin: Twin) -> None:
    """In the middle of a rollout, an update has nothing to do, also when it looks at AWS, and does nothing."""
    twin.show()
    before = ground.project.things()

    assert ground.planned("--refresh") == {}
    ground.update().ended(0)

    assert ground.project.things() == before


def ground_of(make_project: MakeProject, services: str, *released: str) -> Ground:
    """A stack with these services, and a first version of those that are `released`."""
    images = {service: release_of(service, 1) for service in released}
    project = make_project(prod=stack_text(services, images=images))
    ledger = project.folder / "ledger.db"
    project = replace(project, variables={**project.variables, LEDGER_VARIABLE: f"sqlite://{ledger}"})
    project.onramp("deploy", STACK, "--json").ended(0)
    return Ground(project=project, services=services, ledger=ledger, images=images)


def twin_of(account: Account, target: Target) -> Twin:
    match target:
        case CodeDeployTarget():
            return (DeployedFunctionTwin if target.platform == "lambda" else TaskSetTwin)(account, target)
        case _:
            return _TWINS[target.driver](account, target)


_TWINS: Final[Mapping[str, Callable[[Account, Any], Twin]]] = {
    "alias": AliasTwin,
    "apprunner": RunnerTwin,
    "balancer": BalancerTwin,
    "ecs": EcsTwin,
    "express": ExpressTwin,
    "guardrails": EndpointTwin,
    "variants": EndpointTwin,
}


@dataclass(slots=True)
class _Once:
    """While both versions have traffic; where AWS replaces all at once, before that was judged."""

    call: Callable[[], None] | None
    is_done: bool = False

    def __call__(self, rollout: Rollout) -> None:
        is_split = rollout.phase == "stepping" and rollout.weight > 0 and rollout.watched_since is not None
        if is_split and not self.is_done and self.call is not None:
            self.is_done = True
            self.call()

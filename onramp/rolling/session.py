"""One rollout command at work: its stack, its ledger, and the tools that the machine ticks with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from onramp.exits import BadInputError
from onramp.rolling import surroundings as around
from onramp.rolling.actions import hearers
from onramp.rolling.place import Place, actor_of, place_of
from onramp.rolling.surroundings import Asked, Builder, Surroundings
from onramp.screens.rollout_live import Screen
from rollouts.aws import Aws
from rollouts.driver import Driver
from rollouts.drivers import driver_of
from rollouts.gates import StepVerdict
from rollouts.judge import Assessment, CloudWatchJudge
from rollouts.ledger import Key, Lease, Ledger, open_ledger
from rollouts.machine.tools import Judge, Tools
from rollouts.notices import Notices, by_topic
from rollouts.record import Rollout
from rollouts.same import is_live
from stacks.problems import did_you_mean
from stacks.targets import Target


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """What a command works with.

    Args:
        asked: which stack.
        place: where its ledger is.
        ledger: the same, open.
        around: the world outside.
        actor: who gives the command.
        screen: told of everything that happens.
    """

    asked: Asked
    place: Place
    ledger: Ledger
    around: Surroundings
    actor: str
    screen: Screen

    def key(self, service: str) -> Key:
        """The ledger's key of a service."""
        return Key(stack=self.asked.stack, service=service)

    def all(self) -> list[tuple[Rollout, Lease | None]]:
        """The newest rollout of each service, with who is at work on it now."""
        now = self.around.clock.now()
        found = [
            (Rollout.model_validate_json(entry.state), entry.lease) for entry in self.ledger.entries(self.asked.stack)
        ]
        return [(rollout, lease if lease is not None and lease.until > now else None) for rollout, lease in found]

    def newest(self, service: str) -> Rollout | None:
        """The newest rollout of a service."""
        entry = self.ledger.read(self.key(service))
        return Rollout.model_validate_json(entry.state) if entry is not None else None

    def open_one(self, service: str | None) -> Rollout:
        """The open rollout of a service, or the only one that is open.

        Raises:
            BadInputError: when there is none, or none is named and there are several.
        """
        if service is not None and (newest := self.newest(service)) is not None and newest.is_open:
            return newest
        found = [rollout for rollout, _ in self.all()]
        opened = [rollout for rollout in found if rollout.is_open and service is None]
        if len(opened) == 1:
            return opened[0]
        stack = self.asked.stack
        if opened:
            names = ", ".join(rollout.service for rollout in opened)
            raise BadInputError(f"Several rollouts of {stack} are open: {names}.\n    fix: name one of them")
        of = f"{stack} {service}" if service else stack
        guess = did_you_mean(service, [rollout.service for rollout in found]) if service else None
        fix = f"did you mean `{guess}`?" if guess else f"onramp rollout status {stack} shows what there is"
        raise BadInputError(f"There is no open rollout of {of}.\n    fix: {fix}")

    def aws(self, region: str) -> Aws:
        """AWS in a region."""
        return Aws(self.around.connect(region), self.around.clock)

    def builder(self) -> Builder:
        """The stack."""
        return self.around.builder(self.asked, self.screen.doing)

    def tools(self, region: str) -> Tools:
        """What the machine ticks with."""
        aws, clock = self.aws(region), self.around.clock
        judge = _Watching(judge=CloudWatchJudge(aws), screen=self.screen)
        notices = Notices((by_topic(aws), *hearers()), lambda: judge.latest, self.screen.doing)

        def tell(rollout: Rollout, kind: str, data: Mapping[str, JsonValue]) -> None:
            self.screen.happened(clock.now(), rollout, kind, data)
            notices(rollout, kind, data)

        return Tools(
            clock=clock,
            drive=lambda rollout: driver_of(aws, clock, rollout),
            judge=judge,
            build=self._built,
            reconcile=lambda rollout: self.builder().reconcile(rollout.service),
            tell=tell,
        )

    def _built(self, rollout: Rollout) -> Target:
        """What an update builds; under the number of the live version when it is that by another one."""
        service = rollout.service
        targets = self.builder().build()
        if service not in targets:
            fix = "put it back into the stack file, or onramp rollout abort"
            raise BadInputError(f"The stack has no {service} any more that could be rolled out.\n    fix: {fix}")
        built = targets[service]
        if is_live(self.aws(built.region), built, rollout.live):
            return built.model_copy(update={"revision": rollout.live})
        return built


def open_session(asked: Asked, ledger: str | None, actor: str | None, screen: Screen) -> Session:
    """Open the ledger; nothing else is asked yet.

    Args:
        asked: which stack.
        ledger: its address, as given.
        actor: who gives the command, as given.
        screen: told of everything.
    """
    world = around.surroundings()
    place = place_of(ledger, asked.project, asked.stack)
    if place.note:
        screen.doing(place.note)
    opened = open_ledger(place.address, world.clock, world.connect)
    asked = replace(asked, ledger=place.address)
    return Session(asked=asked, place=place, ledger=opened, around=world, actor=actor_of(actor), screen=screen)


@dataclass(kw_only=True, slots=True)
class _Watching:
    """The judge, with somebody who looks over its shoulder."""

    judge: Judge
    screen: Screen
    latest: StepVerdict | None = None

    def __call__(self, rollout: Rollout, driver: Driver, now: datetime) -> Assessment:
        """What the judge says."""
        found = self.judge(rollout, driver, now)
        self.latest = found.verdict
        self.screen.looked(now, rollout, found.verdict)
        return found

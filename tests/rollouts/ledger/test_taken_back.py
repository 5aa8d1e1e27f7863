"""Which version was taken back, by what every ledger remembers of whole rollouts."""

from collections.abc import Generator
from typing import Final

import pytest

from rollouts.errors import NotBuilt
from rollouts.ledger import Event, Key, Ledger
from rollouts.ledger.store import Store
from rollouts.record import Rollout
from rollouts.taken_back import taken_back
from simulator.world.traffic import Quality
from stacks.standing import TakenBack
from stacks.targets import Target
from tests.rollouts.ledger.places import MemoryStore
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, GOOD, alias_stage
from tests.rollouts.stages_apprunner import apprunner_stage

RELEASE: Final = "sha256:02"


class CountingStore:
    """Counts whose events were asked for."""

    def __init__(self, store: Store) -> None:
        self.load, self.rows, self.swap = store.load, store.rows, store.swap
        self._store = store
        self.asked: list[str] = []

    def newest_first(self, key: Key) -> Generator[Event, None, None]:
        self.asked.append(str(key))
        return self._store.newest_first(key)


def staged(store: Store, candidate: Quality = BAD) -> Stage:
    """A function with a release in the stack file, and a ledger of this kind."""
    stage = alias_stage(candidate)
    stage.store = store
    built = stage.target.model_copy(update={"release": RELEASE})
    stage.target = built.model_copy(update={"revision": "1", "release": "sha256:01"})
    stage.build = lambda: built
    return stage


def asked(store: Store, newest: Rollout) -> TakenBack | None:
    return taken_back(Ledger(store), newest)


def refuse() -> Target:
    raise NotBuilt("the rules say no")


def test_a_version_that_was_aborted_is_told_with_who_when_and_why(store: Store) -> None:
    rollout = staged(store).start()

    found = asked(store, rollout)

    assert found is not None
    assert (found.id, found.service, found.actor) == ("r-1", "thumbnails", "me")
    assert (found.live, found.candidate, found.release, found.former) == ("1", "2", RELEASE, "sha256:01")
    assert found.why == rollout.reason
    assert "5xx: worse: " in found.why
    assert rollout.ended_at is not None
    assert found.ended == rollout.ended_at.isoformat()


def test_a_version_that_went_live_was_not_taken_back(store: Store) -> None:
    assert asked(store, staged(store, GOOD).start()) is None


def test_while_a_rollout_is_open_nothing_is_out_not_even_before_it_has_built(store: Store) -> None:
    stage = staged(store)
    stage.start()
    stage.id = "r-2"
    stage.until(lambda rollout: rollout.phase == "preparing")
    preparing = stage.record_now()

    assert preparing.id == "r-2"
    assert asked(store, preparing) is None
    assert asked(store, preparing.but(phase="building", candidate="")) is None


def test_a_rollout_that_the_rules_refused_leaves_out_what_was_taken_back_before(store: Store) -> None:
    stage = staged(store)
    first = asked(store, stage.start())
    assert first is not None
    stage.id, stage.target, stage.build = "r-2", stage.build(), refuse

    second = stage.start()

    assert (second.ending, second.candidate) == ("aborted", "")
    assert asked(store, second) == first


def test_another_version_that_went_live_since_is_the_last_word(store: Store) -> None:
    stage = staged(store)
    stage.start()
    stage.id = "r-2"
    stage.world.traffic.behave("thumbnails:2", GOOD)
    stage.start()
    stage.id, stage.build = "r-3", refuse

    assert asked(store, stage.start()) is None


def test_what_somebody_has_taken_live_by_hand_is_not_out_any_more(store: Store) -> None:
    stage = staged(store)
    stage.start()
    stage.world.lambda_.set_alias("thumbnails", "live", "2", {})
    stage.world.traffic.behave("thumbnails:2", GOOD)
    stage.world.clock.advance(70)
    stage.id = "r-2"

    newest = stage.start()

    assert (newest.ending, newest.live) == (None, "2")
    assert asked(store, newest) is None


def test_the_release_is_not_guessed_when_something_else_was_built_since(store: Store) -> None:
    stage = staged(store)
    stage.start()
    stage.id, stage.build = "r-2", refuse

    found = asked(store, stage.start())

    assert found is not None
    assert (found.candidate, found.release) == ("2", "")


def test_of_images_the_former_release_is_known_too() -> None:
    stage = apprunner_stage(BAD)
    images = {"live": "1.dkr.ecr/blog/prod@sha256:01", "candidate": f"1.dkr.ecr/blog/prod@{RELEASE}"}
    target = stage.target.model_copy(update={"repository": "blog/prod", "release": RELEASE})
    ended = stage.start().but(target=target, **images, reason="5xx:\n  worse")

    found = asked(MemoryStore(), ended)

    assert found is not None
    assert (found.former, found.why) == ("sha256:01", "5xx: worse")
    tagged = asked(MemoryStore(), ended.but(live="1.dkr.ecr/blog/prod:v1"))
    assert tagged is not None
    assert tagged.former == "v1"


@pytest.mark.parametrize("built", [True, False])
def test_events_are_read_only_where_the_newest_rollout_has_built_nothing(store: Store, *, built: bool) -> None:
    stage = staged(store)
    newest = stage.start()
    if not built:
        stage.id, stage.build = "r-2", refuse
        newest = stage.start()
    counting = CountingStore(store)

    assert asked(counting, newest) is not None
    assert counting.asked == ([] if built else ["prod/thumbnails"])

"""What a person is told to do after a rollout."""

import pytest

from rollouts.advice import advice
from tests.rollouts.stages import BAD, GOOD, alias_stage

BACK = "write thumbnails: sha256:01 under onramp:images of Pulumi.prod.yaml; or "


@pytest.mark.parametrize(
    ("revision", "back"),
    [("1", BACK), ("2", "")],
    ids=["the stack file named what was live", "an update had built the new version before"],
)
def test_after_an_abort_the_former_release_is_named_where_it_is_known(revision: str, back: str) -> None:
    stage = alias_stage(BAD)
    built = stage.target.model_copy(update={"release": "sha256:02"})
    stage.target = built.model_copy(update={"revision": revision, "release": "sha256:01"})
    stage.build = lambda: built
    assert advice(stage.start())[-1] == f"{back}mend it, then onramp rollout start prod thumbnails"


def test_after_a_success_there_is_nothing_to_put_back() -> None:
    assert advice(alias_stage(GOOD).start()) == ("onramp rollout history prod",)

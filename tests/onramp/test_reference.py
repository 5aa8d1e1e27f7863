"""The pages of docs/compute/ are what the models and previews say today."""

import pytest
import yaml

from onramp.reference import FOLDER, page_text
from stacks.models import SERVICES
from stacks.reference import keys_of
from stacks.stanzas import STANZAS
from tests.onramp.conftest import ROOT


def test_every_compute_type_has_a_least_stanza() -> None:
    assert set(STANZAS) == set(SERVICES)


@pytest.mark.parametrize("compute", SERVICES)
def test_a_page_is_in_step_with_the_models(compute: str) -> None:
    written = (ROOT / FOLDER / f"{compute}.md").read_text(encoding="utf-8")
    assert written == page_text(ROOT, compute), "run `make docs`"


def test_there_is_no_page_of_a_compute_type_that_there_is_not() -> None:
    assert {path.stem for path in (ROOT / FOLDER).iterdir()} == set(SERVICES)


@pytest.mark.parametrize("compute", SERVICES)
def test_a_page_prices_everything_that_it_counts(compute: str) -> None:
    assert "no price" not in page_text(ROOT, compute)


@pytest.mark.parametrize(
    ("compute", "most"), [("fargate", 8), ("lambda", 6), ("apprunner", 8), ("express", 8), ("sagemaker", 10)]
)
def test_the_least_stanza_is_as_short_as_was_promised(compute: str, most: int) -> None:
    stanza = yaml.safe_dump({"search": STANZAS[compute]("search")}, sort_keys=False)
    assert len(stanza.splitlines()) <= most


def test_keys_say_what_they_take_and_their_default_in_each_tier() -> None:
    keys = {key.path: key for key in keys_of("fargate")}
    assert keys["scaling.max"].takes == "integer, 1 to 5000"
    assert keys["scaling.max"].default == "dev 2, staging 4, prod 10"
    assert keys["compute"].default == "required"
    assert keys["secrets"].takes == "list of string"

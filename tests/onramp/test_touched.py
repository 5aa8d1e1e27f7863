"""Which stacks a pull request touches: its own file touches one, what all are made of touches all."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onramp.touched import touched
from tests.onramp.conftest import ROOT

STACKS: Final = ("dev", "prod", "staging")


def test_a_stack_file_touches_its_stack() -> None:
    assert touched(["Pulumi.prod.yaml"], STACKS) == ("prod",)


def test_several_stack_files_touch_theirs_in_the_order_of_the_stacks() -> None:
    assert touched(["Pulumi.staging.yaml", "Pulumi.dev.yaml"], STACKS) == ("dev", "staging")


@pytest.mark.parametrize(
    "path",
    [
        "Pulumi.yaml",
        "__main__.py",
        "components/iam.py",
        "onramp/cost.py",
        "policies/checklist.yaml",
        "pyproject.toml",
        "services/thumbnails/app.py",
        "services/thumbnails/README.md",
        "simulator/outputs.py",
        "stacks/tiers.py",
        "uv.lock",
        "a-folder-of-tomorrow/file",
    ],
)
def test_what_all_stacks_are_made_of_touches_all(path: str) -> None:
    assert touched([path], STACKS) == STACKS


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "docs/engine.md",
        "tests/policies/draft.py",
        "examples/api/Pulumi.example.yaml",
        "benchmarks/rules.py",
        "tools/setup",
        ".github/workflows/ci.yml",
        ".gitignore",
        "Pulumi.gone.yaml",
    ],
)
def test_what_no_stack_is_made_of_touches_none(path: str) -> None:
    assert touched([path], STACKS) == ()


def test_every_room_of_the_program_counts() -> None:
    rooms = [path.parent.name for path in ROOT.glob("*/__init__.py") if path.parent.name not in {"benchmarks", "tests"}]
    assert {"components", "policies", "stacks"} < set(rooms)
    assert all(touched([f"{room}/file.py"], STACKS) == STACKS for room in rooms)


PATHS: Final = st.lists(st.sampled_from(["Pulumi.dev.yaml", "Pulumi.prod.yaml", "stacks/load.py", "README.md"]))


@given(PATHS, PATHS)
def test_more_changes_never_touch_less(some: list[str], more: list[str]) -> None:
    assert set(touched(some, STACKS)) <= set(touched([*some, *more], STACKS))

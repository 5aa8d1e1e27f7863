"""The scripts of builds; the one that deploys is run by bash, with programs that write down how they were called."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import yaml

from components.foundation.builds import BUILDSPECS

RELEASE: Final = "sha256:" + "2" * 64
VARIABLES: Final = {
    "BRANCH": "main",
    "CODEBUILD_INITIATOR": "codepipeline/prod-news-api",
    "COMMIT": "abc",
    "DEPLOY_ROLE": "arn:aws:iam::111122223333:role/onramp-deploy",
    "ENVIRONMENT": "prod",
    "SERVICE": "news-api",
    "STACK": "prod",
}
OF_AN_IMAGE: Final = {"DIGEST": RELEASE}
OF_A_MODEL: Final = {"PACKAGE": "arn:aws:sagemaker:eu-west-1:111122223333:model-package/churn/7"}
OF_CODE: Final = {"FOLDER": "services/thumbnails"}
ROLLOUT: Final = {"ROLLOUT_MINUTES": "450"}
START: Final = (
    "onramp rollout start prod news-api --to-the-end --for 450 --actor codepipeline/prod-news-api (as deploy)"
)
RECORD: Final = "yq prod"
TAG: Final = "aws ecr put-image"

FAKES: Final = {
    "git": 'echo "git $1" >>"$LOG"',
    "yq": 'echo "yq $STACK" >>"$LOG"',
    "sleep": 'echo "sleep $1" >>"$LOG"',
    "aws": """\
case "$*" in
  *put-image*) echo "aws ecr put-image" >>"$LOG" ;;
  *describe-images*) exit 1 ;;
esac""",
    "uv": """\
[ "$1" = run ] || exit 0
shift 2
case "$*" in
  *"rollout check"*) echo "$*" >>"$LOG"; exit "${CHECK:-0}" ;;
esac
echo "$* (as $AWS_PROFILE)" >>"$LOG"
read -r code <"$CODES"
sed -i 1d "$CODES"
exit "$code\"""",
}
"""What each does: `uv` stands for onramp, and ends with the next code of the file."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One build: its exit code, and what it called."""

    code: int
    calls: list[str]

    @property
    def onramp(self) -> list[str]:
        return [each for each in self.calls if each.startswith("onramp") and "check" not in each]


def build(folder: Path, variables: Mapping[str, str], *codes: int, check: int = 0) -> Run:
    """Run the script; `codes` are those that onramp ends with, call by call."""
    (script,) = yaml.safe_load((BUILDSPECS / "deploy.yml").read_text(encoding="utf-8"))["phases"]["build"]["commands"]
    programs, log, left = folder / "bin", folder / "log", folder / "codes"
    programs.mkdir()
    for name, text in FAKES.items():
        program = programs / name
        program.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
        program.chmod(0o755)
    log.touch()
    left.write_text("".join(f"{code}\n" for code in codes), encoding="utf-8")
    found = {"PATH": f"{programs}:{os.environ['PATH']}", "LOG": str(log), "CODES": str(left), "CHECK": str(check)}
    done = subprocess.run(  # noqa: S603 - our own script
        ["bash", "-c", script],  # noqa: S607 - whichever bash is there
        cwd=folder,
        env={**found, **VARIABLES, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    return Run(code=done.returncode, calls=log.read_text(encoding="utf-8").splitlines())


def test_an_image_is_written_down_rolled_out_and_released(tmp_path: Path) -> None:
    run = build(tmp_path, OF_AN_IMAGE | ROLLOUT, 0)
    assert run.code == 0
    assert run.onramp == [START]
    assert run.calls.index(RECORD) < run.calls.index(START) < run.calls.index(TAG)


@pytest.mark.parametrize("code", [1, 2, 3, 4, 6])
def test_a_rollout_that_has_not_succeeded_fails_the_build_and_releases_nothing(tmp_path: Path, code: int) -> None:
    run = build(tmp_path, OF_AN_IMAGE | ROLLOUT, code)
    assert run.code == code
    assert run.onramp == [START]
    assert TAG not in run.calls


def test_somebody_else_at_work_on_the_stack_is_waited_for(tmp_path: Path) -> None:
    run = build(tmp_path, OF_AN_IMAGE | ROLLOUT, 5, 5, 0)
    assert (run.code, run.onramp) == (0, [START] * 3)
    assert run.calls.count("sleep 60") == 2


def test_whoever_is_at_work_for_an_hour_fails_the_build(tmp_path: Path) -> None:
    run = build(tmp_path, OF_AN_IMAGE | ROLLOUT, *[5] * 60)
    assert (run.code, len(run.onramp)) == (5, 60)


@pytest.mark.parametrize("what", [OF_AN_IMAGE, OF_A_MODEL], ids=["image", "model"])
def test_while_a_rollout_of_another_release_is_open_nothing_is_written(tmp_path: Path, what: dict[str, str]) -> None:
    run = build(tmp_path, what | ROLLOUT, check=2)
    (release,) = what.values()
    assert run.code == 2
    assert f"onramp rollout check prod news-api {release}" in run.calls
    assert not {RECORD, "git commit", "git push", START} & {*run.calls}


def test_a_model_is_rolled_out_and_has_no_tag(tmp_path: Path) -> None:
    run = build(tmp_path, OF_A_MODEL | ROLLOUT, 0)
    assert (run.code, run.onramp) == (0, [START])
    assert TAG not in run.calls


def test_code_is_rolled_out_and_nothing_is_written(tmp_path: Path) -> None:
    run = build(tmp_path, OF_CODE | ROLLOUT, 0)
    assert (run.code, run.onramp) == (0, [START])
    assert RECORD not in run.calls
    assert not any("check" in each for each in run.calls if each.startswith("onramp"))


def test_without_the_variable_it_is_an_update(tmp_path: Path) -> None:
    run = build(tmp_path, OF_AN_IMAGE, 5, 0)
    assert (run.code, run.onramp) == (0, ["onramp deploy prod (as deploy)"] * 2)
    assert run.calls[-1] == TAG
    assert not any("check" in each for each in run.calls if each.startswith("onramp"))


@pytest.mark.parametrize("path", sorted(BUILDSPECS.glob("*.yml")), ids=lambda path: path.stem)
def test_a_buildspec_is_one_and_its_script_is_bash(path: Path) -> None:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    (script,) = found["phases"]["build"]["commands"]
    checked = subprocess.run(["bash", "-n"], input=script, text=True, capture_output=True, check=False)  # noqa: S607 - whichever bash is there
    assert (str(found["version"]), found["env"]["shell"], checked.stderr) == ("0.2", "bash", "")
    assert script.startswith("set -euo pipefail\n")

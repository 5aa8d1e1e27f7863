"""The workflow files, and where their scripts run: a git repository, and a `gh` that only writes down its calls."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[2]
WORKFLOWS: Final = ROOT / ".github" / "workflows"
_GH: Final = f"""\
#!{sys.executable}
import json, os, pathlib, sys
given = sys.argv[1:]
fields = {{part.partition("=")[0]: part.partition("=")[2] for part in given}}
if fields.get("body", "").startswith("@"):
    given.append(pathlib.Path(fields["body"][1:]).read_text(encoding="utf-8"))
with open(os.environ["CALLS"], "a", encoding="utf-8") as calls:
    calls.write(json.dumps(given) + "\\n")
if "--paginate" in given:
    print(os.environ["COMMENTS"], end="")
"""


def workflow(name: str) -> Any:
    """A workflow, parsed; YAML 1.1 takes the key `on` for true."""
    found = yaml.safe_load((WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8"))
    found["on"] = found.pop(True)
    return found


def step(job: str, name: str) -> Any:
    """One step of the pull request's workflow."""
    (found,) = [each for each in workflow("pull-request")["jobs"][job]["steps"] if each.get("name") == name]
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class Runner:
    """A machine of GitHub's, as far as the scripts can tell: a folder with what was checked out, and variables."""

    folder: Path
    temporary: Path

    def run(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a step's script as GitHub does."""
        environment = {
            **os.environ,
            "PATH": f"{self.temporary}{os.pathsep}{os.environ['PATH']}",
            "RUNNER_TEMP": str(self.temporary),
            "GITHUB_STEP_SUMMARY": str(self.temporary / "summary.md"),
            "GITHUB_REPOSITORY": "example/platform",
            "CALLS": str(self.temporary / "calls"),
            **variables,
        }
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - scripts of ours

    def git(self, *arguments: str) -> None:
        """Run git in the folder."""
        author = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        subprocess.run(["git", *author, *arguments], cwd=self.folder, check=True, capture_output=True)  # noqa: S603, S607 - whichever git is there

    def commit(self, **files: str) -> None:
        """Write the stack files given by name, and commit everything."""
        for name, text in files.items():
            (self.folder / f"Pulumi.{name}.yaml").write_text(text, encoding="utf-8")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change")

    def calls(self) -> list[list[str]]:
        """What `gh` was called with; a body that was read from a file is at the end."""
        path = self.temporary / "calls"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []

    def summary(self) -> str:
        """The summary of the run."""
        return (self.temporary / "summary.md").read_text(encoding="utf-8")


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    folder, temporary = tmp_path / "checked-out", tmp_path / "temporary"
    folder.mkdir()
    temporary.mkdir()
    gh = temporary / "gh"
    gh.write_text(_GH, encoding="utf-8")
    gh.chmod(0o755)
    found = Runner(folder=folder, temporary=temporary)
    found.git("init", "--quiet", "--initial-branch", "main")
    return found

"""Projects for the real engine: each test has a copy of this one, with stacks and a stand-in for AWS of its own."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from unittest import mock

import pytest

from engine.environment import environment
from engine.locate import EngineMissing, find
from engine.model import Engine
from onramp.workspace import TRIAL
from simulator.state import PATH_VARIABLE, State

ROOT: Final = Path(__file__).parents[2]
ROOMS: Final = ("components", "engine", "onramp", "policies", "rollouts", "services", "simulator", "stacks")
STACK_TYPE: Final = "pulumi:pulumi:Stack"

_THE_CALLERS: Final = ("AWS_", "PULUMI_", PATH_VARIABLE)
"""What a copy does not inherit from whoever runs the tests."""
_SECONDS_MAX: Final = 300  # a command that hangs fails; none takes a tenth of it
_LOOKS_MAX: Final = 6000
_SECONDS_BETWEEN_LOOKS: Final = 0.05

MakeProject = Callable[..., "Project"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder takes the real engine."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("engine")


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        assert self.out.startswith("{"), f"no document, exit code {self.code}:\n{self.out}\n{self.err}"
        return json.loads(self.out)

    def ended(self, code: int) -> "Done":
        """This, if it ended with `code`."""
        assert self.code == code, f"exit code {self.code} instead of {code}:\n{self.out}\n{self.err}"
        assert "Traceback" not in self.out + self.err
        return self


@dataclass(frozen=True, kw_only=True, slots=True)
class Project:
    """A copy of the project."""

    folder: Path
    engine: Engine
    variables: Mapping[str, str] = field(repr=False)

    @property
    def account(self) -> Path:
        """The file that is the copy's AWS."""
        return self.folder / TRIAL / "aws.json"

    @property
    def locks(self) -> Path:
        """Where the engine keeps who is at work on a stack."""
        return self.folder / TRIAL / "state" / ".pulumi" / "locks"

    def write(self, stack: str, text: str) -> None:
        """Write a stack file."""
        (self.folder / f"Pulumi.{stack}.yaml").write_text(text, encoding="utf-8")

    def onramp(self, command: str, *arguments: str | Path, **variables: str) -> Done:
        """Run one of our commands to its end, on the stand-in."""
        return self.run(self._command(command, *arguments), self.folder, {**self.variables, **variables})

    def start(self, command: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """Start one of our commands, in a process group of its own."""
        with (self.folder / ".pulumi" / "started.log").open("wb") as log:
            return subprocess.Popen(  # noqa: S603 - our own command
                self._command(command, *arguments),
                cwd=self.folder,
                env=dict(self.variables),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def pulumi(self, command: str, *arguments: str | Path) -> Done:
        """Run the CLI by hand, as somebody who has read the manual would."""
        with mock.patch.dict(os.environ, self.variables, clear=True):
            extra = {PATH_VARIABLE: str(self.account)}
            settings = environment(self.engine, self.folder, stand_in=True, state=TRIAL / "state", extra=extra)
        line = [self.engine.command, command, *arguments, "--non-interactive", "--color", "never"]
        return self.run([str(each) for each in line], self.folder / TRIAL / "work", settings)

    def exported(self, stack: str) -> list[Any]:
        """The resources of a stack, as the engine's backend has them."""
        deployment = self.pulumi("stack", "export", "--stack", stack).document["deployment"]
        return list(deployment.get("resources", []))

    def things(self) -> dict[str, Any]:
        """What the stand-in AWS has, by type, ARN and id."""
        if not self.account.exists():
            return {}
        found = json.loads(self.account.read_text(encoding="utf-8"))["resources"]
        keys = [f"{each['kind']} {each['properties'].get('arn')} {each['id']}" for each in found]
        assert len(keys) == len(set(keys))
        return dict(zip(keys, found, strict=True))

    def aws(self) -> State:
        """The stand-in AWS itself: while it is held, it answers nobody."""
        return State(self.account)

    def contents(self) -> dict[str, bytes]:
        """Every file outside the folder that git ignores."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes()
            for path in self.folder.rglob("*")
            if path.is_file() and path.relative_to(self.folder).parts[0] not in {".pulumi", ".venv"}
        }

    def _command(self, command: str, *arguments: str | Path) -> list[str]:
        by_hand = {"preview": ["--engine", "pulumi"], "embedded": []}
        options = [*by_hand.get(command, []), *([] if command == "embedded" else ["--provider", "stand-in"])]
        name = "preview" if command == "embedded" else command
        return [sys.executable, "-m", "onramp", name, *map(str, arguments), *options]

    def run(self, command: list[str], folder: Path, variables: Mapping[str, str]) -> Done:
        """Run a command to its end."""
        ended = subprocess.run(  # noqa: S603 - our own commands, and the engine's
            command, cwd=folder, env=variables, capture_output=True, text=True, timeout=_SECONDS_MAX, check=False
        )
        return Done(code=ended.returncode, out=ended.stdout, err=ended.stderr)


def wait_until(seen: Callable[[], bool], running: subprocess.Popen[bytes]) -> None:
    """Wait for something that can be seen while a command runs; that it ends before is a failure."""
    for _ in range(_LOOKS_MAX):
        if seen():
            return
        with suppress(subprocess.TimeoutExpired):
            code = running.wait(timeout=_SECONDS_BETWEEN_LOOKS)
            pytest.fail(f"it ended before, with exit code {code}")
    pytest.fail("it was never seen")


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The engine of this machine; without one nothing here is proved, so that is a failure."""
    try:
        return find(lambda line: print(line, file=sys.stderr))  # noqa: T201 - a build takes minutes
    except EngineMissing as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def make_project(tmp_path_factory: pytest.TempPathFactory, engine: Engine) -> MakeProject:
    """Makes copies of the project, with the stack files given by name on top of the project's own."""

    def make(**stacks: str) -> Project:
        folder = tmp_path_factory.mktemp("project")
        for room in ROOMS:
            shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
        for path in (ROOT / "__main__.py", *ROOT.glob("Pulumi*.yaml")):
            shutil.copy(path, folder)
        (folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
        (folder / ".pulumi").mkdir()
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(_THE_CALLERS)}
        # The copy's own rooms are imported, not those that the virtual environment points at.
        own = {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "200"}
        project = Project(folder=folder, engine=engine, variables={**inherited, **own})
        for name, text in stacks.items():
            project.write(name, text)
        return project

    return make

"""A stack as the real engine sees it: which engine, which provider, which backend, and where its files are.

With the stand-in provider everything stays in a folder that git ignores: the project's own files are not touched, and
no backend but a local one ever hears of made-up resources. With AWS, project, login and backend are the user's own.
"""

import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import yaml
from pulumi import automation as auto

from engine.environment import environment
from engine.locate import EngineMissing, find
from engine.model import Engine
from onramp.exits import BadInputError, EngineError
from rollouts.place import LEDGER_VARIABLE, NO_LEDGER
from simulator.state import PATH_VARIABLE

Provider = Literal["aws", "stand-in"]
Progress = Callable[[str], None]

TRIAL: Final = Path(".pulumi", "onramp")
"""Where the stand-in's stacks are kept, under the project; git ignores it."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Workspace:
    """A selected stack, ready for the Automation API."""

    stack: auto.Stack
    engine: Engine
    provider: Provider
    account: Path
    """Where the stand-in keeps what it has made."""

    @property
    def title(self) -> str:
        """Which engine and provider this is, for every output that people read."""
        cloud = "AWS" if self.provider == "aws" else "a stand-in for AWS, nothing is real"
        return f"pulumi {self.engine.version} with {cloud}"


def open_workspace(
    project: Path, name: str, provider: Provider | None, extra: Mapping[str, str], progress: Progress
) -> Workspace:
    """The stack called `name` under the real engine.

    Args:
        project: the folder of Pulumi.yaml.
        name: the stack, whose file is known to be right.
        provider: who answers for AWS; None chooses AWS when the engine is the official one, which has its plugins.
        extra: environment variables for the program and the pack.
        progress: told what takes time.

    Raises:
        EngineError: when there is no engine, or it does not open the stack.
        BadInputError: when the user's backend has no such stack.
    """
    try:
        engine = find(progress)
    except EngineMissing as error:
        raise EngineError(str(error)) from None
    chosen: Provider = provider or ("stand-in" if engine.origin in {"cache", "built"} else "aws")
    trial = chosen == "stand-in"
    state = TRIAL / "state" if trial else None
    account = _account(project)
    own = {PATH_VARIABLE: str(account), **_ledger(trial=trial), **extra}
    settings = environment(engine, project, stand_in=trial, state=state, extra=own)
    work = _trial_folder(project, name) if trial else project
    options = auto.LocalWorkspaceOptions(pulumi_command=_command(engine), env_vars=settings)
    try:
        open_stack = auto.create_or_select_stack if trial else auto.select_stack
        stack = open_stack(stack_name=name, work_dir=str(work), opts=options)
    except auto.StackNotFoundError:
        fix = f"pulumi stack init {name}, after pulumi login to the backend of your choice"
        raise BadInputError(f"The backend has no stack {name}.\n    fix: {fix}") from None
    except auto.CommandError as error:
        raise EngineError(f"The engine does not open the stack {name}.\n{error}") from error
    return Workspace(stack=stack, engine=engine, provider=chosen, account=account)


def trial_holders(project: Path, name: str) -> list[str]:
    """Who is at work on the stack called `name` with the stand-in, by the lock files of its backend.

    They are read before anything else is: a checkpoint that somebody is writing at this moment cannot be.
    """
    folder = project / TRIAL / "state" / ".pulumi" / "locks"
    locks = [path for path in folder.rglob("*.json") if path.parent.name == name]
    found = [json.loads(path.read_bytes()) for path in locks if _is_json(path)]
    return [f"{lock['username']}@{lock['hostname']} (pid {lock['pid']}) at {lock['timestamp']}" for lock in found]


def restore_checkpoint(state: Path, name: str) -> None:
    """Bring back what the engine wrote before, where it was killed in the middle of writing.

    A backend in a file has the checkpoint before beside it (`.bak`), and writes what belongs to it in place (`.attrs`),
    which it can do without; others need no such care.
    """
    for checkpoint in (state / ".pulumi" / "stacks").rglob(f"{name}.json"):
        backup = checkpoint.with_suffix(".json.bak")
        if backup.exists() and not _is_json(checkpoint):
            shutil.copyfile(backup, checkpoint)
        attributes = checkpoint.with_suffix(".json.attrs")
        if attributes.exists() and not _is_json(attributes):
            attributes.unlink()


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except ValueError:
        return False
    return True


def _ledger(*, trial: bool) -> Mapping[str, str]:
    """A made-up stack has no rollouts in a ledger of real ones, unless somebody names one."""
    return {LEDGER_VARIABLE: os.environ.get(LEDGER_VARIABLE) or NO_LEDGER} if trial else {}


def _account(project: Path) -> Path:
    """Where the stand-in keeps what it has made: one account for all stacks of this folder, and no other's."""
    return Path(os.environ.get(PATH_VARIABLE) or project / TRIAL / "aws.json").resolve()


def _command(engine: Engine) -> auto.PulumiCommand:
    if engine.origin == "path":
        return auto.PulumiCommand()
    return auto.PulumiCommand(root=str(engine.command.parent.parent))


def _trial_folder(project: Path, name: str) -> Path:
    """A folder with a project file that points at the real program, and a copy of the stack's file.

    The engine writes into the stack file that it works with (the salt of its secrets); so it gets one of its own.
    """
    folder = project / TRIAL / "work"
    folder.mkdir(parents=True, exist_ok=True)
    settings = yaml.safe_load((project / "Pulumi.yaml").read_text(encoding="utf-8"))
    settings["main"] = str(project.resolve())
    settings["runtime"]["options"]["virtualenv"] = str((project / ".venv").resolve())
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(settings), encoding="utf-8")
    target = folder / f"Pulumi.{name}.yaml"
    salt = _salt(target)
    shutil.copyfile(project / target.name, target)
    if salt:
        with target.open("a", encoding="utf-8") as file:
            file.write(f"\nencryptionsalt: {salt}\n")
    return folder


def _salt(stack_file: Path) -> str:
    """The salt that the engine wrote earlier; without it, it could not read its secrets again."""
    if not stack_file.exists():
        return ""
    written: dict[str, object] = yaml.safe_load(stack_file.read_text(encoding="utf-8")) or {}
    return str(written.get("encryptionsalt", ""))

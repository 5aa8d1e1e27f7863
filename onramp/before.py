"""The project as it was before a branch: which files differ, and what was wrong with a stack then."""

import subprocess
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from onramp.against import read_baseline
from onramp.exits import BadInputError, Exit
from onramp.ratchet import Baseline
from onramp.touched import STACK_FILE

_SHORT: Final = 10
"""Digits of a commit that tell it from all others, and that GitHub makes a link of."""


def fork_point(project: Path, base: str) -> str:
    """The commit at which what is checked out left `base`.

    Raises:
        BadInputError: when git has no such commit, or no history that joins the two.
    """
    commit = _git(project, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{base}^{{commit}}")
    return _git(project, "merge-base", commit.strip(), "HEAD").strip()


def changed_files(project: Path, commit: str) -> list[str]:
    """The files under `project` that are not as they were at `commit`, committed or not."""
    changed = _git(project, "diff", "--name-only", "--no-renames", "--relative", "-z", commit)
    added = _git(project, "ls-files", "--others", "--exclude-standard", "-z")
    return [path for path in f"{changed}{added}".split("\0") if path]


@contextmanager
def worktree(project: Path, commit: str) -> Generator[Path]:
    """The folder of `project` as it was at `commit`, beside what is checked out, for as long as it takes."""
    prefix = _git(project, "rev-parse", "--show-prefix").strip()
    with tempfile.TemporaryDirectory(prefix="onramp-") as folder:
        place = Path(folder, "before")
        _git(project, "worktree", "add", "--quiet", "--detach", str(place), commit)
        try:
            yield place / prefix
        finally:
            _git(project, "worktree", "remove", "--force", str(place))


def baseline_before(before: Path, stack: str, commit: str) -> Baseline:
    """What was wrong with `stack`, by the program and the rules of that time, with the packages of today.

    Where it was not there or cannot be previewed, nothing was: then everything is new.

    Args:
        before: the project as it was, from `worktree`.
        stack: its name.
        commit: the commit that `before` is of.
    """
    name = commit[:_SHORT]
    if not (before / STACK_FILE.format(stack)).is_file():
        return Baseline(file=f"{name}, which has no such stack", places=())
    file = before / f".{stack}.baseline.json"
    # As a module, so that Python takes the rooms that are there, and not those of this process.
    command = [sys.executable, "-m", "onramp", "preview", stack, "--baseline", str(file)]
    done = subprocess.run(command, cwd=before, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode not in {Exit.FINE, Exit.RULES_SAY_NO}:
        sys.stderr.write(f"{stack} cannot be previewed as of {name}:\n{done.stderr}")
        return Baseline(file=f"{name}, where it cannot be previewed", places=())
    found = read_baseline(file, stack)
    return Baseline(file=name, places=found.places, waived=found.waived)


def _git(project: Path, *arguments: str) -> str:
    command = ["git", "-C", str(project), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - the caller's git, without a shell
    except FileNotFoundError:
        raise BadInputError("There is no git on PATH.\n    fix: install it") from None
    except subprocess.CalledProcessError as error:
        what = str(error.stderr).strip() or "it finds nothing"
        fix = "name a commit that is here with its history; git fetch --unshallow gets the rest"
        raise BadInputError(f"git {' '.join(arguments)}: {what}.\n    fix: {fix}") from None
    return done.stdout

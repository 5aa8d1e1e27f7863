"""How every command ends: exit codes, and errors that a person can read."""

import enum
import json
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import asdict

import typer

from rollouts.errors import Drift, Refused, RolloutError
from stacks.problems import Problem, StackFileError


class Exit(enum.IntEnum):
    """What a command says to the shell."""

    FINE = 0
    RULES_SAY_NO = 1
    BAD_INPUT = 2
    ENGINE_FAILED = 3
    HELD = 4
    LOCKED = 5
    ROLLED_BACK = 6


class BadInputError(Exception):
    """Something that the caller named does not exist or does not fit; the text says what to do."""


class EngineError(Exception):
    """The engine did not finish, for a reason that is not the stack file's."""


class LockedError(Exception):
    """Somebody else is at work on the stack; the text says who, and what to do."""


@contextmanager
def readable_errors(*, as_json: bool) -> Generator[None]:
    """Turn what goes wrong within into one readable list on stderr, JSON on stdout when asked for, and an exit code."""
    try:
        yield
    except StackFileError as error:
        _fail(Exit.BAD_INPUT, error.render(), [asdict(problem) for problem in error.problems], as_json=as_json)
    except BadInputError as error:
        _fail(Exit.BAD_INPUT, str(error), [_plain(str(error))], as_json=as_json)
    except LockedError as error:
        _fail(Exit.LOCKED, str(error), [_plain(str(error))], as_json=as_json)
    except Refused as error:
        text = "Refused; nothing was touched.\n" + "\n".join(f"  - {problem}" for problem in error.problems)
        _fail(Exit.BAD_INPUT, text, [_plain(problem) for problem in error.problems], as_json=as_json)
    except Drift as error:
        _fail(Exit.ENGINE_FAILED, str(error), [_plain(str(error))], as_json=as_json)
    except RolloutError as error:  # somebody else has it
        fix = "wait for them; if that process is gone: onramp rollout resume --take-over"
        _fail(Exit.LOCKED, f"{error}\n    fix: {fix}", [_plain(str(error))], as_json=as_json)
    except EngineError as error:
        _fail(Exit.ENGINE_FAILED, str(error), [_plain(str(error))], as_json=as_json)


def _plain(message: str) -> dict[str, object]:
    return asdict(Problem(file="", path="", line=0, message=message, fix=""))


def _fail(code: Exit, text: str, problems: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps({"ok": False, "problems": problems}, indent=2) + "\n")
    sys.stderr.write(text + "\n")
    raise typer.Exit(code)

"""Runs a Pulumi Python program in this process, without the CLI, and returns the graph it would create."""

import asyncio
import gc
import runpy
import sys
import traceback
import warnings
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import chdir, contextmanager
from contextvars import Context
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Final, ParamSpec, TypeVar

import pulumi
from pulumi.runtime import Settings, configure, run_in_stack, set_all_config

from simulator.graph import Graph, Json
from simulator.monitor import Log, Monitor, OnResource
from simulator.source import own_file
from simulator.standin import STAND_IN_ACCOUNT, Cloud

_ORGANIZATION: Final = "organization"  # what the CLI says on a backend without organizations

_COLLECT_AFTER_OBJECTS: Final = 100_000

_P = ParamSpec("_P")
_T = TypeVar("_T")


class ProgramError(Exception):
    """The program ended with a message for its user (`pulumi.RunError`); to be shown without a traceback."""


class ProgramCrash(Exception):  # noqa: N818 - the counterpart of ProgramError: nobody meant this one to happen
    """The program raised what it did not mean to; the text is the traceback from the program's first frame on."""


def preview(  # noqa: PLR0913 - keywords only, each one a fact the engine would be told
    project_dir: Path,
    *,
    project: str,
    stack: str,
    config: Mapping[str, str],
    region: str,
    account: str = STAND_IN_ACCOUNT,
    references: Mapping[str, Mapping[str, Json]] | None = None,
    on_resource: OnResource | None = None,
) -> Graph:
    """Run `__main__.py` of `project_dir` as the first preview of `stack`.

    Runs in the calling thread and changes the working directory and `sys.path` meanwhile, so one at a time per
    process. Nothing stays behind: settings, configuration, event loop and the project's own modules are the run's.

    Args:
        project_dir: the folder with `__main__.py`.
        project: the project's name.
        stack: the stack's name, without an organization.
        config: full keys (`aws:region`) and values as strings; an object is a JSON string.
        region: the AWS region the stand-in cloud answers for.
        account: the AWS account it answers for, twelve digits.
        references: outputs of other stacks, by the name the program refers to them with.
        on_resource: told the type and name of each resource as it is registered.

    Raises:
        ProgramError: the program, or the stand-in cloud, refused with a clean message.
        ProgramCrash: the program raised anything else.
    """
    home = project_dir.resolve()
    if not (home / "__main__.py").is_file():
        raise ProgramError(f"There is no Pulumi program (__main__.py) in {home}.")
    cloud = Cloud(region=region, account=account, references=references or {})
    monitor = Monitor(
        project=project,
        stack=stack,
        project_dir=home,
        cloud=cloud,
        on_resource=on_resource or (lambda _kind, _name: None),
    )
    log = Log()
    settings = partial(
        Settings,
        project=project,
        stack=stack,
        monitor=monitor,
        engine=log,
        dry_run=True,
        organization=_ORGANIZATION,
        root_directory=str(home),
    )
    try:
        Context().run(_run, home, settings, dict(config))
    except pulumi.RunError as error:
        raise ProgramError(str(error)) from error
    except (Exception, SystemExit) as error:
        raise ProgramCrash(_program_traceback(error, home)) from error
    finally:
        Context().run(_forget)
    return monitor.graph(tuple(sorted(log.warnings)))


def _run(home: Path, settings: Callable[[], Settings], config: dict[str, str]) -> None:
    configure(settings())
    set_all_config(config, [])
    with _rare_collection(), _as_a_program(home), asyncio.Runner(loop_factory=_new_loop) as runner:
        runner.run(run_in_stack(lambda: _run_main(home)))


def _run_main(home: Path) -> None:
    runpy.run_path(str(home), run_name="__main__")


def _forget() -> None:
    """Give the SDK its initial settings back.

    Its context variables also remember the last value process-wide, as the default of contexts that never set one
    (pulumi._utils.ContextProperty); these values are the ones pulumi.runtime.settings starts with.
    """
    configure(Settings(stack="stack", project="project", root_directory="root_directory", organization="organization"))


@contextmanager
def _as_a_program(home: Path) -> Generator[None]:
    """Working directory, arguments, import path and modules as in a process of the program's own."""
    path, argv, before = sys.path[:], sys.argv[:], set(sys.modules)
    sys.path.insert(0, str(home))
    sys.argv = [str(home)]
    try:
        # The generated SDKs warn about their own deprecated types on import; Python hides that by default too.
        with chdir(home), warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            yield
    finally:
        sys.path[:], sys.argv = path, argv
        for name in set(sys.modules) - before:
            if _is_own_module(sys.modules[name], home):
                del sys.modules[name]


@contextmanager
def _rare_collection() -> Generator[None]:
    """Keep the garbage collector from walking a growing graph again and again; that is a quarter of a run's time."""
    before = gc.get_threshold()
    gc.set_threshold(_COLLECT_AFTER_OBJECTS)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _is_own_module(module: ModuleType, home: Path) -> bool:
    file = getattr(module, "__file__", None)
    return file is not None and bool(own_file(Path(file), home))


class _OnTheSpot(ThreadPoolExecutor):
    """Runs the SDK's calls to the engine at once: the monitor only takes notes, a thread would cost more than the call.

    It also makes the order of registrations the program's own.
    """

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Run `fn` now and return its finished future."""
        future: Future[_T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - a future carries whatever was raised to whoever awaits it
            future.set_exception(error)
        return future


def _new_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(_OnTheSpot())
    # One failed resource leaves futures behind that nobody awaits; the first error is reported, these are echoes of it.
    loop.set_exception_handler(lambda _loop, _context: None)
    return loop


def _program_traceback(error: BaseException, home: Path) -> str:
    """The traceback of `error` without the frames of this engine and the SDK that lead to the program."""
    start = error.__traceback__
    while start is not None and not own_file(Path(start.tb_frame.f_code.co_filename), home):
        start = start.tb_next
    if start is None and not isinstance(error, SyntaxError):  # a syntax error names its line itself
        start = error.__traceback__
    return "".join(traceback.format_exception(type(error), error, start))

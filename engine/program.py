"""Run one Pulumi program: what the language host starts, in the Python of the program's own virtual environment.

It is started as a file, not as a module, because that environment need not have this package. It does what the
official `pulumi-language-python-exec` does, with the SDK's public runtime.
"""

import argparse
import asyncio
import logging
import os
import runpy
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pulumi
from pulumi.runtime import (
    Settings,
    configure,
    get_config_env,
    get_config_secret_keys_env,
    run_in_stack,
    set_all_config,
)

REPORTED: Final = 32
"""The exit code that tells the language host: the user has seen the error already."""

_THREADS_PER_OPERATION: Final = 4  # as the official one: registrations and invokes each hold a thread for a while


def main() -> int:
    """Run the program that the command line names; returns the exit code."""
    options = _parser().parse_args()
    set_all_config(get_config_env(), get_config_secret_keys_env())
    configure(
        Settings(
            monitor=options.monitor,
            engine=options.engine,
            project=options.project,
            stack=options.stack,
            parallel=options.parallel,
            dry_run=options.dry_run == "true",
            organization=options.organization,
            root_directory=options.root_directory,
        )
    )
    sys.argv = [options.program, *options.arguments]
    # A failed resource leaves futures behind that nobody awaits; the engine has reported what asyncio would warn about.
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)
    try:
        with asyncio.Runner(loop_factory=lambda: _new_loop(options.parallel)) as runner:
            runner.run(run_in_stack(lambda: _run(options.program)))
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        return REPORTED
    except Exception as error:  # noqa: BLE001 - whatever the program raised is shown to its user
        pulumi.log.error(f"Program failed with an unhandled exception:\n{_from_program_on(error, options.program)}")
        return REPORTED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Run a Pulumi program.")
    for name in ("monitor", "engine", "project", "stack", "dry_run", "organization", "root_directory"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--parallel", type=int, required=True)
    parser.add_argument("program", help="a folder with __main__.py, or a file")
    parser.add_argument("arguments", nargs="*")
    return parser


def _new_loop(parallel: int) -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    loop.set_default_executor(ThreadPoolExecutor(max_workers=max(parallel, 1) * _THREADS_PER_OPERATION))
    return loop


def _run(program: str) -> None:
    if Path(program).is_dir() and not (Path(program) / "__main__.py").is_file():
        raise pulumi.RunError(f"There is no Pulumi program (__main__.py) in {program}.")
    runpy.run_path(program, run_name="__main__")


def _from_program_on(error: Exception, program: str) -> str:
    """The traceback of `error` from the program's first frame on: what led there is none of its user's business."""
    start = error.__traceback__
    while start is not None and not _is_within(start.tb_frame.f_code.co_filename, program):
        start = start.tb_next
    return "".join(traceback.format_exception(type(error), error, start or error.__traceback__))


def _is_within(file: str, program: str) -> bool:
    in_program = file == program or file.startswith(program + os.sep)
    return in_program and "site-packages" not in Path(file).parts  # its virtual environment is often in its folder


if __name__ == "__main__":
    sys.exit(main())

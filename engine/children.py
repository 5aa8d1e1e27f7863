"""The processes that the language host starts: in which Python, how their output goes back, and that they end."""

import asyncio
import os
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from pulumi.runtime.proto.language_pb2 import ProgramInfo, RunPluginResponse

_CHUNK_BYTES: Final = 65536  # the size of a pipe's buffer on Linux; one read never has more


class NoInterpreterError(Exception):
    """The project names a virtual environment that is not there; the text says how to get it."""


def interpreter(info: ProgramInfo) -> Path:
    """The Python of a program: of the `virtualenv` its project file names, else the one that runs this host.

    Raises:
        NoInterpreterError: there is no Python in the virtual environment named.
    """
    named = dict(info.options.items()).get("virtualenv")
    if not isinstance(named, str) or not named:
        return Path(sys.executable)
    home = Path(os.path.normpath(Path(info.root_directory or info.program_directory) / named))
    python = home / "bin" / "python"
    if not python.is_file():
        raise NoInterpreterError(
            f"There is no Python in the virtual environment {home} (option virtualenv: {named}). Fix: create it with "
            "the project's own tool, for example `make` or `uv sync`."
        )
    return python


def surroundings(python: Path, more: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with `python`'s virtual environment active, and `more` on top."""
    merged = {**os.environ, **more}
    merged["VIRTUAL_ENV"] = str(python.parent.parent)
    merged["PATH"] = os.pathsep.join([str(python.parent), merged.get("PATH", os.defpath)])
    merged.pop("PYTHONHOME", None)
    return merged


async def exit_code(command: Sequence[str], cwd: str, environment: Mapping[str, str]) -> int:
    """Run `command` to its end, with its output on this process's own; killed when the caller is cancelled."""
    async with _started(command, cwd, environment, output=None) as process:
        return await process.wait()


async def output(command: Sequence[str], cwd: str, environment: Mapping[str, str]) -> AsyncGenerator[RunPluginResponse]:
    """Run `command`, its output as it comes and its exit code last; killed when the caller is cancelled."""
    pieces: asyncio.Queue[RunPluginResponse | None] = asyncio.Queue()

    async def pump(stream: asyncio.StreamReader | None, name: str) -> None:
        while stream is not None and (piece := await stream.read(_CHUNK_BYTES)):
            pieces.put_nowait(RunPluginResponse(stdout=piece) if name == "stdout" else RunPluginResponse(stderr=piece))
        pieces.put_nowait(None)

    async with _started(command, cwd, environment, output=asyncio.subprocess.PIPE) as process:
        pumps = [
            asyncio.create_task(pump(process.stdout, "stdout")),
            asyncio.create_task(pump(process.stderr, "stderr")),
        ]
        for _ in pumps:
            while (piece := await pieces.get()) is not None:
                yield piece
        yield RunPluginResponse(exitcode=await process.wait())


@asynccontextmanager
async def _started(
    command: Sequence[str], cwd: str, environment: Mapping[str, str], output: int | None
) -> AsyncGenerator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *command, cwd=cwd, env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

"""A thin Python language host: what the engine needs to run Python where the official host is missing.

`pulumi-language-python` comes with the official CLI and is not in any Go module. This one runs programs and policy
packs on the SDK's own protobufs; it installs nothing and generates no code.
"""

# ruff: noqa: N802, ARG002 - the engine calls these methods by their names, with arguments that not all of them need

import asyncio
import json
import os
import platform
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from importlib.metadata import version
from pathlib import Path
from typing import Final

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import language_pb2, language_pb2_grpc, plugin_pb2

from engine.children import NoInterpreterError, exit_code, interpreter, output, surroundings
from engine.program import REPORTED

_PROGRAM: Final = Path(__file__).with_name("program.py")

Context = grpc.aio.ServicerContext[object, object]


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Answers the engine. `engine_address` is where the programs and packs that it starts reach the engine."""

    def __init__(self, engine_address: str) -> None:
        self._engine_address = engine_address

    async def Handshake(
        self, request: language_pb2.LanguageHandshakeRequest, context: Context
    ) -> language_pb2.LanguageHandshakeResponse:
        """Take the engine's address; older engines only pass it on the command line."""
        self._engine_address = request.engine_address
        return language_pb2.LanguageHandshakeResponse()

    async def GetPluginInfo(self, request: empty_pb2.Empty, context: Context) -> plugin_pb2.PluginInfo:
        """The version is that of the SDK whose protobufs are spoken."""
        return plugin_pb2.PluginInfo(version=version("pulumi"))

    async def GetRequiredPackages(
        self, request: language_pb2.GetRequiredPackagesRequest, context: Context
    ) -> language_pb2.GetRequiredPackagesResponse:
        """None: the engine would try to download them, and asks again when a resource needs one."""
        return language_pb2.GetRequiredPackagesResponse()

    async def GetRequiredPlugins(
        self, request: language_pb2.GetRequiredPluginsRequest, context: Context
    ) -> language_pb2.GetRequiredPluginsResponse:
        """None, as the packages."""
        return language_pb2.GetRequiredPluginsResponse()

    async def GetProgramDependencies(
        self, request: language_pb2.GetProgramDependenciesRequest, context: Context
    ) -> language_pb2.GetProgramDependenciesResponse:
        """None; only `pulumi about` asks."""
        return language_pb2.GetProgramDependenciesResponse()

    async def InstallDependencies(
        self, request: language_pb2.InstallDependenciesRequest, context: Context
    ) -> AsyncIterator[language_pb2.InstallDependenciesResponse]:
        """Install nothing: the lock file and its tool own the virtual environment."""
        yield language_pb2.InstallDependenciesResponse(stdout=b"Nothing installed: the project's own tool does that.\n")

    async def About(self, request: language_pb2.AboutRequest, context: Context) -> language_pb2.AboutResponse:
        """Name the Python that runs this host."""
        return language_pb2.AboutResponse(executable=sys.executable, version=platform.python_version())

    async def Cancel(self, request: empty_pb2.Empty, context: Context) -> empty_pb2.Empty:
        """Nothing to do: the engine cancels the calls that are under way, and their processes end with them."""
        return empty_pb2.Empty()

    async def Run(self, request: language_pb2.RunRequest, context: Context) -> language_pb2.RunResponse:
        """Run the program; its exit code says whether it failed, and whether its user has been told."""
        try:
            python = interpreter(request.info)
        except NoInterpreterError as error:
            return language_pb2.RunResponse(error=str(error))
        code = await exit_code(
            [str(python), "-u", "-P", str(_PROGRAM), *self._arguments(request)],
            cwd=request.pwd,
            environment=surroundings(
                python,
                {
                    "PULUMI_CONFIG": json.dumps(dict(request.config)),
                    "PULUMI_CONFIG_SECRET_KEYS": json.dumps(list(request.configSecretKeys)),
                },
            ),
        )
        if code in (0, REPORTED):
            return language_pb2.RunResponse(bail=code == REPORTED)
        return language_pb2.RunResponse(error=f"the program ended with exit code {code}")

    async def RunPlugin(
        self, request: language_pb2.RunPluginRequest, context: Context
    ) -> AsyncIterator[language_pb2.RunPluginResponse]:
        """Run a policy pack under the SDK's runner, any other plugin by its folder; its output goes to the engine."""
        try:
            python = interpreter(request.info)
        except NoInterpreterError as error:
            yield language_pb2.RunPluginResponse(stderr=f"{error}\n".encode())
            yield language_pb2.RunPluginResponse(exitcode=1)
            return
        folder = request.info.program_directory
        what = ["-m", "pulumi.policy", *request.args, folder] if request.kind == "analyzer" else [folder, *request.args]
        environment = {name: value for name, _, value in (one.partition("=") for one in request.env)}
        command = [str(python), "-u", *what]
        async with aclosing(output(command, request.pwd, surroundings(python, environment))) as pieces:
            async for piece in pieces:
                yield piece

    def _arguments(self, request: language_pb2.RunRequest) -> list[str]:
        info = request.info
        named = {
            "monitor": request.monitor_address,
            "engine": self._engine_address,
            "project": request.project,
            "stack": request.stack,
            "dry_run": str(request.dryRun).lower(),
            "parallel": str(request.parallel),
            "organization": request.organization,
            "root_directory": info.root_directory,
        }
        program = os.path.normpath(Path(info.program_directory) / info.entry_point)
        return [*(f"--{name}={value}" for name, value in named.items()), program, *request.args]


async def serve(engine_address: str) -> None:
    """Serve until the engine interrupts this process or is gone, the first line of stdout being the port."""
    server = grpc.aio.server(options=[("grpc.max_receive_message_length", -1)])  # configuration can be large
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(LanguageHost(engine_address), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    stop = await _dismissal()  # before the port is told: the engine may interrupt at once
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await stop.wait()
    await server.stop(grace=None)


async def _dismissal() -> asyncio.Event:
    """Set on SIGINT or SIGTERM, or when stdin ends: the engine holds its other end, and a killed one lets go."""
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await loop.connect_read_pipe(lambda: _UntilEnd(stop), sys.stdin)
    return stop


class _UntilEnd(asyncio.Protocol):
    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop.set()


if __name__ == "__main__":
    # The engine's address comes last, after the flags for its own logging.
    asyncio.run(serve(sys.argv[-1]))

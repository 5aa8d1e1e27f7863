# ruff: noqa: N802, ARG002, S603 - the SDK calls these methods by name, and the program is started as the host does
import subprocess
import sys
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, resource_pb2, resource_pb2_grpc

import engine.program

PROGRAM = Path(engine.program.__file__)


class Engine(engine_pb2_grpc.EngineServicer):
    """Keeps the errors that are logged."""

    def __init__(self) -> None:
        self.logged: list[str] = []

    def Log(self, request: engine_pb2.LogRequest, context: Any) -> empty_pb2.Empty:
        if request.severity == engine_pb2.ERROR:
            self.logged.append(request.message)
        return empty_pb2.Empty()

    def RequirePulumiVersion(
        self, request: engine_pb2.RequirePulumiVersionRequest, context: Any
    ) -> engine_pb2.RequirePulumiVersionResponse:
        return engine_pb2.RequirePulumiVersionResponse()


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """Accepts everything."""

    def __init__(self) -> None:
        self.outputs: dict[str, Any] = {}

    def SupportsFeature(
        self, request: resource_pb2.SupportsFeatureRequest, context: Any
    ) -> resource_pb2.SupportsFeatureResponse:
        return resource_pb2.SupportsFeatureResponse()

    def RegisterResource(
        self, request: resource_pb2.RegisterResourceRequest, context: Any
    ) -> resource_pb2.RegisterResourceResponse:
        return resource_pb2.RegisterResourceResponse(urn=f"urn:{request.type}::{request.name}")

    def RegisterResourceOutputs(
        self, request: resource_pb2.RegisterResourceOutputsRequest, context: Any
    ) -> empty_pb2.Empty:
        self.outputs = dict(request.outputs.items())
        return empty_pb2.Empty()

    def SignalAndWaitForShutdown(self, request: empty_pb2.Empty, context: Any) -> empty_pb2.Empty:
        return empty_pb2.Empty()


class Fixture(NamedTuple):
    """An engine that listens, and the folder of the program."""

    engine: Engine
    monitor: Monitor
    address: str
    folder: Path

    def run(self, source: str) -> int:
        (self.folder / "__main__.py").write_text(source)
        return self.start()

    def start(self) -> int:
        arguments = {
            "monitor": self.address,
            "engine": self.address,
            "project": "tiny",
            "stack": "dev",
            "dry_run": "true",
            "parallel": "4",
            "organization": "organization",
            "root_directory": str(self.folder),
        }
        settings = {"PULUMI_CONFIG": '{"tiny:size": "7"}', "PULUMI_CONFIG_SECRET_KEYS": "[]"}
        command = [sys.executable, "-P", str(PROGRAM), *(f"--{key}={value}" for key, value in arguments.items())]
        return subprocess.run([*command, str(self.folder)], env=settings, cwd=self.folder, check=False).returncode


@pytest.fixture
def listening(tmp_path: Path) -> Generator[Fixture]:
    engine_servicer, monitor = Engine(), Monitor()
    server = grpc.server(ThreadPoolExecutor())
    engine_pb2_grpc.add_EngineServicer_to_server(engine_servicer, server)
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(monitor, server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    yield Fixture(engine_servicer, monitor, address, tmp_path)
    server.stop(grace=None).wait()


def test_a_program_runs_with_its_stack_its_configuration_and_its_own_modules(listening: Fixture) -> None:
    (listening.folder / "beside.py").write_text("NAME = 'beside'\n")
    code = listening.run(
        "import pulumi, beside\n"
        "pulumi.export('seen', [pulumi.get_stack(), pulumi.Config().require('size'), beside.NAME])\n"
    )
    assert code == 0
    assert list(listening.monitor.outputs["seen"]) == ["dev", "7", "beside"]
    assert listening.engine.logged == []


def test_a_clean_error_reaches_the_engine_without_a_traceback(listening: Fixture) -> None:
    code = listening.run("import pulumi\nraise pulumi.RunError('news-api: port is missing')\n")
    assert code == engine.program.REPORTED
    assert listening.engine.logged == ["news-api: port is missing"]


def test_a_crash_reaches_the_engine_with_the_traceback_of_the_program_only(listening: Fixture) -> None:
    code = listening.run("def deep():\n    return {}['key']\ndeep()\n")
    assert code == engine.program.REPORTED
    [message] = listening.engine.logged
    assert "KeyError: 'key'" in message
    assert "in deep" in message
    assert "runpy" not in message


def test_an_error_in_an_apply_is_reported(listening: Fixture) -> None:
    code = listening.run("import pulumi\npulumi.export('x', pulumi.Output.from_input(1).apply(lambda one: one / 0))\n")
    assert code == engine.program.REPORTED
    assert "ZeroDivisionError" in listening.engine.logged[0]


def test_a_folder_without_a_program_is_a_clean_error(listening: Fixture) -> None:
    assert listening.start() == engine.program.REPORTED
    assert listening.engine.logged == [f"There is no Pulumi program (__main__.py) in {listening.folder}."]


def test_a_program_that_leaves_with_a_code_keeps_it(listening: Fixture) -> None:
    assert listening.run("import sys\nsys.exit(3)\n") == 3

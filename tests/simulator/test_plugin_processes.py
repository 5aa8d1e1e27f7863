import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2
from pulumi.runtime.proto import provider_pb2_grpc

from simulator.plugin.engine import version_of

BIN = Path(__file__).parents[2] / "simulator" / "bin"


def environment() -> Mapping[str, str]:
    return {**os.environ, "ONRAMP_PYTHON": sys.executable}


@pytest.mark.parametrize("package", ["aws", "awsx"])
def test_a_plugin_prints_its_port_serves_the_sdks_version_and_ends_when_asked(package: str, tmp_path: Path) -> None:
    command = [BIN / f"pulumi-resource-{package}", "127.0.0.1:1"]  # the engine's address comes first
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(), cwd=tmp_path) as plugin:  # noqa: S603 - ours
        assert plugin.stdout is not None
        port = int(plugin.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
            info = stub.GetPluginInfo(empty_pb2.Empty())
        plugin.send_signal(signal.SIGINT)
        assert plugin.wait(timeout=20) == 0
    assert info.version == version_of(package)
    assert not list(tmp_path.iterdir())


def test_another_package_is_a_usage_error() -> None:
    command = [sys.executable, "-m", "simulator.plugin", "azure"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=BIN.parents[1], check=False)  # noqa: S603 - ours
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "usage: python -m simulator.plugin aws|awsx\n"

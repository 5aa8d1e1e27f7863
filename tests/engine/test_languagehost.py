# ruff: noqa: S603 - the host under test, started as the engine starts it
import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import cast

import grpc
import pytest
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto import language_pb2

import engine as engine_package
from engine.languagehost import Context, LanguageHost

PATIENCE = 30  # seconds until a test that hangs is a test that failed
NOBODY = cast("Context", None)  # the host asks nothing of the call's context
ENGINE = "127.0.0.1:1"

Virtualenv = Callable[[str], Path]


@pytest.fixture
def virtualenv(tmp_path: Path) -> Virtualenv:
    """A virtual environment whose python is a shell script."""

    def write(body: str) -> Path:
        python = tmp_path / "venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f"#!/bin/sh\n{body}\n")
        python.chmod(0o755)
        return python

    return write


def info(project: Path) -> language_pb2.ProgramInfo:
    options = Struct()
    options.update({"virtualenv": "venv"})
    return language_pb2.ProgramInfo(
        root_directory=str(project), program_directory=str(project), entry_point=".", options=options
    )


def run_request(project: Path) -> language_pb2.RunRequest:
    return language_pb2.RunRequest(
        project="tiny",
        stack="dev",
        pwd=str(project),
        monitor_address="127.0.0.1:2",
        organization="organization",
        parallel=16,
        dryRun=True,
        config={"aws:region": "eu-west-1"},
        configSecretKeys=["tiny:token"],
        info=info(project),
    )


def run(project: Path) -> language_pb2.RunResponse:
    return asyncio.run(LanguageHost(ENGINE).Run(run_request(project), NOBODY))


def run_plugin(request: language_pb2.RunPluginRequest) -> list[language_pb2.RunPluginResponse]:
    async def collected() -> list[language_pb2.RunPluginResponse]:
        return [piece async for piece in LanguageHost(ENGINE).RunPlugin(request, NOBODY)]

    return asyncio.run(collected())


def test_the_program_gets_what_the_engine_said(tmp_path: Path, virtualenv: Virtualenv) -> None:
    python = virtualenv(
        'printf "%s\\n" "$@" > called; echo "$PULUMI_CONFIG" > config\n'
        'echo "$PULUMI_CONFIG_SECRET_KEYS" > secret; echo "$VIRTUAL_ENV" > venv-dir'
    )
    assert run(tmp_path) == language_pb2.RunResponse()
    arguments = (tmp_path / "called").read_text().splitlines()
    assert Path(arguments[2]).name == "program.py"
    assert arguments[3:] == [
        "--monitor=127.0.0.1:2",
        f"--engine={ENGINE}",
        "--project=tiny",
        "--stack=dev",
        "--dry_run=true",
        "--parallel=16",
        "--organization=organization",
        f"--root_directory={tmp_path}",
        str(tmp_path),
    ]
    assert json.loads((tmp_path / "config").read_text()) == {"aws:region": "eu-west-1"}
    assert json.loads((tmp_path / "secret").read_text()) == ["tiny:token"]
    assert (tmp_path / "venv-dir").read_text().strip() == str(python.parent.parent)


def test_a_program_that_told_its_user_stops_the_engine_without_another_word(
    tmp_path: Path, virtualenv: Virtualenv
) -> None:
    virtualenv("exit 32")
    assert run(tmp_path) == language_pb2.RunResponse(bail=True)


def test_a_program_that_just_ends_is_an_error(tmp_path: Path, virtualenv: Virtualenv) -> None:
    virtualenv("exit 3")
    assert run(tmp_path) == language_pb2.RunResponse(error="the program ended with exit code 3")


def test_the_handshake_tells_where_the_engine_is(tmp_path: Path, virtualenv: Virtualenv) -> None:
    virtualenv('printf "%s\\n" "$@" > called')
    host = LanguageHost("")
    asyncio.run(host.Handshake(language_pb2.LanguageHandshakeRequest(engine_address="127.0.0.1:7"), NOBODY))
    asyncio.run(host.Run(run_request(tmp_path), NOBODY))
    assert "--engine=127.0.0.1:7" in (tmp_path / "called").read_text().splitlines()


def test_a_cancelled_run_ends_the_program(tmp_path: Path, virtualenv: Virtualenv) -> None:
    os.mkfifo(tmp_path / "started")
    os.mkfifo(tmp_path / "never")
    virtualenv("echo $$ > started; read line < never")

    async def cancelled() -> int:
        running = asyncio.ensure_future(LanguageHost(ENGINE).Run(run_request(tmp_path), NOBODY))
        pid = await asyncio.wait_for(asyncio.to_thread((tmp_path / "started").read_text), PATIENCE)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running
        return int(pid)

    with pytest.raises(ProcessLookupError):
        os.kill(asyncio.run(cancelled()), 0)


def test_a_missing_virtual_environment_is_an_error_that_says_where_and_what_to_do(tmp_path: Path) -> None:
    assert str(tmp_path / "venv") in run(tmp_path).error
    assert "Fix:" in run(tmp_path).error
    *said, last = run_plugin(language_pb2.RunPluginRequest(kind="analyzer", pwd=str(tmp_path), info=info(tmp_path)))
    assert str(tmp_path / "venv") in b"".join(piece.stderr for piece in said).decode()
    assert last.exitcode == 1


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("analyzer", ["-u", "-m", "pulumi.policy", ENGINE, "{folder}"]),
        ("resource", ["-u", "{folder}", ENGINE]),
    ],
)
def test_a_pack_runs_under_the_sdks_runner_and_another_plugin_by_its_folder(
    tmp_path: Path, virtualenv: Virtualenv, kind: str, expected: Sequence[str]
) -> None:
    virtualenv('pwd; echo "$WHO"; printf "%s\\n" "$@"; echo oops >&2; exit 4')
    work = tmp_path / "work"
    work.mkdir()
    request = language_pb2.RunPluginRequest(
        kind=kind, pwd=str(work), info=info(tmp_path), args=[ENGINE], env=["WHO=the engine=me", "ODD"]
    )
    pieces = run_plugin(request)
    stdout = b"".join(piece.stdout for piece in pieces).decode().splitlines()
    assert stdout == [str(work), "the engine=me", *(part.format(folder=tmp_path) for part in expected)]
    assert b"".join(piece.stderr for piece in pieces) == b"oops\n"
    assert [piece.WhichOneof("output") == "exitcode" for piece in pieces].index(True) == len(pieces) - 1
    assert pieces[-1].exitcode == 4


def test_nothing_is_required_so_the_engine_downloads_nothing() -> None:
    host = LanguageHost(ENGINE)
    packages = asyncio.run(host.GetRequiredPackages(language_pb2.GetRequiredPackagesRequest(), NOBODY))
    plugins = asyncio.run(host.GetRequiredPlugins(language_pb2.GetRequiredPluginsRequest(), NOBODY))
    assert packages == language_pb2.GetRequiredPackagesResponse()
    assert plugins == language_pb2.GetRequiredPluginsResponse()


def test_installing_dependencies_is_left_to_the_projects_tool() -> None:
    async def said() -> bytes:
        pieces = LanguageHost(ENGINE).InstallDependencies(language_pb2.InstallDependenciesRequest(), NOBODY)
        return b"".join([piece.stdout async for piece in pieces])

    assert b"Nothing installed" in asyncio.run(said())


def test_about_names_the_python() -> None:
    about = asyncio.run(LanguageHost(ENGINE).About(language_pb2.AboutRequest(), NOBODY))
    assert about.executable == sys.executable


WRAPPER = Path(engine_package.__file__ or "").parent / "bin" / "pulumi-language-python"


@pytest.fixture
def served() -> Generator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [WRAPPER, "--logtostderr", ENGINE],
        env={**os.environ, "ONRAMP_PYTHON": sys.executable},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    return int(process.stdout.readline())


def test_the_host_prints_its_port_and_answers_there(served: subprocess.Popen[str]) -> None:
    with grpc.insecure_channel(f"127.0.0.1:{port_of(served)}") as channel:
        about = channel.unary_unary(
            "/pulumirpc.LanguageRuntime/About",
            request_serializer=language_pb2.AboutRequest.SerializeToString,
            response_deserializer=language_pb2.AboutResponse.FromString,
        )
        assert about(language_pb2.AboutRequest(), timeout=PATIENCE).executable == sys.executable


def test_an_interrupt_ends_the_host_quietly(served: subprocess.Popen[str]) -> None:
    port_of(served)
    served.send_signal(signal.SIGINT)
    assert served.communicate(timeout=PATIENCE) == ("", "")
    assert served.returncode == 0


def test_the_host_ends_with_an_engine_that_was_killed(served: subprocess.Popen[str]) -> None:
    port_of(served)
    assert served.communicate(timeout=PATIENCE) == ("", "")  # closes the host's stdin, as the kernel does
    assert served.returncode == 0


def test_without_a_python_the_wrapper_says_what_to_do() -> None:
    done = subprocess.run(
        [WRAPPER, ENGINE], env={**os.environ, "ONRAMP_PYTHON": "/nowhere"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "ONRAMP_PYTHON" in done.stderr

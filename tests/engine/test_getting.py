import socket
import subprocess
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pulumi.automation import PulumiCommand

from engine.gobuild import go_build
from engine.installer import install
from engine.model import GO_MODULE, NotHereError, go_version, pinned_version

Script = Callable[[str, str], Path]


def quiet(_line: str) -> None: ...


def test_the_module_pins_every_dependency_by_checksum() -> None:
    sums = (GO_MODULE / "go.sum").read_text()
    assert f"github.com/pulumi/pulumi/pkg/v3 v{pinned_version()} h1:" in sums
    assert f"github.com/pulumi/pulumi/sdk/v3 v{pinned_version()} h1:" in sums


def test_go_builds_the_pinned_version_in_the_module_without_changing_it(command: Script, tmp_path: Path) -> None:
    command("go", f'{{ pwd; echo "$CGO_ENABLED"; printf "%s\\n" "$@"; }} > {tmp_path}/called')
    go_build(tmp_path / "part", quiet)
    folder, cgo, *arguments = (tmp_path / "called").read_text().splitlines()
    assert Path(folder) == GO_MODULE.resolve()
    assert cgo == "0"
    assert "-mod=readonly" in arguments
    assert any(argument.endswith(f"version.Version=v{pinned_version()}") for argument in arguments)
    assert arguments[arguments.index("-o") + 1] == str(tmp_path / "part" / "bin" / "pulumi")


@pytest.mark.usefixtures("alone")
def test_without_go_the_reason_names_the_version_needed(tmp_path: Path) -> None:
    with pytest.raises(NotHereError, match=f"no `go` on PATH.*{go_version()}"):
        go_build(tmp_path, quiet)


def test_a_failed_build_repeats_what_go_said_last(command: Script, tmp_path: Path) -> None:
    command("go", "echo 'go: go.mod requires go >= 1.25.11 (running go 1.21.0; GOTOOLCHAIN=local)' >&2; exit 1")
    with pytest.raises(NotHereError, match=r"requires go >= 1\.25\.11"):
        go_build(tmp_path, quiet)


def test_a_long_build_reports_how_far_it_is(command: Script, tmp_path: Path) -> None:
    loop = "i=0; while [ $i -lt 100 ]; do echo 'go: downloading x' >&2; echo package >&2; i=$((i+1)); done"
    command("go", loop)
    said: list[str] = []
    go_build(tmp_path, said.append)
    assert "100 modules downloaded, 100 packages compiled" in said


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_site_that_refuses_is_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with closing(socket.socket()) as bound:  # bound and not listening: nobody else gets the port, nobody answers
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(NotHereError, match=r"cannot be reached.*refused"):
            install(tmp_path, quiet, site=f"http://127.0.0.1:{bound.getsockname()[1]}/")


def test_a_site_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with closing(socket.create_server(("127.0.0.1", 0))) as silent, pytest.raises(NotHereError, match="be reached"):
        install(tmp_path, quiet, site=f"http://127.0.0.1:{silent.getsockname()[1]}/", answer_seconds=0.05)


def test_a_site_that_answers_lets_the_official_installer_work(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    roots: list[str] = []

    def working(*, root: str) -> None:
        roots.append(root)

    monkeypatch.setattr(PulumiCommand, "install", working)
    install(tmp_path / "part", quiet, site=site)
    assert roots == [str(tmp_path / "part")]


@pytest.mark.parametrize(
    "error",
    [subprocess.CalledProcessError(1, "install.sh", output=b"failed to download"), OSError("failed to download")],
)
def test_what_the_official_installer_says_is_the_reason(
    site: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def failing(**_root: str) -> None:
        raise error

    monkeypatch.setattr(PulumiCommand, "install", failing)
    with pytest.raises(NotHereError, match="failed to download"):
        install(tmp_path, quiet, site=site)

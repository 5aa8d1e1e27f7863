"""The commands as a person or a program calls them, in process, on the repository and on projects written inline."""

import json
import shutil
import warnings
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from textwrap import indent
from typing import Any, Final

import pytest
from typer.testing import CliRunner, Result

with warnings.catch_warnings(action="ignore", category=DeprecationWarning):  # the generated SDKs warn of themselves
    import_module("components.environment")  # once here, so that every preview finds it loaded

from onramp.cli import app
from onramp.evaluate import evaluate
from onramp.report import Report

ROOT: Final = Path(__file__).parents[2]
FUNCTION: Final = "compute: lambda, handler: app.handler, runtime: python3.13, source: ./services/thumbnails"

_HEADER: Final = """\
config:
  aws:region: eu-west-1
  onramp:environment:
    tier: {tier}
    owner: platform
    costCenter: "1001"
    domain: example.com
    paging: {{pagerduty: pagerduty-integration}}
  onramp:services:
"""

MakeProject = Callable[..., Path]


def onramp(*arguments: str | Path) -> Result:
    """Run a command; what it prints is in `stdout` and `stderr`."""
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def document(result: Result) -> Any:
    """The one JSON document on stdout."""
    return json.loads(result.stdout)


def services(text: str, tier: str = "dev") -> str:
    """A whole stack file with these services, written as YAML without indentation."""
    return _HEADER.format(tier=tier) + indent(text, "    ")


@pytest.fixture
def project(tmp_path: Path) -> MakeProject:
    """Makes a project of the repository's program and one stack file, called `dev`."""

    def make(stack_file: str, program: str | None = None) -> Path:
        folder = tmp_path / "project"
        folder.mkdir()
        shutil.copy(ROOT / "Pulumi.yaml", folder)
        (folder / "__main__.py").write_text(program or (ROOT / "__main__.py").read_text(encoding="utf-8"))
        (folder / "Pulumi.dev.yaml").write_text(stack_file, encoding="utf-8")
        return folder

    return make


@pytest.fixture(scope="session")
def dev() -> Report:
    """The repository's dev environment, previewed and judged."""
    return evaluate(ROOT, "dev", lambda _: None)


@pytest.fixture(scope="session")
def prod() -> Report:
    """The repository's prod environment, previewed and judged."""
    return evaluate(ROOT, "prod", lambda _: None)

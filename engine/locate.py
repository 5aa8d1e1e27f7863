"""Find an engine: the first of four ways that leads to one."""

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from semver import Version

from engine.gobuild import go_build
from engine.installer import install, official_version
from engine.model import (
    Engine,
    NotHereError,
    Origin,
    Progress,
    engines_folder,
    go_version,
    pinned_version,
    platform_name,
)
from engine.once import once

CHOICE: Final = "ONRAMP_ENGINE"
"""The environment variable that forces one way: path, cache, installer or build."""

Make = Callable[[Path, Progress], None]
"""Puts an engine into a folder, as bin/pulumi; what the SDK's `PulumiCommand(root=...)` expects as well."""

Way = Callable[[Progress], Engine]

_LANGUAGE_HOST: Final = "pulumi-language-python"
_VERSION_SECONDS: Final = 20  # `pulumi version` takes a tenth of one; a CLI that hangs here is of no use


class EngineMissing(Exception):  # noqa: N818 - the state of a machine, which the caller reports; nothing went wrong here
    """No way leads to an engine; the text lists each with its reason, and what to do."""


def from_path(_progress: Progress) -> Engine:
    """The `pulumi` on PATH, if it is new enough."""
    found = shutil.which("pulumi")
    if found is None:
        raise NotHereError("no `pulumi` on PATH")
    version = _version_of(found)
    oldest = pinned_version()
    if version < oldest or version.major != oldest.major:
        raise NotHereError(f"`pulumi` on PATH is {version}; needed is {oldest} or newer, below {oldest.major + 1}")
    return _engine(Path(found), str(version), "path", "on PATH and new enough")


def from_cache(_progress: Progress) -> Engine:
    """What `from_build` built earlier. Nothing is started: the folder's name says the version."""
    folder = _build_folder()
    if not folder.is_dir():
        raise NotHereError(f"nothing built in {folder}")
    return _engine(folder / "bin" / "pulumi", str(pinned_version()), "cache", "built here earlier")


def from_installer(progress: Progress, make: Make = install) -> Engine:
    """The official CLI, installed into the cache unless it is there already."""
    folder = engines_folder() / f"official-{official_version()}-{platform_name()}"
    once(folder, lambda part: make(part, progress), progress)
    return _engine(folder / "bin" / "pulumi", official_version(), "installer", "the official CLI, in the cache")


def from_build(progress: Progress, make: Make = go_build) -> Engine:
    """The pinned CLI, built with Go into the cache unless it is there already."""
    folder = _build_folder()
    once(folder, lambda part: make(part, progress), progress)
    return _engine(folder / "bin" / "pulumi", str(pinned_version()), "built", "built with Go")


WAYS: Final[Mapping[str, Way]] = MappingProxyType(
    {"path": from_path, "cache": from_cache, "installer": from_installer, "build": from_build}
)
"""The ways in the order in which they are tried, by the names that ONRAMP_ENGINE knows."""


def find(progress: Progress, ways: Mapping[str, Way] = WAYS) -> Engine:
    """The first engine found; ONRAMP_ENGINE forces one of the ways.

    Args:
        progress: told what takes time: an installation, a build, waiting for somebody else's.
        ways: the ways to try, in order.

    Raises:
        EngineMissing: none of them leads to an engine.
    """
    choice = os.environ.get(CHOICE, "")
    if choice and choice not in ways:
        raise EngineMissing(f"{CHOICE}={choice}: it can be one of {', '.join(ways)}, or left out")
    why_not: dict[str, str] = {}
    for name in [choice] if choice else ways:
        try:
            engine = ways[name](progress)
        except NotHereError as error:
            why_not[name] = str(error)
        else:
            return _with_reasons(engine, choice, why_not)
    raise EngineMissing(_nothing_found(why_not))


def _with_reasons(engine: Engine, choice: str, why_not: Mapping[str, str]) -> Engine:
    reasons = [engine.why, *([f"{CHOICE}={choice}"] if choice else why_not.values())]
    return replace(engine, why="; ".join(reasons))


def _nothing_found(why_not: Mapping[str, str]) -> str:
    tried = [f"  {name}: {reason}" for name, reason in why_not.items()]
    return "\n".join(
        [
            "there is no Pulumi engine on this machine, and none could be had:",
            *tried,
            f"fix: install Pulumi {pinned_version()} or newer and have it on PATH,",
            f"  or install Go {go_version()} or newer, with a Go module proxy in reach (GOPROXY, HTTPS_PROXY)",
        ]
    )


def _engine(command: Path, version: str, origin: Origin, why: str) -> Engine:
    # The official archive has the language hosts beside the CLI, and the CLI looks there as well as on PATH.
    beside = command.resolve().with_name(_LANGUAGE_HOST)
    has_host = beside.is_file() or shutil.which(_LANGUAGE_HOST) is not None
    return Engine(command=command, version=version, origin=origin, why=why, needs_language_host=not has_host)


def _build_folder() -> Path:
    return engines_folder() / f"{pinned_version()}-{platform_name()}"


def _version_of(command: str) -> Version:
    quiet = {**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
    try:
        said = subprocess.run(  # noqa: S603 - the CLI that was found on PATH
            [command, "version"], env=quiet, capture_output=True, text=True, timeout=_VERSION_SECONDS, check=True
        ).stdout.strip()
        return Version.parse(said.removeprefix("v"))
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise NotHereError(f"{command} does not tell its version ({error})") from error

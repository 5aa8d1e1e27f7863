"""What every way of getting an engine speaks of: the engine found, or the reason why there is none."""

import os
import platform
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from semver import Version

GO_MODULE: Final = Path(__file__).parent / "go"
"""The Go module that pins the engine and every one of its dependencies by checksum."""

Origin = Literal["path", "cache", "installer", "built"]

Progress = Callable[[str], None]
"""Told, line by line, what takes time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Engine:
    """A Pulumi CLI that can be started.

    Attributes:
        command: the executable.
        version: its version, without the leading v.
        origin: the way it was found.
        why: why this one, and why none of those that come first.
        needs_language_host: whether it came without `pulumi-language-python`, so that ours has to stand in.
    """

    command: Path
    version: str
    origin: Origin
    why: str
    needs_language_host: bool


class NotHereError(Exception):
    """One way of getting an engine leads nowhere; the text says why."""


def pinned_version() -> Version:
    """The engine that the Go module builds. The tests run with it, so nothing older is accepted either."""
    return Version.parse(_in_go_mod(r"^\s*github\.com/pulumi/pulumi/pkg/v3 v(\S+)"))


def go_version() -> str:
    """The oldest Go that builds the engine: the `go` line of the module."""
    return _in_go_mod(r"^go (\S+)$")


def engines_folder() -> Path:
    """Where engines are kept between runs: one folder per version and platform, in the user's cache folder."""
    if platform.system() == "Darwin":
        cache = Path.home() / "Library" / "Caches"
    else:
        # The XDG specification: a relative path is invalid and has to be ignored.
        named = Path(os.environ.get("XDG_CACHE_HOME", ""))
        cache = named if named.is_absolute() else Path.home() / ".cache"
    return cache / "onramp" / "engine"


def platform_name() -> str:
    """The system and processor as Go calls them, for example linux-amd64."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}-{ {'x86_64': 'amd64', 'aarch64': 'arm64'}.get(machine, machine) }"


def _in_go_mod(pattern: str) -> str:
    found = re.search(pattern, (GO_MODULE / "go.mod").read_text(), re.MULTILINE)
    if found is None:
        raise ValueError(f"{GO_MODULE / 'go.mod'} has no line like {pattern}")
    return found[1]

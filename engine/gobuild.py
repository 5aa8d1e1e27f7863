"""Build the engine from its Go module: what is left where only a Go module proxy can be reached."""

import os
import shutil
import subprocess
from collections import deque
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from engine.model import GO_MODULE, NotHereError, Progress, go_version, pinned_version

_PACKAGE: Final = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
_VERSION_VARIABLE: Final = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"

_REPORT_EVERY: Final = 200  # lines of Go's output; a build from nothing prints about two thousand
_LAST_WORDS: Final = 12  # lines of Go's output worth repeating when it fails


def go_build(part: Path, progress: Progress) -> None:
    """Build the pinned engine into the folder `part`, as bin/pulumi.

    Go checks every module against go.sum, and keeps what it downloaded and compiled in caches of its own, so a build
    that was interrupted goes on where it stopped.

    Raises:
        NotHereError: there is no Go, it is too old, or the build failed, most often for want of a module proxy.
    """
    go = shutil.which("go")
    if go is None:
        raise NotHereError(f"no `go` on PATH (Go {go_version()} or newer)")
    progress(f"building pulumi {pinned_version()} with Go; from nothing this takes about ten minutes on two cores")
    command = [
        *(go, "build", "-mod=readonly", "-trimpath", "-v"),
        *("-ldflags", f"-s -w -X {_VERSION_VARIABLE}=v{pinned_version()}"),
        *("-o", str(part / "bin" / "pulumi"), _PACKAGE),
    ]
    # Without C the binary runs on every libc; a workspace around this folder is none of the engine's business.
    settings = {**os.environ, "CGO_ENABLED": "0", "GOWORK": "off"}
    with subprocess.Popen(  # noqa: S603 - the Go on PATH with arguments of ours
        command, cwd=GO_MODULE, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            last_words = _follow(process.stderr or (), progress)
        except BaseException:
            process.kill()
            raise
    if process.returncode != 0:
        raise NotHereError("`go build` failed:\n" + "\n".join(f"    {line}" for line in last_words))


def _follow(lines: Iterable[str], progress: Progress) -> deque[str]:
    """Report now and then how far Go is; returns the end of what it said."""
    last_words: deque[str] = deque(maxlen=_LAST_WORDS)
    downloaded = compiled = 0
    for line in lines:
        last_words.append(line.rstrip())
        if line.startswith("go: downloading"):
            downloaded += 1
        else:
            compiled += 1
        if (downloaded + compiled) % _REPORT_EVERY == 0:
            progress(f"{downloaded} modules downloaded, {compiled} packages compiled")
    return last_words

"""Install the official CLI with the SDK's own installer, if its download site answers."""

import http.client
import subprocess
import threading
import urllib.request
from importlib.metadata import version
from pathlib import Path
from typing import Final

from engine.model import NotHereError, Progress

_SITE: Final = "https://get.pulumi.com/install.sh"
"""What the SDK's installer downloads first."""

_ANSWER_SECONDS: Final = 5
"""How long the download site may take to answer. The SDK's installer sets no limit of its own."""


def official_version() -> str:
    """The CLI that the SDK's installer brings: the one released together with the SDK."""
    return version("pulumi")


def install(part: Path, progress: Progress, *, site: str = _SITE, answer_seconds: float = _ANSWER_SECONDS) -> None:
    """Install the official CLI into the folder `part`, as bin/pulumi with the language hosts beside it.

    Args:
        part: the folder.
        progress: told when the download starts.
        site: the address that has to answer before anything is tried.
        answer_seconds: how long it may take.

    Raises:
        NotHereError: the download site cannot be reached, or the installer failed.
    """
    _ask(site, answer_seconds)
    progress(f"installing the official pulumi {official_version()} from its download site")
    # Imported here: it takes a second, and an engine that is already there does not need it.
    from pulumi.automation import PulumiCommand

    try:
        PulumiCommand.install(root=str(part))
    except subprocess.CalledProcessError as error:
        said = error.output.decode(errors="replace").strip() if error.output else error
        raise NotHereError(f"the official installer failed: {said}") from error
    except OSError as error:
        raise NotHereError(f"the official installer failed: {error}") from error


def _ask(site: str, seconds: float) -> None:
    """Fail fast where the site is out of reach.

    In a thread, because resolving a name obeys no time limit: behind some firewalls it alone takes a minute.
    """
    answers: list[str] = []
    asking = threading.Thread(target=lambda: answers.append(_what_is_wrong(site, seconds)), daemon=True)
    asking.start()
    asking.join(seconds)
    said = answers[0] if answers else f"no answer within {seconds} seconds"
    if said:
        raise NotHereError(f"{site} cannot be reached ({said})")


def _what_is_wrong(site: str, seconds: float) -> str:
    """What is wrong with the site; empty when nothing is."""
    try:
        with urllib.request.urlopen(site, timeout=seconds):  # noqa: S310 - a constant https address, but for tests
            return ""
    except (OSError, http.client.HTTPException) as error:
        return str(getattr(error, "reason", error))

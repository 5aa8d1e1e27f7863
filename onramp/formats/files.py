"""Writing reports to files, each whole or not at all."""

import os
import tempfile
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path

from onramp.exits import BadInputError
from onramp.formats.codequality import codequality_text
from onramp.formats.html import html_text
from onramp.formats.junit import junit_text
from onramp.formats.markdown import markdown_text
from onramp.formats.sarif import sarif_text
from onramp.ratchet import baseline_text
from onramp.report import Report


def write_reports(report: Report, paths: Mapping[str, Path], when: datetime) -> None:
    """Write the report into each file, in the format it is named for; all are made before any is written.

    Raises:
        BadInputError: for a file that cannot be written.
    """
    formats: Mapping[str, Callable[[Report], str]] = {
        "sarif": sarif_text,
        "junit": partial(junit_text, when=when),
        "markdown": markdown_text,
        "html": html_text,
        "codequality": codequality_text,
        "baseline": lambda report: baseline_text(report.stack.name, report.judgement),
    }
    texts = {name: formats[name](report) for name in paths}
    for name, path in paths.items():
        write_whole(path, texts[name])


def write_whole(path: Path, text: str) -> None:
    """Write beside the file and put it in its place, so that no reader ever sees a part.

    Raises:
        BadInputError: when it cannot be written.
    """
    try:
        _write(path, text)
    except OSError as error:
        fix = "check the path and its permissions"
        raise BadInputError(f"{path} cannot be written: {error.strerror}.\n    fix: {fix}") from None


def _write(path: Path, text: str) -> None:
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        try:
            draft.write(text.encode())
            draft.flush()
            Path(draft.name).chmod(_mode(path))
            Path(draft.name).replace(path)
        finally:
            Path(draft.name).unlink(missing_ok=True)


def _mode(path: Path) -> int:
    """That of the file which is there already, or what a new file gets."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

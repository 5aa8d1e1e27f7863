"""Make a folder that takes minutes to make: once, whoever asks first, and never show half of it."""

import fcntl
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from engine.model import Progress


def once(target: Path, make: Callable[[Path], None], progress: Progress) -> None:
    """Return when the folder `target` exists and is complete.

    Two processes that ask at the same time make it once: the second waits for the first. `make` gets an empty folder
    beside `target` to fill; only a finished one is renamed to `target`, so whatever interrupts the making leaves
    nothing under that name, and the next call starts afresh.

    Raises:
        Exception: whatever `make` raised.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with _locked(target.with_name(f"{target.name}.lock"), progress):
        if target.exists():
            return
        part = target.with_name(f"{target.name}.part")
        if part.exists():  # a killed process could not clean up
            shutil.rmtree(part)
        part.mkdir()
        try:
            make(part)
        except BaseException:
            shutil.rmtree(part)
            raise
        part.replace(target)


@contextmanager
def _locked(lock: Path, progress: Progress) -> Generator[None]:
    # The kernel drops the lock with the process, so a killed one holds up nobody.
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress(f"another process is at it; waiting for {lock}")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield

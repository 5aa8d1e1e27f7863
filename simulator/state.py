"""What the stand-in AWS has: one JSON file, a resource on each line, that a person may read and change."""

import fcntl
import json
import os
import threading
from collections import Counter, defaultdict
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from simulator.graph import Json
from simulator.standin import RefusedError

FORMAT: Final = 1
PATH_VARIABLE: Final = "ONRAMP_STANDIN_STATE"
"""The file to use; stacks that share it share an account."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """One resource that exists. Its properties are what AWS tells: inputs and outputs together."""

    kind: str
    id: str
    urn: str
    properties: Mapping[str, Json]

    @property
    def key(self) -> str:
        """What no other resource has: the type and the ARN, or the id of what has no ARN of its own."""
        return key_of(self.kind, self.id, self.properties)

    def as_line(self) -> str:
        """The resource as JSON on one line."""
        return json.dumps({"kind": self.kind, "id": self.id, "urn": self.urn, "properties": self.properties})


def key_of(kind: str, id_: str, properties: Mapping[str, Json]) -> str:
    """The key of a resource in the file; two revisions of a task definition differ in their ARN alone."""
    arn = properties.get("arn")
    return f"{kind}|{arn if isinstance(arn, str) else id_}|{id_}"


def default_path(project: str, stack: str) -> Path:
    """The file of a stack: from the environment, or in the user's cache."""
    if given := os.environ.get(PATH_VARIABLE):
        return Path(given)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "onramp" / "stand-in" / project / f"{stack}.json"


class State:
    """The file at `path`, safe for the threads of one process and for several processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._threads = threading.RLock()
        self._seen: tuple[int, int] | None = None
        self._things: dict[str, Thing] = {}
        self._lines: dict[str, str] = {}
        self._by_kind: defaultdict[str, dict[str, Thing]] = defaultdict(dict)
        self._serials: Counter[str] = Counter()

    @contextmanager
    def changing(self) -> Generator["State"]:
        """Hold the file, read what others wrote, and write what was changed when everything went well.

        Raises:
            RefusedError: the file is not one.
        """
        with self._held():
            yield self
            self._write()

    @contextmanager
    def reading(self) -> Generator["State"]:
        """Hold the file and read what others wrote.

        Raises:
            RefusedError: the file is not one.
        """
        with self._held():
            yield self

    def find(self, kind: str, id_: str, properties: Mapping[str, Json]) -> Thing | None:
        """The resource with that key; without properties (an import) the one with that id."""
        found = self._things.get(key_of(kind, id_, properties))
        if found is None and "arn" not in properties:
            return next((thing for thing in self.of_kind(kind) if thing.id == id_), None)
        return found

    def of_kind(self, kind: str) -> Iterator[Thing]:
        """All resources of one type."""
        yield from self._by_kind[kind].values()

    def everything(self) -> Iterator[Thing]:
        """All resources."""
        yield from self._things.values()

    def next_serial(self, urn: str) -> int:
        """How many resources of this URN there have been, with the one that is about to be."""
        self._serials[urn] += 1
        return self._serials[urn]

    def put(self, thing: Thing) -> None:
        """Add a resource, or replace what was known of it."""
        self._keep(thing, thing.as_line())

    def remove(self, thing: Thing) -> None:
        """Forget a resource."""
        del self._things[thing.key], self._lines[thing.key], self._by_kind[thing.kind][thing.key]

    def _keep(self, thing: Thing, line: str) -> None:
        self._things[thing.key] = thing
        self._lines[thing.key] = line
        self._by_kind[thing.kind][thing.key] = thing

    @contextmanager
    def _held(self) -> Generator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._threads, self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                self._read()
                yield
            except BaseException:
                self._seen = None  # what a failed call left in memory is not in the file
                raise

    def _read(self) -> None:
        stamp = _stamp(self.path)
        if stamp == self._seen:
            return
        for known in (self._things, self._lines, self._by_kind, self._serials):
            known.clear()
        if stamp != _ABSENT:
            try:
                document = json.loads(self.path.read_text())
                self._serials.update(document["serials"])
                things = [Thing(**entry) for entry in document["resources"]]
            except (ValueError, KeyError, TypeError) as error:
                raise RefusedError(
                    f"The stand-in's state {self.path} is not what it wrote ({error}). Correct it, or delete it to "
                    "start with an empty account."
                ) from error
            for thing in things:
                self._keep(thing, thing.as_line())
        self._seen = stamp

    def _write(self) -> None:
        note = "What the stand-in AWS has. Change a property and run `pulumi refresh` to see it as drift."
        head = {"format": FORMAT, "note": note, "serials": dict(self._serials)}
        text = f'{json.dumps(head)[:-1]},\n"resources": [\n' + ",\n".join(self._lines.values()) + "\n]}\n"
        temporary = self.path.with_suffix(".new")
        temporary.touch(mode=0o600)
        temporary.write_text(text)
        temporary.replace(self.path)
        self._seen = _stamp(self.path)


_ABSENT: Final = (0, 0)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return _ABSENT
    return (found.st_mtime_ns, found.st_ino)

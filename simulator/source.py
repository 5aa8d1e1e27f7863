"""Which code is the project's own, and which line of it made a resource."""

from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from pulumi.runtime.proto.source_pb2 import StackTrace

from simulator.graph import Source

_ENGINE_DIR: Final = Path(__file__).parent
_LIBRARY_PARTS: Final = frozenset({"site-packages", ".venv"})


def own_file(path: Path, project_dir: Path) -> str:
    """`path` relative to the project if it is the project's own code; empty for libraries and for this engine."""
    if not path.is_relative_to(project_dir) or path.is_relative_to(_ENGINE_DIR):
        return ""
    relative = path.relative_to(project_dir)
    return "" if _LIBRARY_PARTS.intersection(relative.parts) else relative.as_posix()


class SourceFinder:
    """Finds project lines; remembers every file it has looked at, because a trace repeats the same few."""

    def __init__(self, project_dir: Path) -> None:
        """Lines count as the project's when their file is below `project_dir`."""
        self._project_dir = project_dir
        self._files: dict[str, str] = {}

    def find(self, trace: StackTrace) -> Source | None:
        """The innermost frame of `trace` in the project's own code; None when a library made the resource."""
        for frame in trace.frames:
            uri = frame.pc.uri
            if uri not in self._files:
                self._files[uri] = own_file(Path(unquote(urlsplit(uri).path)), self._project_dir)
            if file := self._files[uri]:
                return Source(file=file, line=frame.pc.line)
        return None

from pathlib import Path

import pytest

import simulator.source
from simulator.source import own_file

HOME = Path("/srv/shop")
ENGINE = Path(simulator.source.__file__)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (HOME / "__main__.py", "__main__.py"),
        (HOME / "components" / "network.py", "components/network.py"),
        (Path("/srv/other/__main__.py"), ""),
        (Path("<frozen runpy>"), ""),
        (HOME / ".venv/lib/python3.11/site-packages/pulumi/resource.py", ""),
        (HOME / "env/lib/python3.11/site-packages/pulumi/resource.py", ""),
    ],
)
def test_only_the_projects_files_are_its_own(path: Path, expected: str) -> None:
    assert own_file(path, HOME) == expected


def test_the_engine_is_not_the_projects_own_code_even_inside_it() -> None:
    project = ENGINE.parent.parent
    assert own_file(ENGINE, project) == ""
    assert own_file(project / "__main__.py", project) == "__main__.py"

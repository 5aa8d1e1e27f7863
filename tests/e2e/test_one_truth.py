"""One truth: in process and on the real engine, a stack file gives the same resources, verdicts and violations."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final, cast

import pytest
from hypothesis import Phase, given, seed, settings

from tests.components.conftest import FUNCTION, stack_text
from tests.components.test_generated import stack_files
from tests.e2e.conftest import MakeProject, Project

EXAMPLES_MAX: Final = 5  # an example takes eight seconds

WRONG: Final = stack_text(
    f"""\
api: {{compute: fargate, port: 8000, route: /api/*, alarms: {{cpuPercent: 99}}}}
resize: {{{FUNCTION}, timeout: 900, queue: {{}}}}
""",
    tier="prod",
    images={"api": "latest"},
)


@pytest.fixture(scope="module")
def project(make_project: MakeProject) -> Project:
    return make_project(wrong=WRONG)


def differences(embedded: Any, real: Any) -> list[str]:
    """Every place where the two differ, as a line for a person."""
    one, other = dict(leaves(embedded, "")), dict(leaves(real, ""))
    return [
        f"{path}: embedded {one.get(path, 'nothing')}, real {other.get(path, 'nothing')}"
        for path in sorted({*one, *other})
        if one.get(path) != other.get(path)
    ]


def leaves(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Each single value with its path, as JSON, in which 80 is not 80.0 and nothing is not an empty list."""
    inner: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        inner = cast("dict[str, Any]", value).items()
    elif isinstance(value, list):
        inner = enumerate(cast("list[Any]", value))
    if not value or not isinstance(value, dict | list):
        yield path, json.dumps(value)
    for key, each in inner:
        yield from leaves(each, f"{path}.{key}")


def keyed(document: Any) -> dict[str, Any]:
    """What must be the same, with resources by URN, so that one that is missing is one difference."""
    return {
        "order": [each["urn"] for each in document["resources"]],
        "resources": {each["urn"]: each for each in document["resources"]},
        **{key: document[key] for key in ("stack", "tier", "ok", "violations", "checklist", "warnings")},
    }


def both(project: Project, stack: str, code: int) -> Any:
    """The document of the real engine, once it is known that the embedded one says the same."""
    embedded = project.onramp("embedded", stack, "--json").ended(code).document
    real = project.onramp("preview", stack, "--json").ended(code).document
    assert (embedded["engine"], real["engine"]) == ("embedded", "pulumi")
    assert differences(keyed(embedded), keyed(real)) == []
    return real


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_the_projects_own_stacks_are_the_same(project: Project, stack: str) -> None:
    code = project.onramp("embedded", stack, "--json").code
    assert code in {0, 1}  # the statements of people in them expire
    assert len(both(project, stack, code)["resources"]) > 100


def test_what_is_wrong_is_wrong_in_both(project: Project) -> None:
    found = both(project, "wrong", 1)
    assert {each["rule"] for each in found["violations"]} > {"image-pinned"}


@pytest.mark.parametrize("what", ["a value", "a resource", "a violation"])
def test_a_difference_is_found(what: str) -> None:
    def document() -> Any:
        resource = {"urn": "a", "inputs": {"port": 80}}
        same = dict.fromkeys(("stack", "tier", "ok", "checklist", "warnings"), "same")
        return {"resources": [resource], "violations": [{"rule": "r"}], **same}

    other = document()
    if what == "a value":
        other["resources"][0]["inputs"]["port"] = 80.0
    elif what == "a resource":
        other["resources"] = []
    else:
        other["violations"] = []
    assert differences(keyed(document()), keyed(document())) == []
    assert differences(keyed(document()), keyed(other)) != []


@seed(1)
@settings(max_examples=EXAMPLES_MAX, deadline=None, database=None, phases=[Phase.generate])
@given(text=stack_files())
def test_any_stack_file_is_the_same(project: Project, text: str) -> None:
    project.write("any", text)
    code = project.onramp("embedded", "any", "--json").code
    assert code in {0, 1}
    both(project, "any", code)

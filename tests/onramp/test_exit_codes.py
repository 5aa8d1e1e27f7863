"""How commands end: 0 fine, 1 the rules say no, 2 bad input, 3 the program failed; and no traceback."""

from pathlib import Path

import pytest
from typer.testing import Result

from tests.onramp.conftest import FUNCTION, ROOT, MakeProject, document, onramp, services

LOOSE = "api: {compute: fargate, port: 80, route: /api/*, alarms: {cpuPercent: 99}, telemetry: {retentionDays: 60}}"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def assert_readable(result: Result) -> None:
    """What went wrong is said, and not how it came about."""
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    assert "Error" not in result.stdout


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_the_repositorys_own_stacks_hold(stack: str) -> None:
    result = onramp("preview", stack, "--project", ROOT, "--json")
    assert (result.exit_code, document(result)["ok"]) == (0, True)
    assert [each for each in document(result)["violations"] if each["level"] == "mandatory"] == []


@pytest.mark.parametrize("command", [["preview", "dev"], ["checklist", "dev"], ["checklist", "dev", "api"]])
def test_a_mandatory_violation_is_a_no(project: MakeProject, command: list[str]) -> None:
    folder = project(services(LOOSE, tier="prod"))
    before = contents(folder)
    assert onramp(*command, "--project", folder).exit_code == 1
    result = onramp(*command, "--project", folder, "--json")
    assert result.exit_code == 1
    if command[0] == "preview":
        levels = {each["rule"]: each["level"] for each in document(result)["violations"]}
        assert document(result)["ok"] is False
        assert "mandatory" in levels.values()
    assert contents(folder) == before


GOOD = "api: {compute: fargate, port: 80}\n"
BAD = {
    "an unknown key": (
        services(GOOD + "web: {compute: fargate, prot: 80}"),
        ["services.web.prot", "did you mean `port`?"],
    ),
    "a wrong type": (services('web: {compute: fargate, port: "80"}'), ["services.web.port", "a whole number"]),
    "a compute type that does not exist": (services("web: {compute: fargat}"), ["did you mean `fargate`?"]),
    "a missing secret": (services(GOOD + "web: {compute: fargate, secrets: [api/TOKEN]}"), ["services.web.secrets.0"]),
    "a missing topic": (
        services(GOOD + "web: {compute: fargate, consumes: [api/placed]}"),
        ["services.web.consumes.0"],
    ),
    "an illegal Fargate pair": (services("web: {compute: fargate, memory: 4096}"), ["512, 1024, 2048"]),
    "two services on one route": (
        services(f"a: {{{FUNCTION}, route: /x}}\nb: {{{FUNCTION}, route: /x}}"),
        ["services.b.route", "is the route of a as well"],
    ),
    "a name that is too long": (services(f"{'x' * 61}: {{compute: fargate}}"), ["at most 60"]),
    "an empty file": ("", ["the file is empty"]),
    "comments alone": ("# nothing\n", ["the file is empty"]),
    "a file that is not YAML": ("config: [", ["is not YAML"]),
    "a list": ("- a\n", ["is not a mapping"]),
    "a key twice": (services("a: {compute: fargate}\na: {compute: fargate}"), ["is written twice"]),
    "no environment": ("config: {aws:region: eu-west-1}\n", ["onramp:environment"]),
    "everything at once": (
        services("a: {compute: fargate, prot: 1, cpu: 3}\nb: {compute: lambda}\nC: {compute: fargate}"),
        ["services.a.prot", "services.b.handler", "services.b.runtime", "services.b.source", "services.C"],
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_readable_list_and_nothing_is_written(project: MakeProject, name: str) -> None:
    text, expected = BAD[name]
    folder = project(text)
    before = contents(folder)
    result = onramp("preview", "dev", "--project", folder)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert_readable(result)
    for words in expected:
        assert words in result.stderr
    assert contents(folder) == before


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_document_for_a_program(project: MakeProject, name: str) -> None:
    text, expected = BAD[name]
    result = onramp("preview", "dev", "--project", project(text), "--json")
    assert result.exit_code == 2
    assert_readable(result)
    found = document(result)
    assert found["ok"] is False
    assert set(found) == {"ok", "problems"}
    for problem in found["problems"]:
        assert set(problem) == {"file", "path", "line", "message", "got", "allowed", "fix"}
        assert problem["file"] == "Pulumi.dev.yaml"
        assert problem["fix"]
    whole = "\n".join(" ".join(map(str, problem.values())) for problem in found["problems"])
    for words in expected:
        assert words in whole


@pytest.mark.parametrize(
    "command", [["preview", "prdo"], ["checklist", "prdo"], ["explain", "prdo", "news-api"]], ids=lambda each: each[0]
)
def test_a_stack_that_does_not_exist_is_named_with_those_that_do(command: list[str]) -> None:
    result = onramp(*command, "--project", ROOT)
    assert result.exit_code == 2
    assert_readable(result)
    assert "there is no stack 'prdo' here" in result.stderr
    assert "did you mean `prod`?" in result.stderr


@pytest.mark.parametrize(
    "command", [["checklist", "dev", "news"], ["explain", "dev", "news"]], ids=lambda each: each[0]
)
def test_a_service_that_does_not_exist_is_bad_input(command: list[str]) -> None:
    result = onramp(*command, "--project", ROOT)
    assert result.exit_code == 2
    assert_readable(result)
    assert "There is no service 'news' in this stack." in result.stderr
    assert "fix: " in result.stderr


def test_a_folder_without_a_project_is_bad_input(tmp_path: Path) -> None:
    result = onramp("preview", "dev", "--project", tmp_path)
    assert result.exit_code == 2
    assert_readable(result)
    assert "--project" in result.stderr


def test_two_thousand_services_are_refused_with_the_quotas_they_would_break(project: MakeProject) -> None:
    many = "".join(f"s{index}: {{compute: fargate, port: 80, route: /s{index}/*}}\n" for index in range(2000))
    result = onramp("preview", "dev", "--project", project(services(many)))
    assert result.exit_code == 2
    assert_readable(result)
    assert "2,000 services in one stack" in result.stderr
    for quota in ("alb-rules", "alb-target-groups", "iam-roles", "security-group-rules", "xray-sampling-rules"):
        assert quota in result.stderr


def test_a_program_that_crashes_is_said_to_have_with_its_own_line(project: MakeProject) -> None:
    folder = project(services(GOOD), program="def deep():\n    return {}['missing']\n\n\ndeep()\n")
    before = contents(folder)
    result = onramp("preview", "dev", "--project", folder)
    assert result.exit_code == 3
    assert result.stdout == ""
    assert result.stderr.startswith("The program did not finish.")
    assert "__main__.py" in result.stderr
    assert "KeyError: 'missing'" in result.stderr
    assert "simulator/embedded.py" not in result.stderr
    as_json = onramp("preview", "dev", "--project", folder, "--json")
    assert (as_json.exit_code, document(as_json)["ok"]) == (3, False)
    assert "KeyError" in document(as_json)["problems"][0]["message"]
    assert contents(folder) == before


def test_a_program_that_is_missing_is_readable_too(project: MakeProject) -> None:
    folder = project(services(GOOD))
    (folder / "__main__.py").unlink()
    result = onramp("preview", "dev", "--project", folder)
    assert result.exit_code in {2, 3}
    assert_readable(result)
    assert "no Pulumi program" in result.stderr


def test_a_program_that_prints_does_not_spoil_the_document(project: MakeProject) -> None:
    program = "print('hello')\n" + (ROOT / "__main__.py").read_text(encoding="utf-8").partition('"""\n')[2]
    result = onramp("preview", "dev", "--project", project(services(GOOD), program=program), "--json")
    assert "hello" not in result.stdout
    assert "hello" in result.stderr
    assert document(result)["stack"] == "dev"


def test_no_command_at_all_shows_what_there_is() -> None:
    result = onramp()
    assert "preview" in result.output
    assert "checklist" in result.output

"""The pack under the Pulumi CLI alone: what its reader sees, its configuration, its remedies, and a state export."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import pytest

from stacks.standards import LOG_RETENTION_DAYS
from tests.components.conftest import stack_text
from tests.e2e.conftest import Done, MakeProject, Project

STACK: Final = "wrong"
API: Final = "api: {compute: fargate, port: 80, alarms: {cpuPercent: 99}, telemetry: {retentionDays: 60}}"
WRONG: Final = {"alarm-looser", "image-pinned", "log-retention"}
REMEDIES: Final = {"all": "remediate", "onramp-advisory": "advisory"}

Run = Callable[..., Done]


@pytest.fixture(scope="module")
def project(make_project: MakeProject) -> Project:
    project = make_project(**{STACK: stack_text(API, tier="prod", images={"api": "latest"})})
    project.onramp("preview", STACK).ended(1)
    return project


@pytest.fixture(scope="module")
def run(project: Project) -> Run:
    """Runs a command of the CLI with the pack and its configuration."""

    def run(command: str, config: Mapping[str, Any], *more: str) -> Done:
        return project.pulumi(*command.split(), "--stack", STACK, *pack(project, config), *more)

    return run


def pack(project: Project, config: Mapping[str, Any]) -> list[str]:
    file = project.folder / ".pulumi" / "policy.json"
    file.write_text(json.dumps(config), encoding="utf-8")
    return ["--policy-pack", str(project.folder / "policies"), "--policy-pack-config", str(file)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One violation as the CLI prints it: `head` is the CLI's line, `lines` are what the pack says."""

    head: str
    lines: tuple[str, ...]

    @property
    def rule(self) -> str:
        return self.lines[1].partition("[")[2].partition(" ")[0].rstrip("]")


def findings(done: Done) -> Iterator[Finding]:
    lines = [line.strip() for line in done.out.splitlines()]
    for index, line in enumerate(lines):
        if line.startswith(("- [mandatory]", "- [advisory]")):
            yield Finding(head=line, lines=tuple(lines[index + 1 : index + 5]))


def found(done: Done) -> dict[str, str]:
    """The level of each rule that is broken."""
    return {each.rule: each.head.partition("[")[2].partition("]")[0] for each in findings(done)}


def test_the_reader_of_the_cli_sees_id_service_cause_fix_and_link(run: Run) -> None:
    preview = run("preview", {})

    assert preview.code != 0
    assert found(preview) == dict.fromkeys(WRONG, "mandatory")
    (logs,) = [each for each in findings(preview) if each.rule == "log-retention"]
    assert logs.head == "- [mandatory]  onramp-mandatory  (aws:cloudwatch:LogGroup: api-observability-logs)"
    about, cause, fix, url = logs.lines
    assert about == "Mandatory by the onboarding checklist; `onramp rule ID` says why."
    assert cause == (
        "[log-retention OBS-3] medium api: api-observability-logs keeps logs for 60 days, not for the 90 days of prod"
    )
    assert fix.startswith("fix: ")
    assert url.startswith("https://docs.aws.amazon.com/")


def test_levels_of_rules_and_of_policies_are_those_of_the_config(run: Run) -> None:
    levels = {"log-retention": "advisory", "image-pinned": "disabled"}

    assert found(run("preview", {"onramp-rules": {"levels": levels}})) == {
        "alarm-looser": "mandatory",
        "log-retention": "advisory",
    }
    assert found(run("preview", {"onramp-rules": {"levels": levels}, "onramp-advisory": "disabled"})) == {
        "alarm-looser": "mandatory"
    }
    advice = run("preview", {"all": "advisory"}).ended(0)
    assert found(advice) == dict.fromkeys(WRONG, "advisory")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (
            {"onramp-rules": {"levels": {"log-retenton": "advisory", "image-pinned": "sometimes"}}},
            ["levels: Additional property log-retenton is not allowed", "levels.image-pinned must be one of"],
        ),
        ({"onramp-mandatory": "sometimes"}, ['"sometimes" is not a valid enforcement level']),
        ({"onramp-rules": {"level": {}}}, ["onramp-rules.level: there is no such key", "did you mean levels?"]),
    ],
)
def test_a_config_that_asks_for_what_there_is_not_is_refused(
    run: Run, config: Mapping[str, Any], said: list[str]
) -> None:
    refused = run("preview", config)

    assert refused.code != 0
    assert all(each in refused.out + refused.err for each in said)
    assert "Traceback" not in refused.out + refused.err


def test_remedies_mend_what_is_broken_and_no_more_and_say_so(run: Run) -> None:
    preview = run("preview", REMEDIES)

    assert set(found(preview)) == WRONG - {"log-retention"}

    assert [line.strip() for line in preview.out.splitlines() if "[remediate]" in line] == [
        "- [remediate]  remedy-log-retention  (1 resource)"
    ]


def both(project: Project, config: Mapping[str, Any]) -> tuple[Done, Done]:
    """The preview of `onramp` with a configuration, in process and on the real engine."""
    pack(project, config)
    file = str(project.folder / ".pulumi" / "policy.json")
    return (
        project.onramp("embedded", STACK, "--json", "--policy-config", file),
        project.onramp("preview", STACK, "--json", "--policy-config", file),
    )


def test_a_config_says_the_same_in_process_and_on_the_real_engine(project: Project) -> None:
    levels = {"log-retention": "advisory", "image-pinned": "disabled"}
    embedded, real = both(project, {"onramp-rules": {"levels": levels}, "onramp-mandatory": "advisory"})

    assert embedded.ended(0).document["violations"] == real.ended(0).document["violations"]
    assert {each["rule"]: each["level"] for each in real.document["violations"]} == {
        "alarm-looser": "advisory",
        "log-retention": "advisory",
    }


def test_onramp_previews_with_remedies_on_the_real_engine_alone(project: Project) -> None:
    embedded, real = both(project, REMEDIES)

    assert "add --engine pulumi" in embedded.ended(2).err
    assert {each["rule"] for each in real.ended(1).document["violations"]} == WRONG - {"log-retention"}


@pytest.fixture(scope="module")
def deployed(project: Project, run: Run) -> Project:
    """The stack as it is without the pack, but for what the remedies mend."""
    run("up", {**REMEDIES, "onramp-mandatory": "advisory"}, "--yes", "--skip-preview").ended(0)
    return project


def test_an_update_makes_what_the_remedies_say(deployed: Project) -> None:
    days = [
        each["inputs"]["retentionInDays"]
        for each in deployed.exported(STACK)
        if each["urn"].endswith("::api-observability-logs")
    ]

    assert days == [LOG_RETENTION_DAYS["prod"]]


@pytest.mark.parametrize("source", ["stack", "file"])
def test_what_is_deployed_is_judged_as_its_preview_was(deployed: Project, source: str) -> None:
    where = ["--stack", STACK]
    if source == "file":
        file = deployed.folder / ".pulumi" / "state.json"
        file.write_text(deployed.pulumi("stack", "export", "--stack", STACK).out, encoding="utf-8")
        where = ["--file", str(file)]

    analyzed = deployed.pulumi("policy", "analyze", *where, *pack(deployed, {}))

    assert analyzed.code != 0
    assert found(analyzed) == dict.fromkeys(WRONG - {"log-retention"}, "mandatory")
    levels = {"onramp-rules": {"levels": dict.fromkeys(WRONG, "advisory")}}
    deployed.pulumi("policy", "analyze", *where, *pack(deployed, levels)).ended(0)


def test_an_analysis_shows_what_a_remedy_would_change(deployed: Project) -> None:
    state = deployed.pulumi("stack", "export", "--stack", STACK).document
    for each in state["deployment"]["resources"]:
        if each["urn"].endswith("::api-observability-logs"):
            each["inputs"]["retentionInDays"] = 60
    file = deployed.folder / ".pulumi" / "changed.json"
    file.write_text(json.dumps(state), encoding="utf-8")

    analyzed = deployed.pulumi(
        "policy", "analyze", "--file", str(file), *pack(deployed, {"remedy-log-retention": "remediate"})
    )

    shown = (
        "[remediate]  remedy-log-retention  (aws:cloudwatch:LogGroup: api-observability-logs) [diff: ~retentionInDays]"
    )
    assert shown in analyzed.out
    assert set(found(analyzed)) == WRONG

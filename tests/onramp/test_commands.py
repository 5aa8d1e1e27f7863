"""`checklist`, `explain`, `rule` and `schema`: what they answer to a program, and where they find the project."""

from pathlib import Path

import pytest

from onramp.cost import prices
from onramp.report import Report
from policies.catalog import CATALOG
from policies.checklist import CHECKLIST
from policies.rule import Meta
from tests.onramp.conftest import FUNCTION, ROOT, MakeProject, document, onramp, services

ORIGINS = {"file", "tier", "derived", "default"}


def test_the_checklist_is_that_of_the_preview(prod: Report) -> None:
    result = onramp("checklist", "prod", "--project", ROOT, "--json")
    assert result.exit_code == 0
    assert document(result) == prod.document()["checklist"]


def test_the_checklist_of_one_service_is_its_column(prod: Report) -> None:
    result = onramp("checklist", "prod", "news-api", "--project", ROOT, "--json")
    whole = prod.checklist()
    assert document(result) == {"news-api": whole["news-api"]}


def test_one_service_on_a_screen_has_every_item_with_its_cause() -> None:
    result = onramp("checklist", "prod", "thumbnails", "--project", ROOT)
    assert result.exit_code == 0
    for item in CHECKLIST:
        assert item in result.stdout


@pytest.mark.parametrize("service", ["news-api", "thumbnails"])
def test_every_effective_value_has_an_origin(service: str) -> None:
    found = document(onramp("explain", "prod", service, "--project", ROOT, "--json"))
    assert (found["stack"], found["service"]) == ("prod", service)
    lines = (ROOT / "Pulumi.prod.yaml").read_text(encoding="utf-8").splitlines()
    paths = [value["path"] for value in found["values"]]
    assert len(set(paths)) == len(paths) > 20
    for value in found["values"]:
        assert set(value) == {"path", "value", "kind", "where"}
        assert value["kind"] in ORIGINS
        assert value["where"]
        if value["kind"] == "file":
            file, _, line = value["where"].partition(":")
            assert file == "Pulumi.prod.yaml"
            assert value["path"].split(".")[-1] in lines[int(line) - 1]


def test_explain_lists_exactly_the_resources_of_the_service(prod: Report) -> None:
    found = document(onramp("explain", "prod", "news-api", "--project", ROOT, "--json"))
    assert {each["urn"] for each in found["resources"]} == {
        each.urn for each in prod.graph.resources if each.custom and each.name.startswith("news-api")
    }


def test_explain_estimates_what_always_runs(project: MakeProject) -> None:
    text = services("api: {compute: fargate, port: 80, secrets: [API_TOKEN]}\n")
    text += '  onramp:images: {api: "sha256:' + "0" * 64 + '"}\n'
    cost = document(onramp("explain", "dev", "api", "--project", project(text), "--json"))["cost"]
    table = prices()
    hourly = (0.25 * table["fargate_vcpu_hour"] + 0.5 * table["fargate_gib_hour"]) * table["fargate_arm_factor"]
    assert {line["what"]: (line["count"], round(line["usd"], 6)) for line in cost["lines"]} == {
        "Fargate tasks": (1, round(hourly * table["hours_per_month"], 6)),
        "secrets": (1, table["secret_month"]),
        "alarms": (3, round(3 * table["alarm_month"], 6)),
        "composite alarms": (1, table["composite_alarm_month"]),
        "dashboards": (1, table["dashboard_month"]),
    }
    assert cost["usdPerMonth"] == round(sum(line["usd"] for line in cost["lines"]), 2)


def test_a_function_costs_nothing_that_runs(project: MakeProject) -> None:
    folder = project(services(f"f: {{{FUNCTION}}}"))
    cost = document(onramp("explain", "dev", "f", "--project", folder, "--json"))["cost"]
    assert {line["what"] for line in cost["lines"]} == {"alarms", "composite alarms", "dashboards"}


def test_all_rules_are_listed() -> None:
    result = onramp("rule", "--json")
    assert result.exit_code == 0
    assert [each["id"] for each in document(result)] == [meta.id for meta in CATALOG]
    for each in document(result):
        assert list(each) == [
            "id",
            "item",
            "group",
            "title",
            "why",
            "example",
            "fix",
            "remedy",
            "severity",
            "levels",
            "frameworks",
            "applies",
            "waiver",
            "url",
        ]
        assert set(each["levels"]) == {"dev", "staging", "prod"}


@pytest.mark.parametrize("meta", CATALOG, ids=lambda meta: meta.id)
def test_a_rule_is_found_by_its_id_and_says_why_and_how(meta: Meta) -> None:
    (found,) = document(onramp("rule", meta.id, "--json"))
    assert (found["id"], found["why"]) == (meta.id, meta.why)
    shown = onramp("rule", meta.id)
    assert shown.exit_code == 0
    assert meta.id in shown.stdout
    assert found["why"].split()[0] in shown.stdout
    assert "fix" in shown.stdout


def test_a_checklist_item_is_answered_with_its_rules() -> None:
    items = {meta.item for meta in CATALOG if meta.item}
    for item in items:
        found = document(onramp("rule", item, "--json"))
        assert {each["item"] for each in found} == {item}


def test_a_rule_that_does_not_exist_is_guessed_at() -> None:
    known = CATALOG[0].id
    result = onramp("rule", f"{known}x")
    assert result.exit_code == 2
    assert f"did you mean `{known}`?" in result.stderr
    assert result.stdout == ""
    as_json = onramp("rule", f"{known}x", "--json")
    assert (as_json.exit_code, document(as_json)["ok"]) == (2, False)


def test_the_schema_is_the_committed_one() -> None:
    result = onramp("schema")
    assert result.exit_code == 0
    assert result.stdout == (ROOT / "stack.schema.json").read_text(encoding="utf-8")


def test_the_project_is_found_from_a_folder_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT / "services")
    assert document(onramp("checklist", "dev", "--json")).keys() == {
        "news-api",
        "user-service",
        "article-index",
        "thumbnails",
    }


def test_the_project_may_be_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: MakeProject) -> None:
    folder = project(services("api: {compute: fargate, port: 80}"))
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    relative = document(onramp("preview", "dev", "--project", "../project", "--json"))
    absolute = document(onramp("preview", "dev", "--project", folder, "--json"))
    assert relative["checklist"].keys() == {"api"}
    assert relative["resources"] == absolute["resources"]
    assert Path.cwd() == tmp_path / "elsewhere"


def test_a_foundation_of_another_stack_is_previewed_with_stand_ins(project: MakeProject) -> None:
    text = services("api: {compute: fargate, port: 80, route: /api/*}").replace(
        "  onramp:services:", "    foundation: {stack: org/onramp/prod}\n  onramp:services:"
    )
    result = onramp("preview", "dev", "--project", project(text), "--json")
    assert result.exit_code in {0, 1}
    kinds = {each["type"] for each in document(result)["resources"]}
    assert "pulumi:pulumi:StackReference" in kinds
    assert not any(kind.startswith(("onramp:foundation:", "awsx:")) for kind in kinds)

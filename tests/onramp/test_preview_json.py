"""The contract of `onramp preview --json`."""

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from policies.checklist import CHECKLIST
from simulator.graph import UNKNOWN, Json
from simulator.standin import Cloud
from tests.onramp.conftest import FUNCTION, ROOT, MakeProject, document, onramp, services

VERDICTS = {"pass", "fail", "undecided", "waived", "not-applicable", "attested"}
COMPONENTS = {"onramp:compute:FargateService", "onramp:compute:LambdaFunction"}
VALUE = "https://events.example.com/integration/recognisable-value"


@pytest.fixture(scope="module")
def prod_text() -> str:
    return onramp("preview", "prod", "--project", ROOT, "--json").stdout


@pytest.fixture(scope="module")
def prod(prod_text: str) -> Any:
    return json.loads(prod_text)


def test_the_document_has_the_keys_of_the_contract(prod: Any) -> None:
    assert list(prod) == [
        "stack",
        "tier",
        "engine",
        "ok",
        "resources",
        "violations",
        "waived",
        "checklist",
        "warnings",
        "timings",
    ]
    assert (prod["stack"], prod["tier"], prod["engine"]) == ("prod", "prod", "embedded")
    assert isinstance(prod["ok"], bool)
    assert all(isinstance(warning, str) for warning in prod["warnings"])
    assert set(prod["timings"]) == {"load", "import", "preview", "judge"}
    assert all(isinstance(seconds, float) and seconds >= 0 for seconds in prod["timings"].values())


def test_the_order_of_keys_in_a_stack_file_means_nothing(project: MakeProject) -> None:
    stores = ["a: {kind: rds-postgres, instance: t4g.medium, storageGib: 20}", "b: {kind: aurora-postgres}"]
    service = f"api:\n  {FUNCTION.replace(', ', chr(10) + '  ')}\n  stores:\n"
    folder = project("")

    def resources(stores: list[str]) -> Any:
        text = services(service + "".join(f"    {store}\n" for store in stores))
        (folder / "Pulumi.dev.yaml").write_text(text, encoding="utf-8")
        return document(onramp("preview", "dev", "--project", folder, "--json"))["resources"]

    assert resources(stores) == resources(stores[::-1])


def test_every_resource_has_its_place_and_its_service(prod: Any) -> None:
    urns = {each["urn"] for each in prod["resources"]}
    roots = 0
    for each in prod["resources"]:
        assert set(each) == {"urn", "type", "name", "parent", "service", "inputs"}
        assert each["urn"].endswith(f"::{each['name']}")
        assert isinstance(each["inputs"], dict)
        roots += each["parent"] is None
        assert each["parent"] is None or each["parent"] in urns
    assert roots == 1
    assert len(urns) == len(prod["resources"])


def test_what_is_below_a_service_says_so_and_nothing_else_does(prod: Any) -> None:
    by_urn = {each["urn"]: each for each in prod["resources"]}

    def owner(each: Any) -> str | None:
        while each is not None:
            if each["type"] in COMPONENTS:
                return str(each["name"])
            each = by_urn.get(each["parent"])
        return None

    for each in prod["resources"]:
        assert each["service"] == owner(each), each["urn"]
    assert {each["service"] for each in prod["resources"]} == {None, *prod["checklist"]}


def test_unknowns_are_the_sdks_sentinel_and_keys_are_camel_case(prod: Any) -> None:
    rules = [each for each in prod["resources"] if each["type"] == "aws:lb/listenerRule:ListenerRule"]
    assert rules
    assert all(each["inputs"]["listenerArn"] == UNKNOWN for each in rules)

    own = {key for each in prod["resources"] for key in each["inputs"]}
    assert not [key for key in own if "_" in key]


def test_the_children_of_the_awsx_component_are_there(prod: Any) -> None:
    (vpc,) = (each["urn"] for each in prod["resources"] if each["type"] == "awsx:ec2:Vpc")
    assert [each["type"] for each in prod["resources"] if each["parent"] == vpc] == ["aws:ec2/vpc:Vpc"]
    assert sum(each["type"] == "aws:ec2/subnet:Subnet" for each in prod["resources"]) == 9


def test_every_service_has_a_verdict_with_its_cause_on_every_item(prod: Any) -> None:
    for service, items in prod["checklist"].items():
        assert list(items) == list(CHECKLIST), service
        for found in items.values():
            assert set(found) == {"verdict", "because"}
            assert found["verdict"] in VERDICTS
            assert found["because"]


def test_a_violation_says_where_and_how_to_fix_it(project: MakeProject) -> None:
    text = services("api: {compute: fargate, port: 80, route: /api/*, alarms: {cpuPercent: 99}}", tier="prod")
    result = onramp("preview", "dev", "--project", project(text), "--json")
    found = document(result)
    assert found["ok"] is False
    (broken,) = [each for each in found["violations"] if each["service"] == "api" and "cpu" in each["urn"]]
    assert list(broken) == [
        "rule",
        "item",
        "level",
        "severity",
        "service",
        "urn",
        "path",
        "message",
        "fix",
        "url",
        "source",
    ]
    assert broken["level"] in {"mandatory", "advisory"}
    assert broken["severity"] in {"critical", "high", "medium", "low"}
    assert broken["urn"] in {each["urn"] for each in found["resources"]}
    assert broken["source"] == {"file": "Pulumi.dev.yaml", "line": 10}
    assert text.splitlines()[9].strip().startswith("api:")
    assert broken["message"]
    assert broken["fix"]


def test_no_secret_value_is_printed_anywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = Cloud.invoke
    asked: list[str] = []

    def invoke(self: Cloud, token: str, args: Mapping[str, Json]) -> dict[str, Json]:
        found = answer(self, token, args)
        if "secretString" in found:
            asked.append(token)
            found = {**found, "secretString": VALUE}
        return found

    monkeypatch.setattr(Cloud, "invoke", invoke)
    for arguments in (["preview", "prod", "--json"], ["preview", "prod"], ["explain", "prod", "news-api", "--json"]):
        result = onramp(*arguments, "--project", ROOT)
        assert result.exit_code == 0
        assert "recognisable-value" not in result.stdout + result.stderr
    assert len(asked) == 3
    shown = document(onramp("preview", "prod", "--project", ROOT, "--json"))["resources"]
    (subscription,) = (each for each in shown if each["name"].endswith("-paging-pagerduty"))
    assert subscription["inputs"]["endpoint"] == "[secret]"


def test_no_value_of_configuration_is_printed(prod_text: str) -> None:
    parameters = [each for each in json.loads(prod_text)["resources"] if each["type"] == "aws:ssm/parameter:Parameter"]
    assert [each["inputs"]["value"] for each in parameters] == ["[secret]"]


def test_two_runs_print_the_same_bytes_apart_from_timings(prod_text: str) -> None:
    again = onramp("preview", "prod", "--project", ROOT, "--json").stdout

    def untimed(text: str) -> str:
        return re.sub(r'"timings": \{[^}]*\}', "", text)

    assert untimed(again) == untimed(prod_text)
    assert untimed(prod_text) != prod_text


def test_warnings_and_progress_are_not_on_stdout(project: MakeProject) -> None:
    folder = project(services("api: {compute: fargate, port: 80}"))
    result = onramp("preview", "dev", "--project", folder, "--json")
    assert result.stdout.startswith("{")
    assert result.stdout.endswith("}\n")
    assert document(result)["warnings"] == ["api: no image in onramp:images yet, so it runs no task"]

"""The project's own prod stack holds without a waiver; and what must be caught is, by breaking exactly that."""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import pytest

from onramp.evaluate import evaluate
from onramp.report import Report
from policies.graph import Graph, Resource
from policies.judge import judge
from policies.values import Value, clean
from stacks.standards import ATTESTATION_DAYS
from tests.conftest import THE_DAY

ROOT = Path(__file__).parent.parent
FOUNDATION = """\
config:
  aws:region: us-east-1
  onramp:environment:
    tier: {tier}
    owner: platform
    costCenter: "1001"
    domain: example.com
    paging: {{opsgenie: opsgenie-integration}}
  onramp:services: {{}}
"""
Inputs = dict[str, Any]
Change = Callable[[Inputs], None]


@pytest.fixture(scope="module")
def prod() -> Report:
    return evaluate(ROOT, "prod", lambda _: None)


def resources_of(report: Report) -> list[Resource]:
    return [
        Resource(
            urn=found.urn,
            type=found.type,
            name=found.name,
            parent=found.parent,
            inputs=_values(found.inputs),
            dependencies=found.dependencies,
            property_dependencies=found.property_dependencies,
        )
        for found in report.graph.resources
    ]


def _values(inputs: Mapping[str, Any]) -> Mapping[str, Value]:
    found = clean(dict(inputs))
    assert isinstance(found, Mapping)
    return found


def broken(report: Report, name: str, change: Change) -> list[Resource]:
    """The resources of `report`, with the inputs of the one called `name` changed."""
    originals = {found.urn: found for found in report.graph.resources}
    found = resources_of(report)
    at = [index for index, each in enumerate(found) if each.name == name]
    assert len(at) == 1, f"{name} is not one resource"
    inputs: Inputs = json.loads(json.dumps(dict(originals[found[at[0]].urn].inputs)))
    before = json.dumps(inputs)
    change(inputs)
    assert json.dumps(inputs) != before, "the change changes nothing"
    found[at[0]] = replace(found[at[0]], inputs=_values(inputs))
    return found


def in_text(key: str, change: Callable[[Any], None]) -> Change:
    """A change within an input that is JSON text."""

    def apply(inputs: Inputs) -> None:
        document = json.loads(inputs[key])
        change(document)
        inputs[key] = json.dumps(document)

    return apply


def within(key: str, inner: str, *, value: object) -> Change:
    return lambda inputs: inputs[key].update({inner: value})


def action(name: str) -> Change:
    return in_text("policy", lambda found: found["Statement"][0].update(Action=[name]))


def put(key: str, value: object) -> Change:
    return lambda inputs: inputs.update({key: value})


def test_prod_holds_without_a_waiver(prod: Report) -> None:
    assert prod.judgement.violations == ()
    assert prod.graph.warnings == ()


def test_dev_selects_fewer_services_than_prod(prod: Report) -> None:
    dev = evaluate(ROOT, "dev", lambda _: None)
    assert dev.judgement.violations == ()
    assert set(dev.stack.services) < set(prod.stack.services)


@pytest.mark.parametrize("stack", ["dev", "staging", "prod"])
def test_nothing_is_undecided_on_our_own_stacks(stack: str) -> None:
    judged = evaluate(ROOT, stack, lambda _: None).judgement.verdicts
    causes = {
        (service, item): found.because
        for service, verdicts in judged.items()
        for item, found in verdicts.items()
        if found.verdict == "undecided"
    }
    assert causes == {}


@pytest.mark.parametrize(("stack", "holds"), [("dev", True), ("prod", False)])
def test_statements_expire_in_prod_and_are_advice_in_dev(stack: str, *, holds: bool) -> None:
    later = THE_DAY + timedelta(days=ATTESTATION_DAYS)
    with mock.patch("policies.judge.date", today=lambda: later):
        judgement = evaluate(ROOT, stack, lambda _: None).judgement
    assert {each.item for each in judgement.violations} == {"HLTH-1", "OBS-4", "SECR-6"}
    assert judgement.ok is holds


@pytest.mark.parametrize("tier", ["dev", "staging", "prod"])
def test_a_foundation_without_services_holds(tmp_path: Path, tier: str) -> None:
    for name in ("__main__.py", "Pulumi.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "Pulumi.shared.yaml").write_text(FOUNDATION.format(tier=tier), encoding="utf-8")
    assert evaluate(tmp_path, "shared", lambda _: None).judgement.violations == ()


def test_at_least_25_items_are_decided_for_each_compute_type(prod: Report) -> None:
    decided: dict[str, set[str]] = {"fargate": set(), "lambda": set()}
    for name, verdicts in prod.judgement.verdicts.items():
        compute = prod.stack.services[name].compute_type
        decided[compute] |= {item for item, found in verdicts.items() if found.verdict == "pass"}
    assert len(decided["fargate"] | decided["lambda"]) >= 25
    assert len(decided["lambda"]) >= 18


class Break(NamedTuple):
    """One change to one resource of news-api, and the rule that must see it, alone."""

    what: str
    resource: str
    change: Change
    rule: str


def without(key: str) -> Change:
    return lambda inputs: inputs.pop(key)


def container(key: str, value: object) -> Change:
    return in_text("containerDefinitions", lambda found: found[0].update({key: value}))


LATEST = "123456789012.dkr.ecr.us-east-1.amazonaws.com/news-api/prod:latest"
PLAIN = [{"name": "DB_PASSWORD", "value": "hunter2"}]
TASK, SERVICE = "news-api-task-definition", "news-api-service"
BREAKS = [
    Break("no container health check", TASK, container("healthCheck", None), "container-health-check"),
    Break("no target health check", "news-api-health-blue", without("healthCheck"), "target-health-check"),
    Break("plain secret", TASK, container("environment", PLAIN), "container-plain-secret"),
    Break("public IP", SERVICE, within("networkConfiguration", "assignPublicIp", value=True), "no-public-ip"),
    Break("retention off by a day", "news-api-observability-logs", put("retentionInDays", 89), "log-retention"),
    Break("wildcard action", "news-api-task-policy", action("xray:*"), "no-wildcard-action"),
    Break("alarm without an action", "news-api-alerting-cpu", without("alarmActions"), "alarm-action"),
    Break("latest in prod", TASK, container("image", LATEST), "image-pinned"),
]


@pytest.mark.parametrize("broken_thing", BREAKS, ids=lambda case: case.what)
def test_breaking_exactly_one_thing_is_caught(prod: Report, broken_thing: Break) -> None:
    violations = judge(Graph(broken(prod, broken_thing.resource, broken_thing.change))).violations
    assert {found.rule for found in violations} == {broken_thing.rule}
    assert {found.service for found in violations} == {"news-api"}
    assert {found.level for found in violations} == {"mandatory"}


@pytest.mark.parametrize("key", ["priority", "conditions"])
def test_two_rules_with_one_priority_or_one_path_are_caught(prod: Report, key: str) -> None:
    rules = {found.name: found for found in prod.graph.resources if found.type == "aws:lb/listenerRule:ListenerRule"}
    other = rules["payment-service-ingress-rule"].inputs[key]
    violations = judge(Graph(broken(prod, "news-api-ingress-rule", put(key, other)))).violations
    assert violations
    assert {found.level for found in violations} == {"mandatory"}
    assert {found.item for found in violations} == {"NET-4"}


def test_an_app_mesh_resource_is_caught(prod: Report) -> None:
    component = next(found for found in prod.graph.resources if found.name == "news-api")
    mesh = Resource(
        urn="urn:pulumi:prod::onramp::aws:appmesh/mesh:Mesh::mesh",
        type="aws:appmesh/mesh:Mesh",
        name="mesh",
        parent=component.urn,
        inputs=_values({"name": "mesh", "tags": dict.fromkeys(("App", "Env", "Owner"), "x")}),
        dependencies=(),
        property_dependencies={},
    )
    violations = judge(Graph([*resources_of(prod), mesh])).violations
    assert "NET-3" in {found.item for found in violations}

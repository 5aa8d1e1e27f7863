"""What a person sees: the essentials of each screen, on a terminal that is wide enough."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from rich.console import Console

from onramp.evaluate import evaluate
from onramp.explanation import explain_service
from onramp.report import Report
from onramp.screens.checklist import show_matrix, show_service
from onramp.screens.explain import show_explanation
from onramp.screens.preview import show_preview
from policies.checklist import CHECKLIST
from tests.onramp.conftest import MakeProject, services


def screen(show: Callable[[Console], None]) -> str:
    console = Console(record=True, width=220, highlight=False, file=io.StringIO())
    show(console)
    return console.export_text()


def previewed(report: Report) -> str:
    return screen(lambda console: show_preview(console, report, "some engine"))


@pytest.fixture
def broken(project: MakeProject) -> Report:
    """A stack with mandatory violations."""
    spec = "{compute: fargate, port: 80, route: /api/*, alarms: {cpuPercent: 99}, telemetry: {retentionDays: 60}}"
    return evaluate(project(services(f"api: {spec}\ncalm: {{compute: fargate, port: 80}}", tier="prod")), "dev", print)


def test_a_preview_shows_every_service_with_what_it_becomes_and_costs(prod: Report) -> None:
    shown = previewed(prod)
    for name in prod.stack.services:
        assert f"{name} becomes " in shown
    assert "shared by all: " in shown
    assert "/news/*" in shown
    assert "topic payment-service/order-placed" in shown
    assert "USD a month" in shown
    assert "tier prod, us-east-1" in shown
    assert "some engine" in shown


def test_a_preview_that_holds_says_what_comes_next(prod: Report) -> None:
    shown = previewed(prod)
    assert "The rules hold." in shown
    assert "pulumi up --stack prod --policy-pack policies" in shown
    assert "violation" not in shown


def test_each_violation_is_shown_with_where_and_fix_and_the_next_step(broken: Report) -> None:
    shown = previewed(broken)
    violations = broken.judgement.violations
    assert len({found.rule for found in violations}) >= 2
    for found in violations:
        assert found.message in shown
        assert found.fix in shown
        assert f"onramp rule {found.rule}" in shown
    assert "Pulumi.dev.yaml:10" in shown
    assert "`pulumi up` would be refused" in shown
    mandatory = [found.rule for found in violations if found.level == "mandatory"]
    assert f"Next: fix {mandatory[0]}" in shown
    assert "onramp preview dev" in shown
    assert "The rules hold." not in shown


def test_warnings_are_shown(broken: Report) -> None:
    shown = previewed(broken)
    for warning in broken.graph.warnings:
        assert warning in shown
    assert "no image in onramp:images yet" in shown


def test_square_brackets_in_a_value_are_shown_and_not_taken_for_markup(broken: Report) -> None:
    odd = replace(broken.judgement.violations[0], message="got [bold]x[/] and [a]")
    judgement = replace(broken.judgement, violations=(odd,))
    shown = previewed(replace(broken, judgement=judgement))
    assert "got [bold]x[/] and [a]" in shown


def test_the_matrix_has_every_item_and_every_service(prod: Report) -> None:
    shown = screen(lambda console: show_matrix(console, prod.judgement))
    rows = {line.split()[0] for line in shown.splitlines() if line.split()}
    assert set(CHECKLIST) <= rows
    for name in prod.stack.services:
        assert name in shown
    assert "✓ pass" in shown


def test_one_service_has_the_cause_of_each_verdict(prod: Report) -> None:
    verdicts = prod.judgement.verdicts["order-worker"]
    shown = screen(lambda console: show_service(console, "order-worker", verdicts))
    for item, found in verdicts.items():
        assert item in shown
        assert found.because.split()[0] in shown


def test_an_explanation_has_every_value_with_its_origin_and_the_cost(prod: Report) -> None:
    explanation = explain_service(prod, "news-api")
    shown = screen(lambda console: show_explanation(console, explanation))
    for value in explanation.values:
        assert value.path in shown
        assert value.where in shown
    for found in explanation.resources:
        assert found.name in shown
    assert f"{explanation.cost.total:.2f} USD" in shown


def test_an_empty_stack_has_a_next_step_too(project: MakeProject) -> None:
    report = evaluate(project(services("{}")), "dev", print)
    shown = previewed(report)
    assert "0 services" in shown
    assert "Next: " in shown

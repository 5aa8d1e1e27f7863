"""Waivers in a stack file: what is read, and what is refused with everything else that is wrong."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from stacks.load import Stack, load_running, load_stack_file
from stacks.models import Waiver
from stacks.problems import Problem, StackFileError
from tests.stacks.texts import ENVIRONMENT, in_environment

SERVICE: Final = "config.onramp:services.api"
GOOD: Final = {
    "rule": "dashboard",
    "reason": "comes with the next release",
    "owner": "news",
    "approver": "security",
    "ticket": "NEWS-7",
    "expires": "2026-12-31",
}
RULES: Final = {"dashboard": True, "no-public-ip": True, "waiver-unused": False}

FromServices = Callable[[str], tuple[Problem, ...]]


def written(**other: str) -> str:
    """A waiver as YAML; what is given as empty is left out."""
    return "{" + ", ".join(f"{key}: {value}" for key, value in {**GOOD, **other}.items() if value) + "}"


def service(*waivers: str) -> str:
    return f"api: {{compute: fargate, waive: [{', '.join(waivers)}]}}"


def test_a_waiver_is_read_in_the_order_of_the_file(load_services: Callable[[str], Stack]) -> None:
    stack = load_services(service(written(), written(rule="no-public-ip", component="api-service")))

    first, second = stack.services["api"].waive
    assert (first.rule, first.component, first.expires) == ("dashboard", None, date(2026, 12, 31))
    assert (second.rule, second.component) == ("no-public-ip", "api-service")


def test_the_environment_waives_for_what_all_share(load: Callable[[str], Stack]) -> None:
    stack = load(in_environment(f"{ENVIRONMENT}, waive: [{written()}]"))

    assert [waiver.owner for waiver in stack.environment.waive] == ["news"]


@pytest.mark.parametrize("key", list(GOOD))
def test_nothing_of_a_waiver_can_be_left_out(service_problems: FromServices, key: str) -> None:
    (problem,) = service_problems(service(written(**{key: ""})))

    assert (problem.path, problem.message) == (f"{SERVICE}.waive.0.{key}", "is missing")


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("expires", "soon", "a date, such as"),
        ("expires", "2026-02-30", "a date, such as"),
        ("expires", "5", "a date, such as"),
        ("reason", "later", "at least 10 characters"),
        ("reason", r'"line one\nline two"', "text like"),
        ("ticket", "7", "text"),
        ("owner", "'@{}'", "text like"),
        ("rule", "No-Public-IP", "text like"),
        ("component", "'a b'", "text like"),
    ],
)
def test_a_wrong_value_is_shown_with_what_is_allowed(
    service_problems: FromServices, key: str, value: str, allowed: str
) -> None:
    (problem,) = service_problems(service(written(**{key: value})))

    assert problem.path == f"{SERVICE}.waive.0.{key}"
    assert problem.line == 10
    assert problem.allowed.startswith(allowed)


def test_an_unknown_key_gets_the_key_that_was_meant(service_problems: FromServices) -> None:
    (problem,) = service_problems(service(written(expire="2026-12-31")))

    assert problem.fix == "did you mean `expires`?"


@pytest.mark.parametrize("waive", ["dashboard", "{rule: dashboard}", "[dashboard]", "null"])
def test_what_is_no_list_of_waivers_is_refused(service_problems: FromServices, waive: str) -> None:
    (problem,) = service_problems(f"api: {{compute: fargate, waive: {waive}}}")

    assert problem.path.startswith(f"{SERVICE}.waive")


def test_the_same_cannot_be_waived_twice(service_problems: FromServices) -> None:
    about_one = written(component="api-service")
    (problem,) = service_problems(service(written(), about_one, about_one))

    assert (problem.path, problem.fix) == (f"{SERVICE}.waive.2", f"remove it, or {SERVICE}.waive.1")


def test_waivers_of_a_foundation_are_written_where_it_is(problems: FromServices) -> None:
    (problem,) = problems(in_environment(f"{ENVIRONMENT}, foundation: {{stack: org/onramp/dev}}, waive: [{written()}]"))

    assert problem.path == "config.onramp:environment.waive"
    assert "set it in the stack org/onramp/dev" in problem.fix


def checked(folder: Path, text: str) -> tuple[Problem, ...]:
    path = folder / "Pulumi.dev.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StackFileError) as caught:
        load_stack_file(path, rules=lambda: RULES)
    return caught.value.problems


def test_unknown_rules_are_reported_with_everything_else_that_is_wrong(tmp_path: Path) -> None:
    environment = f"{ENVIRONMENT}, waive: [{written(rule='dashbord')}]"
    services = (
        f"{{api: {{compute: fargate, prot: 1, waive: [{written(rule='zzz')}, {written(rule='waiver-unused')}]}}}}"
    )
    found = checked(tmp_path, in_environment(environment) + f"  onramp:services: {services}\n")

    assert [(problem.path, problem.message, problem.fix) for problem in found] == [
        ("config.onramp:environment.waive.0.rule", "is not a rule", "did you mean `dashboard`?"),
        (f"{SERVICE}.prot", "is not a key here", "did you mean `port`?"),
        (f"{SERVICE}.waive.0.rule", "is not a rule", "`onramp rule` lists them all"),
        (f"{SERVICE}.waive.1.rule", "is a rule about waivers, which cannot be waived", "mend that waiver"),
    ]


def test_rules_are_asked_for_only_when_something_is_waived(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(in_environment(ENVIRONMENT), encoding="utf-8")

    def rules() -> dict[str, bool]:
        raise AssertionError("nothing is waived")

    assert load_stack_file(path, rules=rules).environment.waive == ()


def test_a_day_without_quotes_is_read_as_the_engine_hands_it_over(tmp_path: Path) -> None:
    environment = {"tier": "dev", "owner": "a", "costCenter": "1", "domain": "example.com", "paging": {"opsgenie": "o"}}
    waiver = {**GOOD, "expires": "2026-12-31 00:00:00 +0000 UTC"}
    configured = {
        "aws:region": "eu-west-1",
        "onramp:environment": json.dumps(environment),
        "onramp:services": json.dumps({"api": {"compute": "fargate", "waive": [waiver]}}),
    }

    assert load_running(tmp_path, "dev", configured).services["api"].waive[0].expires == date(2026, 12, 31)


def test_a_waiver_never_changes(load_services: Callable[[str], Stack]) -> None:
    (waiver,) = load_services(service(written())).services["api"].waive

    assert isinstance(waiver, Waiver)
    assert waiver.model_config.get("frozen") is True

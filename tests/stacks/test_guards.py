"""What may be written about probes, the firewall and the budget, and what follows when nothing is."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.load import Stack
from stacks.problems import Problem
from stacks.routing import is_pattern, matching
from stacks.standards import Tier
from tests.stacks.texts import ENVIRONMENT, FUNCTION, in_environment

ROUTED = "compute: fargate, port: 80, route: /news/*"
PROBED = f"{ROUTED}, ingress: api-gateway, auth: iam"


@pytest.mark.parametrize(
    ("tier", "firewall", "probes", "budget"),
    [("dev", False, False, 75), ("staging", True, False, 150), ("prod", True, True, 500)],
)
def test_the_tier_decides_who_guards(
    load_services: Callable[..., Stack], tier: Tier, *, firewall: bool, probes: bool, budget: int
) -> None:
    stack = load_services(f"a: {{{ROUTED}}}", tier)
    environment = stack.environment
    assert (environment.firewall, environment.probes, environment.budget_usd) == (firewall, probes, budget)
    assert stack.services["a"].is_probed is probes


def test_a_route_is_asked_without_its_wildcards_and_may_answer_with_anything_but_an_error(
    load_services: Callable[..., Stack],
) -> None:
    probe = load_services(f"a: {{{ROUTED}}}", "prod").services["a"].probe
    assert probe is not None
    assert (probe.enabled, probe.path, probe.status_below, probe.every_minutes) == (True, "/news/", 500, 5)


def test_a_path_that_somebody_wrote_answers_with_success(load_services: Callable[..., Stack]) -> None:
    probe = load_services(f"a: {{{ROUTED}, probe: {{path: /news/today}}}}", "prod").services["a"].probe
    assert probe is not None
    assert (probe.enabled, probe.path, probe.status_below) == (True, "/news/today", 300)


@pytest.mark.parametrize("service", ["compute: fargate, port: 80", FUNCTION])
def test_a_service_without_a_route_has_no_probe(load_services: Callable[..., Stack], service: str) -> None:
    assert load_services(f"a: {{{service}}}", "prod").services["a"].probe is None


@pytest.mark.parametrize("route", ["'*.example.com/*'", "'n?ws.example.com/*'"])
def test_a_route_of_many_hosts_is_not_asked(load_services: Callable[..., Stack], route: str) -> None:
    service = load_services(f"a: {{compute: fargate, port: 80, route: {route}}}", "prod").services["a"]
    assert not service.is_probed


@pytest.mark.parametrize(
    ("service", "said"),
    [
        ("compute: fargate, port: 80, probe: {enabled: false, path: /, statusBelow: 300}", "reaches this service"),
        (
            "compute: fargate, port: 80, route: '*.example.com/*', probe: {enabled: true}",
            "write probe: {enabled: false}",
        ),
        (f"{PROBED}, probe: {{enabled: true, path: /news/1}}", "write probe.statusBelow: 500"),
        (f"{ROUTED}, probe: {{enabled: true}}", "needs the environment's probes, which are off"),
    ],
)
def test_a_probe_that_cannot_ask_is_refused(
    problems: Callable[[str], tuple[Problem, ...]], service: str, said: str
) -> None:
    text = in_environment(f"{ENVIRONMENT}, api: {{}}") + f"  onramp:services: {{a: {{{service}}}}}\n"
    found = problems(text)
    assert any(said in problem.message for problem in found)
    assert all(problem.fix for problem in found)


@pytest.mark.parametrize(
    ("probe", "key", "allowed"),
    [
        ("everyMinutes: 0", "everyMinutes", "1 or more"),
        ("everyMinutes: 61", "everyMinutes", "60 or less"),
        ("statusBelow: 100", "statusBelow", "200 or more"),
        ("path: news", "path", "text like"),
        ("enabled: 1", "enabled", "true or false"),
    ],
)
def test_a_probe_beyond_what_synthetics_does_is_refused(
    service_problems: Callable[[str], tuple[Problem, ...]], probe: str, key: str, allowed: str
) -> None:
    (problem,) = service_problems(f"a: {{{ROUTED}, probe: {{{probe}}}}}")
    assert problem.path == f"config.onramp:services.a.probe.{key}"
    assert problem.allowed.startswith(allowed)


@pytest.mark.parametrize("written", ["budgetUsd: 0", "budgetUsd: 75.5", "firewall: 'yes'", "probes: 1"])
def test_a_wrong_guard_of_the_environment_is_one_problem(
    problems: Callable[[str], tuple[Problem, ...]], written: str
) -> None:
    (problem,) = problems(in_environment(f"{ENVIRONMENT}, {written}") + "  onramp:services: {}\n")
    assert problem.path == f"config.onramp:environment.{written.partition(':')[0]}"


def test_a_budget_is_set_where_the_foundation_is(problems: Callable[[str], tuple[Problem, ...]]) -> None:
    written = f"{ENVIRONMENT}, foundation: {{stack: prod}}, budgetUsd: 10"
    (problem,) = problems(in_environment(written) + "  onramp:services: {}\n")
    assert problem.path == "config.onramp:environment.budgetUsd"
    assert "set it in the stack prod" in problem.fix


@given(st.text(alphabet="/abc*?", max_size=20))
def test_what_matches_a_pattern_is_no_pattern(pattern: str) -> None:
    found = matching(pattern)
    assert not is_pattern(found)
    assert len(found) <= len(pattern)
    assert is_pattern(pattern) or found == pattern

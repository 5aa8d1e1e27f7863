"""The HTTP API in a stack file: what it takes, and what is refused with what to do instead."""

from collections.abc import Callable
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks.load import Stack
from stacks.problems import Problem
from stacks.quotas import usage
from stacks.routing import api_route_keys
from tests.stacks.texts import ENVIRONMENT, FUNCTION, in_environment

FromServices: TypeAlias = Callable[[str], tuple[Problem, ...]]
FromFile: TypeAlias = Callable[[str], tuple[Problem, ...]]
PATHS = st.from_regex(r"(/[A-Za-z0-9._-]{1,8}){1,4}", fullmatch=True)


def stack_with(environment: str, services: str = "") -> str:
    """A stack file with these further keys of the environment, and these services."""
    return in_environment(f"{ENVIRONMENT}, {environment}") + f"  onramp:services: {{{services}}}\n"


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("/", ("ANY /",)),
        ("/*", ("$default",)),
        ("/news", ("ANY /news",)),
        ("/news/*", ("ANY /news", "ANY /news/{proxy+}")),
        ("/v1.0/news_feeds/*", ("ANY /v1.0/news_feeds", "ANY /v1.0/news_feeds/{proxy+}")),
    ],
)
def test_a_path_becomes_the_routes_that_mean_the_same(path: str, keys: tuple[str, ...]) -> None:
    assert api_route_keys(path) == keys


@pytest.mark.parametrize("path", ["/news*", "/*/news", "/a/*/b", "/a?", "/a/", "//*", "/a//b", "/a+b", "/{x}", "/$a"])
def test_a_path_that_no_route_can_say_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="an HTTP API has no route for"):
        api_route_keys(path)


@given(PATHS, PATHS)
def test_two_paths_never_share_a_route(one: str, other: str) -> None:
    if one != other:
        assert not set(api_route_keys(f"{one}/*")) & set(api_route_keys(f"{other}/*"))


@pytest.mark.parametrize(
    ("service", "said"),
    [
        (f"api: {{{FUNCTION}, ingress: api-gateway}}", "needs a route"),
        ("api: {compute: fargate, port: 80, ingress: api-gateway}", "needs a route"),
        ("api: {compute: fargate, port: 80, route: a.example.com/*, ingress: api-gateway}", "one domain"),
        ("api: {compute: fargate, port: 80, route: /a*, ingress: api-gateway}", "has no route for /a*"),
        (f"api: {{{FUNCTION}, route: /a, ingress: api-gateway, timeout: 31}}", "longer than the 30 seconds"),
        (f"api: {{{FUNCTION}, route: /a, auth: iam}}", "write ingress: api-gateway as well"),
        (
            "api: {compute: fargate, port: 80, route: /a, ingress: api-gateway, headers: {x-version: beta}}",
            "routes by path alone",
        ),
    ],
)
def test_what_an_http_api_cannot_do_is_refused(service_problems: FromServices, service: str, said: str) -> None:
    found = service_problems(service)
    assert any(said in problem.message for problem in found), found


def test_an_api_must_be_there_to_be_behind(service_problems: FromServices) -> None:
    (problem,) = service_problems("web: {compute: fargate, port: 80, route: /web/*, ingress: api-gateway}")
    assert (problem.path, problem.line) == ("config.onramp:services.web.ingress", 10)
    assert problem.message == "this environment has no HTTP API"
    assert problem.fix == "write `api: {}` in onramp:environment"


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ("{rate: 0}", "1 or more"),
        ("{burst: 5001}", "5000 or less"),
        ("{corsOrigins: [example.com]}", "text like"),
        ("{corsOrigins: [https://example.com/path]}", "text like"),
        ("{throttle: 3}", "rate"),
    ],
)
def test_an_api_that_aws_would_refuse_is_refused(problems: FromFile, plan: str, said: str) -> None:
    (problem,) = problems(stack_with(f"api: {plan}"))
    assert said in problem.allowed


def test_everybodys_pages_may_call_in_dev_and_not_in_prod(load: Callable[[str], Stack], problems: FromFile) -> None:
    text = stack_with("api: {corsOrigins: ['*']}")
    assert load(text).environment.api is not None
    (problem,) = problems(text.replace("tier: dev", "tier: prod"))
    assert "in prod, name the sites" in problem.message


def test_an_api_belongs_to_whoever_has_the_foundation(problems: FromFile) -> None:
    (problem,) = problems(stack_with("foundation: {stack: org/onramp/prod}, api: {}"))
    assert problem.path == "config.onramp:environment.api"
    assert problem.fix == "remove it here, and set it in the stack org/onramp/prod"


def test_one_route_at_the_balancer_and_at_the_api_are_two(load: Callable[[str], Stack], problems: FromFile) -> None:
    web = "compute: fargate, port: 80, route: /web/*"
    both = f"a: {{{web}}}, b: {{{web}, ingress: api-gateway}}"
    assert len(load(stack_with("api: {}", both)).services) == 2
    (problem,) = problems(stack_with("api: {}", f"{both}, c: {{{web}, ingress: api-gateway}}"))
    assert problem.message == "is the route of b as well"


def test_what_the_api_needs_is_counted(load: Callable[[str], Stack]) -> None:
    web = "compute: fargate, port: 80"
    services = f"a: {{{web}, route: /a/*}}, b: {{{web}, route: /b/*, ingress: api-gateway}}, f: {{{FUNCTION}}}"
    function = services.replace(FUNCTION, f"{FUNCTION}, route: /f, ingress: api-gateway")
    stack = load(stack_with("api: {rate: 77}", function))
    found = usage(stack.environment, stack.services)
    names = ("api-integrations", "api-requests", "api-routes", "vpc-links", "alb-rules", "target-groups")
    assert {name: found[name] for name in names} == {
        "api-integrations": 2,
        "api-requests": 77,
        "api-routes": 3,
        "vpc-links": 1,
        "alb-rules": 1,  # one at each of the two load balancers
        "target-groups": 2,
    }

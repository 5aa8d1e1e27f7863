"""What a container service may not be written as: rollouts, hooks, Spot, schedules, headers, names in the cluster."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from stacks.load import Stack
from stacks.models import FargateSpec
from stacks.problems import Problem, StackFileError
from stacks.standards import Tier

FromServices: TypeAlias = Callable[[str], tuple[Problem, ...]]
ROUTED = "compute: fargate, port: 80, route: /api/*"
FUNCTION = "smoke: {compute: lambda, handler: app.handler, runtime: python3.13, source: ./f}"


def spec_of(stack: Stack, name: str = "api") -> FargateSpec:
    found = stack.services[name]
    assert isinstance(found, FargateSpec)
    return found


@pytest.mark.parametrize(
    ("rollout", "said"),
    [
        ("{strategy: canary, percent: 0.05}", "ECS takes 0.1 to 100 in steps of 0.1 for canary"),
        ("{strategy: canary, percent: 0.15}", "ECS takes 0.1 to 100 in steps of 0.1 for canary"),
        ("{strategy: linear, percent: 2.9}", "ECS takes 3 to 100 in steps of 0.1 for linear"),
        ("{strategy: blue-green, percent: 10}", "blue-green has no steps"),
        ("{strategy: rolling, intervalMinutes: 10}", "rolling has no steps"),
        ("{controller: codedeploy, strategy: rolling}", "shifts between two target groups"),
        ("{controller: codedeploy, strategy: canary, percent: 2.5}", "whole numbers from 1 to 99"),
        ("{controller: codedeploy, strategy: canary, percent: 100}", "whole numbers from 1 to 99"),
        ("{controller: codedeploy, strategy: linear, intervalMinutes: 0}", "at least one minute"),
        ("{controller: codedeploy, strategy: linear, percent: 1, intervalMinutes: 30}", "takes 2970 minutes"),
        ("{strategy: rolling, hooks: [{stage: pre-scale-up, function: smoke}]}", "while it shifts traffic"),
        ("{controller: codedeploy, hooks: [{stage: pre-scale-up, function: smoke}]}", "from the appspec"),
        (
            "{hooks: [{stage: pre-scale-up, function: smoke}, {stage: pre-scale-up, function: smoke}]}",
            "asked twice at the same stage",
        ),
    ],
)
def test_a_rollout_that_aws_would_refuse_is_refused(service_problems: FromServices, rollout: str, said: str) -> None:
    strategy = "" if "strategy" in rollout else "strategy: blue-green, "
    text = f"api: {{{ROUTED}, rollout: {{{strategy}{rollout[1:]}}}\n{FUNCTION}\n"
    assert said in "\n".join(problem.message for problem in service_problems(text))


@pytest.mark.parametrize(
    ("keys", "key", "allowed"),
    [
        ("rollout: {strategy: canary, intervalMinutes: 1441}", "rollout.intervalMinutes", "1440 or less"),
        ("rollout: {bakeMinutes: 1441}", "rollout.bakeMinutes", "1440 or less"),
        ("rollout: {strategy: canary, percent: 100.1}", "rollout.percent", "100.0 or less"),
        ("rollout: {hooks: [{stage: scale-up, function: a}]}", "rollout.hooks.0.stage", "'reconcile-service'"),
        ("spot: {onDemandWeight: 1001}", "spot.onDemandWeight", "1000 or less"),
        ("spot: {spotWeight: 0}", "spot.spotWeight", "1 or more"),
        ("spot: {onDemandBase: -1}", "spot.onDemandBase", "0 or more"),
        ("discovery: {aliasPort: 0}", "discovery.aliasPort", "1 or more"),
        ("discovery: {idleSeconds: -1}", "discovery.idleSeconds", "0 or more"),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_range(
    service_problems: FromServices, keys: str, key: str, allowed: str
) -> None:
    (problem,) = service_problems(f"api: {{{ROUTED}, {keys}}}")
    assert problem.path == f"config.onramp:services.api.{key}"
    assert problem.allowed.startswith(allowed)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("schedule: rate(1 day), port: 80", "a task that ends cannot have port"),
        ("schedule: rate(1 day), queue: {}", "a task that ends cannot have queue"),
        ("schedule: rate(1 day), discovery: {serviceConnect: true}", "Service Connect is for tasks that ECS keeps"),
        ("schedule: rate(1 day), spot: {spotWeight: 2}", "write spot: true"),
        ("schedule: rate(1 day), scaling: {max: 3}", "means nothing to a task that starts by the clock"),
        ("schedule: rate(1 day), rollout: {bakeMinutes: 3}", "means nothing to a task that starts by the clock"),
        ('schedule: "cron(0 2 * * * *)"', "exactly one of the third and fifth field must be ?"),
        ("port: 80, headers: {x-version: beta}", "headers narrow a route"),
        ("port: 80, route: /a, headers: {Host: a.example.com}", "AWS matches the host in the route"),
        ("port: 80, route: a.b/c/*, headers: {a: b, c: d, e: f}", "are 6 values; AWS takes 5"),
        ("port: 80, route: /a/*, headers: {a: '****?'}", "6 wildcards"),
        (
            "port: 80, route: /a, rollout: {controller: codedeploy}, discovery: {serviceConnect: true}",
            "no Service Connect",
        ),
        (
            "port: 80, route: /a, rollout: {controller: codedeploy, strategy: blue-green}, spot: true",
            "capacity providers",
        ),
        ("port: 80, discovery: {serviceConnect: false, alias: other}", "Service Connect's, which is off"),
        ("queue: {}, discovery: {aliasPort: 80}", "needs a port that it leads to"),
        ("port: 24224", "belongs to a sidecar"),
    ],
)
def test_what_does_not_go_together_is_refused_with_the_reason(
    service_problems: FromServices, keys: str, said: str
) -> None:
    text = keys.replace("controller: codedeploy}", "controller: codedeploy, strategy: blue-green}")
    found = service_problems(f"api: {{compute: fargate, {text}}}")
    assert said in "\n".join(problem.message for problem in found)


def test_a_hook_names_a_function_of_the_stack(service_problems: FromServices) -> None:
    hook = "rollout: {strategy: canary, hooks: [{stage: pre-scale-up, function: smok}]}"
    (problem,) = service_problems(f"api: {{{ROUTED}, {hook}}}\n{FUNCTION}\n")
    assert problem.path == "config.onramp:services.api.rollout.hooks.0.function"
    assert (problem.message, problem.fix) == ("is no lambda service of this stack", "did you mean `smoke`?")


def test_a_hook_that_is_no_function_is_refused(service_problems: FromServices) -> None:
    hook = "rollout: {strategy: canary, hooks: [{stage: pre-scale-up, function: api}]}"
    (problem,) = service_problems(f"api: {{{ROUTED}, {hook}}}")
    assert problem.allowed == "none is declared yet"


def test_in_prod_two_tasks_stay_on_demand(load_services: Callable[..., Stack]) -> None:
    service = f"api: {{{ROUTED}, spot: {{onDemandBase: 1}}}}"
    assert spec_of(load_services(service, "staging")).spot is not None
    with pytest.raises(StackFileError, match="2 or more in prod"):
        load_services(service, "prod")


@pytest.mark.parametrize(("written", "weights"), [("true", (2, 1, 4)), ("{spotWeight: 9}", (2, 1, 9))])
def test_spot_is_true_or_written_out(
    load_services: Callable[..., Stack], written: str, weights: tuple[int, int, int]
) -> None:
    spot = spec_of(load_services(f"api: {{{ROUTED}, spot: {written}}}")).spot
    assert spot is not None
    assert (spot.on_demand_base, spot.on_demand_weight, spot.spot_weight) == weights


def test_spot_false_is_no_spot(load_services: Callable[..., Stack]) -> None:
    assert spec_of(load_services(f"api: {{{ROUTED}, spot: false}}")).spot is None


def test_one_name_and_port_is_one_service_in_service_connect(service_problems: FromServices) -> None:
    services = "api: {compute: fargate, port: 80, discovery: {alias: user}}\nuser: {compute: fargate, port: 80}\n"
    (problem,) = service_problems(services)
    assert problem.message == "user:80 would be both api and user in Service Connect"
    assert problem.path == "config.onramp:services.api.discovery.alias"


def test_one_name_with_two_ports_is_two_services(load_services: Callable[..., Stack]) -> None:
    services = "api: {compute: fargate, port: 81, discovery: {alias: user}}\nuser: {compute: fargate, port: 80}\n"
    assert spec_of(load_services(services)).connect_address("api") == ("user", 81)


def test_two_services_on_one_route_differ_by_headers(
    load_services: Callable[..., Stack], service_problems: FromServices
) -> None:
    def both(headers: str) -> str:
        beta, mine = (f"{{{ROUTED}, headers: {written}}}" for written in ("{x-version: beta}", headers))
        return f"api: {{{ROUTED}}}\nbeta: {beta}\nmine: {mine}\n"

    assert set(load_services(both("{x-version: gamma}")).services) == {"api", "beta", "mine"}
    (problem,) = service_problems(both("{X-Version: Beta}"))
    assert problem.message == "is the route of beta as well"


@pytest.mark.parametrize("caller", ["schedule: rate(1 day)", "port: 81, discovery: {serviceConnect: false}"])
def test_whoever_is_not_in_service_connect_calls_by_cloud_map(
    load_services: Callable[..., Stack], service_problems: FromServices, caller: str
) -> None:
    services = f"user: {{compute: fargate, port: 80}}\nreport: {{compute: fargate, {caller}, calls: [user]}}\n"
    (problem,) = service_problems(services)
    assert (problem.path, problem.fix) == (
        "config.onramp:services.report.calls.0",
        "set discovery.cloudMap: true at user",
    )
    assert load_services(services.replace("port: 80}", "port: 80, discovery: {cloudMap: true}}"))


@pytest.mark.parametrize("tier", ["dev", "prod"])
def test_what_cannot_have_service_connect_has_none_without_being_told(
    load_services: Callable[..., Stack], tier: Tier
) -> None:
    services = (
        "api: {compute: fargate, schedule: rate(1 day)}\n"
        "web: {compute: fargate, port: 80, route: /, rollout: {strategy: blue-green, controller: codedeploy}}\n"
    )
    stack = load_services(services, tier)
    assert [spec_of(stack, name).discovery.service_connect for name in ("api", "web")] == [False, False]

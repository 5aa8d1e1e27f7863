"""Each kind of mistake, alone: what is said about it, where, and what to do."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from stacks.load import Stack, load_stack_file
from stacks.problems import Problem, StackFileError
from tests.stacks.texts import ENVIRONMENT, FUNCTION, in_environment

FromServices: TypeAlias = Callable[[str], tuple[Problem, ...]]
FromFile: TypeAlias = Callable[[str], tuple[Problem, ...]]


@pytest.mark.parametrize(
    ("service", "key", "guess"),
    [
        ("api: {compute: fargate, prot: 80}", "prot", "port"),
        ("api: {compute: fargate, scaling: {maxx: 3}}", "scaling.maxx", "max"),
        ("api: {compute: fargate, alarms: {latencyP99: 3}}", "alarms.latencyP99", "latencyP99Ms"),
        (f"api: {{{FUNCTION}, timeoutt: 3}}", "timeoutt", "timeout"),
        (
            f"api: {{{FUNCTION}, events: {{source: aws.s3, detailType: Object, buckets: x}}}}",
            "events.buckets",
            "bucket",
        ),
        ("api: {compute: fargate, queue: {max_receive: 3}}", "queue.max_receive", "maxReceive"),
        ("api: {compute: fargte}", "compute", "fargate"),
    ],
)
def test_an_unknown_key_gets_the_key_that_was_meant(
    service_problems: FromServices, service: str, key: str, guess: str
) -> None:
    (problem,) = service_problems(service)
    assert (problem.path, problem.line) == (f"config.onramp:services.api.{key}", 10)
    assert problem.fix == f"did you mean `{guess}`?"
    assert guess in problem.allowed


def test_an_unknown_key_that_resembles_none_is_to_be_removed(service_problems: FromServices) -> None:
    (problem,) = service_problems("api: {compute: fargate, zzzzzz: 1}")
    assert (problem.message, problem.got, problem.fix) == ("is not a key here", "'zzzzzz'", "remove it")


@pytest.mark.parametrize(
    ("service", "key", "got", "allowed"),
    [
        ("api: {compute: fargate, port: '80'}", "port", "'80'", "a whole number"),
        ("api: {compute: fargate, port: 80.5}", "port", "80.5", "a whole number"),
        ("api: {compute: fargate, port: true}", "port", "true", "a whole number"),
        ("api: {compute: fargate, cpu: null}", "cpu", "null", "a whole number"),
        ("api: {compute: fargate, secrets: DATABASE_URL}", "secrets", "[not shown]", "a list"),
        ("api: {compute: fargate, scaling: 3}", "scaling", "3", "a mapping"),
        ("api: {compute: fargate, config: {PORT: 8000}}", "config.PORT", "8000", "text (in quotes"),
        ("api: {compute: fargate, discovery: {cloudMap: yes}}", "discovery.cloudMap", "'yes'", "true or false"),
        (
            "api: {compute: fargate, telemetry: {samplingPercent: five}}",
            "telemetry.samplingPercent",
            "'five'",
            "a number",
        ),
        ("api: {compute: fargate, port: 70000}", "port", "70000", "65535 or less"),
        ("api: {compute: fargate, alarms: {errorPercent: 0}}", "alarms.errorPercent", "0", "more than 0"),
        (
            "api: {compute: fargate, rollout: {strategy: fast}}",
            "rollout.strategy",
            "'fast'",
            "'blue-green', 'canary', 'linear', 'rolling' or 'stepped'",
        ),
        ("api: {compute: fargate, route: no-slash}", "route", "'no-slash'", "text like"),
        ("api: {compute: fargate, cpu: 300}", "cpu", "300", "256, 512, 1024"),
        (
            "api: {compute: fargate, telemetry: {retentionDays: 31}}",
            "telemetry.retentionDays",
            "31",
            "1, 3, 5, 7, 14, 30",
        ),
        (
            "api: {compute: fargate, attest: {HLTH-1: {by: me, on: soon, evidence: at the desk}}}",
            "attest.HLTH-1.on",
            "'soon'",
            "a date, such as",
        ),
    ],
)
def test_a_wrong_value_is_shown_with_what_is_allowed(
    service_problems: FromServices, service: str, key: str, got: str, allowed: str
) -> None:
    (problem,) = service_problems(service)
    assert (problem.path, problem.got) == (f"config.onramp:services.api.{key}", got)
    assert problem.allowed.startswith(allowed)
    assert problem.fix


def test_what_a_function_cannot_do_without_is_named(service_problems: FromServices) -> None:
    found = service_problems("f: {compute: lambda}")
    assert [(p.path.rpartition(".")[2], p.message) for p in found] == [
        ("handler", "is missing"),
        ("runtime", "is missing"),
        ("source", "is missing"),
    ]


@pytest.mark.parametrize("key", ["tier", "owner", "costCenter", "domain", "paging"])
def test_one_missing_key_of_the_environment_is_one_problem(problems: FromFile, key: str) -> None:
    kept = [part for part in ENVIRONMENT.split(", ") if not part.startswith(key)]
    (problem,) = problems(in_environment(", ".join(kept)) + "  onramp:services: {api: {compute: fargate}}\n")
    assert (problem.path, problem.message) == (f"config.onramp:environment.{key}", "is missing")


@pytest.mark.parametrize("domain", ["https://example.com", "Example.com", "5"])
def test_a_wrong_domain_is_one_problem_though_other_values_follow_from_it(problems: FromFile, domain: str) -> None:
    (problem,) = problems(in_environment(ENVIRONMENT.replace("example.com", f"'{domain}'")))
    assert (problem.path, problem.got) == ("config.onramp:environment.domain", repr(domain))


def test_a_wrong_tier_names_the_tiers(problems: FromFile) -> None:
    (problem,) = problems(in_environment(ENVIRONMENT.replace("dev", "prd")))
    assert (problem.path, problem.got, problem.line) == ("config.onramp:environment.tier", "'prd'", 3)
    assert problem.allowed == "'dev', 'staging' or 'prod'"


def test_a_wrong_owner_is_not_reported_again_for_each_service(problems: FromFile) -> None:
    text = in_environment(ENVIRONMENT.replace("platform", "5")) + "  onramp:services: {api: {compute: fargate}}\n"
    assert [problem.path for problem in problems(text)] == ["config.onramp:environment.owner"]


@pytest.mark.parametrize(
    ("text", "path", "fix"),
    [
        ("conifg: {}", "conifg", "did you mean `config`?"),
        ("services: {}", "services", "put the stack's keys under config:"),
    ],
)
def test_an_unknown_key_at_the_top_is_refused(problems: FromFile, text: str, path: str, fix: str) -> None:
    found = {problem.path: problem for problem in problems(text)}
    assert found[path].fix == fix
    assert found["config"].message == "is missing or not a mapping"


@pytest.mark.parametrize(
    ("key", "fix"),
    [
        ("onramp:service", "did you mean `onramp:services`?"),
        ("aws:regoin", ""),
        ("region", "did you mean `aws:region`?"),
    ],
)
def test_an_unknown_key_of_the_configuration_is_refused_unless_another_provider_owns_it(
    problems: FromFile, load: Callable[[str], Stack], key: str, fix: str
) -> None:
    text = in_environment(ENVIRONMENT)
    if fix:
        (problem,) = problems(f"{text}  {key}: hunter2\n")
        assert (problem.path, problem.got, problem.fix) == (f"config.{key}", repr(key), fix)
    else:
        assert load(f"{text}  {key}: other\n").region == "eu-west-1"


@pytest.mark.parametrize(
    ("service", "message"),
    [
        ("api: {compute: fargate, route: /x}", "a service with a route needs a port"),
        ("api: {compute: fargate, port: 4317}", "port 4317 belongs to a sidecar of the task"),
        ("api: {compute: fargate, rollout: {strategy: blue-green}}", "rollout.strategy blue-green needs a route"),
        ("api: {compute: fargate, discovery: {cloudMap: true}}", "discovery.cloudMap needs a port"),
        (f"api: {{{FUNCTION}, discovery: {{cloudMap: true}}}}", "discovery.cloudMap is for containers"),
        (f"api: {{{FUNCTION}, queue: {{visibilitySeconds: 60}}}}", "queue.visibilitySeconds (60) must be at least"),
        ("api: {compute: fargate, consumes: [api/x], publishes: [x], queue: null}", "a service that consumes topics"),
    ],
)
def test_keys_that_contradict_each_other_are_refused(
    service_problems: FromServices, service: str, message: str
) -> None:
    (problem,) = service_problems(service)
    assert problem.path == "config.onramp:services.api"
    assert problem.message.startswith(message)


@pytest.mark.parametrize(
    ("service", "key", "message"),
    [
        ("api: {compute: fargate, scaling: {min: 5}}", "scaling", "min (5) is greater than max (2)"),
        ("api: {compute: fargate, health: {timeoutSeconds: 30}}", "health", "timeoutSeconds (30) must be less than"),
        ("api: {compute: lambda, handler: a.b, runtime: python2.7, source: f}", "runtime", "allowed: python3.11"),
        (
            "api: {compute: lambda, handler: a.b, runtime: python3.13, source: ../f}",
            "source",
            "must be a folder inside",
        ),
    ],
)
def test_a_value_out_of_proportion_is_refused(
    service_problems: FromServices, service: str, key: str, message: str
) -> None:
    (problem,) = service_problems(service)
    assert problem.path == f"config.onramp:services.api.{key}"
    assert problem.message.startswith(message)


@pytest.mark.parametrize(
    ("written", "key", "message"),
    [
        ("network: {cidr: 10.0.0.0/24}", "network.cidr", "must be a private /16"),
        ("network: {cidr: 8.8.0.0/16}", "network.cidr", "must be a private /16"),
        ("network: {cidr: ten}", "network.cidr", "not a network"),
        ("foundation: {stack: org/onramp/dev}, network: {zones: 2}", "network", "has no effect"),
        ("quotas: {alb-rule: 200}", "quotas.alb-rule", "is not a quota that is known here"),
        ("account: 123456789012", "account", "is the wrong type"),
        ("paging: {pagerduty: a, opsgenie: b}", "paging", "name exactly one of pagerduty and opsgenie"),
    ],
)
def test_a_wrong_value_of_the_environment_is_refused(problems: FromFile, written: str, key: str, message: str) -> None:
    base = ENVIRONMENT.replace(", paging: {pagerduty: pd}", "") if written.startswith("paging") else ENVIRONMENT
    (problem,) = problems(in_environment(f"{base}, {written}"))
    assert problem.path == f"config.onramp:environment.{key}"
    assert problem.message.startswith(message)


def test_an_unknown_quota_gets_the_one_that_was_meant(problems: FromFile) -> None:
    (problem,) = problems(in_environment(f"{ENVIRONMENT}, quotas: {{xray-sampling-rule: 50}}"))
    assert problem.fix == "did you mean `xray-sampling-rules`?"


def test_a_service_name_of_60_characters_loads_and_one_of_61_does_not(
    load_services: Callable[[str], Stack], service_problems: FromServices
) -> None:
    assert list(load_services(f"{'a' * 60}: {{compute: fargate}}").services) == ["a" * 60]
    (problem,) = service_problems(f"{'a' * 61}: {{compute: fargate}}")
    assert (problem.message, problem.allowed) == ("the name has 61 characters", "at most 60")


@pytest.mark.parametrize("name", ["News", "news_api", "1st", "-a", "a-", "a--b", "a.b", "é", "''", "a b"])
def test_a_name_that_some_aws_service_would_refuse_is_refused(service_problems: FromServices, name: str) -> None:
    (problem,) = service_problems(f"{name}: {{compute: fargate}}")
    assert problem.message.endswith("cannot name a service")
    assert problem.fix.startswith("rename it, for example ")


@pytest.mark.parametrize(
    ("config", "paths"),
    [
        ("config:\n", ["config"]),
        ("config: []\n", ["config"]),
        ("config: {}\n", ["config.aws:region", "config.onramp:environment"]),
        (in_environment(ENVIRONMENT) + "  onramp:services: [api]\n", ["config.onramp:services"]),
        (in_environment(ENVIRONMENT) + "  onramp:services: {api: fargate}\n", ["config.onramp:services.api"]),
        (in_environment(ENVIRONMENT) + "  onramp:services: {api: {}}\n", ["config.onramp:services.api.compute"]),
        (in_environment(ENVIRONMENT).replace("eu-west-1", "ireland"), ["config.aws:region"]),
        (in_environment(ENVIRONMENT).replace("eu-west-1", "1"), ["config.aws:region"]),
    ],
)
def test_a_part_of_the_wrong_kind_is_named(problems: FromFile, config: str, paths: list[str]) -> None:
    assert [problem.path for problem in problems(config)] == paths


def test_a_stack_that_does_not_exist_names_those_that_do(tmp_path: Path) -> None:
    for name in ("dev", "prod"):
        (tmp_path / f"Pulumi.{name}.yaml").touch()
    with pytest.raises(StackFileError) as caught:
        load_stack_file(tmp_path / "Pulumi.prd.yaml")
    (problem,) = caught.value.problems
    assert (problem.message, problem.allowed) == ("there is no stack 'prd' here", "dev, prod")
    assert problem.fix == "did you mean `prod`?"
    assert list(tmp_path.glob("*prd*")) == []


@pytest.mark.parametrize(
    ("service", "key", "its_own"),
    [
        (f"f: {{{FUNCTION}, alarms: {{cpuPercent: 70}}}}", "cpuPercent", "errorPercent"),
        ("api: {compute: fargate, alarms: {errorPercent: 2}}", "errorPercent", "cpuPercent"),
        ("web: {compute: express, port: 80, alarms: {http5xx: 2}}", "http5xx", "memoryPercent"),
    ],
)
def test_a_threshold_that_would_watch_nothing_is_refused(
    service_problems: FromServices, service: str, key: str, its_own: str
) -> None:
    (problem,) = service_problems(service)
    assert f"alarms.{key}" in problem.message
    assert its_own in problem.message

"""What may be written about pipelines, and what is refused with the reason."""

from collections.abc import Callable

import pytest

from stacks.load import Stack
from stacks.problems import Problem
from tests.stacks.texts import ENVIRONMENT, in_environment

CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/0a1b2c3d-1111-2222-3333-444455556666"
PLAN = f"connection: '{CONNECTION}', repository: example/platform, deployRole: onramp-deploy"
WITH_TOKEN = f"{PLAN}, token: pulumi-token"
PATH = "config.onramp:environment.pipeline"
PROD = ENVIRONMENT.replace("tier: dev", "tier: prod")


def test_what_is_not_written_is_main_and_pulumi_cloud(load: Callable[[str], Stack]) -> None:
    plan = load(in_environment(f"{ENVIRONMENT}, pipeline: {{{WITH_TOKEN}}}")).environment.pipeline
    assert plan is not None
    assert (plan.branch, plan.backend, plan.promotes_from, plan.approvers) == (
        "main",
        "https://api.pulumi.com",
        None,
        (),
    )


def test_a_backend_in_s3_needs_no_token(load: Callable[[str], Stack]) -> None:
    plan = load(in_environment(f"{ENVIRONMENT}, pipeline: {{{PLAN}, backend: 's3://state'}}")).environment.pipeline
    assert plan is not None
    assert plan.token is None


def test_without_the_key_there_is_no_plan(load: Callable[[str], Stack]) -> None:
    assert load(in_environment(ENVIRONMENT)).environment.pipeline is None


@pytest.mark.parametrize(
    ("environment", "plan", "words"),
    [
        (ENVIRONMENT, PLAN, "name the secret"),
        (ENVIRONMENT, f"{WITH_TOKEN}, backend: 's3://state'", "remove the token"),
        (ENVIRONMENT, f"{WITH_TOKEN}, promotesFrom: dev", "cannot promote from itself"),
        (PROD, WITH_TOKEN, "prod runs what another environment has run"),
    ],
)
def test_what_does_not_go_together_is_refused(
    problems: Callable[[str], tuple[Problem, ...]], environment: str, plan: str, words: str
) -> None:
    (problem,) = problems(in_environment(f"{environment}, pipeline: {{{plan}}}"))
    assert words in problem.message + problem.fix


@pytest.mark.parametrize(
    ("key", "plan"),
    [
        ("connection", WITH_TOKEN.replace("connection/0a", "host/0a")),
        ("repository", WITH_TOKEN.replace("example/platform", "platform")),
        ("branch", f"{WITH_TOKEN}, branch: '-x'"),
        ("deployRole", WITH_TOKEN.replace("onramp-deploy", "'arn:aws:iam::1:role/x'")),
        ("token", WITH_TOKEN.replace("pulumi-token", "'https://api.pulumi.com/token'")),
        ("backend", f"{WITH_TOKEN}, backend: 'http://state'"),
        ("promotesFrom", f"{WITH_TOKEN}, promotesFrom: Staging"),
        ("approvers.0", f"{WITH_TOKEN}, approvers: [ada]"),
        ("aprovers", f"{WITH_TOKEN}, aprovers: []"),
    ],
)
def test_a_bad_value_is_refused_where_it_stands(
    problems: Callable[[str], tuple[Problem, ...]], key: str, plan: str
) -> None:
    (problem,) = problems(in_environment(f"{ENVIRONMENT}, pipeline: {{{plan}}}"))
    assert problem.path == f"{PATH}.{key}"


STEPPED = "web: {compute: fargate, port: 80, route: /web/*, rollout: {strategy: stepped}}"
PAUSED = "web: {compute: fargate, port: 80, route: /web/*, rollout: {strategy: canary, pause: true}}"
BY_CODEDEPLOY = (
    "web: {compute: fargate, port: 80, route: /web/*, discovery: {serviceConnect: false}, "
    "rollout: {strategy: canary, controller: codedeploy}}"
)
FUNCTION = (
    "web: {compute: lambda, handler: app.handler, runtime: python3.13, source: ./services/thumbnails, "
    "rollout: {strategy: stepped}}"
)
ENDPOINT = (
    "web: {compute: sagemaker, model: {package: churn, data: s3://models/churn/}, instance: ml.m5.large, "
    "rollout: {strategy: stepped}}"
)


def delivered(service: str, *keys: str) -> str:
    written = ", ".join((ENVIRONMENT, f"pipeline: {{{WITH_TOKEN}}}", *keys))
    return f"{in_environment(written)}  onramp:services: {{{service}}}\n"


@pytest.mark.parametrize("service", [STEPPED, PAUSED, BY_CODEDEPLOY, FUNCTION, ENDPOINT])
def test_rollouts_of_a_pipeline_need_a_ledger_that_outlives_a_build(
    problems: Callable[[str], tuple[Problem, ...]], load: Callable[[str], Stack], service: str
) -> None:
    (problem,) = problems(delivered(service))
    assert (problem.path, problem.got) == (PATH, "no ledger")
    assert problem.line > 0
    assert "takes web live by onramp rollout" in problem.message
    assert "ledger: dynamodb" in problem.allowed
    assert "ledger: dynamodb" in problem.fix

    assert load(delivered(service, "ledger: dynamodb")).services["web"].waits_for_rollout
    assert load(delivered(service, "ledger: 'dynamodb://rollouts?region=eu-west-1'"))


@pytest.mark.parametrize(
    "service",
    [
        "web: {compute: fargate, port: 80, route: /web/*, rollout: {strategy: canary}}",
        "web: {compute: express, port: 80}",
        ENDPOINT.replace("package: churn", "package: churn, version: 3"),
    ],
)
def test_what_no_pipeline_rolls_out_needs_none(load: Callable[[str], Stack], service: str) -> None:
    assert load(delivered(service)).environment.ledger is None


def test_without_a_pipeline_no_ledger_is_asked_for(load: Callable[[str], Stack]) -> None:
    text = f"{in_environment(ENVIRONMENT)}  onramp:services: {{{STEPPED}}}\n"
    assert load(text).services["web"].waits_for_rollout


@pytest.mark.parametrize(
    ("service", "minutes"),
    [
        (STEPPED.replace("stepped}", "stepped, stepMinutes: 120}"), 480),
        (STEPPED.replace("stepped}", "stepped, stepMinutes: 60, bakeMinutes: 300}"), 480),
        (PAUSED.replace("canary", "linear, percent: 10, intervalMinutes: 60, bakeMinutes: 0"), 540),
        (FUNCTION.replace("stepped}", "stepped, steps: [50, 100], stepMinutes: 300}"), 600),
    ],
)
def test_a_rollout_that_the_pipeline_could_not_see_the_end_of_is_refused(
    problems: Callable[[str], tuple[Problem, ...]], service: str, minutes: int
) -> None:
    (problem,) = problems(delivered(service, "ledger: dynamodb"))
    assert problem.path == "config.onramp:services.web.rollout"
    assert problem.got.startswith(str(minutes)), problem.got
    assert "450 minutes" in problem.allowed

"""Services between whose versions Onramp moves the traffic: what is refused of them, and what they need of quotas."""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from stacks.defaults import fill_environment
from stacks.ledger import address_of
from stacks.load import Stack
from stacks.models import FargateSpec
from stacks.problems import Problem
from stacks.quotas import QUOTAS, usage

FromServices: TypeAlias = Callable[[str], tuple[Problem, ...]]
ROUTED = "compute: fargate, port: 80, route: /a/*"
STEPPED = "rollout: {strategy: stepped}"
FUNCTION = "compute: lambda, handler: app.handler, runtime: python3.13, source: ./f"
MODEL = "compute: sagemaker, model: {package: churn, data: s3://models/churn/}"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/xgboost:1.7-1"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (f"{ROUTED}, {STEPPED}, discovery: {{serviceConnect: true}}", "two ECS services cannot share one name"),
        (f"{ROUTED}, {STEPPED}, discovery: {{cloudMap: true}}", "DNS knows no weights"),
        (f"{ROUTED}, {STEPPED}, queue: {{}}", "a queue knows no weights"),
        (f"compute: fargate, port: 80, {STEPPED}", "needs a route"),
        (f"{ROUTED}, rollout: {{strategy: stepped, controller: codedeploy}}", "nobody shifts but Onramp"),
        (f"{ROUTED}, rollout: {{strategy: stepped, pause: true}}", "ECS waits only where it shifts itself"),
        (f"{ROUTED}, rollout: {{strategy: canary, steps: [100]}}", "AWS takes the steps of canary"),
        (f"{ROUTED}, rollout: {{strategy: stepped, steps: [5, 50]}}", "the last step is 100"),
        (f"{ROUTED}, rollout: {{strategy: stepped, steps: [50, 5, 100]}}", "must rise from step to step"),
        (f"{FUNCTION}, rollout: {{strategy: stepped, hooks: {{before: a}}}}", "hooks are asked by CodeDeploy"),
        (f"{MODEL}, form: variants, variants: {{a: {{weight: 1}}, b: {{weight: 1}}}}, {STEPPED}", "has no room for"),
        (
            f"compute: sagemaker, form: multi-model, model: {{image: '{IMAGE}', data: s3://models/all/}}, {STEPPED}",
            "has no room for",
        ),
        (f"{MODEL}, form: serverless, {STEPPED}", "always switches all at once"),
    ],
)
def test_what_cannot_go_live_in_steps_is_refused_with_the_reason(
    service_problems: FromServices, written: str, said: str
) -> None:
    assert said in "\n".join(problem.message for problem in service_problems(f"a: {{{written}}}"))


def test_it_is_reached_through_its_route_alone(service_problems: FromServices) -> None:
    text = f"a: {{{ROUTED}, {STEPPED}}}\ncaller: {{compute: fargate, calls: [a]}}\n"
    (problem,) = service_problems(text)
    assert problem.path == "config.onramp:services.caller.calls.0"
    assert "through its route alone" in problem.message


def test_no_other_service_has_the_name_of_one_of_its_sides(service_problems: FromServices) -> None:
    (problem,) = service_problems(f"a: {{{ROUTED}, {STEPPED}}}\na-green: {{compute: fargate, port: 80}}\n")
    assert problem.path == "config.onramp:services.a-green"
    assert problem.message.startswith("is what ECS calls one side of a")


def test_it_has_no_service_connect_without_being_told(load_services: Callable[..., Stack]) -> None:
    spec = load_services(f"a: {{{ROUTED}, {STEPPED}}}").services["a"]
    assert isinstance(spec, FargateSpec)
    assert not spec.discovery.service_connect
    assert spec.ecs_names("a") == ("a-blue", "a-green")


@pytest.fixture
def more(load_services: Callable[..., Stack]) -> Callable[[str, str], dict[str, int]]:
    """What the second services need that the first do not."""

    def counted(before: str, after: str) -> dict[str, int]:
        one, other = (load_services(text, "prod") for text in (before, after))
        first, second = usage(one.environment, one.services), usage(other.environment, other.services)
        return {name: second[name] - first[name] for name in QUOTAS if second[name] != first[name]}

    return counted


def test_both_sides_count_and_nobody_needs_a_role_to_shift(more: Callable[[str, str], dict[str, int]]) -> None:
    shifted, stepped = (f"a: {{{ROUTED}, cpu: 1024, memory: 2048, {how}}}" for how in ("scaling: {max: 6}", STEPPED))
    found = more(shifted, stepped.replace(STEPPED, f"scaling: {{max: 6}}, {STEPPED}"))
    assert found == {"cloudwatch-alarms": 3, "ecs-services": 1, "fargate-vcpu": 6, "iam-roles": -1}
    plain = f"a: {{{FUNCTION}}}"
    assert more(plain, f"a: {{{FUNCTION}, {STEPPED}}}") == {
        "codedeploy-applications": -1,
        "eventbridge-rules": -1,
        "iam-roles": -1,
    }


def test_the_ledger_is_the_environments_own_table_or_as_it_is_written() -> None:
    written: dict[str, Any] = {"foundation": {"stack": "org/onramp/prod"}}
    name = str(fill_environment("prod-search", written).values["name"])
    assert address_of("dynamodb", name, "eu-west-1") == "dynamodb://prod-rollouts?region=eu-west-1"
    assert address_of("dynamodb://team?region=us-east-1", name, "eu-west-1") == "dynamodb://team?region=us-east-1"


@pytest.mark.parametrize("written", ["sqlite:///tmp/a.db", "dynamodb://table", "yes please"])
def test_a_ledger_that_a_team_cannot_share_is_refused(problems: Callable[[str], Any], written: str) -> None:
    header = (
        "config:\n  aws:region: eu-west-1\n  onramp:environment: {tier: dev, owner: a, costCenter: '1', "
        f"domain: example.com, paging: {{pagerduty: a}}, ledger: '{written}'}}\n  onramp:services: {{}}\n"
    )
    (problem,) = problems(header)
    assert problem.path == "config.onramp:environment.ledger"

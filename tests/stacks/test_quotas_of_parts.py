"""What a few keys of the environment and of single services add to the quotas that a stack needs."""

from collections.abc import Callable

import pytest

from stacks.load import Stack
from stacks.quotas import QUOTAS, usage

CONNECTION = "arn:aws:codeconnections:eu-west-1:111122223333:connection/0a1b2c3d-1111-2222-3333-444455556666"
PIPELINE = f"pipeline: {{connection: '{CONNECTION}', repository: a/b, deployRole: deploy, token: pulumi-token}}"
MODEL = "m: {compute: sagemaker, model: {package: churn, data: s3://models/churn/}}"
FUNCTION = "compute: lambda, handler: a.b, runtime: python3.13, source: ./f"
SOCKET = f"{{{FUNCTION}, webSocket: {{rate: 11}}}}"


@pytest.fixture
def added(load: Callable[[str], Stack]) -> Callable[[str, str, str, str], dict[str, int]]:
    """What the second environment and services need more than the first; only what differs."""

    def counted(environment: str, services: str) -> dict[str, int]:
        stack = load(
            "config:\n  aws:region: eu-west-1\n"
            "  onramp:environment: {tier: dev, owner: a, costCenter: b, domain: example.com, paging: {pagerduty: p}, "
            f"{environment}}}\n  onramp:services: {{{services}}}\n"
        )
        return dict(usage(stack.environment, stack.services))

    def difference(first: str, of_first: str, second: str, of_second: str) -> dict[str, int]:
        before, after = counted(first, of_first), counted(second, of_second)
        return {name: after[name] - before[name] for name in QUOTAS if after[name] != before[name]}

    return difference


@pytest.mark.parametrize(
    ("environment", "more"),
    [
        ("capacity: {}", {"iam-roles": 1, "security-groups": 1}),
        ("webSockets: true", {"iam-roles": 1}),
        ("api: {rate: 77}", {"api-requests": 77, "cloudwatch-alarms": 2, "security-groups": 2, "vpc-links": 1}),
    ],
)
def test_a_part_of_the_foundation_counts_with_its_roles_and_groups(
    added: Callable[[str, str, str, str], dict[str, int]], environment: str, more: dict[str, int]
) -> None:
    assert added("", "", environment, "") == more


def test_messages_of_a_web_socket_are_requests_like_those_of_an_api(
    added: Callable[[str, str, str, str], dict[str, int]],
) -> None:
    environment = "webSockets: true"
    assert added(environment, f"f: {{{FUNCTION}}}", environment, f"f: {SOCKET}") == {"api-requests": 11}


def test_the_pipeline_of_a_registered_model_is_started_by_an_event_with_a_role(
    added: Callable[[str, str, str, str], dict[str, int]],
) -> None:
    # The build that deploys; then the pipeline, what finds the version, and what starts it.
    assert added("", MODEL, PIPELINE, MODEL) == {"eventbridge-rules": 2, "iam-roles": 1 + 3}


def test_a_serverless_endpoint_opens_no_way_to_what_its_secrets_are_for(
    added: Callable[[str, str, str, str], dict[str, int]],
) -> None:
    small = "compute: sagemaker, form: serverless, model: {data: s3://models/small.tar.gz}"
    more = added("", f"m: {{{small}}}", "", f"m: {{{small}, secrets: [DATABASE_URL, CACHE_URL]}}")
    assert more == {"security-groups": 2}  # of the functions that rotate

from collections.abc import Callable

import pytest

from stacks import limits
from stacks.load import Stack
from stacks.problems import Problem
from stacks.quotas import QUOTAS, SERVICES_PER_STACK_MAX, broken, refusal, usage
from stacks.standards import Tier

ENVIRONMENT = "tier: dev, owner: a, costCenter: b, domain: example.com, paging: {pagerduty: p}"
FUNCTION = "compute: lambda, handler: a.b, runtime: python3.13, source: ./f"


def file_with(environment: str, services: str) -> str:
    return (
        f"config:\n  aws:region: eu-west-1\n  onramp:environment: {{{ENVIRONMENT}, {environment}}}\n"
        f"  onramp:services: {{{services}}}\n"
    )


def traced(count: int, quotas: str = "{}") -> str:
    services = ", ".join(f"s{i}: {{compute: fargate, scaling: {{min: 1, max: 1}}}}" for i in range(count))
    return file_with(f"quotas: {quotas}", services)


@pytest.fixture
def used(load_services: Callable[..., Stack]) -> Callable[..., dict[str, int]]:
    """What services need on top of an environment without services, without what they need nothing of."""

    def counted(services: str, tier: Tier = "prod") -> dict[str, int]:
        stack, empty = load_services(services, tier), load_services("{}", tier)
        before = usage(empty.environment, empty.services)
        after = usage(stack.environment, stack.services)
        return {name: after[name] - before[name] for name in QUOTAS if after[name] != before[name]}

    return counted


def test_a_routed_container_that_shifts_traffic_needs_two_target_groups_and_a_third_role(
    used: Callable[..., dict[str, int]],
) -> None:
    assert used("api: {compute: fargate, port: 80, route: /api/*, secrets: [DATABASE_URL], config: {A: b, C: d}}") == {
        "alb-rules": 1,
        "alb-target-groups": 2,
        "cloudwatch-alarms": 7,
        "ecr-repositories": 1,
        "ecs-services": 1,
        "eventbridge-rules": 1,
        "fargate-vcpu": 3,
        "iam-roles": 4,
        "security-groups": 3,
        "ssm-parameters": 2,
        "synthetics-canaries": 1,
        "target-groups": 2,
        "xray-sampling-rules": 1,
    }


def test_a_worker_needs_nothing_of_the_load_balancer(used: Callable[..., dict[str, int]]) -> None:
    assert used("mail: {compute: fargate, queue: {}}") == {
        "cloudwatch-alarms": 6,
        "ecr-repositories": 1,
        "ecs-services": 1,
        "eventbridge-rules": 1,
        "fargate-vcpu": 3,
        "iam-roles": 2,
        "security-groups": 1,
        "xray-sampling-rules": 1,
    }


def test_a_function_reserves_its_concurrency_and_has_codedeploy_shift_its_alias(
    used: Callable[..., dict[str, int]],
) -> None:
    events = "events: {source: aws.s3, detailType: Object Created}"
    assert used(f"f: {{{FUNCTION}, route: /f, schedule: rate(1 day), {events}, scaling: {{max: 20}}}}") == {
        "alb-rules": 1,
        "alb-target-groups": 1,
        "cloudwatch-alarms": 11,
        "codedeploy-applications": 1,
        "eventbridge-rules": 3,
        "iam-roles": 3,
        "lambda-concurrency": 20 + limits.LAMBDA_UNRESERVED_CONCURRENCY,
        "security-groups": 1,
        "synthetics-canaries": 1,
        "target-groups": 1,
        "xray-sampling-rules": 1,
    }


@pytest.mark.parametrize(
    ("tier", "secrets", "groups"),
    [
        ("dev", "API_KEY", 1),
        ("dev", "DATABASE_URL", 2),
        ("dev", "DATABASE_URL, ORDERS_DB_URL", 2),
        ("prod", "DATABASE_URL", 3),
        ("prod", "DATABASE_URL, ORDERS_DB_URL", 4),
        ("prod", "CACHE_URL", 2),
        ("prod", "DATABASE_URL, CACHE_URL, API_KEY", 4),
    ],
)
def test_each_kind_of_rotation_brings_its_function(
    used: Callable[..., dict[str, int]], tier: Tier, secrets: str, groups: int
) -> None:
    assert used(f"api: {{compute: fargate, secrets: [{secrets}]}}", tier)["security-groups"] == groups


def test_a_shared_secret_is_rotated_once(used: Callable[..., dict[str, int]]) -> None:
    owner, reader = "a: {compute: fargate, secrets: [DATABASE_URL]}", "b: {compute: fargate, secrets: [a/DATABASE_URL]}"
    assert used(f"{owner}\n{reader}\n", "dev")["security-groups"] == 3


STORES = """
a:
  compute: fargate
  stores:
    t: {kind: dynamodb, partitionKey: id}
    c: {kind: aurora-postgres}
    i: {kind: rds-postgres}
"""


@pytest.mark.parametrize(("tier", "instances", "alarms"), [("dev", 2, 11), ("prod", 3, 12)])
def test_each_store_counts_with_its_alarms_its_groups_and_the_role_that_reports(
    used: Callable[..., dict[str, int]], tier: Tier, instances: int, alarms: int
) -> None:
    bare = used("a: {compute: fargate}", tier)
    found = {name: count - bare.get(name, 0) for name, count in used(STORES, tier).items()}
    assert {name: count for name, count in found.items() if count} == {
        "cloudwatch-alarms": alarms,
        "dynamodb-tables": 1,
        "iam-roles": 1,
        "rds-clusters": 1,
        "rds-instances": instances,
        "security-group-rules": 1,
        "security-groups": 4,
    }


def test_a_database_lets_in_its_users_and_the_function_that_changes_its_password(load: Callable[[str], Stack]) -> None:
    owner = "a: {compute: fargate, stores: {main: {kind: aurora-postgres}, t: {kind: dynamodb, partitionKey: id}}}"
    users = ", ".join(f"u{i}: {{compute: fargate, uses: [a/main, a/t]}}" for i in range(4))
    assert rules_of_the_largest_group(load, f"{owner}, {users}") == 1 + 4 + 1


def test_vcpus_are_counted_when_everything_has_scaled_out(used: Callable[..., dict[str, int]]) -> None:
    scaled = (
        "a: {compute: fargate, scaling: {max: 3}}\nb: {compute: fargate, cpu: 1024, memory: 2048, scaling: {max: 4}}\n"
    )
    assert used(scaled)["fargate-vcpu"] == 5  # 3 of 0.25 and 4 of 1, rounded up


def rules_of_the_largest_group(load: Callable[[str], Stack], services: str, environment: str = "") -> int:
    stack = load(file_with(environment, services))
    return usage(stack.environment, stack.services)["security-group-rules"]


def test_the_most_called_service_has_the_most_inbound_rules(load: Callable[[str], Stack]) -> None:
    callers = ", ".join(f"c{i}: {{compute: fargate, calls: [api]}}" for i in range(4))
    assert rules_of_the_largest_group(load, f"api: {{compute: fargate, port: 80, route: /}}, {callers}") == 5


def test_who_calls_most_has_the_most_outbound_rules(load: Callable[[str], Stack]) -> None:
    called = ", ".join(f"s{i}: {{compute: fargate, port: 80}}" for i in range(4))
    caller = "f: {compute: fargate, calls: [s0, s1, s2, s3]}"
    assert rules_of_the_largest_group(load, f"{called}, {caller}") == 1 + 4


@pytest.mark.parametrize("foundation", ["", "foundation: {stack: org/onramp/dev}"])
def test_the_load_balancer_has_a_rule_out_to_each_container_it_routes_to(
    load: Callable[[str], Stack], foundation: str
) -> None:
    containers = ", ".join(f"s{i}: {{compute: fargate, port: 80, route: /s{i}/*}}" for i in range(7))
    services = f"{containers}, f: {{{FUNCTION}, route: /f}}, inside: {{compute: fargate, port: 80}}"
    assert rules_of_the_largest_group(load, services, foundation) == 7


def test_the_foundation_counts_where_it_is_built(load: Callable[[str], Stack]) -> None:
    own, shared = load(file_with("", "")), load(file_with("foundation: {stack: org/onramp/dev}", ""))
    assert usage(own.environment, {})["security-groups"] == 2
    assert set(usage(shared.environment, {}).values()) == {0}


@pytest.mark.parametrize(
    ("count", "quotas", "names"),
    [
        (24, "{}", []),
        (25, "{}", ["fargate-vcpu"]),
        (26, "{}", ["fargate-vcpu", "xray-sampling-rules"]),
        (26, "{fargate-vcpu: 7}", ["xray-sampling-rules"]),
        (26, "{fargate-vcpu: 7, xray-sampling-rules: 26}", []),
        (24, "{fargate-vcpu: 5}", ["fargate-vcpu"]),
    ],
)
def test_a_quota_is_broken_above_what_the_account_has(
    load: Callable[[str], Stack], count: int, quotas: str, names: list[str]
) -> None:
    stack = load(traced(count, quotas))
    assert [quota.name for quota in broken(stack.environment, stack.services)] == names


def test_a_broken_quota_says_how_to_raise_it(load: Callable[[str], Stack]) -> None:
    stack = load(traced(30))
    rules = broken(stack.environment, stack.services)[-1]
    assert (rules.title, rules.wanted, rules.allowed, rules.adjustable) == ("X-Ray sampling rules", 30, 25, True)
    assert rules.fix == (
        "ask AWS to raise it (L-8C0C998A), then write `quotas: {xray-sampling-rules: 30}` in onramp:environment"
    )


def test_a_quota_that_aws_does_not_raise_says_so(load_services: Callable[..., Stack]) -> None:
    services = "".join(f"s{i}: {{compute: fargate, port: 80, route: /s{i}/*}}\n" for i in range(51))
    stack = load_services(services, "prod")
    groups = {quota.name: quota for quota in broken(stack.environment, stack.services)}["alb-target-groups"]
    assert (groups.wanted, groups.allowed, groups.adjustable) == (102, 100, False)
    assert groups.fix == "AWS does not raise it: move services to another load balancer"


def test_the_largest_stack_is_built_and_one_service_more_is_not(
    load: Callable[[str], Stack], problems: Callable[[str], tuple[Problem, ...]]
) -> None:
    stack = load(traced(SERVICES_PER_STACK_MAX))
    assert list(refusal(stack.source, stack.environment, stack.services)) == []
    assert problems(traced(SERVICES_PER_STACK_MAX + 1))[0].message == "301 services in one stack"


def test_two_thousand_services_are_refused_with_every_quota_they_would_break(
    service_problems: Callable[[str], tuple[Problem, ...]],
) -> None:
    found = service_problems("".join(f"s{i}: {{compute: fargate, port: 80, route: /s{i}/*}}\n" for i in range(2000)))
    assert {(problem.path, problem.line) for problem in found} == {("config.onramp:services", 9)}
    first = found[0]
    assert (first.message, first.allowed) == ("2,000 services in one stack", "at most 300")
    assert "foundation: {stack:" in first.fix
    assert [
        (problem.message.partition(":")[0].rpartition(" ")[2], problem.got, problem.allowed) for problem in found[1:]
    ] == [
        ("alb-rules", "2,000", "100"),
        ("alb-target-groups", "2,000", "100"),
        ("cloudwatch-alarms", "12,000", "5,000"),
        ("eventbridge-rules", "2,000", "300"),
        ("fargate-vcpu", "1,000", "6"),
        ("iam-roles", "4,001", "1,000"),
        ("security-group-rules", "2,000", "60"),
        ("xray-sampling-rules", "2,000", "25"),
    ]


def test_mistakes_of_a_service_are_reported_beside_the_refusal(
    service_problems: Callable[[str], tuple[Problem, ...]],
) -> None:
    services = "".join(f"s{i}: {{compute: fargate}}\n" for i in range(SERVICES_PER_STACK_MAX + 1))
    found = service_problems(f"{services}api: {{compute: fargate, prot: 80}}\n")
    assert {problem.path for problem in found} == {"config.onramp:services", "config.onramp:services.api.prot"}

"""What container services of every shape need of the quotas of an account."""

from collections.abc import Callable

import pytest

from stacks.load import Stack
from stacks.quotas import QUOTAS, usage


@pytest.fixture
def used(load_services: Callable[..., Stack]) -> Callable[[str], dict[str, int]]:
    """What services need in prod, on top of an environment without services."""

    def counted(services: str) -> dict[str, int]:
        stack, empty = load_services(services, "prod"), load_services("{}", "prod")
        before = usage(empty.environment, empty.services)
        after = usage(stack.environment, stack.services)
        return {name: after[name] - before[name] for name in QUOTAS}

    return counted


def test_a_scheduled_task_is_one_task_with_a_group_and_no_service(used: Callable[[str], dict[str, int]]) -> None:
    found = used("a: {compute: fargate, cpu: 1024, memory: 2048, schedule: rate(1 day)}")
    assert (found["fargate-vcpu"], found["schedule-groups"], found["ecs-services"]) == (1, 1, 0)
    assert (found["iam-roles"], found["cloudwatch-alarms"]) == (3, 5)  # with the composite alarm


@pytest.mark.parametrize(
    ("spot", "on_demand", "on_spot"),
    [("false", 12, 0), ("true", 4, 8), ("{onDemandBase: 12}", 12, 0), ("{onDemandWeight: 0}", 2, 10)],
)
def test_tasks_above_the_base_are_counted_by_weight(
    used: Callable[[str], dict[str, int]], spot: str, on_demand: int, on_spot: int
) -> None:
    found = used(f"a: {{compute: fargate, cpu: 1024, memory: 2048, scaling: {{max: 12}}, spot: {spot}}}")
    assert (found["fargate-vcpu"], found["fargate-spot-vcpu"]) == (on_demand, on_spot)


def test_a_scheduled_task_on_spot_needs_nothing_on_demand(used: Callable[[str], dict[str, int]]) -> None:
    found = used("a: {compute: fargate, cpu: 2048, memory: 4096, schedule: rate(1 day), spot: true}")
    assert (found["fargate-vcpu"], found["fargate-spot-vcpu"]) == (0, 2)


def test_hooks_and_codedeploy_bring_a_role_each(used: Callable[[str], dict[str, int]]) -> None:
    routed = "compute: fargate, port: 80, route: /a"
    smoke = "b: {compute: lambda, handler: app.handler, runtime: python3.13, source: ./f}"
    hooked = f"a: {{{routed}, rollout: {{hooks: [{{stage: pre-scale-up, function: b}}]}}}}\n{smoke}\n"
    plain = f"a: {{{routed}}}\n{smoke}\n"
    assert used(hooked)["iam-roles"] == used(plain)["iam-roles"] + 1
    shifted, handed = used(f"a: {{{routed}}}"), used(f"a: {{{routed}, rollout: {{controller: codedeploy}}}}")
    changed = {name: handed[name] - shifted[name] for name in QUOTAS if handed[name] != shifted[name]}
    assert changed == {"codedeploy-applications": 1}  # its role stands in for the one with which ECS shifts

from collections.abc import Callable
from itertools import chain

import pytest

from stacks import limits
from stacks.load import Stack
from stacks.problems import Problem

GIB = 1024
PUBLISHED_PAIRS = {
    256: {512, 1 * GIB, 2 * GIB},
    512: {1 * GIB, 2 * GIB, 3 * GIB, 4 * GIB},
    1024: {2 * GIB, 3 * GIB, 4 * GIB, 5 * GIB, 6 * GIB, 7 * GIB, 8 * GIB},
    2048: {mib for mib in range(4 * GIB, 16 * GIB + 1) if mib % GIB == 0},
    4096: {mib for mib in range(8 * GIB, 30 * GIB + 1) if mib % GIB == 0},
    8192: {mib for mib in range(16 * GIB, 60 * GIB + 1) if mib % (4 * GIB) == 0},
    16384: {mib for mib in range(32 * GIB, 120 * GIB + 1) if mib % (8 * GIB) == 0},
}
"""Written from the table "Task CPU and memory" of the ECS developer guide, not from our own."""


def test_fargate_sizes_are_those_that_aws_publishes() -> None:
    assert {cpu: set(memory) for cpu, memory in limits.FARGATE_MEMORY_MIB.items()} == PUBLISHED_PAIRS


def test_every_published_pair_loads(load_services: Callable[[str], Stack]) -> None:
    pairs = [(cpu, memory) for cpu, row in PUBLISHED_PAIRS.items() for memory in row]
    stack = load_services("".join(f"s-{c}-{m}: {{compute: fargate, cpu: {c}, memory: {m}}}\n" for c, m in pairs))
    assert len(stack.services) == len(pairs)


def test_every_other_pair_of_published_numbers_is_refused(
    service_problems: Callable[[str], tuple[Problem, ...]],
) -> None:
    every_memory = set(chain.from_iterable(PUBLISHED_PAIRS.values()))
    illegal = [(cpu, memory) for cpu, row in PUBLISHED_PAIRS.items() for memory in every_memory - row]
    found = service_problems("".join(f"s-{c}-{m}: {{compute: fargate, cpu: {c}, memory: {m}}}\n" for c, m in illegal))
    assert {problem.path for problem in found} == {f"config.onramp:services.s-{c}-{m}.memory" for c, m in illegal}


@pytest.mark.parametrize(
    ("cpu", "memory", "allowed", "fix"),
    [
        (256, 3072, "512, 1024, 2048", "write 2048, or change cpu"),
        (4096, 4096, "8192 to 30720 in steps of 1024", "write 8192, or change cpu"),
        (8192, 17408, "16384 to 61440 in steps of 4096", "write 16384, or change cpu"),
    ],
)
def test_an_illegal_pair_is_told_the_row_and_the_nearest_size(
    service_problems: Callable[[str], tuple[Problem, ...]], cpu: int, memory: int, allowed: str, fix: str
) -> None:
    (problem,) = service_problems(f"api: {{compute: fargate, cpu: {cpu}, memory: {memory}}}")
    assert problem.message == f"does not go with cpu {cpu}"
    assert (problem.got, problem.allowed, problem.fix) == (str(memory), allowed, fix)


def test_retentions_are_those_that_cloudwatch_logs_takes() -> None:
    years = {365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}
    assert set(limits.LOG_RETENTION_DAYS) == {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180} | years

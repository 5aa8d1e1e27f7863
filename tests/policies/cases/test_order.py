"""The order of resources, and of Python's sets, changes nothing: byte for byte."""

import os
import random
import subprocess
import sys
from pathlib import Path

from policies.graph import Graph
from tests.policies.cases.batches import SIZE
from tests.policies.cases.case import FIRST, Case, as_json, each

ROOT = Path(__file__).parents[3]


@each(FIRST)
def test_the_order_of_resources_changes_no_byte(case: Case) -> None:
    resources = case.bad().resources()
    shuffled = random.Random(case.name).sample(resources, len(resources))  # noqa: S311 - an order, not a secret

    assert as_json(Graph(shuffled)) == as_json(Graph(resources)), f"{case.name} depends on the order of resources"


def test_another_hash_seed_changes_no_byte() -> None:
    one, other = (_told(seed) for seed in ("1", "2"))

    assert len(one) >= len(FIRST) / SIZE
    assert {name for name in one if one[name] != other.get(name)} == set()


def _told(seed: str) -> dict[str, str]:
    """What another process with this seed makes of one breakage of each rule: a digest by the name of the batch."""
    command = [sys.executable, "-m", "tests.policies.cases.digests"]
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - our own module
    return dict(line.split() for line in done.stdout.splitlines())

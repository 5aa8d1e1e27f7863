"""Prints a digest of each judgement over one breakage of each rule, to be run with several hash seeds."""

import hashlib

from tests.policies.cases.batches import batches
from tests.policies.cases.case import FIRST, as_json

if __name__ == "__main__":
    for batch in batches(FIRST):
        print(batch.name, hashlib.sha256(as_json(batch.bad().graph())).hexdigest())  # noqa: T201 - its only output

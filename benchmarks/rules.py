"""How fast the pack judges in the policy SDK's own analyzer, how that grows, and what one policy per rule would cost.

All in one process and one run: an environment of about 300 resources, the same one with so many more services that it
has about 3,000, and, as the anchor, the small one judged as packs are written by hand, with one policy for each rule.
"""

import gc
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, cast

from pulumi_policy import EnforcementLevel, Policy, ReportViolation, StackValidationArgs, StackValidationPolicy

from benchmarks.preview import ROOT
from components.environment import build
from onramp.evaluate import PROJECT, config_of, servicer
from policies.catalog import RULES
from policies.graph import Graph, Resource
from policies.judge import judge
from policies.pack import build_policies
from policies.rule import Rule
from policies.values import Value, clean
from policies.verdicts import Judgement
from simulator import analyzer
from simulator import graph as wire
from simulator.embedded import preview
from stacks.load import load_stack_file

FEW: Final = 1
MANY: Final = 16
"""Sets of four services that come to about 300 and 3,000 resources, the foundation's 120 among them."""
ROUNDS: Final = 5
ROUNDS_BY_HAND: Final = 3
BAR_SECONDS: Final = 2.0
"""For the whole pack over about 300 resources, on two cores."""
DIGEST: Final = "sha256:" + "0" * 64


def services(number: int) -> Mapping[str, Mapping[str, wire.Json]]:
    """One service each on Fargate, Lambda, Express and SageMaker; `number` tells the sets apart."""
    web, worker, site, model = (f"{kind}-{number}" for kind in ("web", "worker", "site", "model"))
    return {
        web: {
            "compute": "fargate",
            "port": 8080,
            "route": f"/{web}/*",
            "secrets": ["DATABASE_URL"],
            "publishes": ["ordered"],
            "discovery": {"cloudMap": True},
        },
        worker: {
            "compute": "lambda",
            "handler": "app.handler",
            "runtime": "python3.13",
            "source": "./services/thumbnails",
            "consumes": [f"{web}/ordered"],
            "calls": [model],
        },
        site: {"compute": "express", "port": 8080, "public": False, "calls": [web], "secrets": [f"{web}/DATABASE_URL"]},
        model: {
            "compute": "sagemaker",
            "model": {"package": model, "data": f"s3://example-models/{model}/"},
            "instance": "ml.m5.large",
        },
    }


def stack_file(sets: int) -> str:
    """The stack file of a prod environment with so many sets of services; JSON is YAML."""
    every = {name: body for number in range(sets) for name, body in services(number).items()}
    releases = {"fargate": DIGEST, "express": DIGEST, "sagemaker": "1"}
    config = {
        "aws:region": "us-east-1",
        "onramp:environment": {
            "tier": "prod",
            "owner": "platform",
            "costCenter": "1001",
            "domain": "example.com",
            "paging": {"pagerduty": "prod/pagerduty"},
        },
        "onramp:services": every,
        "onramp:images": {
            name: releases[compute] for name, body in every.items() if (compute := str(body["compute"])) in releases
        },
    }
    return json.dumps({"config": config})


def previewed(sets: int) -> wire.Graph:
    """The graph of that environment, as the embedded engine previews it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "Pulumi.bench.yaml")
        file.write_text(stack_file(sets), encoding="utf-8")
        stack = load_stack_file(file)
    return preview(
        ROOT,
        project=PROJECT,
        stack=stack.name,
        config=config_of(stack),
        region=stack.region,
        references={},
        on_resource=lambda _type, _name: None,
    )


def joined(graph: wire.Graph) -> Graph:
    """The graph as rules see it."""
    return Graph(
        Resource(
            urn=each.urn,
            type=each.type,
            name=each.name,
            parent=each.parent,
            inputs=cast("Mapping[str, Value]", clean(each.inputs)),  # an object stays an object
            dependencies=each.dependencies,
            property_dependencies=each.property_dependencies,
        )
        for each in graph.resources
    )


def by_hand(rules: Sequence[Rule], graph: Graph) -> list[Policy]:
    """One stack policy for each rule. The joins are made before, so that this costs the least that it can."""

    def policy(rule: Rule) -> Policy:
        def validate(args: StackValidationArgs, report: ReportViolation) -> None:  # noqa: ARG001 - the SDK has read them
            for violation in judge(graph, rules=[rule]).violations:
                report(violation.render(), violation.urn)

        level = EnforcementLevel.MANDATORY
        return StackValidationPolicy(rule.meta.id, rule.meta.title, validate, level)

    return [policy(rule) for rule in rules]


def seconds(policies: Callable[[], list[Policy]], graph: wire.Graph) -> float:
    """How long the SDK's analyzer takes with these policies, from the first resource to the last finding."""
    asked = servicer(policies())
    started = time.perf_counter()
    analyzer.judge(asked, graph)
    return time.perf_counter() - started


def pack_seconds(graph: wire.Graph) -> float:
    """The median of some judgements by the pack, of an environment that must break no rule."""
    found: list[Judgement] = []
    gc.freeze()  # as `onramp preview` does
    taken = [seconds(lambda: build_policies(found.append), graph) for _ in range(ROUNDS)]
    if found[-1].violations:
        sys.exit(f"the environment breaks {sorted({each.rule for each in found[-1].violations})}")
    return statistics.median(taken)


def main() -> None:
    """Print how long each size takes, how time grows with resources, and the ratio to one policy per rule."""
    _ = build  # what the program imports: it is there before anything is measured
    gc.freeze()
    small = previewed(FEW)
    few, judged = len(small.resources), pack_seconds(small)
    policies = by_hand(RULES, joined(small))
    hand = statistics.median(seconds(lambda: policies, small) for _ in range(ROUNDS_BY_HAND))
    large = previewed(MANY)
    many, grown = len(large.resources), pack_seconds(large)
    for resources, taken in ((few, judged), (many, grown)):
        speed = len(RULES) * resources / taken
        print(f"{len(RULES)} rules, {resources:,} resources: {taken:.3f} s, {speed:,.0f} rules x resources per second")
    print(f"one policy for each rule, {few:,} resources: {hand:.2f} s")
    growth = (grown / judged) / (many / few)
    numbers = {"seconds": round(judged, 3), "bar": BAR_SECONDS, "growth": round(growth, 2)}
    print(json.dumps(numbers | {"by_hand": round(hand / judged, 1), "rounds": ROUNDS}))


if __name__ == "__main__":
    main()

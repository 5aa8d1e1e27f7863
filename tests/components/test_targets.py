"""What every stack of the project tells whoever rolls its services out, and what of it comes from where."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from simulator.graph import UNKNOWN, Graph
from stacks.load import load_stack_file
from stacks.models import AppRunnerSpec, EndpointSpec, FargateSpec, Service
from stacks.targets import (
    OUTPUT_NAME,
    TARGETS,
    AliasTarget,
    BalancerTarget,
    CodeDeployTarget,
    EcsTarget,
    EndpointTarget,
    ExpressTarget,
    RunnerTarget,
    Target,
    VariantsTarget,
)
from tests.components.conftest import DIGEST, FUNCTION, ROOT, shared_graph, stack_text

FILES: Final = sorted([*ROOT.glob("Pulumi.*.yaml"), *ROOT.glob("examples/*/Pulumi.example.yaml")])
MODEL: Final = "model: {package: churn, data: s3://models/churn/}"
SERVICES: Final = f"""\
driven:
  {{compute: fargate, port: 80, route: /driven/*, rollout: {{strategy: stepped, steps: [10, 100], stepMinutes: 7}}}}
asks: {{compute: fargate, port: 80, route: /asks/*, rollout: {{strategy: canary, percent: 5, pause: true}}}}
handed: {{compute: fargate, port: 80, route: /handed/*, rollout: {{strategy: linear, controller: codedeploy}}}}
worker: {{compute: fargate, queue: {{}}}}
nightly: {{compute: fargate, schedule: rate(1 day)}}
alias: {{{FUNCTION}, timeout: 10, rollout: {{strategy: stepped, gates: {{errorPercent: 2}}}}}}
judged: {{{FUNCTION}, rollout: {{strategy: canary, hooks: {{before: alias}}}}}}
variants: {{compute: sagemaker, {MODEL}, rollout: {{strategy: stepped, terminationMinutes: 10}}}}
guarded: {{compute: sagemaker, {MODEL}, alarms: {{latencyP99Ms: 300}}}}
small: {{compute: sagemaker, form: serverless, {MODEL}}}
batch: {{compute: sagemaker, form: batch, {MODEL}, batch: {{schedule: rate(1 day), input: s3://inbox/new/}}}}
runner: {{compute: apprunner, port: 80}}
express: {{compute: express, port: 80}}
unreleased: {{compute: fargate, port: 80}}
"""
RELEASED: Final = {
    **dict.fromkeys(("driven", "asks", "handed", "worker", "nightly", "runner", "express"), DIGEST),
    **dict.fromkeys(("variants", "guarded", "small", "batch"), "7"),
}
DRIVERS: Final = {
    "alias": AliasTarget,
    "asks": EcsTarget,
    "driven": BalancerTarget,
    "express": ExpressTarget,
    "guarded": EndpointTarget,
    "handed": CodeDeployTarget,
    "judged": CodeDeployTarget,
    "runner": RunnerTarget,
    "small": EndpointTarget,
    "variants": VariantsTarget,
    "worker": EcsTarget,
}


def read(graph: Graph) -> dict[str, Target]:
    return TARGETS.validate_json(json.dumps(graph.outputs[OUTPUT_NAME]))


def told() -> dict[str, Target]:
    return read(shared_graph(stack_text(SERVICES, tier="prod", images=RELEASED)))


def is_rolled_out(name: str, spec: Service, images: Mapping[str, str]) -> bool:
    """Batch jobs and scheduled tasks take the new version with their next run; without an image there is nothing."""
    ends = (isinstance(spec, FargateSpec) and spec.schedule is not None) or (
        isinstance(spec, EndpointSpec) and not spec.is_endpoint
    )
    return not ends and (not spec.has_image or name in images)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_every_stack_tells_of_every_service_that_can_be_rolled_out(path: Path) -> None:
    stack = load_stack_file(path)
    found = read(shared_graph(path.read_text(encoding="utf-8")))
    assert set(found) == {name for name, spec in stack.services.items() if is_rolled_out(name, spec, stack.images)}
    for name, target in found.items():
        spec = stack.services[name]
        assert (target.service, target.compute, target.region) == (name, spec.compute_type, stack.region)
        assert target.gates.latency_p99_ms is not None
        assert target.topic.endswith("-paging")
        assert target.alarms or not isinstance(spec, AppRunnerSpec)


def test_each_way_of_moving_traffic_has_its_target() -> None:
    assert {name: type(target) for name, target in told().items()} == DRIVERS


def test_a_driven_container_service_names_both_of_its_sides() -> None:
    target = told()["driven"]
    assert isinstance(target, BalancerTarget)
    assert (target.cluster, target.services.blue, target.services.green) == (
        "prod-services",
        "driven-blue",
        "driven-green",
    )
    assert (target.steps, target.step_minutes, target.keep_minutes, target.tasks) == ((10, 100), 7, 15, 2)
    assert (target.repository, target.image) == ("driven/prod", DIGEST)
    assert target.alarms == ("prod-driven-http-5xx", "prod-driven-latency")
    # Only AWS knows these; a preview has none of them.
    assert {target.revision, target.rule, target.groups.blue, target.groups.green, target.balancer} == {UNKNOWN}


def test_a_service_that_ecs_shifts_says_how_and_whether_it_asks() -> None:
    asks, worker = told()["asks"], told()["worker"]
    assert isinstance(asks, EcsTarget)
    assert isinstance(worker, EcsTarget)
    assert (asks.strategy, asks.percent, asks.bake_minutes, asks.asks) == ("canary", 5, 15, True)
    assert (worker.strategy, worker.groups, worker.balancer, worker.asks) == ("rolling", None, "", False)


def test_codedeploy_is_named_by_application_and_group() -> None:
    handed, judged = told()["handed"], told()["judged"]
    assert isinstance(handed, CodeDeployTarget)
    assert isinstance(judged, CodeDeployTarget)
    assert (handed.platform, handed.application, handed.group) == ("ecs", "prod-handed", "prod-handed")
    assert (handed.cluster, handed.ecs_service, handed.container, handed.port) == (
        "prod-services",
        "handed",
        "handed",
        80,
    )
    assert (judged.platform, judged.application, judged.group) == ("lambda", "prod-judged", "live")
    assert (judged.function, judged.alias, judged.hooks) == (
        "prod-judged",
        "live",
        {"BeforeAllowTraffic": "prod-alias"},
    )


def test_only_what_sagemaker_shifts_between_guardrails_has_a_brake_which_is_no_alarm_of_its_own() -> None:
    guarded, small = told()["guarded"], told()["small"]
    assert isinstance(guarded, EndpointTarget)
    assert isinstance(small, EndpointTarget)
    assert (guarded.brake, small.brake) == ("prod-guarded-brake", "")
    assert guarded.alarms == ("prod-guarded-errors", "prod-guarded-latency")


def test_gates_are_as_written_and_the_longest_time_is_that_of_the_alarm() -> None:
    alias, guarded, small = (told()[name] for name in ("alias", "guarded", "small"))
    assert (alias.gates.error_percent, alias.gates.latency_p99_ms) == (2, 8_000)  # 80 % of ten seconds
    assert (guarded.gates.error_percent, guarded.gates.latency_p99_ms) == (1, 300)
    assert isinstance(small, EndpointTarget)
    assert (small.strategy, small.variants) == ("all-at-once", ("main",))
    assert (guarded.repository, guarded.image) == ("", "")  # what is released is a model package
    assert (guarded.release, alias.release, told()["driven"].release) == ("7", "", DIGEST)


def test_the_ledger_of_the_environment_is_a_table_of_its_foundation() -> None:
    services = f"a: {{{FUNCTION}}}"
    own = shared_graph(stack_text(services, tier="prod", environment="ledger: dynamodb\n"))
    (table,) = (each for each in own.resources if each.type == "aws:dynamodb/table:Table")
    assert own.outputs["ledger"] == "dynamodb://prod-rollouts?region=eu-west-1"
    assert {key: value for key, value in table.inputs.items() if key != "tags"} == {
        "name": "prod-rollouts",
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "pk",
        "rangeKey": "sk",
        "attributes": [{"name": "pk", "type": "S"}, {"name": "sk", "type": "S"}],
        "pointInTimeRecovery": {"enabled": True},
        "serverSideEncryption": {"enabled": True, "kmsKeyArn": UNKNOWN},
        "deletionProtectionEnabled": True,
    }
    assert table.protect
    others = "dynamodb://team?region=us-east-1"
    elsewhere = shared_graph(stack_text(services, environment=f"ledger: {others}\n"))
    assert elsewhere.outputs["ledger"] == others
    assert not [each for each in elsewhere.resources if each.type == "aws:dynamodb/table:Table"]
    assert "ledger" not in shared_graph(stack_text(services)).outputs

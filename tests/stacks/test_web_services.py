"""What is refused of App Runner and Express services, with the range and the reason, before anything is built."""

from pathlib import Path

import pytest

from stacks.load import Stack, load_stack_file
from stacks.problems import StackFileError
from stacks.quotas import broken, usage

_HEAD = """\
config:
  aws:region: eu-west-1
  onramp:environment:
    tier: {tier}
    owner: platform
    costCenter: "1001"
    domain: example.com
    paging: {{pagerduty: pagerduty-integration}}
  onramp:images: {images}
  onramp:services:
"""
_DIGEST = "sha256:" + "0" * 64


def load(folder: Path, services: str, *, tier: str = "dev", images: str = "{}") -> Stack:
    file = folder / "Pulumi.dev.yaml"
    file.write_text(_HEAD.format(tier=tier, images=images) + services, encoding="utf-8")
    return load_stack_file(file)


@pytest.mark.parametrize("kind", ["apprunner", "express"])
@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("route: /shop/*", "has a URL of its own; remove route"),
        ("queue: {}", "make the worker a fargate service"),
        ("consumes: [b/done]", "make the worker a fargate service"),
        ("discovery: {serviceConnect: true}", "joins no Service Connect; use discovery.cloudMap"),
        ("cpu: 300", "cpu: is not a size that"),
        ("cpu: 512, memory: 512", "memory: does not go with cpu 512 on"),
        ("scaling: {min: 3, max: 2}", "min (3) is greater than max (2)"),
        ("ingress: api-gateway", "has its own address"),
    ],
)
def test_what_neither_has_is_refused_with_the_reason(kind: str, keys: str, said: str, tmp_path: Path) -> None:
    services = (
        f"    a: {{compute: {kind}, port: 80, {keys}}}\n    b: {{compute: fargate, port: 80, publishes: [done]}}\n"
    )
    with pytest.raises(StackFileError) as refused:
        load(tmp_path, services)
    assert said in str(refused.value)


@pytest.mark.parametrize("key", ["intervalSeconds", "timeoutSeconds", "healthyCount", "unhealthyCount"])
@pytest.mark.parametrize("value", [0, 21])
def test_a_health_check_out_of_range_is_refused_with_the_range(key: str, value: int, tmp_path: Path) -> None:
    with pytest.raises(StackFileError, match="must be 1 to 20: App Runner's health check takes no other value"):
        load(tmp_path, f"    a: {{compute: apprunner, port: 80, health: {{{key}: {value}}}}}\n")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("scaling: {max: 26}", "must be 1 to 25"),
        ("scaling: {min: 0}", "must be 1 to 25"),
        ("scaling: {concurrency: 201}", "must be 1 to 200"),
        ("scaling: {cpuPercent: 70}", "App Runner scales on requests at once and on nothing else"),
        ("rollout: {strategy: canary}", "'approved' or 'automatic'"),
        ("rollout: {bakeMinutes: 5}", "replaces all instances at once"),
        ("health: {path: ready}", "health.path"),
    ],
)
def test_what_app_runner_cannot_do_is_refused(keys: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(StackFileError) as refused:
        load(tmp_path, f"    a: {{compute: apprunner, port: 80, {keys}}}\n")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("rollout: {strategy: approved}", "rollout: cannot be set: ECS rolls out by itself"),
        ("health: {intervalSeconds: 5}", "health.intervalSeconds: cannot be set: the load balancer is AWS's"),
        ("scaling: {concurrency: 5}", "scaling.concurrency: cannot be set: ECS scales on cpuPercent"),
        ("scaling: {cpuPercent: 70, memoryPercent: 70}", "on one metric; keep one of them"),
        ("cpu: 4096, memory: 10240", "does not go with cpu 4096 on Express"),
    ],
)
def test_what_express_decides_itself_is_refused(keys: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(StackFileError) as refused:
        load(tmp_path, f"    a: {{compute: express, port: 80, {keys}}}\n")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("strategy", "image", "is_refused"),
    [
        ("approved", _DIGEST, False),
        ("approved", "live", True),
        ("automatic", "live", False),
        ("automatic", _DIGEST, True),
    ],
)
def test_what_is_deployed_goes_with_the_strategy(strategy: str, image: str, is_refused: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a column of the table
    services = f"    a: {{compute: apprunner, port: 80, rollout: {{strategy: {strategy}}}}}\n"
    if is_refused:
        with pytest.raises(StackFileError, match=f"does not go with rollout.strategy {strategy}"):
            load(tmp_path, services, images=f"{{a: '{image}'}}")
    else:
        assert load(tmp_path, services, images=f"{{a: '{image}'}}").images == {"a": image}


@pytest.mark.parametrize("callee", ["compute: express", "compute: apprunner, public: false"])
def test_who_is_called_by_an_address_that_aws_makes_up_is_in_cloud_map(callee: str, tmp_path: Path) -> None:
    services = f"    a: {{compute: fargate, port: 80, calls: [b]}}\n    b: {{{callee}, port: 80}}\n"
    with pytest.raises(StackFileError, match=r"set discovery\.cloudMap: true at b"):
        load(tmp_path, services)
    assert load(tmp_path, services.replace("port: 80}\n", "port: 80, discovery: {cloudMap: true}}\n")).services


def test_a_public_app_runner_service_is_called_by_its_own_name(tmp_path: Path) -> None:
    services = "    a: {compute: fargate, port: 80, calls: [b]}\n    b: {compute: apprunner, port: 80}\n"
    assert load(tmp_path, services).services["b"].is_callable


@pytest.mark.parametrize("name", ["api", "services"])
def test_no_service_takes_the_address_of_the_environment(name: str, tmp_path: Path) -> None:
    with pytest.raises(StackFileError, match="the environment's own load balancer or API"):
        load(tmp_path, f"    {name}: {{compute: apprunner, port: 80}}\n")
    assert load(tmp_path, f"    {name}: {{compute: apprunner, port: 80, public: false}}\n").services


@pytest.mark.parametrize("kind", ["apprunner", "express"])
def test_in_prod_two_run_at_least(kind: str, tmp_path: Path) -> None:
    service = load(tmp_path, f"    a: {{compute: {kind}, port: 80}}\n", tier="prod").services["a"]
    assert service.model_dump()["scaling"]["min"] == 2


def test_the_names_of_app_runners_configurations_run_out_first(tmp_path: Path) -> None:
    services = "".join(f"    a{number}: {{compute: apprunner, port: 80}}\n" for number in range(11))
    stack = load(tmp_path, services)
    found = {each.name: (each.wanted, each.allowed) for each in broken(stack.environment, stack.services)}
    assert found == {"apprunner-configurations": (11, 10)}


def test_the_tasks_of_express_count_as_fargates(tmp_path: Path) -> None:
    stack = load(tmp_path, "    a: {compute: express, port: 80, cpu: 1024, memory: 2048, scaling: {max: 3}}\n")
    assert usage(stack.environment, stack.services)["fargate-vcpu"] == 3

"""What AWS would refuse, and no component can make acceptable, is refused before anything is built."""

import re
from pathlib import Path

import pytest

from simulator.embedded import ProgramError
from stacks.load import load_stack_file
from stacks.problems import StackFileError
from tests.components.acceptance.previews import graph_of
from tests.components.acceptance.stackfiles import HEAD, LONG

LAMBDA = "compute: lambda, handler: app.handler, runtime: python3.13, source: ./services/thumbnails"


def stack_file(services: str, *, domain: str = "example.com", cidr: str = "172.16.0.0/16") -> str:
    head = HEAD.format(region="eu-west-1", tier="dev", name="dev", org="shop", domain=domain, images="{}")
    return head.replace("172.16.0.0/16", cidr) + services


@pytest.mark.parametrize(
    ("service", "said"),
    [
        (f"{LONG}x: {{compute: fargate}}", "the name has 61 characters"),
        ("adot: {compute: fargate}", "runs beside every service"),
        ("cloudwatch-agent: {compute: fargate}", "runs beside every service"),
        ("a: {compute: fargate, port: 80, route: news/*}", "route: "),
        ("a: {compute: fargate, port: 80, route: n.example.com1/*}", "route: "),
        ("a: {compute: fargate, port: 80, route: /*/*/*/*/*/*}", "6 wildcards"),
        ("a: {compute: fargate, config: {KEY: ''}}", "config.KEY"),
        (f"a: {{compute: fargate, config: {{KEY: {'v' * 4097}}}}}", "config.KEY"),
        ("a: {compute: fargate, config: {KEY: 'a {{b}}'}}", "Parameter Store refuses"),
        ("a: {compute: fargate, config: {KEY: a}, secrets: [KEY]}", "KEY would be set twice"),
        ("a: {compute: fargate, config: {OTEL_SERVICE_NAME: a}}", "wire the process up"),
        ("a: {compute: fargate, health: {command: [test, -f, /tmp/healthy]}}", "CMD-SHELL"),
        (f"a: {{{LAMBDA}, schedule: cron(0 3 * * * *)}}", "exactly one of the third and fifth field"),
        (f"a: {{{LAMBDA}, rollout: {{strategy: linear, percent: 1, intervalMinutes: 30}}}}", "2970 minutes"),
    ],
)
def test_the_stack_file_is_refused(service: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(stack_file(f"    {service}\n"), encoding="utf-8")
    with pytest.raises(StackFileError, match=re.escape(said)):
        load_stack_file(path)


@pytest.mark.parametrize("cidr", ["127.0.0.0/16", "169.254.0.0/16", "0.0.0.0/16", "198.18.0.0/16"])
def test_a_network_that_no_vpc_may_have_is_refused(cidr: str, tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(stack_file("    {}\n", cidr=cidr), encoding="utf-8")
    with pytest.raises(StackFileError, match="private /16"):
        load_stack_file(path)


def test_a_domain_that_no_certificate_takes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(stack_file("    {}\n", domain=f"{'d' * 61}.com"), encoding="utf-8")
    with pytest.raises(StackFileError, match="domain: is not allowed"):
        load_stack_file(path)


def test_a_function_with_more_environment_than_lambda_takes_is_refused() -> None:
    config = ", ".join(f"KEY_{number}: a" for number in range(60))
    with pytest.raises(ProgramError, match=r"the environment of the function a has [\d,]+ bytes, and AWS takes 4,096"):
        graph_of("dev", stack_file(f"    a: {{{LAMBDA}, config: {{{config}}}}}\n"))


def test_a_service_with_a_longer_policy_than_iam_takes_is_refused() -> None:
    secrets = ", ".join(f"KEY_{number}" for number in range(150))
    with pytest.raises(
        ProgramError, match=r"the policy of the role dev-a-start has [\d,]+ bytes, and AWS takes 10,240"
    ):
        graph_of("dev", stack_file(f"    a: {{compute: fargate, secrets: [{secrets}]}}\n"))

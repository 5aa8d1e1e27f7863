"""Before anything runs: compute type, network, and configuration (PRE-1, PRE-2, PRE-7)."""

from collections.abc import Iterator
from typing import Final

from policies import containers, kinds
from policies.expect import expect, expect_set, only, unknown
from policies.functions import PROVIDER, is_on_instances
from policies.graph import Graph, Resource, Service
from policies.rule import (
    ALWAYS,
    CONTAINERS,
    IN_SUBNETS,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    Undecided,
    service_rule,
)
from policies.values import MISSING

_WORKLOADS: Final = {
    "fargate": kinds.ECS_SERVICE,
    "lambda": kinds.FUNCTION,
    "sagemaker": kinds.MODEL,
    "apprunner": kinds.APP_RUNNER,
    "express": kinds.EXPRESS_GATEWAY,
}
_RUN_TASKS: Final = (kinds.ECS_SERVICE, kinds.SCHEDULE)
"""What needs a task definition; without one, every rule about containers would have nothing to say."""
_NETWORK: Final = {
    "fargate": ("networkConfiguration.subnets", "networkConfiguration.securityGroups"),
    "lambda": ("vpcConfig.subnetIds", "vpcConfig.securityGroupIds"),
    "sagemaker": ("vpcConfig.subnets", "vpcConfig.securityGroupIds"),
}
_SCHEDULED_NETWORK: Final = "target.ecsParameters.networkConfiguration"
_SERVERLESS: Final = NotApplicable(because="SageMaker runs serverless inference outside any VPC")
_PROVIDERS: Final = (kinds.CAPACITY_PROVIDER, kinds.STACK_REFERENCE)
"""Shared instances have subnets and a security group of their own; the functions on them have none."""
_SUBNET_SOURCES: Final = (kinds.SUBNET, kinds.VPC_COMPONENT, kinds.STACK_REFERENCE)


@service_rule(
    Meta(
        id="compute-type-supported",
        item="PRE-1",
        title="The compute type is one of the supported ones, and its resource is there",
        why="Everything else on the checklist depends on what the service runs on.",
        fix="write `compute` in the stack file with fargate, lambda, sagemaker, apprunner or express",
        severity="high",
        url="https://docs.aws.amazon.com/decision-guides/latest/containers-on-aws-how-to-choose/choosing-aws-container-service.html",
        levels=ALWAYS,
        frameworks=("PERF02-BP01",),
        applies=(),
    )
)
def compute_type_supported(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """The workload of the stated type is among the service's resources."""
    wanted = kinds.SCHEDULE if service.is_scheduled else _WORKLOADS.get(service.compute)
    if wanted is None:
        yield Fail(message=f"compute {service.compute!r} is not supported", path="compute")
    elif service.stated("unreleased") and not service.of(wanted):
        yield Undecided(because="no version has been released yet, so there is nothing to run")
    else:
        yield from only(service.of(wanted), service, f"resource of type {wanted}")
        if wanted in _RUN_TASKS:
            yield from only(service.of(kinds.TASK_DEFINITION), service, "task definition")


@service_rule(
    Meta(
        id="service-in-network",
        item="PRE-2",
        title="The service runs in subnets of the environment with a security group of its own",
        why="Without a security group nothing bounds who may reach the service; without subnets it is in no VPC.",
        fix=(
            "set private subnets and a security group of the service's own in networkConfiguration (ECS) or "
            "vpcConfig (function, model)"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html",
        frameworks=("SEC05-BP01", "SEC05-BP02", "Lambda.3"),
        applies=IN_SUBNETS,
    )
)
def service_in_network(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Subnets and a security group are set on the workload."""
    if service.fact("form") == "serverless":
        yield _SERVERLESS
        return
    subnets, groups = _network(service)
    for workload in _workloads(service):
        if is_on_instances(workload):
            yield from expect_set(graph, workload, PROVIDER, _PROVIDERS, f"{workload.name} has no capacity provider")
            continue
        yield from expect_set(graph, workload, subnets, _SUBNET_SOURCES, f"{workload.name} is in no subnet")
        yield from expect_set(
            graph, workload, groups, (kinds.SECURITY_GROUP,), f"{workload.name} has no security group"
        )


@service_rule(
    Meta(
        id="no-public-ip",
        item="PRE-2",
        title="Tasks get no public IP address",
        why="A public address makes every open port of the task reachable from the internet.",
        fix="set networkConfiguration.assignPublicIp to false; the NAT gateway and the endpoints are the way out",
        severity="critical",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-2",
        levels=ALWAYS,
        frameworks=("SEC05-BP02", "ECS.2"),
        applies=CONTAINERS,
    ),
    Remedy(types=(kinds.ECS_SERVICE,), path="networkConfiguration.assignPublicIp", value=False),
    Remedy(types=(kinds.SCHEDULE,), path=f"{_SCHEDULED_NETWORK}.assignPublicIp", value=False),
)
def no_public_ip(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """AssignPublicIp is false or absent."""
    places = (
        (kinds.ECS_SERVICE, "networkConfiguration.assignPublicIp"),
        (kinds.SCHEDULE, f"{_SCHEDULED_NETWORK}.assignPublicIp"),
    )
    for kind, path in places:
        for workload in service.of(kind):
            yield from expect(
                workload,
                path,
                lambda value: value is MISSING or value is False,
                f"{workload.name} assigns a public IP address to its tasks",
            )


@service_rule(
    Meta(
        id="no-public-subnet",
        item="PRE-2",
        title="The service runs in private subnets only",
        why="Public subnets are for load balancers; what runs there is one mistake away from the internet.",
        fix=(
            "give networkConfiguration.subnets or vpcConfig only subnets without mapPublicIpOnLaunch: "
            "Foundation.private_subnet_ids"
        ),
        severity="critical",
        url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-best-practices.html",
        levels=ALWAYS,
        frameworks=("SEC05-BP01",),
        applies=IN_SUBNETS,
    )
)
def no_public_subnet(service: Service, graph: Graph) -> Iterator[Outcome]:
    """No subnet that the workload refers to hands out public addresses."""
    if service.fact("form") == "serverless":
        yield _SERVERLESS
        return
    path, _ = _network(service)
    for workload in _workloads(service):
        for subnet in graph.refers(workload, path, kinds.SUBNET):
            if subnet.get("mapPublicIpOnLaunch") is True or subnet.text("tags.SubnetType").lower() == "public":
                yield Fail(
                    resource=workload, path=path, message=f"{workload.name} is in the public subnet {subnet.name}"
                )


@service_rule(
    Meta(
        id="config-in-parameter-store",
        item="PRE-7",
        title="Every configuration key is a Parameter Store parameter",
        why="Configuration in one place can be read, changed and audited without a deployment.",
        fix="write the key under `config` in the stack file; components/concerns/secrets.py makes the parameter of it",
        severity="medium",
        url="https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html",
        frameworks=("OPS05-BP03",),
    )
)
def config_in_parameter_store(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """A parameter named /.../key exists for each key of the service."""
    keys = service.names("config")
    if not keys:
        yield NotApplicable(because="the service has no configuration of its own")
    names = [parameter.text("name") for parameter in service.of(kinds.PARAMETER)]
    for key in keys:
        if not any(name.rpartition("/")[2] == key for name in names):
            yield Fail(message=f"{key} of {service.name} is no Parameter Store parameter", path=f"config.{key}")


@service_rule(
    Meta(
        id="no-plain-config",
        item="PRE-7",
        title="No configuration is written into the environment of the process",
        why="A plain variable needs a deployment to change, and nobody sees that it did.",
        fix="move the variable to `config` in the stack file, and read it from Parameter Store",
        severity="low",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-ssm-paramstore.html",
        frameworks=("OPS05-BP03",),
    )
)
def no_plain_config(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Plain variables are technical ones, or secrets that another rule catches."""
    for process, path in containers.unknown_variables(service, graph):
        yield unknown(process, path)
    for variable in containers.variables(service, graph):
        if not variable.is_technical and not variable.looks_secret(service):
            yield Fail(
                resource=variable.resource,
                path=variable.path,
                message=f"{variable.name} is written into the environment of {variable.process}",
            )


def _network(service: Service) -> tuple[str, str]:
    """Where the workload's subnets and security groups stand."""
    if service.is_scheduled:
        return f"{_SCHEDULED_NETWORK}.subnets", f"{_SCHEDULED_NETWORK}.securityGroups"
    return _NETWORK[service.compute]


def _workloads(service: Service) -> tuple[Resource, ...]:
    return service.of(kinds.SCHEDULE) if service.is_scheduled else service.of(*_WORKLOADS.values())

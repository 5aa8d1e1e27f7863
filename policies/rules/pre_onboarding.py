"""Before anything runs: compute type, network, images, and configuration (PRE-1, PRE-2, PRE-4, PRE-5, PRE-7)."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from policies import containers, kinds
from policies.expect import expect, expect_set, expect_true, foundation_missing, only, unknown
from policies.functions import PROVIDER, is_on_instances
from policies.graph import Graph, Resource, Service
from policies.rule import (
    CONTAINERS,
    IN_SUBNETS,
    WITH_IMAGES,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Undecided,
    service_rule,
)
from policies.values import MISSING, UNKNOWN, get, objects
from stacks.standards import ECR_ENHANCED_SCANNING, ECR_KEEP_IMAGES

_WORKLOADS: Final = {
    "fargate": kinds.ECS_SERVICE,
    "lambda": kinds.FUNCTION,
    "sagemaker": kinds.MODEL,
    "apprunner": kinds.APP_RUNNER,
    "express": kinds.EXPRESS_GATEWAY,
}
_NETWORK: Final = {
    "fargate": ("networkConfiguration.subnets", "networkConfiguration.securityGroups"),
    "lambda": ("vpcConfig.subnetIds", "vpcConfig.securityGroupIds"),
    "sagemaker": ("vpcConfig.subnets", "vpcConfig.securityGroupIds"),
}
_SCHEDULED_NETWORK: Final = "target.ecsParameters.networkConfiguration"
_SERVERLESS: Final = NotApplicable(because="SageMaker runs serverless inference outside any VPC")
_IMAGE_ELSEWHERE: Final = NotApplicable(because="the images of its models are pushed to repositories of others")
_PROVIDERS: Final = (kinds.CAPACITY_PROVIDER, kinds.STACK_REFERENCE)
"""Shared instances have subnets and a security group of their own; the functions on them have none."""
_SUBNET_SOURCES: Final = (kinds.SUBNET, kinds.VPC_COMPONENT, kinds.STACK_REFERENCE)


@service_rule(
    Meta(
        id="compute-type-supported",
        item="PRE-1",
        title="The compute type is one of the supported ones, and its resource is there",
        why="Everything else on the checklist depends on what the service runs on.",
        fix="write `compute:` with one of the types of stack.schema.json in the stack file",
        severity="high",
        url="https://docs.aws.amazon.com/decision-guides/latest/containers-on-aws-how-to-choose/choosing-aws-container-service.html",
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


@service_rule(
    Meta(
        id="service-in-network",
        item="PRE-2",
        title="The service runs in subnets of the environment with a security group of its own",
        why="Without a security group nothing bounds who may reach the service; without subnets it is in no VPC.",
        fix="let the compute component set the subnets and the security group; do not override them",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html",
        frameworks=("AWS FSBP Lambda.3",),
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
        frameworks=("AWS FSBP ECS.2",),
        applies=CONTAINERS,
    )
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
        fix="give the workload the private subnets of the foundation",
        severity="critical",
        url="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-best-practices.html",
        frameworks=("AWS FSBP EC2.15",),
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
        id="image-repository",
        item="PRE-4",
        title="The service has an ECR repository with a lifecycle policy",
        why="Without a lifecycle policy images pile up, cost money, and old vulnerable ones stay ready to run.",
        fix="let the images concern make the repository and its lifecycle policy",
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html",
        frameworks=("AWS FSBP ECR.3",),
        applies=WITH_IMAGES,
    )
)
def image_repository(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Each repository is named by a lifecycle policy."""
    if service.fact("ownRepository") is False:
        yield _IMAGE_ELSEWHERE
        return
    repositories = service.of(kinds.REPOSITORY)
    yield from only(repositories, service, "ECR repository")
    policies = service.of(kinds.LIFECYCLE_POLICY)
    covered = {found.urn for policy in policies for found in graph.refers(policy, "repository", kinds.REPOSITORY)}
    for repository in repositories:
        if repository.urn not in covered:
            yield Fail(resource=repository, message=f"the repository {repository.name} has no lifecycle policy")


@service_rule(
    Meta(
        id="image-keep-count",
        item="PRE-4",
        title="The lifecycle policy keeps 5 images in dev, 10 in staging, 30 in prod",
        why="Too few, and the image to roll back to is gone; too many, and old images cost money and carry old flaws.",
        fix="set countNumber of the imageCountMoreThan rule to the tier's number (standards.ECR_KEEP_IMAGES)",
        severity="low",
        url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html",
        frameworks=("AWS FSBP ECR.3",),
        applies=WITH_IMAGES,
    )
)
def image_keep_count(service: Service, graph: Graph) -> Iterator[Outcome]:
    """The count of the lifecycle policy is the tier's."""
    if service.fact("ownRepository") is False:
        yield _IMAGE_ELSEWHERE
        return
    wanted = ECR_KEEP_IMAGES[service.tier]
    for policy in service.of(kinds.LIFECYCLE_POLICY):
        document = graph.parsed(policy, "policy")
        if document is UNKNOWN:
            yield unknown(policy, "policy")
            continue
        selections = [each for rule in objects(get(document, "rules")) for each in objects(rule.get("selection"))]
        kept = [each.get("countNumber") for each in selections if each.get("countType") == "imageCountMoreThan"]
        if wanted not in kept:
            found = ", ".join(str(count) for count in kept) or "no count"
            yield Fail(
                resource=policy,
                path="policy",
                message=f"{policy.name} keeps {found} instead of {wanted} images in {service.tier}",
            )


@service_rule(
    Meta(
        id="image-scan",
        item="PRE-5",
        title="Images are scanned: continuously by Inspector from staging on, on push in dev",
        why="A scan on push misses every flaw that is published after the push.",
        fix="keep scanOnPush on in dev; from staging on cover the repository by an ENHANCED, CONTINUOUS_SCAN rule",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced.html",
        frameworks=("AWS FSBP ECR.1",),
        applies=WITH_IMAGES,
    )
)
def image_scan(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Every repository of the service is scanned as its tier asks."""
    if service.fact("ownRepository") is False:
        yield _IMAGE_ELSEWHERE
        return
    for repository in service.of(kinds.REPOSITORY):
        if ECR_ENHANCED_SCANNING[service.tier]:
            yield from _scanned_continuously(repository, graph)
        else:
            path = "imageScanningConfiguration.scanOnPush"
            yield from expect_true(repository, path, f"{repository.name} does not scan on push")


def _scanned_continuously(repository: Resource, graph: Graph) -> Iterator[Outcome]:
    configurations = graph.of(kinds.REGISTRY_SCANNING)
    if not configurations:
        yield from foundation_missing(graph, "the registry's scanning configuration")
    for registry in configurations:
        filters = [
            str(each.get("filter", ""))
            for rule in objects(registry.get("rules"))
            if rule.get("scanFrequency") == "CONTINUOUS_SCAN"
            for each in objects(rule.get("repositoryFilters"))
        ]
        if registry.get("scanType") is UNKNOWN or registry.get("rules") is UNKNOWN:
            yield unknown(registry, "rules")
        elif registry.get("scanType") != "ENHANCED":
            yield Fail(resource=registry, path="scanType", message="the registry's scan type is not ENHANCED")
        elif repository.physical_name == "":
            yield unknown(repository, "name")
        elif not any(_matches(pattern, repository.physical_name) for pattern in filters):
            yield Fail(
                resource=repository,
                path="name",
                message=f"no continuous scan rule of the registry covers {repository.physical_name}",
            )


def _matches(pattern: str, name: str) -> bool:
    """As ECR does: a filter without a star matches names that contain it (ECR API, ScanningRepositoryFilter)."""
    return fnmatchcase(name, pattern) if "*" in pattern else pattern in name


@service_rule(
    Meta(
        id="config-in-parameter-store",
        item="PRE-7",
        title="Every configuration key is a Parameter Store parameter",
        why="Configuration in one place can be read, changed and audited without a deployment.",
        fix="write the key under `config` in the stack file and let the secrets concern make the parameter",
        severity="medium",
        url="https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html",
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
        fix="move it to `config` in the stack file; plain variables are only for what wires the process up",
        severity="low",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-ssm-paramstore.html",
    )
)
def no_plain_config(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Plain variables are technical ones, or secrets that another rule catches."""
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

"""Where images are kept, for how long, and who looks for holes in them (PRE-4, PRE-5)."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from policies import kinds
from policies.expect import expect_true, foundation_missing, only, unknown
from policies.graph import Graph, Resource, Service
from policies.rule import (
    WITH_IMAGES,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    service_rule,
)
from policies.values import UNKNOWN, get, has_unknown, objects
from stacks.standards import ECR_ENHANCED_SCANNING, ECR_KEEP_IMAGES

_IMAGE_ELSEWHERE: Final = NotApplicable(because="the images of its models are pushed to repositories of others")


@service_rule(
    Meta(
        id="image-repository",
        item="PRE-4",
        title="The service has an ECR repository with a lifecycle policy",
        why="Without a lifecycle policy images pile up, cost money, and old vulnerable ones stay ready to run.",
        fix=(
            "add an ECR Repository to the service, and a LifecyclePolicy that names it "
            "(components/concerns/images.py makes both)"
        ),
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html",
        frameworks=("COST04-BP05", "ECR.3"),
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
        fix="set countNumber of the imageCountMoreThan rule to 5 in dev, 10 in staging, 30 in prod",
        severity="low",
        url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html",
        frameworks=("OPS06-BP01", "COST04-BP05"),
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
        fix=(
            "set imageScanningConfiguration.scanOnPush in dev; from staging on cover the repository by an "
            "ENHANCED, CONTINUOUS_SCAN rule"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced.html",
        frameworks=("SEC06-BP01", "ECR.1"),
        applies=WITH_IMAGES,
    ),
    Remedy(types=(kinds.REPOSITORY,), path="imageScanningConfiguration.scanOnPush", value=True),
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
        elif any(_matches(pattern, repository.physical_name) for pattern in filters):
            continue
        elif has_unknown(registry.get("rules")):
            yield unknown(registry, "rules")
        else:
            yield Fail(
                resource=repository,
                path="name",
                message=f"no continuous scan rule of the registry covers {repository.physical_name}",
            )


def _matches(pattern: str, name: str) -> bool:
    """As ECR does: a filter without a star matches names that contain it (ECR API, ScanningRepositoryFilter)."""
    return fnmatchcase(name, pattern) if "*" in pattern else pattern in name

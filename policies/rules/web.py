"""What is asked of App Runner and Express services alike (PRE-2, CICD-2, HLTH-4, NET-2, SECR-3)."""

import re
from collections.abc import Iterator
from typing import Final

from policies import containers, kinds, web
from policies.expect import expect, expect_set, only, unknown
from policies.graph import Graph, Service
from policies.rule import (
    ADVICE,
    ALWAYS,
    WEB,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    Stated,
    Undecided,
    service_rule,
)
from policies.values import UNKNOWN

_HEALTH_PATHS: Final = {kinds.APP_RUNNER: "healthCheckConfiguration.path", kinds.EXPRESS_GATEWAY: "healthCheckPath"}
_REFERENCE: Final = re.compile(r"^arn:aws[a-z-]*:(secretsmanager|ssm):")
_NO_SECRETS: Final = NotApplicable(because="the service reads no secrets")
_UNRELEASED: Final = Undecided(because="no image has been released yet, so AWS has no such service")
_PUBLIC_SUBNETS: Final = "networkConfigurations"


@service_rule(
    Meta(
        id="web-image-released",
        item="CICD-2",
        title="An image of the service has been released",
        why="App Runner and Express cannot make a service without an image that starts.",
        fix="run the pipeline once: it pushes the first image and writes its digest under onramp:images",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/docker-push-ecr-image.html",
        frameworks=("OPS05-BP04",),
        applies=WEB,
    )
)
def web_image_released(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Before the first push only prod is refused."""
    if web.is_unreleased(service):
        message = f"no image of {service.name} has been released"
        yield Fail(message=message) if service.tier == "prod" else _UNRELEASED


@service_rule(
    Meta(
        id="web-image-pinned",
        item="CICD-2",
        title="The image is a digest, a tag that stands still, or the one tag that is deployed when it moves",
        why="`latest` is whatever was pushed last: two instances of one service may run different code.",
        fix="write the digest under onramp:images (the pipeline does)",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html",
        frameworks=("REL08-BP04", "SEC06-BP04"),
        applies=WEB,
    )
)
def web_image_pinned(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """No image is untagged or `latest`."""
    for workload in web.workloads(service):
        path = web.IMAGE_PATHS[workload.type]
        image = workload.get(path)
        problem = containers.image_problem(image)
        if image is UNKNOWN:
            yield unknown(workload, path)
        elif problem:
            yield Fail(resource=workload, path=path, message=f"the image of {workload.name} {problem}")


@service_rule(
    Meta(
        id="web-health-check",
        item="HLTH-4",
        title="The health check asks the service's path",
        why="A check of `/` passes on an error page and fails on a redirect.",
        fix="write `health.path` in the stack file: what the service answers with 200 when it is well",
        severity="high",
        url="https://docs.aws.amazon.com/apprunner/latest/dg/manage-configure-healthcheck.html",
        frameworks=("REL11-BP01",),
        applies=WEB,
    ),
    *(Remedy(types=(kind,), path=path, value=Stated("healthPath")) for kind, path in _HEALTH_PATHS.items()),
)
def web_health_check(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Its path is the service's; how often an Express service is asked is AWS's choice."""
    if web.is_unreleased(service):
        yield _UNRELEASED
    wanted = service.fact("healthPath")
    for workload in web.workloads(service):
        path = _HEALTH_PATHS[workload.type]
        message = f"{workload.name} asks {workload.text(path) or 'nothing'} instead of {wanted}"
        yield from expect(workload, path, lambda value: value == wanted, message)


@service_rule(
    Meta(
        id="web-cloud-map",
        item="NET-2",
        title="The service is registered in Cloud Map with its URL where callers ask for it there",
        why="AWS makes the address up; a caller that has it written down calls into nothing after a replacement.",
        fix=(
            "add a Cloud Map service with an Instance that has the URL, or write `discovery.cloudMap: false` if "
            "nobody outside calls"
        ),
        severity="medium",
        url="https://docs.aws.amazon.com/cloud-map/latest/dg/working-with-instances.html",
        frameworks=("REL04-BP02",),
        applies=WEB,
    )
)
def web_cloud_map(service: Service, graph: Graph) -> Iterator[Outcome]:
    """An entry of the service, and an instance in it as soon as there is something to find."""
    if not service.stated("cloudMap"):
        yield NotApplicable(because="no caller asks Cloud Map for the service")
        return
    yield from only(service.of(kinds.DISCOVERY_SERVICE), service, "Cloud Map service")
    if web.is_unreleased(service):
        yield _UNRELEASED
        return
    instances = service.of(kinds.DISCOVERY_INSTANCE)
    yield from only(instances, service, "Cloud Map instance")
    for instance in instances:
        message = f"{instance.name} is in no entry of the service"
        yield from expect_set(graph, instance, "serviceId", (kinds.DISCOVERY_SERVICE,), message)


@service_rule(
    Meta(
        id="web-plain-secret",
        item="SECR-3",
        title="No credential is a plain variable of the service",
        why="A plain variable is readable by everybody who may describe the service.",
        fix="write its name under `secrets` in the stack file, so that the process gets it as a reference",
        severity="critical",
        url="https://docs.aws.amazon.com/apprunner/latest/dg/env-variable.html",
        levels=ALWAYS,
        frameworks=("SEC02-BP03",),
        applies=WEB,
    )
)
def web_plain_secret(service: Service, graph: Graph) -> Iterator[Outcome]:
    """No variable looks like a secret."""
    for variable in containers.variables(service, graph):
        if not variable.looks_secret(service):
            continue
        if variable.value is UNKNOWN:
            yield Undecided(because=f"{variable.name} of {variable.process} is only known after the deployment")
        else:
            message = f"{variable.name} is a secret in plain text in {variable.process}"
            yield Fail(resource=variable.resource, path=variable.path, message=message)


@service_rule(
    Meta(
        id="web-secret-reference",
        item="SECR-3",
        title="The process gets every secret of the service as the ARN of a secret",
        why="What is referenced is fetched at start with the service's own role, and stays out of its description.",
        fix="set runtimeEnvironmentSecrets (App Runner) or primaryContainer.secrets (Express) to the ARN of the secret",
        severity="high",
        url="https://docs.aws.amazon.com/apprunner/latest/dg/env-variable-manage.html",
        frameworks=("SEC02-BP03",),
        applies=WEB,
    )
)
def web_secret_reference(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Each secret of the service is given, and everything given is an ARN of Secrets Manager or Parameter Store."""
    if not service.names("secrets"):
        yield _NO_SECRETS
    for workload in web.workloads(service):
        path = web.SECRET_PATHS[workload.type]
        if workload.get(path) is UNKNOWN:
            yield unknown(workload, path)
            continue
        references = {name: (place, value) for place, name, value in web.given(workload, web.SECRET_PATHS)}
        for place, value in references.values():
            if value is UNKNOWN and not graph.refers(workload, place, kinds.SECRET, kinds.PARAMETER):
                yield unknown(workload, place)
            elif isinstance(value, str) and not _REFERENCE.match(value):
                yield Fail(resource=workload, path=place, message=f"{place.rpartition('.')[2]} is no ARN of a secret")
        for entry in service.names("secrets"):
            if entry.rpartition("/")[2] not in references:
                message = f"the process does not get {entry} by reference"
                yield Fail(resource=workload, path=path, message=message)


@service_rule(
    Meta(
        id="web-private-subnet",
        item="PRE-2",
        title="The process runs in private subnets only",
        why="AWS puts the tasks of a public Express service where its load balancer is, with public addresses.",
        fix="write `public: false` in the stack file, or run it as fargate with a `route` for what the internet calls",
        severity="medium",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/express-service-work.html",
        levels=ADVICE,
        frameworks=("SEC05-BP01", "ECS.2"),
        applies=WEB,
    )
)
def web_private_subnet(service: Service, graph: Graph) -> Iterator[Outcome]:
    """No subnet hands out public addresses. It is advice: Express knows no other way to be public."""
    places = ((kinds.VPC_CONNECTOR, "subnets"), (kinds.EXPRESS_GATEWAY, f"{_PUBLIC_SUBNETS}.subnets"))
    for kind, path in places:
        for workload in service.of(kind):
            for subnet in graph.refers(workload, path, kinds.SUBNET):
                if subnet.get("mapPublicIpOnLaunch") is True or subnet.text("tags.SubnetType").lower() == "public":
                    message = f"{workload.name} is in the public subnet {subnet.name}"
                    yield Fail(resource=workload, path=path, message=message)

"""Credentials: never plain, always rotated, read by reference (PRE-6, SECR-1, SECR-2, SECR-5, SECR-6)."""

from collections.abc import Iterator
from typing import Final

from policies import containers, kinds
from policies.expect import unknown
from policies.functions import is_image
from policies.graph import Graph, Resource, Service
from policies.rule import (
    ALWAYS,
    CONTAINERS,
    FUNCTIONS,
    WEB,
    AttestedRule,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    Undecided,
    service_rule,
)
from policies.values import MISSING, UNKNOWN, has_unknown, number, objects, texts
from stacks.sensitive import is_secret_name, is_secret_value
from stacks.standards import SECRET_CACHE_SECONDS, SECRET_ROTATION_DAYS

_EXTENSION_LAYER: Final = "AWS-Parameters-and-Secrets-Lambda-Extension"
_MULTI_USER: Final = "MultiUser"
_NO_SECRETS: Final = NotApplicable(because="the service reads no secrets")


@service_rule(
    Meta(
        id="secret-in-secrets-manager",
        item="PRE-6",
        title="Every credential of the service is a Secrets Manager secret",
        why="A credential anywhere else is neither rotated nor audited.",
        fix=(
            "write the name of the credential under `secrets` of the service in the stack file, and use the "
            "secret that becomes of it"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html",
        frameworks=("SEC02-BP03",),
    )
)
def secret_in_secrets_manager(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Each secret that the service states has its resource at the service that owns it."""
    entries = service.names("secrets")
    if not entries:
        yield _NO_SECRETS
    for entry in entries:
        owner, secret = _secret(service, graph, entry)
        if owner is None:
            yield Undecided(because=f"{entry} belongs to a service of another stack")
        elif secret is None:
            yield Fail(message=f"{entry} is no Secrets Manager secret of {owner.name}", path="secrets")


@service_rule(
    Meta(
        id="secret-rotation",
        item="PRE-6",
        title="Every secret rotates at least every 30 days",
        why="A credential that never changes stays stolen.",
        fix="add a SecretRotation of the secret with rotationRules.automaticallyAfterDays of at most 30",
        severity="high",
        url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets.html",
        frameworks=("SEC02-BP05", "SecretsManager.1", "SecretsManager.4"),
    )
)
def secret_rotation(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Each secret of the service is named by a rotation that is often enough."""
    owned = service.of(kinds.SECRET)
    if not owned and not service.names("secrets"):
        yield _NO_SECRETS
    for secret in owned:
        rotation = _rotation(secret, graph)
        if rotation is None:
            yield Fail(resource=secret, message=f"the secret {secret.name} has no rotation")
            continue
        path = "rotationRules.automaticallyAfterDays"
        days = rotation.get(path)
        count = number(days)
        if days is MISSING and graph.is_set(rotation, "rotationRules.scheduleExpression"):
            yield Undecided(because=f"{rotation.name} rotates by a schedule expression")
        elif count is UNKNOWN:
            yield unknown(rotation, path)
        elif count is None or count > SECRET_ROTATION_DAYS:
            yield Fail(
                resource=rotation,
                path=path,
                message=f"{rotation.name} does not rotate within {SECRET_ROTATION_DAYS} days",
            )


@service_rule(
    Meta(
        id="function-plain-secret",
        item="PRE-6",
        title="No credential is a plain variable of the function",
        why="Variables of a function are readable by everybody who may describe it, and stay in every version.",
        fix="write its name under `secrets` in the stack file, and read it through the extension at localhost:2773",
        severity="critical",
        url="https://docs.aws.amazon.com/lambda/latest/dg/with-secrets-manager.html",
        levels=ALWAYS,
        frameworks=("SEC02-BP03",),
        applies=FUNCTIONS,
    )
)
def function_plain_secret(service: Service, graph: Graph) -> Iterator[Outcome]:
    """No variable looks like a secret."""
    yield from _plain_secrets(service, graph)


@service_rule(
    Meta(
        id="container-plain-secret",
        item="SECR-1",
        title="No credential is a plain variable of a container",
        why="A plain value is readable in every revision of the task definition, for ever.",
        fix=(
            "write its name under `secrets` in the stack file; the container then gets it as a reference in "
            "secrets[].valueFrom"
        ),
        severity="critical",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-8",
        levels=ALWAYS,
        frameworks=("SEC02-BP03", "ECS.8"),
        applies=CONTAINERS,
    )
)
def container_plain_secret(service: Service, graph: Graph) -> Iterator[Outcome]:
    """No variable of any container looks like a secret."""
    yield from _plain_secrets(service, graph)


def _plain_secrets(service: Service, graph: Graph) -> Iterator[Outcome]:
    for variable in containers.variables(service, graph):
        if not variable.looks_secret(service):
            continue
        sources = graph.refers(variable.resource, variable.path, kinds.SECRET)
        if variable.value is not UNKNOWN:
            message = f"{variable.name} is a secret in plain text in {variable.process}"
            yield Fail(resource=variable.resource, path=variable.path, message=message)
        elif not sources:
            yield Undecided(because=f"{variable.name} of {variable.process} is only known after the deployment")
    for task in service.of(kinds.TASK_DEFINITION):
        if containers.containers(task, graph) is None:
            yield unknown(task, "containerDefinitions")
    for function in service.of(kinds.FUNCTION):
        if function.get("environment.variables") is UNKNOWN:
            yield unknown(function, "environment.variables")


@service_rule(
    Meta(
        id="parameter-plain-secret",
        item="PRE-6",
        title="No credential is a plain parameter",
        why="A String parameter is stored in clear, in Parameter Store and in the state.",
        fix="move its name from `config` to `secrets` of the service in the stack file",
        severity="critical",
        url="https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-parameter-store.html",
        levels=ALWAYS,
        frameworks=("SEC02-BP03",),
    )
)
def parameter_plain_secret(service: Service, _graph: Graph) -> Iterator[Outcome]:
    """No parameter in clear looks like a secret."""
    for parameter in service.of(kinds.PARAMETER):
        if parameter.get("type") == "SecureString":
            continue
        name, value = parameter.get("name"), parameter.get("value")
        key = name.rpartition("/")[2] if isinstance(name, str) else ""
        if is_secret_name(key) or (isinstance(value, str) and is_secret_value(value)):
            yield Fail(resource=parameter, path="value", message=f"{key} is a secret in a plain parameter")


@service_rule(
    Meta(
        id="container-secret-reference",
        item="SECR-1",
        title="The container gets every secret of the service by reference",
        why="ECS fetches a referenced secret at start, with the execution role, and keeps it out of the definition.",
        fix="add name and valueFrom (the ARN of the secret) to secrets of the container definition",
        severity="high",
        url="https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html",
        frameworks=("SEC02-BP03",),
        applies=CONTAINERS,
    )
)
def container_secret_reference(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Each secret of the service is among the container's secrets."""
    if not service.names("secrets"):
        yield _NO_SECRETS
    for task, container in containers.main_containers(service, graph):
        if container is None or container.get("secrets") is UNKNOWN:
            yield unknown(task, "containerDefinitions")
            continue
        given = {str(each.get("name")) for each in objects(container.get("secrets")) if each.get("valueFrom")}
        for entry in service.names("secrets"):
            if entry.rpartition("/")[2] not in given:
                yield Fail(
                    resource=task,
                    path=f"containerDefinitions.{service.name}.secrets",
                    message=f"the container does not get {entry} by reference",
                )


@service_rule(
    Meta(
        id="secrets-extension",
        item="SECR-2",
        title="The function reads secrets through the extension layer with a bounded cache",
        why="The extension caches, so a rotation reaches the function within the TTL and no call is throttled.",
        fix="add the AWS-Parameters-and-Secrets-Lambda-Extension layer and SECRETS_MANAGER_TTL of at most 300 seconds",
        severity="medium",
        url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_lambda.html",
        frameworks=("SEC02-BP03",),
        applies=FUNCTIONS,
    ),
    Remedy(types=(kinds.FUNCTION,), path="environment.variables.SECRETS_MANAGER_TTL", value=str(SECRET_CACHE_SECONDS)),
)
def secrets_extension(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Layer and TTL are set wherever the function has something to read."""
    if not service.names("secrets") and not service.names("config"):
        yield NotApplicable(because="the function reads neither secrets nor parameters")
        return
    for function in service.of(kinds.FUNCTION):
        layers = function.get("layers")
        if not any(_EXTENSION_LAYER in layer for layer in texts(layers)):
            if has_unknown(layers):
                yield unknown(function, "layers")
            elif is_image(function):
                because = f"{function.name} is an image; whether it has the extension, the graph does not see"
                yield Undecided(because=because)
            else:
                message = f"{function.name} lacks the parameters-and-secrets extension layer"
                yield Fail(resource=function, path="layers", message=message)
        path = "environment.variables.SECRETS_MANAGER_TTL"
        seconds = number(function.get(path))
        if seconds is UNKNOWN:
            yield unknown(function, path)
        elif seconds is None or seconds > SECRET_CACHE_SECONDS:
            message = f"{function.name} has no secret cache TTL of at most {SECRET_CACHE_SECONDS} seconds"
            yield Fail(resource=function, path=path, message=message)


@service_rule(
    Meta(
        id="database-rotation",
        item="SECR-5",
        title="Database credentials rotate automatically, with alternating users in prod",
        why="With one user, every connection made between the change and the refresh fails.",
        fix=(
            "rotate by the SecretsManagerRDSPostgreSQLRotationMultiUser application in prod, and by any rotation "
            "elsewhere"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html",
        frameworks=("SEC02-BP05",),
    )
)
def database_rotation(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Each database secret has a rotation, and in prod a rotation by alternating users."""
    entries = service.names("databaseSecrets")
    if not entries:
        yield NotApplicable(because="the service opens no database")
    for entry in entries:
        owner, secret = _secret(service, graph, entry)
        if owner is None:
            yield Undecided(because=f"{entry} belongs to a service of another stack")
        elif secret is not None:
            yield from _alternating(entry, secret, service, graph)


def _alternating(entry: str, secret: Resource, service: Service, graph: Graph) -> Iterator[Outcome]:
    rotation = _rotation(secret, graph)
    if rotation is None:
        if graph.service_of(secret.urn) != service:
            yield Fail(resource=secret, message=f"the database credential {entry} does not rotate")
        return  # at its owner, secret-rotation says so
    if service.tier != "prod":
        return
    applications = _rotation_applications(rotation, graph)
    if not applications:
        yield Undecided(because=f"the function that rotates {entry} is not in this stack")
    for application in applications:
        if application.get("applicationId") is UNKNOWN:
            yield unknown(application, "applicationId")
        elif _MULTI_USER not in application.text("applicationId"):
            yield Fail(
                resource=application,
                path="applicationId",
                message=f"{entry} rotates with a single user; in prod the users alternate",
            )


def _secret(service: Service, graph: Graph, entry: str) -> tuple[Service | None, Resource | None]:
    """The owner of `owner/KEY`, and the secret resource that it keeps under that key."""
    owner_name, _, key = entry.rpartition("/")
    owner = graph.service(owner_name) if owner_name else service
    secrets = owner.of(kinds.SECRET) if owner else ()
    return owner, next((each for each in secrets if each.text("name").rpartition("/")[2] == key), None)


def _rotation(secret: Resource, graph: Graph) -> Resource | None:
    owner = graph.service_of(secret.urn)
    rotations = owner.of(kinds.SECRET_ROTATION) if owner else ()
    return next((each for each in rotations if secret in graph.refers(each, "secretId", kinds.SECRET)), None)


def _rotation_applications(rotation: Resource, graph: Graph) -> tuple[Resource, ...]:
    """The serverless applications that make the function a rotation calls, by reference or by the function's name."""
    referred = graph.refers(rotation, "rotationLambdaArn", kinds.ROTATION_APPLICATION)
    name = rotation.text("rotationLambdaArn").rpartition(":")[2]
    return referred or (graph.with_input(kinds.ROTATION_APPLICATION, "parameters.functionName", name) if name else ())


client_side_cache = AttestedRule(
    meta=Meta(
        id="client-side-cache",
        item="SECR-6",
        title="A client-side secret cache is used, or the service restarts on rotation",
        why="A container keeps the credential it started with; after a rotation it would use a dead one.",
        fix="write `attest: {SECR-6: {by: WHO, on: DATE, evidence: URL}}` in the stack file; it counts for 180 days",
        severity="medium",
        url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets.html",
        frameworks=("SEC02-BP03",),
        applies=(*CONTAINERS, *WEB),
    )
)

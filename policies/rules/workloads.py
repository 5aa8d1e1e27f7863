"""What single workloads may not do: run on what is out of support, be called by anyone, and have too many tools."""

from collections.abc import Iterator
from typing import Final

from policies import kinds
from policies.expect import expect, unknown
from policies.graph import Graph, Service
from policies.rule import (
    ADVICE,
    FROM_STAGING,
    FUNCTIONS,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    service_rule,
    stack_rule,
)
from policies.values import MISSING, UNKNOWN, number
from stacks.limits import LAMBDA_RUNTIMES
from stacks.standards import AGENT_TOOLS_FORBIDDEN, AGENT_TOOLS_MANY, SECRET_RECOVERY_DAYS

_AGENT_URL: Final = "https://docs.aws.amazon.com/wellarchitected/latest/generative-ai-lens/generative-ai-lens.html"
_NO_AGENT: Final = NotApplicable(because="the service declares no tools of an agent")


@stack_rule(
    Meta(
        id="function-runtime",
        item=None,
        title="Every function runs on a runtime that AWS still updates",
        why="A runtime without updates keeps its holes, and one day AWS refuses to deploy on it.",
        fix="write a `runtime` in the stack file that is in stacks/limits.py, LAMBDA_RUNTIMES",
        severity="high",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/lambda-controls.html#lambda-2",
        frameworks=("PERF05-BP06", "Lambda.2"),
        applies=FUNCTIONS,
    ),
)
def function_runtime(graph: Graph) -> Iterator[Outcome]:
    """A function of code names such a runtime; one of an image has its own."""
    for function in graph.of(kinds.FUNCTION):
        if function.get("packageType") != "Image" and function.get("imageUri") is MISSING:
            message = f"{function.name} runs on a runtime that AWS does not update"
            yield from expect(function, "runtime", lambda value: value in LAMBDA_RUNTIMES, message)


@stack_rule(
    Meta(
        id="permission-source",
        item=None,
        title="Every permission for an AWS service names whose resource may use it",
        why="Without a source, somebody else's bucket or rule can call the function through the same service.",
        fix="set sourceArn or sourceAccount of the permission",
        severity="high",
        url="https://docs.aws.amazon.com/lambda/latest/dg/permissions-function-services.html",
        frameworks=("SEC03-BP02", "Lambda.1"),
        applies=FUNCTIONS,
    ),
)
def permission_source(graph: Graph) -> Iterator[Outcome]:
    """A permission for a service principal has a source, known or not."""
    for permission in graph.of(kinds.FUNCTION_PERMISSION):
        principal = permission.get("principal")
        if principal is UNKNOWN:
            yield unknown(permission, "principal")
        elif str(principal).endswith(".amazonaws.com") and not {"sourceArn", "sourceAccount"} & {*permission.inputs}:
            yield Fail(resource=permission, path="principal", message=f"{permission.name} lets all of {principal} in")


@stack_rule(
    Meta(
        id="secret-recovery",
        item=None,
        title=f"A secret that is deleted can be brought back for {SECRET_RECOVERY_DAYS} days",
        why="What still uses it is found when it is gone, and its value is nowhere else.",
        fix=f"set recoveryWindowInDays of the secret to {SECRET_RECOVERY_DAYS} or more",
        severity="medium",
        url="https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html",
        levels=ADVICE,
        frameworks=("SEC02-BP03",),
    ),
    Remedy(types=(kinds.SECRET,), path="recoveryWindowInDays", value=SECRET_RECOVERY_DAYS),
)
def secret_recovery(graph: Graph) -> Iterator[Outcome]:
    """The window is a week or more; AWS's own is a month."""
    path = "recoveryWindowInDays"
    for secret in graph.of(kinds.SECRET):
        days = number(secret.get(path))
        if days is UNKNOWN:
            yield unknown(secret, path)
        elif days is not None and days < SECRET_RECOVERY_DAYS:
            yield Fail(resource=secret, path=path, message=f"{secret.name} is gone {days:g} days after a mistake")


@service_rule(
    Meta(
        id="agent-tools",
        item=None,
        title=f"An agent has fewer than {AGENT_TOOLS_FORBIDDEN} tools",
        why="A model that must choose among that many chooses wrongly, and pays for reading all of them each time.",
        fix="split the agent into services with one responsibility each, and move its tools there",
        severity="high",
        url=_AGENT_URL,
        levels=FROM_STAGING,
    )
)
def agent_tools(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Of those that it declares."""
    count = len(service.names("tools"))
    if not count:
        yield _NO_AGENT
    elif count >= AGENT_TOOLS_FORBIDDEN:
        message = f"{service.name} declares {count} tools; at {AGENT_TOOLS_FORBIDDEN} an agent is too large"
        yield Fail(resource=service.component, path="tools", message=message)


@service_rule(
    Meta(
        id="agent-tools-many",
        item=None,
        title=f"An agent has {AGENT_TOOLS_MANY} tools or fewer",
        why="Beyond a handful, each further tool makes the choice among all of them less reliable.",
        fix="split the agent, or narrow the tools that the model is shown for a request",
        severity="low",
        url=_AGENT_URL,
        levels=ADVICE,
    )
)
def agent_tools_many(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Of those that it declares; so many that they are forbidden have a rule of their own."""
    count = len(service.names("tools"))
    if not count:
        yield _NO_AGENT
    elif AGENT_TOOLS_MANY < count < AGENT_TOOLS_FORBIDDEN:
        message = f"{service.name} declares {count} tools; more than {AGENT_TOOLS_MANY} need careful routing"
        yield Fail(resource=service.component, path="tools", message=message)

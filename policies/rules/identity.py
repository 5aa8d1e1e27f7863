"""Who the service is to AWS: roles of its own, with no more than it needs (PRE-3)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from policies import kinds
from policies.expect import unknown
from policies.graph import Graph, Resource, Service
from policies.rule import ALWAYS, Fail, Meta, Outcome, Undecided, service_rule
from policies.values import UNKNOWN, Value, has_unknown, objects, texts
from stacks.standards import UNSCOPED_ACTIONS

_ROLE_INPUTS: Final = (
    (kinds.TASK_DEFINITION, "taskRoleArn"),
    (kinds.TASK_DEFINITION, "executionRoleArn"),
    (kinds.FUNCTION, "role"),
    (kinds.MODEL, "executionRoleArn"),
    (kinds.APP_RUNNER, "instanceConfiguration.instanceRoleArn"),
    (kinds.APP_RUNNER, "sourceConfiguration.authenticationConfiguration.accessRoleArn"),
    (kinds.EXPRESS_GATEWAY, "executionRoleArn"),
    (kinds.EXPRESS_GATEWAY, "infrastructureRoleArn"),
    (kinds.EXPRESS_GATEWAY, "taskRoleArn"),
)
_POLICY_INPUTS: Final = ((kinds.ROLE_POLICY, "policy"), (kinds.MANAGED_POLICY, "policy"))
_ADMIN_POLICIES: Final = ("AdministratorAccess", "PowerUserAccess", "IAMFullAccess")
_IAM_URL: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"

Statement = Mapping[str, Value]


@service_rule(
    Meta(
        id="own-role",
        item="PRE-3",
        title="The service runs under roles of its own",
        why="A shared role gives every service the sum of what all of them need.",
        fix="add a Role to the service's component, and name that one as executionRoleArn, taskRoleArn or role",
        severity="high",
        url=_IAM_URL,
        frameworks=("SEC03-BP02",),
    )
)
def own_role(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Every role that the workload takes is made below the same service."""
    own = {role.urn for role in service.of(kinds.ROLE)}
    for kind, path in _ROLE_INPUTS:
        for workload in service.of(kind):
            roles = graph.refers(workload, path, kinds.ROLE)
            if workload.get(path) is UNKNOWN and not roles:
                yield unknown(workload, path)
            elif not roles or any(role.urn not in own for role in roles):
                yield Fail(resource=workload, path=path, message=f"{workload.name} has no role of its own as {path}")


@service_rule(
    Meta(
        id="no-wildcard-action",
        item="PRE-3",
        title="No policy of the service allows a wildcard action",
        why="A wildcard grows by itself: it allows what AWS adds tomorrow.",
        fix="list the actions that the service calls in Action of the policy: dynamodb:GetItem, and not dynamodb:*",
        severity="critical",
        url=_IAM_URL,
        levels=ALWAYS,
        frameworks=("SEC03-BP02", "IAM.1", "IAM.21", "CIS 7.0.0/2.14"),
    )
)
def no_wildcard_action(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Allow statements name their actions one by one."""
    for policy, path, statement in allowing(service, graph):
        wild = [action for action in texts(statement.get("Action")) if "*" in action or "?" in action]
        if "NotAction" in statement:
            yield Fail(resource=policy, path=path, message=f"{policy.name} allows everything but a list (NotAction)")
        elif wild:
            yield Fail(resource=policy, path=path, message=f"{policy.name} allows {', '.join(wild)}")
    yield from not_readable(service, graph)


@service_rule(
    Meta(
        id="no-wildcard-resource",
        item="PRE-3",
        title="No policy of the service allows its actions on every resource without a stated reason",
        why="An action on all resources reaches the data of every other service.",
        fix=(
            "name ARNs in Resource of the policy, or state in stacks/standards.py (UNSCOPED_ACTIONS) why the "
            "action has none"
        ),
        severity="high",
        url=_IAM_URL,
        frameworks=("SEC03-BP02", "KMS.1", "KMS.2"),
    )
)
def no_wildcard_resource(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Resource `*` stands only with actions that have no resource."""
    for policy, path, statement in allowing(service, graph):
        actions = [action for action in texts(statement.get("Action")) if action not in UNSCOPED_ACTIONS]
        named = [action for action in actions if "*" not in action]
        if "NotResource" in statement:
            yield Fail(resource=policy, path=path, message=f"{policy.name} allows all resources but a list")
        elif "*" in texts(statement.get("Resource")) and named:
            yield Fail(resource=policy, path=path, message=f"{policy.name} allows {', '.join(named)} on every resource")


@service_rule(
    Meta(
        id="no-admin-policy",
        item="PRE-3",
        title="No role of the service has an administrator's policy",
        why="One stolen credential of such a role is the whole account.",
        fix=(
            "remove the ARN from managedPolicyArns, or the RolePolicyAttachment, and write what the service needs "
            "as a RolePolicy"
        ),
        severity="critical",
        url=_IAM_URL,
        levels=ALWAYS,
        frameworks=("SEC03-BP02", "IAM.1", "CIS 7.0.0/2.14"),
    )
)
def no_admin_policy(service: Service, graph: Graph) -> Iterator[Outcome]:
    """No attached managed policy is AdministratorAccess, PowerUserAccess or IAMFullAccess."""
    attached = [(each, "managedPolicyArns") for each in service.of(kinds.ROLE)]
    attached += [(each, "policyArn") for each in service.of(kinds.ROLE_ATTACHMENT)]
    for resource, path in attached:
        if has_unknown(resource.get(path)) and not graph.refers(resource, path, kinds.MANAGED_POLICY):
            yield unknown(resource, path)
        for arn in texts(resource.get(path)):
            if arn.rpartition("/")[2] in _ADMIN_POLICIES:
                yield Fail(resource=resource, path=path, message=f"{resource.name} attaches {arn.rpartition('/')[2]}")


def _documents(where: Service | Graph, graph: Graph) -> Iterator[tuple[Resource, str, Value]]:
    for kind, path in _POLICY_INPUTS:
        for policy in where.of(kind):
            yield policy, path, graph.parsed(policy, path)
    for role in where.of(kinds.ROLE):
        for index, inline in enumerate(objects(role.get("inlinePolicies"))):
            path = f"inlinePolicies.{index}.policy"
            if "policy" in inline:
                yield role, path, graph.parsed(role, path)


def allowing(where: Service | Graph, graph: Graph) -> Iterator[tuple[Resource, str, Statement]]:
    """Every statement that allows something, of a service's policies or of all, with the input that holds it."""
    for policy, path, document in _documents(where, graph):
        for statement in statements(document):
            if statement.get("Effect") == "Allow":
                yield policy, path, statement


def not_readable(where: Service | Graph, graph: Graph) -> Iterator[Undecided]:
    """The policies of a service, or all, that nobody can read before the deployment."""
    for policy, path, document in _documents(where, graph):
        if document is UNKNOWN:
            yield unknown(policy, path)


def statements(document: Value) -> Sequence[Statement]:
    """The statements of a policy document; none when it is unknown."""
    return objects(document.get("Statement")) if isinstance(document, Mapping) else ()

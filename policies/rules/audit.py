"""What auditors ask beyond the checklist: the trail, the retention of shared logs, and who may act at all."""

from collections.abc import Iterator, Mapping
from typing import Final

from policies import kinds
from policies.expect import expect_set, expect_true, unknown
from policies.graph import Graph
from policies.rule import ADVICE, ALWAYS, ByTier, Fail, Meta, Outcome, Remedy, stack_rule
from policies.rules.identity import allowing, not_readable, statements
from policies.values import UNKNOWN, Value, get, number, texts, walk
from stacks.standards import LOG_RETENTION_DAYS, UNSCOPED_ACTIONS

_TRAIL_URL: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/cloudtrail-controls.html"
_IAM_URL: Final = "https://docs.aws.amazon.com/IAM/latest/UserGuide"
_PASSED_TO: Final = "iam:PassedToService"
_PASSES: Final = "iam:PassRole"


@stack_rule(
    Meta(
        id="trail-encrypted",
        item=None,
        title="The trail is encrypted with the environment's key",
        why="It says who did what, with names, addresses and parameters.",
        fix="set kmsKeyId of the trail, with the ARN of the logs key (components/foundation/keys.py)",
        severity="medium",
        url=f"{_TRAIL_URL}#cloudtrail-2",
        levels=ADVICE,
        frameworks=("SEC08-BP02", "CloudTrail.2", "CIS 7.0.0/4.5"),
    )
)
def trail_encrypted(graph: Graph) -> Iterator[Outcome]:
    """A key is set."""
    for trail in graph.of(kinds.TRAIL):
        types = (kinds.KEY, kinds.STACK_REFERENCE)
        yield from expect_set(graph, trail, "kmsKeyId", types, f"{trail.name} is not encrypted with our key")


@stack_rule(
    Meta(
        id="trail-validated",
        item=None,
        title="The files of the trail can be validated",
        why="Whoever has something to hide changes the log; a digest shows that.",
        fix="set enableLogFileValidation of the trail to true",
        severity="medium",
        url=f"{_TRAIL_URL}#cloudtrail-4",
        levels=ADVICE,
        frameworks=("SEC04-BP01", "CloudTrail.4", "CIS 7.0.0/4.2"),
    ),
    Remedy(types=(kinds.TRAIL,), path="enableLogFileValidation", value=True),
)
def trail_validated(graph: Graph) -> Iterator[Outcome]:
    """Validation is on."""
    for trail in graph.of(kinds.TRAIL):
        yield from expect_true(trail, "enableLogFileValidation", f"{trail.name} can be changed unseen")


@stack_rule(
    Meta(
        id="trail-everywhere",
        item=None,
        title="The trail records every region and the global services",
        why="An intruder works in the region that nobody uses.",
        fix="set isMultiRegionTrail and includeGlobalServiceEvents of the trail to true",
        severity="high",
        url=f"{_TRAIL_URL}#cloudtrail-1",
        frameworks=("SEC04-BP01", "CloudTrail.1", "CIS 7.0.0/4.1"),
    ),
    Remedy(types=(kinds.TRAIL,), path="isMultiRegionTrail", value=True),
    Remedy(types=(kinds.TRAIL,), path="includeGlobalServiceEvents", value=True),
)
def trail_everywhere(graph: Graph) -> Iterator[Outcome]:
    """Both switches are on; global services are recorded unless somebody turned that off."""
    for trail in graph.of(kinds.TRAIL):
        yield from expect_true(trail, "isMultiRegionTrail", f"{trail.name} records one region")
        if trail.get("includeGlobalServiceEvents") is UNKNOWN:
            yield unknown(trail, "includeGlobalServiceEvents")
        elif trail.get("includeGlobalServiceEvents") is False:
            message = f"{trail.name} leaves global services out"
            yield Fail(resource=trail, path="includeGlobalServiceEvents", message=message)


@stack_rule(
    Meta(
        id="shared-log-retention",
        item=None,
        title="Logs of what all services share are kept as long as the tier says",
        why="A log group without an end keeps everything, and is paid for, for ever.",
        fix="set retentionInDays of the log group to the tier's days (stacks/standards.py, LOG_RETENTION_DAYS)",
        severity="low",
        url="https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
        levels=ADVICE,
        frameworks=("COST04-BP05",),
    ),
    Remedy(types=(kinds.LOG_GROUP,), path="retentionInDays", value=ByTier(LOG_RETENTION_DAYS)),
)
def shared_log_retention(graph: Graph) -> Iterator[Outcome]:
    """The retention of every log group of no service is the tier's."""
    wanted, path = LOG_RETENTION_DAYS[graph.tier], "retentionInDays"
    for group in graph.of(kinds.LOG_GROUP):
        days = number(group.get(path))
        if graph.service_of(group.urn) is not None or days == wanted:
            continue
        if days is UNKNOWN:
            yield unknown(group, path)
        else:
            kept = f"for {days:g} days" if days else "for ever"
            yield Fail(resource=group, path=path, message=f"{group.name} keeps logs {kept}, not for {wanted} days")


@stack_rule(
    Meta(
        id="no-access-keys",
        item=None,
        title="No stack makes users or access keys",
        why="A key works from everywhere, for as long as nobody remembers it; a role's credentials end by themselves.",
        fix="remove it; give the workload a role, and people AWS IAM Identity Center",
        severity="critical",
        url=f"{_IAM_URL}/best-practices.html#bp-users-federation-idp",
        levels=ALWAYS,
        frameworks=("SEC02-BP02",),
    )
)
def no_access_keys(graph: Graph) -> Iterator[Outcome]:
    """There is no user, and no key of one."""
    for resource in graph.of(kinds.USER, kinds.ACCESS_KEY):
        yield Fail(resource=resource, message=f"{resource.name} is an identity that works until somebody deletes it")


@stack_rule(
    Meta(
        id="pass-role-bound",
        item=None,
        title="Whoever may pass a role may pass it to named services alone",
        why="A role that can be passed to any service is a role that anybody with that right can become.",
        fix="add a Condition on iam:PassedToService to the statement with iam:PassRole",
        severity="high",
        url=f"{_IAM_URL}/id_roles_use_passrole.html",
        frameworks=("SEC03-BP02",),
    )
)
def pass_role_bound(graph: Graph) -> Iterator[Outcome]:
    """Every statement that allows iam:PassRole has the condition."""
    for policy, path, statement in allowing(graph, graph):
        if _PASSES in texts(statement.get("Action")) and not _is_bound(statement):
            yield Fail(resource=policy, path=path, message=f"{policy.name} passes roles to whatever service")
    yield from not_readable(graph, graph)


def _is_bound(statement: Mapping[str, Value]) -> bool:
    return any(isinstance(part, Mapping) and _PASSED_TO in part for part in walk(statement.get("Condition")))


@stack_rule(
    Meta(
        id="shared-role-wildcards",
        item=None,
        title="No role that services share allows wildcards without a stated reason",
        why="Such a role is trusted by AWS services for the whole environment.",
        fix="list actions and resources, or state in stacks/standards.py (UNSCOPED_ACTIONS) why an action has none",
        severity="high",
        url=f"{_IAM_URL}/best-practices.html#grant-least-privilege",
        frameworks=("SEC03-BP02", "IAM.21"),
    )
)
def shared_role_wildcards(graph: Graph) -> Iterator[Outcome]:
    """Policies of no service name their actions, and their resources where the actions have any."""
    for policy, path, statement in allowing(graph, graph):
        if graph.service_of(policy.urn) is not None:
            continue
        actions = texts(statement.get("Action"))
        everywhere = "*" in texts(statement.get("Resource"))
        wild = [each for each in actions if "*" in each or (everywhere and each not in UNSCOPED_ACTIONS)]
        if wild or "NotAction" in statement or "NotResource" in statement:
            what = ", ".join(wild) or "all but a list"
            yield Fail(resource=policy, path=path, message=f"{policy.name} allows {what}")
    yield from not_readable(graph, graph)


@stack_rule(
    Meta(
        id="role-trusts-no-account",
        item=None,
        title="No role trusts a whole account",
        why="Then everybody in that account who may assume roles may be this one.",
        fix="name the role that may assume it, or add a Condition such as aws:PrincipalArn or sts:ExternalId",
        severity="high",
        url=f"{_IAM_URL}/reference_policies_elements_principal.html",
        frameworks=("SEC03-BP02", "SEC03-BP07"),
    )
)
def role_trusts_no_account(graph: Graph) -> Iterator[Outcome]:
    """No statement of a trust policy names an account's root without a condition."""
    path = "assumeRolePolicy"
    for role in graph.of(kinds.ROLE):
        if role.get(path) is UNKNOWN:
            yield unknown(role, path)
        for statement in statements(graph.parsed(role, path)):
            trusted = texts(get(statement, "Principal.AWS"))
            if any(each.endswith(":root") for each in trusted) and not statement.get("Condition"):
                yield Fail(resource=role, path=path, message=f"{role.name} trusts a whole account")

"""Policies of every kind, and ARNs wherever they stand."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, cast

from botocore.loaders import Loader  # pyright: ignore[reportMissingTypeStubs] - botocore has no types

from simulator.graph import Graph
from tests.components.acceptance.looking import document, known, of, texts
from tests.components.acceptance.shapes import service_model

INLINE_MAX: Final = 10_240
TRUST_MAX: Final = 2_048
RESOURCE_POLICIES: Final = {
    "aws:kms/key:Key": 32_768,
    "aws:s3/bucketPolicy:BucketPolicy": 20_480,
    "aws:sns/topicPolicy:TopicPolicy": 30_720,
    "aws:sqs/queuePolicy:QueuePolicy": 30_720,
}
"""Type of resource by the longest policy it takes: quotas of KMS, S3, SNS and SQS (characters)."""
SERVICE_OF_ACTION: Final = {"elasticloadbalancing": "elbv2"}
"""Where the prefix of an action is not botocore's name of the service."""
STREAM_ACTIONS: Final = tuple(
    f"dynamodb:{name}" for name in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
)
"""Actions of DynamoDB whose operations botocore has in a service of their own."""
NO_OPERATION: Final = (
    "dynamodb:ConditionCheckItem", "execute-api:ManageConnections", *STREAM_ACTIONS, "lambda:InvokeFunction",
    "s3:ListAllMyBuckets", "iam:PassRole", "s3:ListBucket", "sagemaker:InvokeEndpoint", "s3:GetObjectVersion",
    "codeconnections:UseConnection", "codestar-connections:UseConnection",
)  # fmt: skip
"""What no operation is called like: a condition is part of a transaction, one calls `Invoke`, and `ListBuckets`."""
ARN: Final = re.compile(r"arn:[^\s\"',]*")


def inline_policies_follow_the_grammar(graph: Graph) -> Iterator[str]:
    """IAM user guide, grammar of the JSON policy language; quotas: 10,240 characters inline for a role in total."""
    total: Counter[str] = Counter()
    for resource, inputs in of(graph, "aws:iam/rolePolicy:RolePolicy"):
        total[inputs["role"]] += len(re.sub(r"\s", "", inputs["policy"]))
        policy = document(inputs["policy"])
        yield from (f"{resource.name}: {problem}" for problem in policy_problems(policy, has_principal=False))
    yield from (f"role {role}: {size} characters of policy" for role, size in total.items() if size > INLINE_MAX)


def trust_policies_name_a_service(graph: Graph) -> Iterator[str]:
    """IAM user guide: a trust policy has a principal and no resource; quotas: 2,048 characters."""
    for resource, inputs in of(graph, "aws:iam/role:Role"):
        text = inputs["assumeRolePolicy"]
        if len(text) > TRUST_MAX:
            yield f"{resource.name}: {len(text)} characters"
        for statement in document(text)["Statement"]:
            service = statement.get("Principal", {}).get("Service", "")
            if not re.fullmatch(r"[a-z0-9.-]+\.amazonaws\.com", service):
                yield f"{resource.name}: principal {service!r}"
            if statement["Action"] != "sts:AssumeRole" or "Resource" in statement:
                yield f"{resource.name}: {statement}"


def resource_policies_follow_the_grammar(graph: Graph) -> Iterator[str]:
    """The same grammar, with a principal; sizes by the quotas of each service."""
    for resource, inputs in of(graph, *RESOURCE_POLICIES):
        text = inputs["policy"]
        if len(text) > RESOURCE_POLICIES[resource.type]:
            yield f"{resource.name}: {len(text)} characters"
        yield from (f"{resource.name}: {problem}" for problem in policy_problems(document(text), has_principal=True))


def key_policies_keep_the_account(graph: Graph) -> Iterator[str]:
    """KMS API, CreateKey: a policy that locks its maker out is refused (BypassPolicyLockoutSafetyCheck)."""
    for resource, inputs in of(graph, "aws:kms/key:Key"):
        roots = [
            statement
            for statement in document(inputs["policy"])["Statement"]
            if re.fullmatch(r"arn:aws[a-z-]*:iam::\d{12}:root", str(statement["Principal"].get("AWS", "")))
            and statement["Action"] == "kms:*"
        ]
        if not roots:
            yield f"{resource.name}: the account's root may not administer it"


def arns_parse(graph: Graph) -> Iterator[str]:
    """IAM user guide, ARNs: six parts, a partition, a region of it or none, twelve digits of an account or none."""
    for resource in graph.resources:
        if resource.custom:
            for path, text in texts(resource.inputs):
                for arn in ARN.findall(text):
                    yield from (f"{resource.name}{path}: {problem}: {arn}" for problem in arn_problems(arn))


def policy_problems(policy: Mapping[str, Any], *, has_principal: bool) -> Iterator[str]:
    """What IAM would refuse in a policy; identity policies have no principal, resource policies have one."""
    if policy.get("Version") != "2012-10-17" or not policy.get("Statement"):
        yield "not a policy of 2012-10-17 with statements"
        return
    sids = [statement["Sid"] for statement in policy["Statement"] if "Sid" in statement]
    if len(sids) != len(set(sids)):
        yield f"statements share a Sid: {sids}"
    for statement in policy["Statement"]:
        wanted = {"Effect", "Action", "Resource", *(("Principal",) if has_principal else ())}
        allowed = wanted | {"Sid", "Condition"}
        if not wanted <= statement.keys() <= allowed or statement["Effect"] not in ("Allow", "Deny"):
            yield f"elements {sorted(statement)}"
        if not re.fullmatch(r"[A-Za-z0-9]*", statement.get("Sid", "")):
            yield f"Sid {statement['Sid']!r}"
        for element in ("Action", "Resource"):
            if not statement.get(element):
                yield f"{statement.get('Sid')}: no {element}"
        yield from (f"unknown action {action}" for action in one_or_more(statement["Action"]) if not is_action(action))


def one_or_more(value: Any) -> list[str]:
    """An element that may be one string or several."""
    return [value] if isinstance(value, str) else list(value)


def is_action(action: str) -> bool:
    """Whether an action is one of the service's: its operations are what botocore knows, `*` stands for several."""
    if action in NO_OPERATION:
        return True
    prefix, _, name = action.partition(":")
    service = SERVICE_OF_ACTION.get(prefix, prefix)
    if service not in services():
        return False
    operations = cast("Mapping[str, Any]", service_model(service)["operations"])
    pattern = re.compile(re.escape(name).replace(r"\*", ".*"))
    return any(pattern.fullmatch(operation) for operation in operations)


@cache
def services() -> frozenset[str]:
    """What botocore calls the services of AWS."""
    return frozenset(Loader().list_available_services("service-2"))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] - no types


@cache
def regions() -> Mapping[str, frozenset[str]]:
    """The regions of each partition, as botocore knows them."""
    found = cast("Mapping[str, Any]", Loader().load_data("endpoints"))  # pyright: ignore[reportUnknownMemberType] - no types
    return {entry["partition"]: frozenset(entry["regions"]) for entry in found["partitions"]}


def arn_problems(arn: str) -> Iterator[str]:
    """What is wrong with the form of an ARN; `*` may stand for a part of one in a policy."""
    parts = arn.split(":", 5)
    if len(parts) != 6 or not parts[5]:
        yield "not six parts"
        return
    _, partition, service, region, account, _ = parts
    if partition not in regions():
        yield f"unknown partition {partition}"
    elif region not in ("", "*") and region not in regions()[partition]:
        yield f"unknown region {region}"
    if not re.fullmatch(r"[a-z0-9-]+", service):
        yield f"no service {service!r}"
    if not re.fullmatch(r"\d{12}|\*?", account):
        yield f"account {account!r}"
    is_an_operation = service == "scheduler" and parts[5].startswith("aws-sdk:")
    if service not in ("iam", "s3") and not is_an_operation and not (region and account):
        yield "region or account is missing"


def unscoped_resources_are_whole(graph: Graph) -> Iterator[str]:
    """IAM user guide, Resource: an ARN, with wildcards in it, or `*`."""
    for resource, inputs in of(graph, "aws:iam/rolePolicy:RolePolicy", *RESOURCE_POLICIES):
        if known(inputs["policy"]):
            for statement in document(inputs["policy"])["Statement"]:
                bad = [
                    found
                    for found in one_or_more(statement["Resource"])
                    if found != "*" and not found.startswith("arn:")
                ]
                yield from (f"{resource.name}: resource {found!r}" for found in bad)


RULES: Final = (
    inline_policies_follow_the_grammar,
    trust_policies_name_a_service,
    resource_policies_follow_the_grammar,
    key_policies_keep_the_account,
    arns_parse,
    unscoped_resources_are_whole,
)

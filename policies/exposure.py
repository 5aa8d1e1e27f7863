"""Ways in which something is open to everybody: policies, network rules, function URLs."""

from collections.abc import Iterator, Mapping
from typing import Final

from policies import kinds
from policies.graph import Graph, Resource, Service
from policies.values import UNKNOWN, Value, get, items, objects, texts

POLICY_INPUTS: Final[Mapping[str, str]] = {
    kinds.BUCKET_POLICY: "policy",
    kinds.QUEUE_POLICY: "policy",
    kinds.QUEUE: "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    kinds.TOPIC: "policy",
    kinds.REPOSITORY_POLICY: "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    kinds.KEY: "policy",
    kinds.ROLE: "assumeRolePolicy",
}
"""Resource policies, by the type and the input that holds the document."""

EVERYWHERE: Final = ("0.0.0.0/0", "::/0")


def is_public(statement: Mapping[str, Value]) -> bool:
    """Whether a statement lets everybody in: Allow, principal `*`, no condition."""
    if statement.get("Effect") != "Allow" or objects(statement.get("Condition")):
        return False
    principal = statement.get("Principal")
    named = [principal, *(principal.values() if isinstance(principal, Mapping) else ())]
    return any("*" in texts(each) for each in named)


def unknown_ingress(where: Service | Graph) -> Iterator[tuple[Resource, str]]:
    """Network rules of which nobody knows yet whom they let in, with the input that will say it.

    A range that comes from another resource is one of the network.
    """
    for rule in where.of(kinds.INGRESS_RULE):
        for path in ("cidrIpv4", "cidrIpv6"):
            if rule.get(path) is UNKNOWN and path not in rule.property_dependencies:
                yield rule, path
    for group in where.of(kinds.SECURITY_GROUP):
        if group.get("ingress") is UNKNOWN:
            yield group, "ingress"


def open_ingress(where: Service | Graph) -> Iterator[tuple[Resource, str]]:
    """Network rules of a service, or of all, that let the whole internet in, with the input that says so."""
    for rule in where.of(kinds.INGRESS_RULE):
        for path in ("cidrIpv4", "cidrIpv6"):
            if rule.get(path) in EVERYWHERE:
                yield rule, path
    for rule in where.of(kinds.SECURITY_GROUP_RULE):
        if rule.get("type") == "ingress":
            yield from _open_lists(rule, "")
    for group in where.of(kinds.SECURITY_GROUP):
        for index, _ in enumerate(items(group.get("ingress"))):
            yield from _open_lists(group, f"ingress.{index}.")


def _open_lists(resource: Resource, prefix: str) -> Iterator[tuple[Resource, str]]:
    for key in ("cidrBlocks", "ipv6CidrBlocks"):
        if set(texts(get(resource.inputs, f"{prefix}{key}"))) & set(EVERYWHERE):
            yield resource, f"{prefix}{key}"


def open_functions(graph: Graph) -> Iterator[tuple[Resource, str]]:
    """Functions that everybody may call: by a URL without authorization, or by permission."""
    for url in graph.of(kinds.FUNCTION_URL):
        if url.get("authorizationType") == "NONE":
            yield url, "authorizationType"
    for permission in graph.of(kinds.FUNCTION_PERMISSION):
        limited = any(key in permission.inputs for key in ("sourceArn", "sourceAccount", "principalOrgId"))
        if permission.get("principal") == "*" and not limited:
            yield permission, "principal"

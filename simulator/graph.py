"""The previewed graph as plain data: what the program would create, in an order that never changes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias, cast

from google.protobuf import json_format
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime.proto.analyzer_pb2 import AnalyzerResource

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
"""One JSON value, as it crosses the border from a program or a provider."""

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""The Pulumi SDK's sentinel for a value that is only known after the deployment (pulumi.runtime.rpc.UNKNOWN)."""

SECRET_SHOWN_AS: Final = "[secret]"  # noqa: S105 - the same mask as the Pulumi CLI prints, not a password
STACK_TYPE: Final = "pulumi:pulumi:Stack"

_SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"  # pulumi.runtime.rpc._special_sig_key
_COMPUTED_OF_FILES: Final = {"hash"}  # of an asset or archive; only the real engine reads the files
_ASSET_SIGNATURE: Final = "c44067f5952c0a294b673a41bacd8c17"  # pulumi.runtime.rpc._special_asset_sig
_TEXT_SHOWN_AS: Final = "<contents elided>"
"""What the engine tells of a text that becomes a file (pulumi/pkg/engine/events.go, filterAsset)."""
_SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - public marker, pulumi.runtime.rpc


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """The line of the program that created a resource; `file` is relative to the project, `line` is 1-based."""

    file: str
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Resource:
    """One resource of the graph.

    `inputs` has the engine's camelCase names, unknown values as the SDK's sentinels and secrets as "[secret]".
    `external` marks a resource that is only read (a stack reference), never managed.
    """

    urn: str
    type: str
    name: str
    parent: str
    custom: bool
    inputs: Mapping[str, Json]
    dependencies: tuple[str, ...]
    property_dependencies: Mapping[str, tuple[str, ...]]
    protect: bool
    source: Source | None
    external: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Graph:
    """Everything one preview found, parents before children and siblings by URN.

    `wire` keeps what the policy analyzer is asked about, by URN and as the protobuf it arrived in, and `registered`
    the outputs that resources answered and components and the stack gave; both hold secrets in clear and are never
    printed.
    """

    project: str
    stack: str
    resources: tuple[Resource, ...]
    outputs: Mapping[str, Json]
    warnings: tuple[str, ...]
    wire: Mapping[str, AnalyzerResource] = field(repr=False, compare=False)
    registered: Mapping[str, Struct] = field(repr=False, compare=False)


def plain(struct: Struct) -> dict[str, Json]:
    """`struct` as JSON: keys sorted, whole numbers as integers, every secret masked."""
    return {key: _plain(value) for key, value in sorted(_json_of(struct).items())}


def masked(inputs: Mapping[str, Json]) -> dict[str, Json]:
    """Inputs that are JSON already, written as `plain` writes them: keys sorted, secrets masked."""
    return {key: _plain(value) for key, value in sorted(inputs.items())}


def stack_urn(project: str, stack: str) -> str:
    """The URN of the stack itself, which stack-wide findings are attributed to."""
    return urn_of(project=project, stack=stack, parent="", kind=STACK_TYPE, name=f"{project}-{stack}")


def urn_of(*, project: str, stack: str, parent: str, kind: str, name: str) -> str:
    """The URN the engine gives: all types of the parent chain except the stack's (sdk/go/common/resource/urn)."""
    chain = parent.split("::")[2] if parent else STACK_TYPE
    qualified = kind if chain == STACK_TYPE else f"{chain}${kind}"
    return f"urn:pulumi:{stack}::{project}::{qualified}::{name}"


def in_tree_order(resources: Iterable[Resource]) -> tuple[Resource, ...]:
    """The resources with every parent before its children and siblings by URN, however they were registered."""
    children: defaultdict[str, list[Resource]] = defaultdict(list)
    for resource in resources:
        children[resource.parent].append(resource)

    def walk(parent: str) -> Iterator[Resource]:
        for resource in sorted(children[parent], key=lambda child: child.urn):
            yield resource
            yield from walk(resource.urn)

    return tuple(walk(""))


def _json_of(struct: Struct) -> dict[str, Json]:
    return cast("dict[str, Json]", json_format.MessageToDict(struct))


def _plain(value: Json) -> Json:
    if isinstance(value, dict):
        if value.get(_SIGNATURE_KEY) == _SECRET_SIGNATURE:
            return SECRET_SHOWN_AS
        shown = value.keys() - _COMPUTED_OF_FILES if _SIGNATURE_KEY in value else value.keys()
        told = {key: _plain(value[key]) for key in sorted(shown)}
        is_text = value.get(_SIGNATURE_KEY) == _ASSET_SIGNATURE and "text" in value
        return told | ({"text": _TEXT_SHOWN_AS} if is_text else {})
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value

"""The previewed graph as a CloudFormation template, so that cfn-lint judges it with AWS's own resource schemas.

cfn-lint adds to the schemas what they leave out: legal Fargate sizes, IAM grammar, arguments that exclude each other.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

from cfnlint.api import lint  # pyright: ignore[reportMissingTypeStubs] - cfn-lint has no types
from cfnlint.config import ManualArgs  # pyright: ignore[reportMissingTypeStubs] - the same
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER  # pyright: ignore[reportMissingTypeStubs] - the same

from simulator.graph import Json, Resource
from tests.components.acceptance.reshape import is_unknown, member_for, pairs, reshape
from tests.components.acceptance.row import Row
from tests.components.acceptance.shapes import parsed

Schema = Mapping[str, Any]
"""A JSON schema: foreign JSON."""

OF_TEMPLATES: Final = ("I", "W", "E3010")
"""Not about what AWS takes: information, warnings, and the number of resources in one template."""


class SchemaType:
    """One CloudFormation resource type in one region."""

    def __init__(self, region: str, name: str) -> None:
        found = PROVIDER_SCHEMA_MANAGER.get_resource_schema(region, name)  # pyright: ignore[reportUnknownMemberType] - no types
        self._schema: Schema = cast("Schema", found.schema)  # pyright: ignore[reportUnknownMemberType] - no types

    def properties(self, resource: str, inputs: Mapping[str, Json]) -> dict[str, Json]:
        """`inputs` of the resource called `resource`, with the schema's names.

        Raises:
            LookupError: for a key that the schema does not have.
        """
        return cast("dict[str, Json]", self._translate(self._schema, dict(inputs), resource))

    def _translate(self, schema: Schema, value: Json, path: str) -> Json:
        schema = self._resolved(schema)
        kinds = _kinds(schema)
        if is_unknown(value):
            return _known_later(path, is_list=kinds == ["array"])
        if "array" in kinds and not (isinstance(value, str) and "string" in kinds):
            return self._list(schema, value, path)
        if "object" in kinds:
            return self._mapping(schema, value, path)
        return _scalar(kinds, value)

    def _list(self, schema: Schema, value: Json, path: str) -> Json:
        item = self._resolved(schema.get("items", {}))
        value = parsed(value)
        if isinstance(value, dict):
            value = pairs(value, item.get("properties", ())) or [value]
        items = value if isinstance(value, list) else [value]
        return [self._translate(item, inner, f"{path}-{index}") for index, inner in enumerate(items)]

    def _mapping(self, schema: Schema, value: Json, path: str) -> Json:
        value = parsed(value)
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if not isinstance(value, dict) or "properties" not in schema:
            return value
        found: dict[str, Json] = {}
        for key, inner in value.items():
            member = member_for(key, schema["properties"])
            if member is None:
                raise LookupError(f"{path}.{key}: the schema has {', '.join(sorted(schema['properties']))}")
            found[member] = self._translate(schema["properties"][member], inner, f"{path}.{member}")
        return found

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self._schema["definitions"][schema["$ref"].rsplit("/", 1)[1]]
        return schema


def _kinds(schema: Schema) -> list[str]:
    kinds = schema.get("type", "object" if "properties" in schema else [])
    return [kinds] if isinstance(kinds, str) else list(kinds)


def _known_later(path: str, *, is_list: bool) -> Json:
    """What cfn-lint takes for a value that nobody can say yet; those of two places differ."""
    value: Json = {"Fn::ImportValue": re.sub(r"[^\w-]", "", path)}
    return {"Fn::Split": [",", value]} if is_list else value


def _scalar(kinds: list[str], value: Json) -> Json:
    """As the schema types it, where the provider takes a number as text or the other way round."""
    if isinstance(value, bool) and kinds == ["string"]:
        return "ENABLED" if value else "DISABLED"
    if isinstance(value, int | float) and not isinstance(value, bool) and kinds == ["string"]:
        return str(value)
    return value


def template_of(resources: Iterable[Resource], table: Mapping[str, Row], region: str) -> dict[str, dict[str, Json]]:
    """The resources that have a schema, by a logical id of their own."""
    found: dict[str, dict[str, Json]] = {}
    for resource in resources:
        row = table[resource.type]
        if row.schema:
            inputs = reshape({**resource.inputs, **row.given_in_schema}, {**row.names, **row.in_schema})
            properties = SchemaType(region, row.schema).properties(resource.name, inputs)
            found[f"R{len(found)}"] = {"Type": row.schema, "Properties": properties}
    return found


def lint_problems(template: Mapping[str, Mapping[str, Json]], region: str) -> Iterator[str]:
    """What cfn-lint, at the level of an error, says of a template for `region`."""
    text = json.dumps({"AWSTemplateFormatVersion": "2010-09-09", "Resources": template})
    for match in lint(text, config=ManualArgs(regions=[region], ignore_checks=list(OF_TEMPLATES))):
        path: list[Any] = cast("list[Any]", getattr(match, "path", None) or [])
        kind = template[path[1]]["Type"] if len(path) > 1 else ""
        yield f"{kind} {'.'.join(map(str, path[3:]))}: {match.rule.id} {match.message}"

"""The JSON Schema of a whole `Pulumi.<stack>.yaml`, made from the models, so that editors complete and check it.

It accepts everything that loading accepts. What it cannot say (rules between keys or services), loading reports.
"""

import json
from collections.abc import Mapping
from typing import Final, TypeAlias, cast

from pydantic import BaseModel

from stacks import defaults, limits, load, quotas
from stacks.models import SERVICES, Environment
from stacks.source import Json, flatten
from stacks.standards import TIERS, Tier

SCHEMA_FILE: Final = "stack.schema.json"
DEFAULT: Final = " Default: "
"""Between what a key is and what the tiers make of it, in a description."""
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"

_Schema: TypeAlias = dict[str, Json]
_PULUMI_KEYS: Final[Mapping[str, _Schema]] = {
    "secretsprovider": {
        "type": "string",
        "description": "Written by Pulumi: where this stack's secrets are encrypted.",
    },
    "encryptionsalt": {"type": "string", "description": "Written by Pulumi: salt of the passphrase."},
    "encryptedkey": {"type": "string", "description": "Written by Pulumi: data key of the secrets provider."},
    "environment": {
        "type": ["array", "object", "string"],
        "description": "Pulumi ESC environments that add to this configuration.",
    },
}
_SERVICE_NAME: Final[_Schema] = {"pattern": limits.SERVICE_NAME_PATTERN, "maxLength": limits.SERVICE_NAME_MAX}


def schema_text() -> str:
    """The schema as it is committed in `SCHEMA_FILE`."""
    return json.dumps(stack_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def stack_schema() -> _Schema:
    """The JSON Schema (draft 2020-12) of a stack file."""
    return {
        "$schema": DIALECT,
        "title": "Onramp stack file",
        "description": "An environment and its services. What is not written comes from the tier.",
        "type": "object",
        "required": ["config"],
        "properties": {"config": _config(), **_PULUMI_KEYS},
        "additionalProperties": False,
        "$defs": {"environment": _environment(), **{compute: _service(compute) for compute in SERVICES}},
    }


def _config() -> _Schema:
    return {
        "description": "Configuration of the stack.",
        "type": "object",
        "required": [load.REGION_KEY, load.ENVIRONMENT_KEY],
        "properties": {
            load.REGION_KEY: {
                **load.REGION.json_schema(),
                "description": "The AWS region, such as eu-west-1.",
            },
            load.ENVIRONMENT_KEY: {"$ref": "#/$defs/environment"},
            load.SERVICES_KEY: {
                "description": "The services of this environment, by name.",
                "type": "object",
                "propertyNames": _SERVICE_NAME,
                "additionalProperties": _any_service(),
            },
            load.IMAGES_KEY: {
                **load.IMAGES.json_schema(),
                "description": "Image of each container service, digest or tag; written by the pipeline.",
                "propertyNames": _SERVICE_NAME,
            },
        },
        "patternProperties": {rf"^(?!{load.NAMESPACE}:|{load.REGION_KEY}).*:": {}},
        "additionalProperties": False,
    }


def _any_service() -> _Schema:
    """A service of any type; `compute` decides which keys it takes."""
    return {
        "type": "object",
        "required": ["compute"],
        "properties": {"compute": {"description": "What it runs on.", "enum": list(SERVICES)}},
        "allOf": [
            {
                "if": {"required": ["compute"], "properties": {"compute": {"const": compute}}},
                "then": {"$ref": f"#/$defs/{compute}"},
            }
            for compute in SERVICES
        ],
    }


def _environment() -> _Schema:
    filled: dict[Tier, defaults.Filled] = {
        tier: defaults.fill_environment("dev", {"tier": tier, "domain": "example.com"}) for tier in TIERS
    }
    schema = _Writer(Environment, filled).schema()
    properties = cast("dict[str, _Schema]", schema["properties"])
    properties["quotas"]["propertyNames"] = {"enum": list(quotas.QUOTAS)}
    return schema


def _service(compute: str) -> _Schema:
    """A service of one compute type; with a route, because without one there is less for a tier to decide."""
    filled: dict[Tier, defaults.Filled] = {
        tier: defaults.fill_service({"compute": compute, "route": "/"}, {"tier": tier}) for tier in TIERS
    }
    schema = _Writer(SERVICES[compute], filled).schema()
    alarms = cast("dict[str, _Schema]", schema["properties"])["alarms"]
    of_all = cast("dict[str, _Schema]", alarms["properties"])
    alarms["properties"] = {key: of_all[key] for key in SERVICES[compute].watched}
    return schema


class _Writer:
    """Writes a model's schema as a person fills in a stack file: what has a default anywhere may be left out."""

    def __init__(self, model: type[BaseModel], filled: Mapping[Tier, defaults.Filled]) -> None:
        self._whole: _Schema = model.model_json_schema()
        self._definitions = cast("dict[str, _Schema]", self._whole.get("$defs", {}))
        self._of_tier = {tier: dict(flatten(fill.values)) for tier, fill in filled.items()}
        self._kinds = {path: kind for fill in filled.values() for path, kind in fill.kinds.items()}
        self._optional = {prefix for path in self._kinds for prefix in _prefixes(path)}

    def schema(self) -> _Schema:
        return self._written(self._whole, "")

    def _written(self, given: _Schema, path: str) -> _Schema:
        """The schema of what is at `path`: definitions in place, generated titles gone, defaults in words."""
        node = dict(given)
        reference = node.pop("$ref", None)
        if isinstance(reference, str):
            node = {**self._definitions[reference.rpartition("/")[2]], **node}
        schema = {key: value for key, value in node.items() if key not in {"title", "$defs"}}
        if schema.get("default", 0) is None:
            del schema["default"]  # leaving a key out is plainer than writing null
        for key in ("items", "additionalProperties"):
            if isinstance(child := schema.get(key), dict):
                schema[key] = self._written(child, f"{path}.*")
        schema.pop("discriminator", None)  # a word of OpenAPI, with references to the definitions that are gone
        for key in ("anyOf", "oneOf"):
            if isinstance(choices := schema.get(key), list):
                schema[key] = [self._written(choice, path) for choice in choices if isinstance(choice, dict)]
        if isinstance(patterns := schema.get("patternProperties"), dict):
            schema["patternProperties"] = {
                pattern: self._written(child, f"{path}.*")
                for pattern, child in patterns.items()
                if isinstance(child, dict)
            }
            schema["additionalProperties"] = False
        self._write_properties(schema, path)
        self._write_default(schema, path)
        return schema

    def _write_properties(self, schema: _Schema, path: str) -> None:
        if isinstance(properties := schema.get("properties"), dict):
            schema["properties"] = {
                key: self._written(child, _join(path, key))
                for key, child in properties.items()
                if isinstance(child, dict)
            }
        if isinstance(required := schema.pop("required", None), list):
            kept = sorted(str(key) for key in required if _join(path, str(key)) not in self._optional)
            if kept:
                schema["required"] = [*kept]

    def _write_default(self, schema: _Schema, path: str) -> None:
        if self._kinds.get(path) != "tier" or schema.get("type") == "object":
            return
        common = schema.pop("default", None)
        values = {tier: _text(values.get(path, common)) for tier, values in self._of_tier.items()}
        alike = len(set(values.values())) == 1
        words = values[TIERS[0]] if alike else ", ".join(f"{tier} {value}" for tier, value in values.items())
        schema["description"] = f"{schema.get('description', '')}{DEFAULT}{words}.".strip()


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _prefixes(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[: end + 1]) for end in range(len(parts))]


def _text(value: Json) -> str:
    """A value as a stack file writes it."""
    return f"{value:g}" if isinstance(value, float) else json.dumps(value).strip('"')

"""From pydantic's errors to problems in the words of the stack file."""

import re
from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from stacks.models.common import Service
from stacks.problems import Problem, did_you_mean, show
from stacks.source import Source

_PLAIN: Final[Mapping[str, str]] = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "string_type": "text (in quotes, if it looks like a number)",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "date_from_datetime_parsing": "a date, such as 2026-11-21",
    "date_parsing": "a date, such as 2026-11-21",
    "date_type": "a date, such as 2026-11-21",
}
_NOT_SHOWN: Final = frozenset({"paging", "secrets"})
"""Keys under which somebody may have pasted a credential instead of its name; a CI log is no place for it."""
_BOUNDS: Final[Mapping[str, tuple[str, str]]] = {
    "greater_than_equal": ("ge", "{} or more"),
    "greater_than": ("gt", "more than {}"),
    "less_than_equal": ("le", "{} or less"),
    "less_than": ("lt", "less than {}"),
    "string_too_short": ("min_length", "at least {} characters"),
    "string_too_long": ("max_length", "at most {} characters"),
    "literal_error": ("expected", "{}"),
    "union_tag_invalid": ("expected_tags", "{}"),
    "string_pattern_mismatch": ("pattern", "text like {}"),
}


_FIXES: Final[Mapping[str, str]] = {
    "literal_error": "write one of {expected}",
    "missing": "write it",
    "union_tag_not_found": "write {discriminator}",
    "value_error": "change one of the values named",
}


def to_problems(error: ValidationError, source: Source, path: str, model: type[BaseModel] | None) -> Iterator[Problem]:
    """Each error of validating what is at `path`, as a problem. `model` gives the keys for did-you-mean."""
    for detail in error.errors(include_url=False):
        location = [str(part) for part in detail["loc"] if part != "[key]"]
        here = ".".join([path, *_in_file(location, model)])
        context = detail.get("ctx", {})
        kind = detail["type"]
        yield Problem(
            file=source.file,
            path=here,
            line=source.line(here),
            message=_foreign(kind, model, location) or _message(kind, context),
            got=_got(detail["input"], kind, location),
            allowed=_allowed(kind, context, model, location),
            fix=_fix(kind, location, model, context),
        )


def _foreign(kind: str, model: type[BaseModel] | None, location: list[str]) -> str:
    """Why a key of other compute types is not one of this; empty when it is nobody's key."""
    if kind != "extra_forbidden" or model is None or not issubclass(model, Service):
        return ""
    return model.foreign_keys.get(".".join(location), "")


def _message(kind: str, context: Mapping[str, Any]) -> str:
    if kind == "extra_forbidden":
        return "is not a key here"
    if kind == "missing":
        return "is missing"
    if kind == "value_error":
        return str(context["error"])
    if kind in _PLAIN:
        return "is the wrong type"
    return "is not allowed"


def _got(value: object, kind: str, location: list[str]) -> str:
    if kind == "missing" or (kind == "value_error" and isinstance(value, dict)):
        return ""
    if kind == "extra_forbidden":
        return show(location[-1])
    return "[not shown]" if _NOT_SHOWN & set(location) else show(value)


def _allowed(kind: str, context: Mapping[str, Any], model: type[BaseModel] | None, location: list[str]) -> str:
    if kind == "extra_forbidden":
        return ", ".join(_keys(model, location[:-1]))
    if kind in _PLAIN:
        return _PLAIN[kind]
    if kind in _BOUNDS:
        name, template = _BOUNDS[kind]
        return template.format(context[name])
    return ""


def _fix(kind: str, location: list[str], model: type[BaseModel] | None, context: Mapping[str, Any]) -> str:
    if _foreign(kind, model, location):
        return "remove it"
    if kind == "extra_forbidden":
        guess = did_you_mean(location[-1], _keys(model, location[:-1]))
        return f"did you mean `{guess}`?" if guess else "remove it"
    if kind == "union_tag_invalid":
        guess = did_you_mean(context["tag"], re.findall(r"[^', ]+", context["expected_tags"]))
        return f"did you mean `{guess}`?" if guess else "choose one of them"
    return _FIXES.get(kind, "write an allowed value").format(**context)


def _in_file(location: list[str], model: type[BaseModel] | None) -> list[str]:
    """The location without the names of the forms that pydantic tried: a file has `stores.main.maxAcu`."""
    found: list[str] = []
    annotation: object = model
    for part in location:
        if part not in _forms(annotation):
            found.append(part)
        annotation = _below(annotation, part)
    return found


def _keys(model: type[BaseModel] | None, location: list[str]) -> list[str]:
    """The keys that the model takes at `location`."""
    annotation: object = model
    for part in location:
        annotation = _below(annotation, part)
    return sorted({field.alias or name for one in _models(annotation) for name, field in one.model_fields.items()})


def _below(annotation: object, part: str) -> object:
    """The type of what stands under the key or index `part`; `part` may be the name of a form."""
    if part in (forms := _forms(annotation)):
        return forms[part]
    models = _models(annotation)
    if not models:
        return _item(annotation)
    fields = (pair for one in models for pair in one.model_fields.items())
    return next((field.annotation for name, field in fields if part in {name, field.alias}), None)


def _item(annotation: object) -> object:
    """The type of the values of a mapping or a list."""
    arguments = get_args(annotation)
    if get_origin(annotation) is dict:
        return arguments[1]
    if get_origin(annotation) is tuple:
        return arguments[0]
    return next((found for inner in arguments if (found := _item(inner)) is not None), None)


def _models(annotation: object) -> list[type[BaseModel]]:
    """The model, or the forms of a union of models; none for a list or a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in {Annotated, Union, UnionType}:
        return [model for inner in get_args(annotation) for model in _models(inner)]
    return []


def _forms(annotation: object) -> Mapping[str, type[BaseModel]]:
    """The forms of a union of models by the one word that tells them apart; none where there is one form."""
    models = _models(annotation)
    words = {
        str(word): model
        for model in models
        for field in model.model_fields.values()
        if get_origin(field.annotation) is Literal and len(get_args(field.annotation)) == 1
        for word in get_args(field.annotation)
    }
    return words if len(models) > 1 else {}

"""From pydantic's errors to problems in the words of the stack file."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError

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
    "string_pattern_mismatch": ("pattern", "text like {}"),
}


def to_problems(error: ValidationError, source: Source, path: str, model: type[BaseModel] | None) -> Iterator[Problem]:
    """Each error of validating what is at `path`, as a problem. `model` gives the keys for did-you-mean."""
    for detail in error.errors(include_url=False):
        location = [str(part) for part in detail["loc"] if part != "[key]"]
        here = ".".join([path, *location])
        context = detail.get("ctx", {})
        kind = detail["type"]
        yield Problem(
            file=source.file,
            path=here,
            line=source.line(here),
            message=_message(kind, context),
            got=_got(detail["input"], kind, location),
            allowed=_allowed(kind, context, model, location),
            fix=_fix(kind, location, model, context),
        )


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
    if kind == "extra_forbidden":
        guess = did_you_mean(location[-1], _keys(model, location[:-1]))
        return f"did you mean `{guess}`?" if guess else "remove it"
    if kind == "missing":
        return "write it"
    if kind == "literal_error":
        return f"write one of {context['expected']}"
    if kind == "value_error":
        return "change one of the values named"
    return "write an allowed value"


def _keys(model: type[BaseModel] | None, location: list[str]) -> list[str]:
    """The keys that the model takes at `location`."""
    for part in location:
        if model is None:
            return []
        field = next((f for name, f in model.model_fields.items() if part in {name, f.alias}), None)
        model = _model_in(field.annotation) if field else None
    return sorted(field.alias or name for name, field in model.model_fields.items()) if model else []


def _model_in(annotation: object) -> type[BaseModel] | None:
    """The model within `Model`, `Model | None` or `dict[str, Model]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(argument) for argument in get_args(annotation))
    return next((found for found in inner if found), None)

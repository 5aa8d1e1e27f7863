"""Whether a document is as botocore's model has it, down to the values of enumerations."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from botocore import validate  # pyright: ignore[reportMissingTypeStubs] - botocore has no types

from simulator.world.api import Document, WorldError


class Shape(Protocol):
    """As much of botocore's shapes as is looked at here; botocore itself has no types."""

    type_name: str
    error_code: str
    enum: Sequence[str]
    members: Mapping[str, "Shape"]
    member: "Shape"
    value: "Shape"


class ServiceModel(Protocol):
    """The service that an operation belongs to."""

    service_name: str


class Operation(Protocol):
    """As much of botocore's model of an operation as is looked at here."""

    name: str
    service_model: ServiceModel
    input_shape: Shape | None
    output_shape: Shape | None
    error_shapes: Sequence[Shape]


_VALIDATOR: Final[Any] = validate.ParamValidator()


def check(document: Document, shape: Shape | None, what: str) -> None:
    """Refuse a document that AWS would never send or take.

    Raises:
        WorldError: with everything that is wrong; `what` says whose document it is.
    """
    if shape is None:
        return
    report = _VALIDATOR.validate(document, shape)
    problems: list[str] = [report.generate_report()] if report.has_errors() else list(_not_in_enum(document, shape, ""))
    if problems:
        raise WorldError(f"{what}: {'; '.join(problems)}")


def _not_in_enum(value: Any, shape: Shape, path: str) -> Iterator[str]:  # noqa: ANN401 - any part of a document
    kind = shape.type_name
    if kind == "string":
        if shape.enum and value not in shape.enum:
            yield f"{path} is {value!r}, and should be one of {', '.join(shape.enum)}"
    elif kind == "structure":
        for name in shape.members.keys() & value.keys():
            yield from _not_in_enum(value[name], shape.members[name], f"{path}.{name}")
    elif kind == "list":
        for index, item in enumerate(value):
            yield from _not_in_enum(item, shape.member, f"{path}[{index}]")
    elif kind == "map":
        for key, item in value.items():
            yield from _not_in_enum(item, shape.value, f"{path}.{key}")

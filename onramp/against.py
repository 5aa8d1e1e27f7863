"""Reading what `--against` names: a baseline, the JSON of an earlier preview, or an exported stack."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, NoReturn, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from onramp.exits import BadInputError
from onramp.ratchet import BASELINE_VERSION, Baseline, Place, place_of
from policies.graph import Graph, Resource
from policies.judge import judge
from policies.values import Value, clean
from policies.verdicts import Violation

EXPORT_VERSIONS: Final = (3, 4)
"""The forms of a deployment that the engine writes (pulumi/sdk/go/common/apitype/core.go, DeploymentSchemaVersion)."""
_URN_START: Final = "urn:pulumi:"


class _Form(BaseModel):
    model_config = ConfigDict(strict=True)


class _Violation(_Form):
    rule: str
    service: str | None
    urn: str
    path: str


class _Earlier(_Form):
    """A baseline, or the document of a preview."""

    stack: str
    violations: list[_Violation]
    waived: list[_Violation] = []


class _Resource(_Form):
    urn: Annotated[str, StringConstraints(pattern=r"^urn:pulumi:[^:]+::[^:]+::.+::.+$")]
    type: str
    parent: str = ""
    delete: bool = False
    inputs: dict[str, object] = {}
    dependencies: list[str] | None = None
    property_dependencies: dict[str, list[str] | None] | None = Field(default=None, alias="propertyDependencies")


class _Deployment(_Form):
    resources: list[_Resource] = []


class _Export(_Form):
    deployment: _Deployment


def read_baseline(path: Path, stack: str) -> Baseline:
    """What was wrong with `stack` according to the file at `path`.

    Raises:
        BadInputError: when there is no such file, or it is of another stack, a newer form, or none of the three forms.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BadInputError(f"{path} cannot be read: {error.strerror}.\n    fix: {_write(stack, path)}") from None
    return parse_baseline(text, str(path), stack)


def parse_baseline(text: bytes, file: str, stack: str) -> Baseline:
    """The same, of what the file says.

    Raises:
        BadInputError: as `read_baseline`.
    """
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError):
        _refuse(file, "is not JSON", _write(stack, file))
    found = cast("dict[str, object]", document) if isinstance(document, dict) else {}
    try:
        if "deployment" in found:
            _check_version(file, found.get("version"), EXPORT_VERSIONS, "pulumi stack export, with another pulumi")
            return _of_export(_Export.model_validate(found), file, stack)
        _check_version(file, found.get("baseline", BASELINE_VERSION), (BASELINE_VERSION,), _write(stack, file))
        return _of_earlier(_Earlier.model_validate(found), file, stack)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        what = f"is no baseline, no JSON of a preview and no exported stack: {where}: {first['msg']}"
        _refuse(file, what, _write(stack, file))


def _of_earlier(earlier: _Earlier, file: str, stack: str) -> Baseline:
    _check_stack(file, {earlier.stack}, stack)
    return Baseline(file=file, places=_places(earlier.violations), waived=_places(earlier.waived))


def _of_export(export: _Export, file: str, stack: str) -> Baseline:
    """What the pack of today finds in what is deployed."""
    resources = [each for each in export.deployment.resources if not each.delete]  # or it is there twice
    if not resources:
        return Baseline(file=file, places=())  # nothing is deployed, so nothing is old
    _check_stack(file, {each.urn.partition("::")[0].removeprefix(_URN_START) for each in resources}, stack)
    found = judge(Graph(_resource(each) for each in resources))
    waived = _places(each.violation for each in found.waived)
    return Baseline(file=file, places=_places(found.violations), waived=waived)


def _places(found: Iterable[_Violation | Violation]) -> tuple[Place, ...]:
    return tuple(place_of(each.rule, each.service, each.urn, each.path) for each in found)


def _resource(each: _Resource) -> Resource:
    return Resource(
        urn=each.urn,
        type=each.type,
        name=each.urn.rpartition("::")[2],
        parent=each.parent,
        inputs=cast("dict[str, Value]", clean(each.inputs)),
        dependencies=tuple(each.dependencies or ()),
        property_dependencies={key: tuple(urns or ()) for key, urns in (each.property_dependencies or {}).items()},
    )


def _check_stack(file: str, found: set[str], stack: str) -> None:
    if found != {stack}:
        _refuse(file, f"is of the stack {', '.join(sorted(found))}, and this is {stack}", _write(stack, file))


def _check_version(file: str, version: object, readable: tuple[int, ...], fix: str) -> None:
    if version not in readable:
        forms = " and ".join(map(str, readable))
        _refuse(file, f"has version {version}, and this onramp reads {forms}", f"a newer onramp; or {fix}")


def _write(stack: str, file: str | Path) -> str:
    return f"onramp preview {stack} --baseline {file} writes one of how it is now"


def _refuse(file: str, what: str, fix: str) -> NoReturn:
    raise BadInputError(f"{file} {what}.\n    fix: {fix}")

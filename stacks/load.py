"""From a stack file, or from the configuration of a running program, to typed values with an origin each.

The way: read (source), fill in what is not written (tiers), validate strictly (models), check across services (checks).
Every step collects its problems, so that a person sees all of them at once.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, TypeVar

from pydantic import StringConstraints, TypeAdapter, ValidationError

from stacks import checks, checks_endpoints, checks_functions, checks_waivers, defaults, quotas
from stacks.models import SERVICES, Environment, Service
from stacks.problems import Problem, StackFileError, did_you_mean, show
from stacks.source import Json, Source, read_source
from stacks.translate import to_problems

NAMESPACE: Final = "onramp"
ENVIRONMENT_KEY: Final = f"{NAMESPACE}:environment"
SERVICES_KEY: Final = f"{NAMESPACE}:services"
IMAGES_KEY: Final = f"{NAMESPACE}:images"
REGION_KEY: Final = "aws:region"
CONFIG_KEYS: Final = (REGION_KEY, ENVIRONMENT_KEY, SERVICES_KEY, IMAGES_KEY)

FILE_KEYS: Final = ("config", "secretsprovider", "encryptionsalt", "encryptedkey", "environment")
"""Top level of a stack file: `config`, and what Pulumi itself keeps there."""

REGION = TypeAdapter(Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-\d$")])
_IMAGE: Final = r"sha256:[0-9a-f]{64}|[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}"
_RELEASE: Final = rf"^({_IMAGE}|{checks_endpoints.PACKAGE_VERSION})$"
IMAGES = TypeAdapter(dict[str, Annotated[str, StringConstraints(pattern=_RELEASE)]])
_DAY_OF_ENGINE: Final = re.compile(r'"(\d{4}-\d{2}-\d{2}) 00:00:00 \+0000 UTC"')
"""How the engine hands over a day that the file writes without quotes."""

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True, slots=True)
class Stack:
    """One stack, complete: nothing in it is left to be defaulted later."""

    name: str
    file: str
    region: str
    environment: Environment
    services: Mapping[str, Service]
    images: Mapping[str, str]
    """Digest or tag of each container service's image, as the pipeline wrote it."""
    source: Source
    filled: Mapping[str, defaults.Filled]
    """What was filled in, by service; the environment's is under the empty name."""


def load_stack_file(path: Path, rules: checks_waivers.Rules | None = None) -> Stack:
    """Load `Pulumi.<stack>.yaml`.

    Args:
        path: the file.
        rules: what the stack may waive; None where the pack will tell instead.

    Raises:
        StackFileError: with every problem found.
    """
    name = path.name.removeprefix("Pulumi.").removesuffix(".yaml")
    if not path.exists():
        raise StackFileError([_no_such_stack(path, name)])
    source = read_source(path)
    return resolve(name, source, rules)


def load_running(project: Path, name: str, configured: Mapping[str, str | None]) -> Stack:
    """Load the stack of a running program from what the engine says is configured; the file gives only the lines.

    The engine is right where the two differ: environments (ESC) and `--config` add to what the file writes.

    Args:
        project: folder of Pulumi.yaml.
        name: the stack's name.
        configured: raw value of each of `CONFIG_KEYS`; objects are JSON text.

    Raises:
        StackFileError: with every problem found.
    """
    path = project / f"Pulumi.{name}.yaml"
    written = read_source(path) if path.exists() else Source(file=path.name, values={}, lines={})
    in_file = written.values.get("config", {})
    config: dict[str, Json] = dict(in_file) if isinstance(in_file, dict) else {}
    for key, raw in configured.items():
        if raw is not None:
            config[key] = raw if key == REGION_KEY else _parsed(raw)
    return resolve(name, Source(file=written.file, values={"config": config}, lines=written.lines))


def _parsed(raw: str) -> Json:
    try:
        return json.loads(_DAY_OF_ENGINE.sub(r'"\1"', raw))
    except json.JSONDecodeError:
        return raw  # plain text where an object belongs: validation says so


def resolve(name: str, source: Source, rules: checks_waivers.Rules | None = None) -> Stack:
    """Fill in, validate and cross-check what `source` says about the stack called `name`."""
    problems = _file_keys(source)
    config = source.values.get("config")
    if not isinstance(config, dict):
        fix = "put the stack's keys under config:"
        raise StackFileError([*problems, _problem(source, "config", "is missing or not a mapping", fix)])
    problems += _closed_keys(source, config)
    region = _typed(REGION, config.get(REGION_KEY), source, f"config.{REGION_KEY}", problems)
    images = _typed(IMAGES, config.get(IMAGES_KEY, {}), source, f"config.{IMAGES_KEY}", problems)
    environment, filled_environment = _environment(name, source, config, problems)
    inherited = filled_environment.values if environment else {"tier": filled_environment.values.get("tier")}
    services, filled_services = _services(source, config, inherited, problems)
    problems += checks.across(source, environment, services, images or {})
    problems += checks_waivers.waivers(source, rules)
    if region is not None:
        problems += checks_functions.in_region(source, region, services)
    if environment is not None:
        problems += quotas.refusal(source, environment, services)
    if problems or environment is None or region is None or images is None:
        raise StackFileError(problems)
    return Stack(
        name=name,
        file=source.file,
        region=region,
        environment=environment,
        services=MappingProxyType(services),
        images=MappingProxyType(images),
        source=source,
        filled=MappingProxyType({"": filled_environment, **filled_services}),
    )


def _environment(
    name: str, source: Source, config: dict[str, Json], problems: list[Problem]
) -> tuple[Environment | None, defaults.Filled]:
    written = config.get(ENVIRONMENT_KEY)
    path = f"config.{ENVIRONMENT_KEY}"
    if not isinstance(written, dict):
        problems.append(_problem(source, path, "is missing or not a mapping", "write tier, owner, costCenter, ..."))
        return None, defaults.Filled(values={}, kinds={})
    filled = defaults.fill_environment(name, written)
    try:
        return Environment.model_validate_json(json.dumps(filled.values)), filled
    except ValidationError as error:
        found = list(to_problems(error, source, path, Environment))
        wrong = {problem.path for problem in found}
        echoes = {
            f"{path}.{key}"
            for key, origin in defaults.DERIVED_FROM.items()
            if key not in written and f"{path}.{origin}" in wrong
        }
        problems += [problem for problem in found if problem.path not in echoes]
        return None, filled


def _services(
    source: Source, config: dict[str, Json], environment: Mapping[str, Json], problems: list[Problem]
) -> tuple[dict[str, Service], dict[str, defaults.Filled]]:
    written = config.get(SERVICES_KEY, {})
    path = f"config.{SERVICES_KEY}"
    if not isinstance(written, dict):
        problems.append(_problem(source, path, "is not a mapping", "write one key for each service, or {} for none"))
        return {}, {}
    services: dict[str, Service] = {}
    filled: dict[str, defaults.Filled] = {}
    for name, values in written.items():
        here = f"{path}.{name}"
        problems += checks.service_name(source, here, name)
        model = _model_of(source, here, values, problems)
        if model is None or not isinstance(values, dict):
            continue
        filled[name] = defaults.fill_service(values, environment)
        try:
            services[name] = model.model_validate_json(json.dumps(filled[name].values))
        except ValidationError as error:
            problems += to_problems(error, source, here, model)
            known = _known_part(model, values, environment, error)
            if known is not None:
                services[name] = known
    return services, filled


def _known_part(
    model: type[Service], values: dict[str, Json], environment: Mapping[str, Json], error: ValidationError
) -> Service | None:
    """The service without the keys that nobody knows, so that its references are checked now, and not on the next try.

    None when something else is wrong as well.
    """
    details = error.errors(include_url=False)
    if any(detail["type"] != "extra_forbidden" for detail in details):
        return None
    unknown = {detail["loc"][0] for detail in details}
    known = {key: value for key, value in values.items() if key not in unknown}
    try:
        return model.model_validate_json(json.dumps(defaults.fill_service(known, environment).values))
    except ValidationError:
        return None


def _model_of(source: Source, path: str, values: Json, problems: list[Problem]) -> type[Service] | None:
    allowed = ", ".join(SERVICES)
    if not isinstance(values, dict):
        problems.append(_problem(source, path, "is not a mapping", "write at least `compute:`", show(values)))
        return None
    compute = values.get("compute")
    if isinstance(compute, str) and compute in SERVICES:
        return SERVICES[compute]
    missing = "compute" not in values
    guess = did_you_mean(compute, list(SERVICES)) if isinstance(compute, str) else None
    problems.append(
        Problem(
            file=source.file,
            path=f"{path}.compute",
            line=source.line(f"{path}.compute"),
            message="is missing" if missing else "is not a compute type",
            got="" if missing else show(compute),
            allowed=allowed,
            fix=f"did you mean `{guess}`?" if guess else "choose one of the compute types",
        )
    )
    return None


def _typed(adapter: TypeAdapter[_T], value: Json, source: Source, path: str, problems: list[Problem]) -> _T | None:
    if value is None:
        problems.append(_problem(source, path, "is missing", "write it, for example `aws:region: eu-west-1`"))
        return None
    try:
        return adapter.validate_json(json.dumps(value), strict=True)
    except ValidationError as error:
        problems += to_problems(error, source, path, None)
        return None


def _file_keys(source: Source) -> list[Problem]:
    found: list[Problem] = []
    for key in source.values:
        if key not in FILE_KEYS:
            guess = did_you_mean(key, FILE_KEYS)
            fix = f"did you mean `{guess}`?" if guess else "put the stack's keys under config:"
            found.append(_problem(source, key, "is not a key at the top of a stack file", fix, show(key)))
    return found


def _closed_keys(source: Source, config: dict[str, Json]) -> list[Problem]:
    known = list(CONFIG_KEYS)
    found: list[Problem] = []
    for key in config:
        ours = key in known if key.startswith((f"{NAMESPACE}:", "aws:region")) else ":" in key
        if not ours:
            guess = did_you_mean(key, known)
            fix = f"did you mean `{guess}`?" if guess else f"remove it; {NAMESPACE} knows {', '.join(known)}"
            found.append(_problem(source, f"config.{key}", "is not a key of a stack file", fix, show(key)))
    return found


def _problem(source: Source, path: str, message: str, fix: str, got: str = "") -> Problem:
    return Problem(file=source.file, path=path, line=source.line(path), message=message, got=got, fix=fix)


def _no_such_stack(path: Path, name: str) -> Problem:
    stacks = sorted(p.name.removeprefix("Pulumi.").removesuffix(".yaml") for p in path.parent.glob("Pulumi.*.yaml"))
    guess = did_you_mean(name, stacks)
    return Problem(
        file=path.name,
        path="",
        line=0,
        message=f"there is no stack {show(name)} here",
        allowed=", ".join(stacks) or "none yet",
        fix=f"did you mean `{guess}`?" if guess else f"write {path.name}, or name a stack that exists",
    )

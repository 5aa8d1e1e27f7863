"""What an endpoint's model cannot see: the version that the pipeline wrote for it."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from stacks.models import EndpointSpec, Service
from stacks.problems import Problem, show
from stacks.source import Source

PACKAGE_VERSION: Final = (
    r"arn:aws[a-z-]*:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package/[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}/[0-9]{1,9}"
)
"""The ARN of one version of a model package."""
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,8}")


def released(source: Source, services: Mapping[str, Service], images: Mapping[str, str]) -> Iterator[Problem]:
    """Whether what is released can run: a version of the package for a package, an image for everything else."""
    for name, version in images.items():
        service = services.get(name)
        if service is None or not service.has_image:
            continue
        group = _group(service)
        is_arn = version.startswith("arn:")
        if group is None and is_arn:
            yield _at(source, name, version, "is a model package, and the service runs an image", "a digest or a tag")
        elif group is not None and is_arn and version.split("/")[-2].lower() != group.lower():
            yield _at(source, name, version, f"is no version of the package {group}", f"a version of {group}")
        elif group is not None and not is_arn and not _NUMBER.fullmatch(version):
            yield _at(source, name, version, "is no version of a model package", 'its number, such as "7", or its ARN')


def _group(service: Service) -> str | None:
    """The name of the model package group that the release is a version of; None when it is an image."""
    package = service.released_package if isinstance(service, EndpointSpec) else None
    return package.rpartition("/")[2] if package is not None else None


def _at(source: Source, name: str, version: str, message: str, allowed: str) -> Problem:
    path = f"config.onramp:images.{name}"
    return Problem(
        file=source.file,
        path=path,
        line=source.line(path),
        message=message,
        got=show(version),
        allowed=allowed,
        fix="let the pipeline write it",
    )

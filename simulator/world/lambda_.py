"""Lambda: published versions, and aliases that split invocations between two of them."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Final

import numpy as np

from simulator.world.api import NOT_FOUND, AwsError, Document, Operations, arn
from simulator.world.clock import Clock
from simulator.world.timeline import Timeline

LATEST: Final = "$LATEST"
PROPAGATION_SECONDS: Final = 2.0
"""Until invocations follow a changed alias; AWS states no number."""
PRECONDITION_FAILED: Final = 412


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """A published version; both versions of an alias have to have the same role and dead-letter queue."""

    number: str
    code_sha256: str
    role: str
    dead_letter_arn: str = ""


@dataclass(kw_only=True, slots=True)
class Alias:
    """An alias: its version, the share of invocations that another one gets, and since when."""

    name: str
    version: str
    extra: Mapping[str, float]
    revision_id: str
    in_force: Timeline[Mapping[str, float]]

    @property
    def shares(self) -> Mapping[str, float]:
        """Each version's share of the invocations."""
        return {self.version: 1.0 - sum(self.extra.values()), **self.extra}


@dataclass(kw_only=True, slots=True)
class Function:
    """A function with what is published of it; `provisioned` has instances by qualifier."""

    name: str
    versions: dict[str, Version] = field(default_factory=dict[str, Version])
    aliases: dict[str, Alias] = field(default_factory=dict[str, Alias])
    provisioned: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def arn(self) -> str:
        """Without a qualifier."""
        return arn("lambda", f"function:{self.name}")

    def publish(self, *, code: str = "", role: str = "onramp", dead_letter_arn: str = "") -> str:
        """Publish a version and return its number; `code` is what differs, its number by default."""
        number = str(len(self.versions) + 1)
        digest = sha256((code or number).encode()).hexdigest()
        role_arn = f"arn:aws:iam::123456789012:role/{role}"
        self.versions[number] = Version(
            number=number, code_sha256=digest, role=role_arn, dead_letter_arn=dead_letter_arn
        )
        return number


class Lambda:
    """The service `lambda`.

    Args:
        clock: an alias is followed some time after it changed.
        random: for revision ids.
    """

    def __init__(self, clock: Clock, random: np.random.Generator) -> None:
        self._clock = clock
        self._random = random
        self._functions: dict[str, Function] = {}
        self.operations: Operations = {
            "GetAlias": self._get_alias,
            "UpdateAlias": self._update_alias,
            "GetFunction": self._get_function,
            "GetFunctionConfiguration": self._get_function_configuration,
            "ListVersionsByFunction": self._list_versions,
            "GetProvisionedConcurrencyConfig": self._get_provisioned,
            "ListProvisionedConcurrencyConfigs": self._list_provisioned,
        }

    def add_function(self, name: str) -> Function:
        """A function of which nothing is published."""
        self._functions[name] = function = Function(name=name)
        return function

    def add_alias(self, function: Function, name: str, version: str) -> Alias:
        """An alias with all invocations on one version."""
        in_force: Timeline[Mapping[str, float]] = Timeline(self._clock.now(), {version: 1.0})
        alias = Alias(name=name, version=version, extra={}, revision_id=self._revision_id(), in_force=in_force)
        function.aliases[name] = alias
        return alias

    def set_alias(self, function: str, name: str, version: str, extra: Mapping[str, float]) -> None:
        """Move an alias as another AWS service does; whoever read it before has an old RevisionId."""
        alias = self._alias(self._function(function), name)
        alias.version, alias.extra, alias.revision_id = version, dict(extra), self._revision_id()
        alias.in_force.set(self._clock.now() + timedelta(seconds=PROPAGATION_SECONDS), alias.shares)

    def _revision_id(self) -> str:
        return str(uuid.UUID(bytes=self._random.bytes(16), version=4))

    def _get_alias(self, request: Document) -> Document:
        function = self._function(request["FunctionName"])
        return _described_alias(function, self._alias(function, request["Name"]))

    def _update_alias(self, request: Document) -> Document:
        function = self._function(request["FunctionName"])
        alias = self._alias(function, request["Name"])
        if request.get("RevisionId", alias.revision_id) != alias.revision_id:
            raise AwsError(
                code="PreconditionFailedException",
                message="The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias "
                "API to retrieve the latest Revision Id",
                status=PRECONDITION_FAILED,
            )
        version: str = request.get("FunctionVersion", alias.version)
        extra = alias.extra
        if "RoutingConfig" in request:
            extra = request["RoutingConfig"].get("AdditionalVersionWeights", {})
        _check_alias(function, version, extra)
        self.set_alias(function.name, alias.name, version, extra)
        return _described_alias(function, alias)

    def _get_function_configuration(self, request: Document) -> Document:
        function = self._function(request["FunctionName"])
        qualifier = request.get("Qualifier", LATEST)
        if qualifier in function.aliases:
            qualifier = function.aliases[qualifier].version
        return _described_version(function, _version(function, qualifier))

    def _get_function(self, request: Document) -> Document:
        return {"Configuration": self._get_function_configuration(request), "Code": {"RepositoryType": "S3"}}

    def _list_versions(self, request: Document) -> Document:
        function = self._function(request["FunctionName"])
        versions = [_version(function, LATEST), *function.versions.values()]
        return {"Versions": [_described_version(function, version) for version in versions]}

    def _get_provisioned(self, request: Document) -> Document:
        function = self._function(request["FunctionName"])
        if request["Qualifier"] not in function.provisioned:
            raise AwsError(
                code="ProvisionedConcurrencyConfigNotFoundException",
                message="No Provisioned Concurrency Config found for this function",
                status=NOT_FOUND,
            )
        return _described_provisioned(function.provisioned[request["Qualifier"]])

    def _list_provisioned(self, request: Document) -> Document:
        function = self._function(request["FunctionName"])
        return {
            "ProvisionedConcurrencyConfigs": [
                {"FunctionArn": f"{function.arn}:{qualifier}", **_described_provisioned(instances)}
                for qualifier, instances in function.provisioned.items()
            ]
        }

    def _function(self, named: str) -> Function:
        function = self._functions.get(named.removeprefix(arn("lambda", "function:")))
        if function is None:
            raise _not_found(f"Function not found: {arn('lambda', f'function:{named}')}")
        return function

    def _alias(self, function: Function, name: str) -> Alias:
        if name not in function.aliases:
            raise _not_found(f"Cannot find alias arn: {function.arn}:{name}")
        return function.aliases[name]


def _check_alias(function: Function, version: str, extra: Mapping[str, float]) -> None:
    """What Lambda refuses (Lambda developer guide, Weighted alias)."""
    if len(extra) > 1:
        raise _invalid("Number of items in AdditionalVersionWeights cannot be greater than 1")
    if LATEST in extra or (extra and version == LATEST):
        raise _invalid("$LATEST is not supported for an alias pointing to more than 1 version")
    if version in extra:
        raise _invalid("The alias's version and its additional version cannot be the same")
    if any(not 0 <= weight <= 1 for weight in extra.values()):
        raise _invalid("A weight in AdditionalVersionWeights has to be from 0 to 1")
    involved = [_version(function, number) for number in (version, *extra)]
    if len({(one.role, one.dead_letter_arn) for one in involved}) > 1:
        raise _invalid("Both versions of an alias must have the same execution role and dead-letter queue")


def _version(function: Function, number: str) -> Version:
    if number == LATEST and function.versions:
        newest = list(function.versions.values())[-1]
        return Version(
            number=LATEST, code_sha256=newest.code_sha256, role=newest.role, dead_letter_arn=newest.dead_letter_arn
        )
    if number not in function.versions:
        raise _not_found(f"Function not found: {function.arn}:{number}")
    return function.versions[number]


def _described_alias(function: Function, alias: Alias) -> Document:
    routing: Document = {"RoutingConfig": {"AdditionalVersionWeights": dict(alias.extra)}} if alias.extra else {}
    return {
        "AliasArn": f"{function.arn}:{alias.name}",
        "Name": alias.name,
        "FunctionVersion": alias.version,
        "RevisionId": alias.revision_id,
        **routing,
    }


def _described_version(function: Function, version: Version) -> Document:
    dead_letters: Document = {"DeadLetterConfig": {"TargetArn": version.dead_letter_arn}}
    return {
        "FunctionName": function.name,
        "FunctionArn": f"{function.arn}:{version.number}",
        "Version": version.number,
        "CodeSha256": version.code_sha256,
        "Role": version.role,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        **(dead_letters if version.dead_letter_arn else {}),
    }


def _described_provisioned(instances: int) -> Document:
    return {
        "RequestedProvisionedConcurrentExecutions": instances,
        "AvailableProvisionedConcurrentExecutions": instances,
        "AllocatedProvisionedConcurrentExecutions": instances,
        "Status": "READY",
    }


def _invalid(message: str) -> AwsError:
    return AwsError(code="InvalidParameterValueException", message=message)


def _not_found(message: str) -> AwsError:
    return AwsError(code="ResourceNotFoundException", message=message, status=NOT_FOUND)

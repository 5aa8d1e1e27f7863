"""App Runner: services whose instances are all replaced at once, one operation at a time, and nobody stops one."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

import numpy as np

from simulator.world.api import NOT_FOUND, AwsError, Document, Operations, arn
from simulator.world.clock import Clock, Process
from simulator.world.metrics import Datum, Metric, Metrics, merged
from simulator.world.timeline import Timeline
from simulator.world.traffic import Landing, Outcome, by_time

OperationStatus = Literal[
    "PENDING", "IN_PROGRESS", "FAILED", "SUCCEEDED", "ROLLBACK_IN_PROGRESS", "ROLLBACK_FAILED", "ROLLBACK_SUCCEEDED"
]
PAGE: Final = 20
"""Operations in a page: App Runner's limit (API, ListOperations)."""
_NAMESPACE: Final = "AWS/AppRunner"
_BUSY: Final = "OPERATION_IN_PROGRESS"


@dataclass(kw_only=True, slots=True)
class Times:
    """Seconds that things take. AWS states none; deployments of real services take three to ten minutes."""

    pending: float = 10.0
    deploy: float = 180.0
    roll_back: float = 120.0


@dataclass(kw_only=True, slots=True)
class Operation:
    """A change of a service, and how it went."""

    id: str
    type: Literal["UPDATE_SERVICE", "START_DEPLOYMENT"]
    started: datetime
    status: OperationStatus = "PENDING"
    ended: datetime | None = None

    def described(self) -> Document:
        """As ListOperations has it."""
        over: Document = {"EndedAt": self.ended} if self.ended is not None else {}
        return {"Id": self.id, "Type": self.type, "Status": self.status, "StartedAt": self.started, **over}


@dataclass(kw_only=True, slots=True)
class Service:
    """A service: its source, its operations, and which image answers."""

    name: str
    id: str
    created: datetime
    source: Document
    answering: Timeline[str]
    status: Literal["RUNNING", "OPERATION_IN_PROGRESS"] = "RUNNING"
    operations: list[Operation] = field(default_factory=list[Operation])

    @property
    def arn(self) -> str:
        """With the id that App Runner makes up."""
        return arn("apprunner", f"service/{self.name}/{self.id}")

    @property
    def image(self) -> str:
        """The address of the image in its source."""
        return self.source["ImageRepository"]["ImageIdentifier"]

    def described(self) -> Document:
        """As DescribeService has it."""
        return {
            "ServiceName": self.name,
            "ServiceId": self.id,
            "ServiceArn": self.arn,
            "CreatedAt": self.created,
            "UpdatedAt": self.created,
            "Status": self.status,
            "SourceConfiguration": self.source,
            "InstanceConfiguration": {"Cpu": "1024", "Memory": "2048"},
            "AutoScalingConfigurationSummary": {},
            "NetworkConfiguration": {},
        }


class AppRunner:
    """The service `apprunner`.

    Args:
        clock: operations go on by themselves.
        random: for the ids of services and operations.
    """

    def __init__(self, clock: Clock, random: np.random.Generator) -> None:
        self._clock = clock
        self._random = random
        self._services: dict[str, Service] = {}
        self._sick: set[str] = set()
        self.times = Times()
        self.operations: Operations = {
            "DescribeService": self._describe_service,
            "ListOperations": self._list_operations,
            "UpdateService": self._update_service,
            "StartDeployment": self._start_deployment,
        }

    def add_service(self, name: str, image: str, *, automatic: bool = False, service_id: str = "") -> Service:
        """A service that has run this image for long; with `automatic`, it follows a tag."""
        source = {
            "ImageRepository": {
                "ImageIdentifier": image,
                "ImageRepositoryType": "ECR",
                "ImageConfiguration": {"Port": "8000", "RuntimeEnvironmentVariables": {"LEVEL": "info"}},
            },
            "AutoDeploymentsEnabled": automatic,
        }
        now, made = self._clock.now(), service_id or self._id().replace("-", "")
        service = Service(name=name, id=made, created=now, source=source, answering=Timeline(now, image))
        self._services[service.arn] = service
        return service

    def service(self, service_arn: str) -> Service:
        """One of them.

        Raises:
            AwsError: there is none of this ARN.
        """
        if service_arn not in self._services:
            message = f"Service with the provided ARN does not exist: {service_arn}"
            raise AwsError(code="ResourceNotFoundException", message=message, status=NOT_FOUND)
        return self._services[service_arn]

    def fail(self, image: str) -> None:
        """Let an image not pass its health checks, so that App Runner goes back."""
        self._sick.add(image)

    def update(self, service: Service, image: str) -> None:
        """Let somebody call UpdateService with another image."""
        repository = {**service.source["ImageRepository"], "ImageIdentifier": image}
        source = {**service.source, "ImageRepository": repository}
        self._update_service({"ServiceArn": service.arn, "SourceConfiguration": source})

    def _id(self) -> str:
        return str(uuid.UUID(bytes=self._random.bytes(16), version=4))

    def _describe_service(self, request: Document) -> Document:
        return {"Service": self.service(request["ServiceArn"]).described()}

    def _list_operations(self, request: Document) -> Document:
        """The newest first (API, ListOperations)."""
        newest = self.service(request["ServiceArn"]).operations[::-1]
        start, size = int(request.get("NextToken", 0)), min(request.get("MaxResults", PAGE), PAGE)
        more: Document = {"NextToken": str(start + size)} if len(newest) > start + size else {}
        return {"OperationSummaryList": [each.described() for each in newest[start : start + size]], **more}

    def _update_service(self, request: Document) -> Document:
        """A source configuration replaces the one before it, whole."""
        service = self.service(request["ServiceArn"])
        if service.status == _BUSY:
            message = f"Service cannot be updated in the current state: {_BUSY}."
            raise AwsError(code="InvalidStateException", message=message)
        before = service.source
        service.source = request.get("SourceConfiguration", before)
        operation = self._begin(service, "UPDATE_SERVICE")
        self._clock.run(self._deploy(service, operation, before))
        return {"Service": service.described(), "OperationId": operation.id}

    def _start_deployment(self, request: Document) -> Document:
        service = self.service(request["ServiceArn"])
        if service.status == _BUSY:
            message = f"Deployment cannot be started in the current state: {_BUSY}."
            raise AwsError(code="InvalidRequestException", message=message)
        operation = self._begin(service, "START_DEPLOYMENT")
        self._clock.run(self._deploy(service, operation, service.source))
        return {"OperationId": operation.id}

    def _begin(self, service: Service, kind: Literal["UPDATE_SERVICE", "START_DEPLOYMENT"]) -> Operation:
        operation = Operation(id=self._id(), type=kind, started=self._clock.now())
        service.operations.append(operation)
        service.status = _BUSY
        return operation

    def _deploy(self, service: Service, operation: Operation, before: Document) -> Process:
        """New instances, all of them, and then all the traffic; or none, when they are not healthy."""
        yield self.times.pending
        operation.status = "IN_PROGRESS"
        yield self.times.deploy
        if service.image in self._sick:
            operation.status = "ROLLBACK_IN_PROGRESS"
            yield self.times.roll_back
            operation.status = "ROLLBACK_SUCCEEDED"
            service.source = before
        else:
            operation.status = "SUCCEEDED"
            service.answering.set(self._clock.now(), service.image)
        operation.ended = self._clock.now()
        service.status = "RUNNING"


class RunnerRoute:
    """The way of a service's requests; an image answers as its address.

    Args:
        metrics: what requests publish.
        service: has one image at a time.
    """

    def __init__(self, metrics: Metrics, service: Service) -> None:
        self._metrics = metrics
        self._service = service

    def shares(self, start: datetime, end: datetime) -> Mapping[Landing, float]:
        """All to the image that answers."""
        answering = self._service.answering
        return by_time(start, end, list(answering.changes(start, end)), lambda at: {Landing("", answering.at(at)): 1.0})

    def publish(self, minute: datetime, outcomes: Sequence[Outcome]) -> None:
        """The metrics of the service; App Runner tells no versions apart."""
        if not outcomes:
            return
        requests = sum(outcome.requests for outcome in outcomes)
        errors = sum(outcome.errors for outcome in outcomes)
        dimensions = {"ServiceName": self._service.name, "ServiceID": self._service.id}
        for metric, datum in (
            ("Requests", Datum.count(requests)),
            ("2xxStatusResponses", Datum.count(requests - errors)),
            ("5xxStatusResponses", Datum.count(errors)),
            ("RequestLatency", merged([Datum.latencies(outcome.latency, unit_ms=1) for outcome in outcomes])),
        ):
            self._metrics.record(minute, Metric.of(_NAMESPACE, metric, dimensions), datum)

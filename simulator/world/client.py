"""Real boto3 clients that the world answers; none of them ever reaches the network."""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any, Final, NoReturn, TypeVar

from botocore import config, httpchecksum, session  # pyright: ignore[reportMissingTypeStubs] - botocore has no types

from simulator.world.api import REGION, AwsError, Document, Operations, WorldError
from simulator.world.faults import COMMON_CODES, Faults
from simulator.world.shapes import Operation, check

MOTO_ANSWERS: Final = frozenset({"dynamodb", "ecr", "sns"})
"""Services that moto gets right; moto has to be started around the world."""

T = TypeVar("T")
_PARAMS: Final = "simulator.world.params"
_BOTOCORE: Final[Any] = session  # it has no types
_CHECKSUMS: Final[Any] = httpchecksum
_CONFIG: Final[Any] = config.Config(retries={"total_max_attempts": 1}, region_name=REGION)
"""The SDK never asks again by itself: a fault is what is left when it has given up (or `repeated`)."""


class NotHandledError(WorldError):
    """Nothing in the world answers this call."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One call as somebody made it; what went wrong with it does not matter here."""

    number: int
    service: str
    operation: str
    params: Document


@dataclass(frozen=True, kw_only=True, slots=True)
class _Http:
    """As much of an HTTP answer as botocore looks at."""

    status_code: int


class Gate:
    """Every call passes here: it is numbered, remembered, and meets its fault.

    Args:
        faults: what goes wrong.
    """

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.calls: list[Call] = []

    def perform(self, service: str, operation: str, params: Document, effect: Callable[[], T]) -> T:
        """Let `effect` happen as a call; also for what is no AWS call and should be killed all the same.

        `params` are remembered as they are, so nobody changes them afterwards.
        """
        number = len(self.calls) + 1
        self.calls.append(Call(number=number, service=service, operation=operation, params=params))
        return self.faults.meet(number, f"{service}.{operation}", effect)


class Clients:
    """Makes the clients.

    Args:
        gate: what their calls pass.
        services: boto3's name of a service -> what answers its operations.
    """

    def __init__(self, gate: Gate, services: dict[str, Operations]) -> None:
        self._gate = gate
        self._services = services
        self._made: dict[str, Any] = {}

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes the class of a client while it runs
        """A boto3 client with made-up credentials; the same one every time."""
        if service not in self._made:
            self._made[service] = self._make(service)
        return self._made[service]

    def _make(self, service: str) -> Any:  # noqa: ANN401 - as `client` returns it
        if service in MOTO_ANSWERS:
            client: Any = _new_client(service)  # moto has its own way into each new client
            client.meta.events.register("before-call", partial(self._pass_on, client))
            return client
        known: Any = _known_client(service)
        client = known.__class__.__new__(known.__class__)  # copy.copy asks it for what it has not yet, for ever
        client.__dict__ |= {**known.__dict__, "meta": copy.copy(known.meta)}
        client.meta.events = copy.copy(known.meta.events)
        client.meta.events.register("before-call", self._answer)
        return client

    def _answer(self, *, model: Operation, context: Document, **_: object) -> tuple[_Http, Document]:
        """In place of a request: what botocore makes of the answer, as `BaseClient._make_api_call` takes it."""
        service, operation = model.service_model.service_name, model.name
        handler = self._services.get(service, {}).get(operation)
        if handler is None:
            raise NotHandledError(f"the world does not answer {service}.{operation}")
        params: Document = context[_PARAMS]
        check(params, model.input_shape, f"the request {service}.{operation}")
        try:
            answer = self._gate.perform(service, operation, params, lambda: handler(copy.deepcopy(params)))
        except AwsError as error:
            return _error(error, model)
        answer = copy.deepcopy(answer)
        check(answer, model.output_shape, f"the world's answer to {service}.{operation}")
        return _Http(status_code=200), {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}

    def _pass_on(
        self,
        client: Any,  # noqa: ANN401 - as `client` returns it
        *,
        model: Operation,
        params: Document,
        context: Document,
        **_: object,
    ) -> tuple[Any, Document]:
        """Go the usual way, on which moto waits; only numbering and faults are the world's."""

        def send() -> tuple[Any, Document]:
            _CHECKSUMS.apply_request_checksum(params)
            return client._make_request(model, params, context)  # noqa: SLF001 - what botocore does after this event

        try:
            return self._gate.perform(model.service_model.service_name, model.name, context[_PARAMS], send)
        except AwsError as error:
            return _error(error, model)


class _NoNetwork:
    """In place of botocore's HTTP session."""

    def send(self, request: Any) -> NoReturn:  # noqa: ANN401 - botocore's prepared request
        """Refuse."""
        raise NotHandledError(f"{request.method} {request.url} would have gone to the network; is moto started?")


def _keep_params(*, params: Document, context: Document, **_: object) -> None:
    context[_PARAMS] = copy.deepcopy(params)


def _error(error: AwsError, model: Operation) -> tuple[_Http, Document]:
    known = {shape.error_code for shape in model.error_shapes} | COMMON_CODES
    if error.code not in known:
        raise WorldError(f"{model.name} never answers {error.code}; it answers {', '.join(sorted(known))}")
    return _Http(status_code=error.status), {
        "Error": {"Code": error.code, "Message": error.message},
        "ResponseMetadata": {"HTTPStatusCode": error.status},
    }


def _new_client(service: str) -> Any:  # noqa: ANN401 - botocore has no types
    sdk = _BOTOCORE.get_session()
    sdk.register_component("data_loader", _loader())
    client = sdk.create_client(
        service,
        region_name=REGION,
        aws_access_key_id="world",
        aws_secret_access_key="world",  # noqa: S106 - made up; no request is ever sent
        config=_CONFIG,
    )
    client._endpoint.http_session = _NoNetwork()  # noqa: SLF001 - the last thing before the network; no public way
    client.meta.events.register_last("before-parameter-build", _keep_params)
    return client


@cache
def _known_client(service: str) -> Any:  # noqa: ANN401 - botocore has no types
    """Made once in a process, because that takes longer than a short rollout; worlds answer copies of it."""
    return _new_client(service)


@cache
def _loader() -> Any:  # noqa: ANN401 - botocore has no types
    """Reads botocore's models, once for all worlds of a process."""
    return _BOTOCORE.get_session().get_component("data_loader")

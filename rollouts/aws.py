"""How this room asks AWS: with short patience for each call, and again when an answer was lost or AWS was busy.

Whatever is asked again has to have its effect only once; that is the drivers' business.
"""

from collections.abc import Callable
from typing import Any, Final, TypeAlias

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, HTTPClientError
from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from rollouts.clock import Clock

Answer: TypeAlias = dict[str, Any]
"""What AWS says, as botocore reads it."""
Clients: TypeAlias = Callable[[str], Any]
"""A client of boto3 by the name of its service."""

REFUSALS: Final = (ClientError, HTTPClientError)
"""How AWS says no, or nothing."""
ATTEMPTS: Final = 4
WAIT_SECONDS_MAX: Final = 4
TIMEOUT_SECONDS: Final = 8
"""Our own: four attempts at eight seconds, and the waits between them, are less than a lease keeps in hand."""
_BUSY: Final = frozenset(
    {
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "InternalServerException",
        "LimitExceededException",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServerException",
        "ServiceException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "TransactionInProgressException",
    }
)
"""Codes after which the same request may succeed (botocore's standard retries)."""
_BUSY_REASONS: Final = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"})
"""The same for what cancels a transaction of DynamoDB (API, TransactWriteItems)."""


def clients(region: str) -> Clients:
    """Clients of the account that the environment has credentials for."""
    session = boto3.Session(region_name=region)
    # We ask again ourselves, by the clock of the rollout, so that a simulated one waits for nothing.
    config = Config(connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": 1})
    return lambda service: session.client(service, config=config)  # pyright: ignore[reportUnknownMemberType, reportUnknownLambdaType, reportCallIssue, reportArgumentType] - boto3 knows services by literal


class Aws:
    """AWS, as drivers ask it."""

    def __init__(self, clients: Clients, clock: Clock) -> None:
        self._clients, self._clock = clients, clock
        self._made: dict[str, Any] = {}

    def ask(self, service: str, operation: str, /, **parameters: object) -> Answer:
        """One operation, by boto3's name for it.

        Raises:
            ClientError: AWS refused, or was busy for too long.
            HTTPClientError: no answer came.
        """
        return self._ask(service, operation, parameters, _is_passing)

    def ask_once(self, service: str, operation: str, /, **parameters: object) -> Answer:
        """The same for what AWS would do a second time: when no answer came, the caller has to look what is there.

        Raises:
            ClientError: AWS refused, or was busy for too long.
            HTTPClientError: no answer came; it may have its effect.
        """
        return self._ask(service, operation, parameters, _is_busy)

    def _ask(self, service: str, operation: str, parameters: Answer, again: Callable[[BaseException], bool]) -> Answer:
        if service not in self._made:
            self._made[service] = self._clients(service)
        method = getattr(self._made[service], operation)
        retrying = Retrying(
            retry=retry_if_exception(again),
            stop=stop_after_attempt(ATTEMPTS),
            wait=wait_random_exponential(multiplier=0.5, max=WAIT_SECONDS_MAX),
            sleep=self._clock.sleep,
            reraise=True,
        )
        return retrying(method, **parameters)

    def all(self, service: str, operation: str, key: str, /, **parameters: object) -> list[Answer]:
        """Every item under `key`, of all pages (operations that page by `nextToken` or `NextToken`)."""
        found: list[Answer] = []
        while True:
            answer = self.ask(service, operation, **parameters)
            found += answer.get(key, [])
            token = next((name for name in ("nextToken", "NextToken") if answer.get(name)), None)
            if token is None:
                return found
            parameters = {**parameters, token: answer[token]}


def code_of(error: ClientError) -> str:
    """The code of an error of AWS."""
    return str(error.response.get("Error", {}).get("Code", ""))


def reasons_of(error: ClientError) -> tuple[str, ...]:
    """Why DynamoDB has cancelled a transaction: "None" or a code for each of its items; empty for any other error."""
    response: Answer = {**error.response}
    return tuple(str(reason.get("Code")) for reason in response.get("CancellationReasons", ()))


def _is_passing(error: BaseException) -> bool:
    return _is_busy(error) or isinstance(error, HTTPClientError)


def _is_busy(error: BaseException) -> bool:
    if not isinstance(error, ClientError):
        return False
    reasons = {*reasons_of(error)} - {"None"}
    return code_of(error) in _BUSY or (bool(reasons) and reasons <= _BUSY_REASONS)

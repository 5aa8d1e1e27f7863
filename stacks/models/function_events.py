"""What invokes a function, and what becomes of events that fail."""

import re
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from stacks import limits, standards
from stacks.models.base import Model
from stacks.models.common import Name

STREAM_PATTERN: Final = (
    r"^(arn:aws[a-z-]*:(dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]{3,255}/stream/[0-9T:.-]+"
    r"|kinesis:[a-z0-9-]+:[0-9]{12}:stream/[A-Za-z0-9_.-]{1,128})|[a-z][a-z0-9-]*/[a-z][a-z0-9]{0,19})$"
)

Window = Annotated[int, Field(ge=0, le=limits.LAMBDA_BATCH_WINDOW_SECONDS_MAX)]
Action = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
"""The word in a message's `action` that chooses its route."""


class EventPattern(Model):
    """Events of the default bus that invoke the function."""

    source: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_./-]+$", max_length=256)]
    """Who sends them, such as aws.s3."""
    detail_type: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    """What they say, such as Object Created."""
    bucket: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")] | None = None
    """Only events of this S3 bucket (which must send its events to EventBridge)."""


class Stream(Model):
    """A DynamoDB or Kinesis stream that invokes the function; a batch that fails is halved, then put aside."""

    source: Annotated[str, StringConstraints(pattern=STREAM_PATTERN)]
    """A table of this environment that has a stream, `orders/history`, or the ARN of any stream of this region."""
    batch: Annotated[int, Field(ge=1, le=limits.LAMBDA_BATCH_MAX)] = limits.LAMBDA_STREAM_BATCH
    """Records per invocation."""
    window_seconds: Window = 0
    """How long to wait for a full batch."""
    start: Literal["latest", "trim-horizon"] = "trim-horizon"
    """Where the first run begins: with new records, or with the oldest that the stream still has."""
    parallel: Annotated[int, Field(ge=1, le=limits.LAMBDA_PARALLELIZATION_MAX)] = 1
    """Batches of one shard at once; order stays within a partition key."""
    retries: Annotated[int, Field(ge=0, le=limits.LAMBDA_STREAM_RETRIES_MAX)] = standards.STREAM_RETRIES
    """Attempts after the first one; without an end, one bad record would hold its shard until it expires."""
    max_age_seconds: Annotated[
        int, Field(ge=limits.LAMBDA_STREAM_AGE_SECONDS[0], le=limits.LAMBDA_STREAM_AGE_SECONDS[1])
    ] = standards.STREAM_MAX_AGE_SECONDS
    """Older records are put aside without an attempt."""

    @property
    def service(self) -> Literal["dynamodb", "kinesis"]:
        """Whose stream it is."""
        return "kinesis" if re.match(r"arn:aws[a-z-]*:kinesis:", self.source) else "dynamodb"

    @property
    def store(self) -> tuple[str, str] | None:
        """Owner and name of the table whose stream it is; None when it is named by its ARN."""
        owner, _, name = self.source.partition("/")
        return None if owner.startswith("arn:") else (owner, name)


class AsyncInvocation(Model):
    """What becomes of an event that nobody waits for: EventBridge, S3, SNS, schedules."""

    retries: Annotated[int, Field(ge=0, le=limits.LAMBDA_ASYNC_RETRIES_MAX)] = limits.LAMBDA_ASYNC_RETRIES_MAX
    """Attempts after the first one."""
    max_age_seconds: Annotated[
        int, Field(ge=limits.LAMBDA_ASYNC_AGE_SECONDS[0], le=limits.LAMBDA_ASYNC_AGE_SECONDS[1])
    ] = standards.ASYNC_MAX_AGE_SECONDS
    """How long an event may wait for its turn."""
    on_success: Name | None = None
    """A topic that the service publishes: gets the result of every invocation that succeeds."""


class WebSocket(Model):
    """A WebSocket API of the function's own; `$connect` asks for a signature of IAM.

    Who is connected is for the function to remember: it gets the connection's id with every message.
    """

    actions: tuple[Action, ...] = ()
    """Routes by the message's `action`; everything else goes to `$default`."""
    rate: Annotated[int, Field(ge=1, le=limits.SOCKET_RATE_MAX)] = standards.SOCKET_RATE
    """Messages a second of all connections together."""
    burst: Annotated[int, Field(ge=1, le=limits.SOCKET_BURST_MAX)] = standards.SOCKET_BURST
    """Messages at once on top of that."""

    @property
    def routes(self) -> tuple[str, ...]:
        """The keys of all routes."""
        return ("$connect", "$disconnect", "$default", *dict.fromkeys(self.actions))

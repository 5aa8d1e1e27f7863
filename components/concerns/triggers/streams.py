"""DynamoDB and Kinesis streams that invoke a function, and the right to read them."""

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.ingress import Ingress
from components.iam import Statement
from components.scope import ServiceScope
from components.stores.use import stream_statements as table_stream_statements
from stacks.models import FunctionSpec

READ: Final[Mapping[str, tuple[str, ...]]] = {
    "dynamodb": (
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ),
    "kinesis": (
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:ListShards",
    ),
}
"""What Lambda asks of a stream in the name of the function (Lambda developer guide, DynamoDB and Kinesis)."""
_START: Final = {"latest": "LATEST", "trim-horizon": "TRIM_HORIZON"}


def read_streams(
    ingress: Ingress,
    alias: aws.lambda_.Alias,
    spec: FunctionSpec,
    failed: pulumi.Output[str],
    tables: Mapping[str, pulumi.Output[str]],
) -> None:
    """Invoke the function with the records of its streams; what cannot be worked on is told to the queue `failed`.

    `tables` has the streams of this environment's tables, by owner/store.
    """
    for name, stream in spec.streams.items():
        aws.lambda_.EventSourceMapping(
            f"{ingress.name}-from-stream-{name}",
            event_source_arn=tables[stream.source] if stream.store is not None else stream.source,
            function_name=alias.arn,
            batch_size=stream.batch,
            maximum_batching_window_in_seconds=stream.window_seconds,
            starting_position=_START[stream.start],
            parallelization_factor=stream.parallel,
            # One bad record must not hold its shard: halve the batch around it, then put it aside and go on.
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=stream.retries,
            maximum_record_age_in_seconds=stream.max_age_seconds,
            function_response_types=["ReportBatchItemFailures"],
            destination_config={"on_failure": {"destination_arn": failed}},
            tags=ingress.tags,
            opts=ingress.child,
        )


def stream_services(spec: FunctionSpec) -> list[str]:
    """The AWS services whose streams the function reads."""
    return sorted({stream.service for stream in spec.streams.values()})


def stream_statements(scope: ServiceScope, spec: FunctionSpec) -> list[Statement]:
    """May read exactly the streams that invoke the function."""
    streams = spec.streams.values()
    tables = sorted({stream.source for stream in streams if stream.store is not None})
    named = [stream for stream in streams if stream.store is None]

    def of(service: str) -> list[str]:
        return sorted({stream.source for stream in named if stream.service == service})

    found = [
        Statement(sid=f"Read{service.capitalize()}", actions=actions, resources=of(service))
        for service, actions in READ.items()
        if of(service)
    ]
    return [*found, *table_stream_statements(scope.scope, tables)] if tables else found

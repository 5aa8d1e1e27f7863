"""What invokes a function beyond its queue, events and a schedule: streams, topics, a URL, a WebSocket API."""

from collections.abc import Mapping

import pytest

from simulator.graph import UNKNOWN, Graph, Json
from tests.components.conftest import ACCOUNT, FUNCTION, REGION, inputs, named, of, parsed, shared_graph, stack_text
from tests.components.test_fargate import refers

STREAM = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders/stream/2026-01-01T00:00:00.000"
CLICKS = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"


@pytest.fixture(scope="session")
def events() -> Graph:
    """A function in prod that everything invokes."""
    services = f"""\
shop: {{compute: fargate, port: 80, publishes: [placed]}}
reader:
  {{{FUNCTION}, notifiedBy: [shop/placed], functionUrl: true, publishes: [read],
  async: {{retries: 1, maxAgeSeconds: 60, onSuccess: read}},
  webSocket: {{actions: [send, leave], rate: 10, burst: 20}},
  streams: {{orders: {{source: "{STREAM}", parallel: 10, batch: 500, windowSeconds: 5}},
             clicks: {{source: "{CLICKS}", start: latest, retries: 0, maxAgeSeconds: 60}}}}}}
"""
    return shared_graph(stack_text(services, tier="prod", images={"shop": "v1"}, environment="webSockets: true\n"))


def test_the_stream_of_a_table_of_this_environment_is_named_by_its_owner() -> None:
    services = f"""\
shop: {{compute: fargate, stores: {{orders: {{kind: dynamodb, partitionKey: id, stream: true}}}}}}
reader: {{{FUNCTION}, streams: {{changes: {{source: shop/orders}}}}}}
"""
    graph = shared_graph(stack_text(services, images={"shop": "v1"}))
    mapping = named(graph, "reader-ingress-from-stream-changes")
    assert mapping.inputs["eventSourceArn"] == UNKNOWN
    (table,) = refers(graph, mapping, "eventSourceArn")
    assert named(graph, table).type == "aws:dynamodb/table:Table"
    table_arn = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/dev-shop-orders"
    assert statement(graph, "reader-role", "Streams")["Resource"] == [f"{table_arn}/stream/*"]


def statement(graph: Graph, role: str, sid: str) -> Mapping[str, Json]:
    document = parsed(named(graph, f"{role}-policy"), "policy")
    assert isinstance(document, dict)
    statements = document["Statement"]
    assert isinstance(statements, list)
    (found,) = (each for each in statements if isinstance(each, dict) and each["Sid"] == sid)
    return found


def test_a_stream_halves_what_fails_ends_its_retries_and_tells_the_queue(events: Graph) -> None:
    mapping = named(events, "reader-ingress-from-stream-orders")
    assert inputs(mapping) == {
        "eventSourceArn": STREAM,
        "functionName": UNKNOWN,
        "batchSize": 500,
        "maximumBatchingWindowInSeconds": 5,
        "startingPosition": "TRIM_HORIZON",
        "parallelizationFactor": 10,
        "bisectBatchOnFunctionError": True,
        "maximumRetryAttempts": 3,
        "maximumRecordAgeInSeconds": 3600,
        "functionResponseTypes": ["ReportBatchItemFailures"],
        "destinationConfig": {"onFailure": {"destinationArn": UNKNOWN}},
    }
    assert refers(events, mapping, "functionName") == ["reader-alias"]
    assert refers(events, mapping, "destinationConfig") == ["reader-failed"]
    other = inputs(named(events, "reader-ingress-from-stream-clicks"))
    assert (other["startingPosition"], other["maximumRetryAttempts"], other["batchSize"]) == ("LATEST", 0, 100)


def test_the_role_reads_exactly_the_streams_and_decrypts_through_their_services(events: Graph) -> None:
    assert statement(events, "reader-role", "ReadDynamodb")["Resource"] == [STREAM]
    assert statement(events, "reader-role", "ReadKinesis")["Resource"] == [CLICKS]
    condition = statement(events, "reader-role", "UseKeyData")["Condition"]
    assert isinstance(condition, dict)
    assert condition["StringEquals"] == {
        "kms:ViaService": [f"{name}.{REGION}.amazonaws.com" for name in ("dynamodb", "kinesis", "lambda", "sns", "sqs")]
    }


def test_how_far_it_is_behind_its_streams_is_an_alarm(events: Graph) -> None:
    alarm = inputs(named(events, "reader-alerting-iterator-age"))
    assert (alarm["metricName"], alarm["statistic"], alarm["threshold"]) == ("IteratorAge", "Maximum", 900_000)


def test_a_topic_invokes_the_alias_once_it_may(events: Graph) -> None:
    subscription = named(events, "reader-ingress-from-shop-placed-directly")
    assert (subscription.inputs["protocol"], subscription.inputs["endpoint"]) == ("lambda", UNKNOWN)
    assert refers(events, subscription, "endpoint") == ["reader-alias"]
    permission = named(events, "reader-ingress-from-shop-placed-permission")
    assert permission.urn in subscription.dependencies
    assert permission.inputs["principal"] == "sns.amazonaws.com"
    assert refers(events, permission, "sourceArn") == ["shop-discovery-placed"]


def test_an_event_is_retried_as_written_and_its_result_goes_to_the_topic(events: Graph) -> None:
    config = inputs(named(events, "reader-failures"))
    assert (config["maximumRetryAttempts"], config["maximumEventAgeInSeconds"]) == (1, 60)
    assert config["destinationConfig"] == {
        "onFailure": {"destination": UNKNOWN},
        "onSuccess": {"destination": f"arn:aws:sns:{REGION}:{ACCOUNT}:prod-reader_read"},
    }


def test_the_address_calls_the_alias_and_asks_for_a_signature(events: Graph) -> None:
    assert inputs(named(events, "reader-ingress-url")) == {
        "functionName": "prod-reader",
        "qualifier": "live",
        "authorizationType": "AWS_IAM",
    }


def test_the_socket_routes_by_action_and_authorizes_who_connects(events: Graph) -> None:
    api = inputs(named(events, "reader-ingress-socket"))
    assert (api["protocolType"], api["routeSelectionExpression"]) == ("WEBSOCKET", "$request.body.action")
    routes = {str(each.inputs["routeKey"]): each.inputs["authorizationType"] for each in of(events, ":Route", "reader")}
    assert routes == {
        "$connect": "AWS_IAM",
        "$disconnect": "NONE",
        "$default": "NONE",
        "send": "NONE",
        "leave": "NONE",
    }
    integration = named(events, "reader-ingress-socket-function")
    assert integration.inputs["timeoutMilliseconds"] == 29_000
    assert refers(events, integration, "integrationUri") == ["reader-alias"]


def test_the_socket_is_throttled_logged_and_deployed_after_its_routes(events: Graph) -> None:
    stage = inputs(named(events, "reader-ingress-socket-stage"))
    settings = stage["accessLogSettings"]
    assert isinstance(settings, dict)
    assert stage["name"] == "prod-reader"
    assert stage["defaultRouteSettings"] == {
        "throttlingRateLimit": 10,
        "throttlingBurstLimit": 20,
        "detailedMetricsEnabled": True,
    }
    assert settings["destinationArn"] == f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/onramp/prod/reader"
    deployment = named(events, "reader-ingress-socket-deployment")
    assert deployment.inputs["triggers"] == {"routes": "$connect $disconnect $default send leave"}
    assert {each.urn for each in of(events, ":Route", "reader")} <= set(deployment.dependencies)


def test_the_function_may_answer_the_connections_of_its_own_stage(events: Graph) -> None:
    stage = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:*/prod-reader"
    assert statement(events, "reader-role", "Answer")["Resource"] == [
        f"{stage}/POST/@connections/*",
        f"{stage}/DELETE/@connections/*",
    ]


def test_api_gateway_gets_the_role_that_logs_sockets_before_any_stage(events: Graph) -> None:
    account = named(events, "prod-socket-logs-account")
    assert account.inputs["cloudwatchRoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/prod-socket-logs"
    stage = named(events, "reader-ingress-socket-stage")
    assert "prod-socket-logs-account" in refers(events, stage, "accessLogSettings")


def test_an_event_that_the_function_never_got_waits_where_those_wait_that_it_failed_on(busy: Graph) -> None:
    for role in ("events", "schedule"):
        target = named(busy, f"busy-ingress-{role}-target")
        assert refers(busy, target, "deadLetterConfig") == ["busy-failed"]
    policy = parsed(named(busy, "busy-failed-policy"), "policy")
    assert isinstance(policy, dict)
    assert policy["Statement"] == [
        {
            "Sid": "Senders",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT}:prod-busy-failed",
            "Condition": {
                "ArnEquals": {
                    "aws:SourceArn": [
                        f"arn:aws:events:{REGION}:{ACCOUNT}:rule/prod-busy-events",
                        f"arn:aws:events:{REGION}:{ACCOUNT}:rule/prod-busy-schedule",
                    ]
                }
            },
        }
    ]

"""What invokes a function, what becomes of what fails, and who judges its versions. None of it is on the checklist."""

from collections.abc import Iterator, Mapping
from typing import Final

from policies import kinds
from policies.expect import expect, expect_set, expect_true, unknown, unless_unknown
from policies.functions import is_unreleased, mappings
from policies.graph import Graph, Resource, Service
from policies.rule import ADVICE, ALWAYS, FUNCTIONS, Fail, Meta, NotApplicable, Outcome, Remedy, service_rule
from policies.values import MISSING, UNKNOWN, Value, get, number, objects, texts
from stacks.limits import SQS_LAMBDA_VISIBILITY_FACTOR
from stacks.standards import STREAM_MAX_AGE_SECONDS, STREAM_RETRIES

_EVENTS_URL: Final = "https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html"
_ITEM_FAILURES: Final = "ReportBatchItemFailures"
_ANSWER: Final = "codedeploy:PutLifecycleEventHookExecutionStatus"
_CONNECT: Final = "$connect"


@service_rule(
    Meta(
        id="function-queue",
        item=None,
        title="Messages fail one by one, and those that keep failing are put aside",
        why="Without partial failures one bad message repeats nine good ones; without a redrive it does so for days.",
        fix=(
            "set redrivePolicy of the queue and functionResponseTypes of the mapping; report batchItemFailures "
            "from the handler"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html",
        frameworks=("REL05-BP03", "REL05-BP04"),
        applies=FUNCTIONS,
    )
)
def function_queue(service: Service, graph: Graph) -> Iterator[Outcome]:
    """The mapping reports items; the queue has a redrive policy and hides messages for six times the timeout."""
    fed = [(mapping, queues) for mapping, queues in mappings(service, graph) if queues]
    if not fed:
        yield NotApplicable(because="no queue invokes the function")
    for mapping, queues in fed:
        yield from _reports_items(mapping)
        for queue in queues:
            message = f"{queue.name} has no dead-letter queue"
            yield from expect_set(graph, queue, "redrivePolicy", (kinds.QUEUE,), message)
            yield from _outlasts(queue, service)


def _outlasts(queue: Resource, service: Service) -> Iterator[Outcome]:
    path = "visibilityTimeoutSeconds"
    hidden, timeout = number(queue.get(path)), number(service.fact("timeout"))
    if hidden is UNKNOWN:
        yield unknown(queue, path)
    elif isinstance(timeout, float) and (
        not isinstance(hidden, float) or hidden < SQS_LAMBDA_VISIBILITY_FACTOR * timeout
    ):
        yield Fail(resource=queue, path=path, message=f"{queue.name} hands out messages that are still worked on")


@service_rule(
    Meta(
        id="function-stream",
        item=None,
        title="One bad record does not hold its stream",
        why="By default Lambda repeats a failing batch until its records expire, and nothing behind them is read.",
        fix=(
            "set bisectBatchOnFunctionError, maximumRetryAttempts, maximumRecordAgeInSeconds and "
            "destinationConfig of the mapping"
        ),
        severity="high",
        url=_EVENTS_URL,
        frameworks=("REL05-BP03", "REL05-BP04"),
        applies=FUNCTIONS,
    ),
    Remedy(types=(kinds.EVENT_SOURCE_MAPPING,), path="bisectBatchOnFunctionError", value=True),
    Remedy(types=(kinds.EVENT_SOURCE_MAPPING,), path="maximumRetryAttempts", value=STREAM_RETRIES),
    Remedy(types=(kinds.EVENT_SOURCE_MAPPING,), path="maximumRecordAgeInSeconds", value=STREAM_MAX_AGE_SECONDS),
)
def function_stream(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Every mapping of a stream bisects, reports items, ends its retries, and has a destination for failures."""
    streams = [mapping for mapping, _ in mappings(service, graph) if mapping.get("startingPosition") is not MISSING]
    if not streams:
        yield NotApplicable(because="no stream invokes the function")
    for mapping in streams:
        yield from expect_true(mapping, "bisectBatchOnFunctionError", f"{mapping.name} does not halve a failing batch")
        yield from _reports_items(mapping)
        for path in ("maximumRetryAttempts", "maximumRecordAgeInSeconds"):
            yield from expect(mapping, path, _ends, f"{mapping.name} has no end in {path}")
        yield from expect_set(
            graph,
            mapping,
            "destinationConfig.onFailure.destinationArn",
            (kinds.QUEUE, kinds.TOPIC),
            f"{mapping.name} forgets what failed",
        )


def _ends(value: Value) -> bool:
    """AWS writes -1 for no end, and has none by default."""
    found = number(value)
    return isinstance(found, float) and found >= 0


def _reports_items(mapping: Resource) -> Iterator[Outcome]:
    path = "functionResponseTypes"
    types = mapping.get(path)
    if types is UNKNOWN:
        yield unknown(mapping, path)
    elif _ITEM_FAILURES not in texts(types):
        yield Fail(resource=mapping, path=path, message=f"{mapping.name} repeats a whole batch for one bad item")


@service_rule(
    Meta(
        id="function-failed-events",
        item=None,
        title="An event that fails for good is kept",
        why="Lambda drops an asynchronous event after its last attempt, and nobody hears of it.",
        fix="set destinationConfig.onFailure on a FunctionEventInvokeConfig of the alias",
        severity="high",
        url="https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html",
        frameworks=("REL05-BP04",),
        applies=FUNCTIONS,
    )
)
def function_failed_events(service: Service, graph: Graph) -> Iterator[Outcome]:
    """The alias has a configuration for events, with a destination for those that fail."""
    if is_unreleased(service):
        yield NotApplicable(because="there is no function yet")
        return
    configs = service.of(kinds.EVENT_INVOKE_CONFIG)
    if not configs:
        yield Fail(message=f"{service.name} forgets events that fail")
    for config in configs:
        path = "destinationConfig.onFailure.destination"
        kept = (kinds.QUEUE, kinds.TOPIC)
        yield from expect_set(graph, config, path, kept, f"{config.name} keeps no event that fails")
        yield from expect_set(graph, config, "qualifier", (kinds.ALIAS,), f"{config.name} is not about the alias")


@service_rule(
    Meta(
        id="function-url-alias",
        item=None,
        title="A function's address calls the alias",
        why="An address without a qualifier calls code that no rollout has watched.",
        fix="set qualifier of the function URL to the alias live, or write `functionUrl: true` in the stack file",
        severity="medium",
        url="https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html",
        levels=ADVICE,
        frameworks=("OPS06-BP03",),
        applies=FUNCTIONS,
    )
)
def function_url_alias(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Every function URL has a qualifier."""
    urls = service.of(kinds.FUNCTION_URL)
    if not urls:
        yield NotApplicable(because="the function has no address of its own")
    for url in urls:
        yield from expect_set(graph, url, "qualifier", (kinds.ALIAS,), f"{url.name} calls unpublished code")


@service_rule(
    Meta(
        id="function-hooks",
        item=None,
        title="The functions that judge a rollout exist, may be asked, and may answer",
        why="CodeDeploy waits an hour for an answer that cannot come, and then undoes a good version.",
        fix="name functions of this stack under `rollout.hooks`; leave both roles to the components",
        severity="high",
        url="https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html",
        levels=ALWAYS,
        frameworks=("OPS06-BP04",),
        applies=FUNCTIONS,
    )
)
def function_hooks(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Each hook is a function; a role of the service may invoke it, and its own role may say how it went."""
    stated = service.fact("hooks")
    names = [name for name in stated.values() if isinstance(name, str)] if isinstance(stated, Mapping) else []
    if not names:
        yield NotApplicable(because="no function judges the rollout")
    for name in sorted(set(names)):
        functions = graph.named(name, kinds.FUNCTION)
        judge = graph.service_of(functions[0].urn) if functions else None
        if judge is None:
            yield Fail(message=f"the hook {name} of {service.name} is no function of this stack")
            continue
        if not _may(service, graph, "lambda:InvokeFunction", f":function:{name}"):
            fail = Fail(message=f"no role of {service.name} may ask the hook {name}")
            yield from unless_unknown(fail, service.of(kinds.ROLE_POLICY), "policy")
        if not _may(judge, graph, _ANSWER, ":deploymentgroup:"):
            fail = Fail(resource=functions[0], message=f"the hook {name} may not say how a deployment goes on")
            yield from unless_unknown(fail, judge.of(kinds.ROLE_POLICY), "policy")


def _may(service: Service, graph: Graph, action: str, ending: str) -> bool:
    """Whether a policy of the service allows `action` on a resource that is named like `ending`."""
    for policy in service.of(kinds.ROLE_POLICY):
        document = graph.parsed(policy, "policy")
        for statement in objects(get(document, "Statement") if isinstance(document, Mapping) else MISSING):
            named = any(ending in resource for resource in texts(statement.get("Resource")))
            if statement.get("Effect") == "Allow" and action in texts(statement.get("Action")) and named:
                return True
    return False


@service_rule(
    Meta(
        id="socket-connect",
        item=None,
        title="A WebSocket API asks who connects",
        why="API Gateway authorizes $connect and nothing after it: a connection that got in sends what it wants.",
        fix=(
            "set authorizationType of the $connect route, or write `webSocket` in the stack file, which makes it "
            "AWS_IAM"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api.html",
        frameworks=("SEC03-BP01", "APIGateway.8"),
        applies=FUNCTIONS,
    )
)
def socket_connect(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """$connect is authorized by IAM or by an authorizer."""
    routes = [route for route in service.of(kinds.API_ROUTE) if route.get("routeKey") == _CONNECT]
    if not routes:
        yield NotApplicable(because="the function has no WebSocket API")
    for route in routes:
        message = f"{route.name} lets everybody connect"
        yield from expect(route, "authorizationType", lambda value: value in ("AWS_IAM", "CUSTOM"), message)
